import { badRequest, CHARSET_NOT_UTF8, decodeUtf8, isUtf8, parseFormText } from '@daytona-auth/service'
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import type Provider from 'oidc-provider'
import { DISCOVERY, ROUTES } from '../endpoint-paths.ts'
import { buildCanonicalUrl } from './canonical-url.ts'
import { AUTHORIZATION_PARAMETERS, LOGOUT_PARAMETERS, postToGet } from './post-to-get.ts'

/**
 * The limit of an authorization request, also of a pushed one. A URL of this length passes common proxies. An id_token_hint
 * is the longest parameter.
 */
const FORM_LIMIT_BYTES = 8 * 1024

/** The library's own limit for a form. */
const CLIENT_FORM_LIMIT_BYTES = 56 * 1024

export interface ProtocolOptions {
  /** Returns the current provider. */
  readonly provider: () => Provider
}

/**
 * Registers oidc-provider's routes one by one, so that a new library version cannot expose a route that is not listed
 * here. They are ordinary routes of this server, so ids, logs and metrics cover them. The library sends the responses.
 */
export const protocol: FastifyPluginAsync<ProtocolOptions> = async (app, { provider }) => {
  // Forms only: any other content type is refused with 415, even if the library would parse it.
  app.removeAllContentTypeParsers()

  let served: { provider: Provider; callback: ReturnType<Provider['callback']> } | undefined
  const handOver = (request: FastifyRequest, reply: FastifyReply) => {
    const current = provider()
    if (served?.provider !== current) served = { provider: current, callback: current.callback() }
    reply.hijack()
    for (const [name, value] of Object.entries(reply.getHeaders())) {
      if (value !== undefined) reply.raw.setHeader(name, value)
    }
    // The library sets the header at some endpoints only.
    if (request.method === 'POST') reply.raw.setHeader('cache-control', 'no-store')
    request.raw.url = buildCanonicalUrl(request)
    return served.callback(request.raw, reply.raw)
  }

  for (const url of DISCOVERY) app.route({ method: ['GET', 'OPTIONS'], url, handler: handOver })
  app.route({ method: ['GET', 'OPTIONS'], url: ROUTES.jwks, handler: handOver })
  app.options(ROUTES.token, handOver)
  app.options(ROUTES.revocation, handOver)
  app.options(ROUTES.pushed_authorization_request, handOver)
  app.get(ROUTES.code_verification, handOver)
  app.get(`${ROUTES.code_verification}/:uid`, handOver)
  app.get(ROUTES.authorization, handOver)
  app.get(`${ROUTES.authorization}/:uid`, handOver)
  app.get(ROUTES.end_session, handOver)
  app.get(`${ROUTES.end_session}/success`, handOver)

  // Forms are parsed here, so that invalid UTF-8 is refused. The library then reads them from the request's `body`. Nothing
  // here reads the database: the time limit of requests begins in the library's middleware.
  await app.register(async (forms) => {
    forms.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'buffer', bodyLimit: CLIENT_FORM_LIMIT_BYTES },
      parseForm((text) => text),
    )
    const read = async (request: FastifyRequest, reply: FastifyReply) => {
      const { raw, body: form } = request
      if (typeof form === 'string') Object.assign(raw, { body: form })
      return handOver(request, reply)
    }
    forms.post(ROUTES.introspection, read) // for servers, not pages: no CORS preflight
    forms.post(ROUTES.code_verification, read)
    forms.post(`${ROUTES.end_session}/confirm`, read)
    forms.post(ROUTES.token, read)
    forms.post(ROUTES.revocation, read)
    forms.post(ROUTES.pushed_authorization_request, { bodyLimit: FORM_LIMIT_BYTES }, read)
    forms.post(ROUTES.device_authorization, read) // for devices, not pages: no CORS preflight
  })

  await app.register(async (posts) => {
    posts.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'buffer', bodyLimit: FORM_LIMIT_BYTES },
      parseForm((text) => new URLSearchParams(text)),
    )
    posts.post(ROUTES.authorization, postToGet(ROUTES.authorization, AUTHORIZATION_PARAMETERS))
    posts.post(ROUTES.end_session, postToGet(ROUTES.end_session, LOGOUT_PARAMETERS))
  })
}

/** Creates a form parser that refuses input which would decode to something other than was sent. */
const parseForm =
  (make: (text: string) => unknown) =>
  (request: FastifyRequest, body: Buffer, done: (error: Error | null, parsed?: unknown) => void): void => {
    const text = decodeUtf8(body)
    if (!isUtf8(request.headers)) done(CHARSET_NOT_UTF8)
    else if (text === undefined || parseFormText(text) === undefined) done(badRequest('Form is not valid UTF-8'))
    else done(null, make(text))
  }
