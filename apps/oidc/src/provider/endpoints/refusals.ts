import { METHODS } from 'node:http'
import { methodNotAllowed, protocolError, type SendRefusal, sendProtocolRefusal } from '@daytona-auth/service'
import type { FastifyInstance } from 'fastify'
import type { ProviderPages } from '../../page-context.ts'
import { pageHeaders } from '../../pages/headers.ts'
import { DISCOVERY, ROUTES } from '../configuration/endpoint-paths.ts'

/** Endpoints that no browser is sent to: their refusals are JSON, whatever is accepted. */
const MACHINE_ROUTES: ReadonlySet<string | undefined> = new Set([
  ROUTES.token,
  ROUTES.revocation,
  ROUTES.introspection,
  ROUTES.device_authorization,
  ROUTES.userinfo,
  ROUTES.jwks,
  ...DISCOVERY,
])

/**
 * Sends what is refused before oidc-provider gets the request: as RFC 6749 has it, or as a page where a person is likely to
 * read it.
 */
export function providerRefusals(pages: Pick<ProviderPages, 'error'>): SendRefusal {
  return (request, reply, refusal) => {
    const { statusCode, headers, message } = refusal
    if (MACHINE_ROUTES.has(request.routeOptions?.url) || !prefersHtml(request.headers.accept)) {
      sendProtocolRefusal(reply, refusal)
      return
    }
    reply
      .code(statusCode)
      .headers({ ...headers, ...pageHeaders() })
      .send(pages.error({ statusCode, error: protocolError(statusCode), description: message }))
  }
}

/** Whether an `Accept` header names HTML, and nothing more than JSON before it. */
export function prefersHtml(accept = ''): boolean {
  const html = qualityOf(accept, 'text/html')
  return html > 0 && html >= qualityOf(accept, 'application/json')
}

function qualityOf(accept: string, type: string): number {
  const range = accept
    .toLowerCase()
    .split(',')
    .map((part) => part.split(';').map((text) => text.trim()))
    .find(([name]) => name === type)
  if (!range) return 0
  const quality = range.find((parameter) => parameter.startsWith('q='))
  return quality === undefined ? 1 : Number(quality.slice(2)) || 0
}

/** Methods that Fastify can route at all. CONNECT is never a request of ours. */
const ALL_METHODS = METHODS.filter((method) => method !== 'CONNECT')

/**
 * Answers every other method of the routes that `register` adds with 405 and `Allow` (RFC 9110 §15.5.6), before any body is
 * read.
 */
export async function withAllowedMethods(
  app: FastifyInstance,
  send: SendRefusal,
  register: (app: FastifyInstance) => Promise<void>,
): Promise<void> {
  for (const method of ALL_METHODS) if (!app.supportedMethods.includes(method)) app.addHttpMethod(method)
  const allowed = new Map<string, Set<string>>()
  await app.register(async (routes) => {
    routes.addHook('onRoute', ({ url, method }) => {
      const methods = allowed.get(url) ?? new Set()
      for (const one of [method].flat()) methods.add(one)
      if (methods.has('GET')) methods.add('HEAD')
      allowed.set(url, methods)
    })
    await register(routes)
  })
  for (const [url, methods] of allowed) {
    const refusal = methodNotAllowed([...methods].sort())
    app.route({
      method: ALL_METHODS.filter((method) => !methods.has(method)),
      url,
      onRequest: (request, reply) => send(request, reply, refusal),
      handler: () => {
        throw refusal
      },
    })
  }
}
