import { METHODS } from 'node:http'
import {
  methodNotAllowed,
  noteDenial,
  protocolError,
  reasonOf,
  type SendDenial,
  sendProtocolDenial,
} from '@daytona-auth/service'
import type { FastifyInstance } from 'fastify'
import { pageHeaders } from '../../pages/headers.ts'
import type { ProviderPages } from '../../pages/page-content.ts'
import { sendPage } from '../../pages/send-page.ts'
import { DISCOVERY, REGISTRATION, ROUTES, UPSTREAM_LOGOUT } from '../endpoint-paths.ts'

/** Endpoints that browsers never navigate to: their denials are JSON, regardless of `Accept`. */
const MACHINE_ROUTES: ReadonlySet<string | undefined> = new Set([
  ROUTES.token,
  ROUTES.revocation,
  ROUTES.introspection,
  ROUTES.device_authorization,
  ROUTES.pushed_authorization_request,
  ROUTES.userinfo,
  REGISTRATION,
  UPSTREAM_LOGOUT,
  ROUTES.jwks,
  ...DISCOVERY,
])

/**
 * Sends denials of requests that do not reach oidc-provider: in the format of RFC 6749, or as a page to a browser that
 * prefers HTML.
 */
export function createDenialSender(pages: Pick<ProviderPages, 'error'>): SendDenial {
  return (request, reply, denial) => {
    const { statusCode, headers, message } = denial
    if (MACHINE_ROUTES.has(request.routeOptions?.url) || !prefersHtml(request.headers.accept)) {
      sendProtocolDenial(reply, denial)
      return
    }
    noteDenial(request.raw, reasonOf(denial))
    sendPage(
      reply.code(statusCode).headers({ ...headers, ...pageHeaders() }),
      pages.error({ statusCode, error: protocolError(statusCode), description: message }),
    )
  }
}

/** Whether an `Accept` header prefers HTML to JSON, or accepts both equally. */
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

/** The methods that Fastify can route. CONNECT never reaches a route. */
const ALL_METHODS = METHODS.filter((method) => method !== 'CONNECT')

/**
 * Refuses every other method on the routes that `register` adds, with 405 and `Allow` (RFC 9110 §15.5.6), before the
 * body is read.
 */
export async function withAllowedMethods(
  app: FastifyInstance,
  send: SendDenial,
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
    const denial = methodNotAllowed([...methods].sort())
    app.route({
      method: ALL_METHODS.filter((method) => !methods.has(method)),
      url,
      onRequest: (request, reply) => send(request, reply, denial),
      handler: () => {
        throw denial
      },
    })
  }
}
