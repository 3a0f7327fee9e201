import { badRequest, CHARSET_NOT_UTF8, decodeUtf8, isUtf8, parseFormText } from '@daytona-auth/service'
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import type Provider from 'oidc-provider'
import { DISCOVERY, ROUTES } from '../configuration/endpoint-paths.ts'
import { canonicalUrl } from './canonical-url.ts'
import { normalizeClientRequest, type RequestRules } from './client-requests.ts'
import { AUTHORIZATION_PARAMETERS, LOGOUT_PARAMETERS, postToGet } from './post-to-get.ts'
import { asRefusal } from './unknown-look-ups.ts'

/** A URL of this length still passes every proxy; an id_token_hint is the longest thing in one. */
const FORM_LIMIT_BYTES = 8 * 1024

/** As much as the library reads of a form. */
const CLIENT_FORM_LIMIT_BYTES = 56 * 1024

export interface ProtocolOptions extends RequestRules {
  /** The provider of this moment. */
  readonly provider: () => Provider
}

/**
 * oidc-provider's routes, named one by one: what the library should come to serve in a new version stays shut until it
 * is named here. They are ordinary routes of this server, so that ids, logs and metrics cover them, but for their bodies
 * and responses, which are the library's.
 */
export const protocol: FastifyPluginAsync<ProtocolOptions> = async (app, { provider, clients, audience }) => {
  // Forms and nothing else: any other type is 415, whatever the library would make of it.
  app.removeAllContentTypeParsers()

  let served: { provider: Provider; callback: ReturnType<Provider['callback']> } | undefined
  const handOver = (request: FastifyRequest, reply: FastifyReply) => {
    const current = provider()
    if (served?.provider !== current) served = { provider: current, callback: current.callback() }
    reply.hijack()
    for (const [name, value] of Object.entries(reply.getHeaders())) {
      if (value !== undefined) reply.raw.setHeader(name, value)
    }
    // The library says so at some endpoints only.
    if (request.method === 'POST') reply.raw.setHeader('cache-control', 'no-store')
    request.raw.url = canonicalUrl(request)
    return served.callback(request.raw, reply.raw)
  }

  for (const url of DISCOVERY) app.route({ method: ['GET', 'OPTIONS'], url, handler: handOver })
  app.route({ method: ['GET', 'OPTIONS'], url: ROUTES.jwks, handler: handOver })
  app.options(ROUTES.token, handOver)
  app.options(ROUTES.revocation, handOver)
  app.get(ROUTES.code_verification, handOver)
  app.get(`${ROUTES.code_verification}/:uid`, handOver)
  app.get(ROUTES.authorization, handOver)
  app.get(`${ROUTES.authorization}/:uid`, handOver)
  app.get(ROUTES.end_session, handOver)
  app.get(`${ROUTES.end_session}/success`, handOver)

  // Forms are read here, so that what is not UTF-8 is refused, and those of clients are brought into the form that the library
  // takes; it then finds them as `body` of the request.
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
    forms.post(ROUTES.introspection, read) // for servers, no page: nothing to preflight
    forms.post(ROUTES.code_verification, read)
    forms.post(`${ROUTES.end_session}/confirm`, read)
    const handle = (isDeviceAuthorization: boolean) => async (request: FastifyRequest, reply: FastifyReply) => {
      const { raw, body: form } = request
      if (typeof form === 'string') {
        const given = { form, authorization: raw.headers.authorization, address: request.ip }
        const rules = { clients, audience, isDeviceAuthorization }
        const normal = await normalizeClientRequest(given, rules).catch((error: unknown) => {
          throw asRefusal(error)
        })
        if (normal.authorization === undefined) delete raw.headers.authorization
        Object.assign(raw, { body: normal.form })
      }
      return handOver(request, reply)
    }
    forms.post(ROUTES.token, handle(false))
    forms.post(ROUTES.revocation, handle(false))
    forms.post(ROUTES.device_authorization, handle(true)) // for devices, no pages: nothing to preflight
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

/** A parser of forms, which refuses what would be read as something else than was sent. */
const parseForm =
  (make: (text: string) => unknown) =>
  (request: FastifyRequest, body: Buffer, done: (error: Error | null, parsed?: unknown) => void): void => {
    const text = decodeUtf8(body)
    if (!isUtf8(request.headers)) done(CHARSET_NOT_UTF8)
    else if (text === undefined || parseFormText(text) === undefined) done(badRequest('Form is not valid UTF-8'))
    else done(null, make(text))
  }
