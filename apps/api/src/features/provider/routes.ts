import type { IncomingHttpHeaders } from 'node:http'
import { badRequest, noteDenial, TRACE_HEADERS, unavailable } from '@daytona-auth/service'
import replyFrom from '@fastify/reply-from'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** False: the route sets its own CORS headers. */
    cors?: false
  }
}

export interface ProviderOptions {
  readonly providerUrl: string
}

/** The provider's paths on the shared origin. `/oauth-apps` belongs to the API. */
const PATHS = [
  '/oauth/*',
  '/.well-known/openid-configuration',
  '/.well-known/oauth-authorization-server',
  '/.well-known/jwks.json',
]

/** Long enough for a sign-in, which computes a password hash and may queue behind others. */
const TIMEOUT_MS = 30_000

/**
 * Forwards the provider's requests and returns its responses unchanged: streamed, redirects not followed, every
 * Set-Cookie kept, CORS and caching left to the provider. A request body is read here first, so that its size and
 * duration are bounded before the provider receives it.
 */
export async function providerRoutes(app: FastifyInstance, { providerUrl }: ProviderOptions): Promise<void> {
  await app.register(replyFrom, {
    base: providerUrl,
    // Not undici: `node:http` sends the given Host.
    http: { requestOptions: { timeout: TIMEOUT_MS } },
    disableRequestLogging: true,
    destroyAgent: true,
  })

  // Bodies are forwarded byte for byte.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))

  for (const url of PATHS) {
    app.route({
      // Every method: the provider answers 405 with the methods that it supports.
      method: app.supportedMethods,
      url,
      // The provider has its own pages, errors and CORS: nothing is added.
      config: { access: 'public', organization: 'none', cors: false, forwards: true },
      schema: { hide: true },
      handler: forward,
    })
  }
}

function forward(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const path = request.url.split('?', 1).join()
  if (hasDotSegment(path)) throw badRequest('URL must not have a segment of dots')
  const hasBody = request.body instanceof Buffer && !['GET', 'HEAD'].includes(request.method)
  // The query is appended unchanged. It may be invalid percent-encoding, which the provider reports.
  return reply.from(path, {
    ...(hasBody && { body: request.body, contentType: request.headers['content-type'] ?? 'application/octet-stream' }),
    rewriteRequestHeaders: (_request, headers) => ({
      ...endToEnd(headers, hasBody),
      // The client's Host: the provider compares it with the issuer's.
      host: request.host,
      'x-forwarded-for': request.ip,
      'x-forwarded-proto': request.protocol,
      'x-forwarded-host': request.host,
      'x-request-id': request.id,
      ...request.traceHeaders(),
    }),
    rewriteHeaders: (headers) => {
      // Of a denial: its reason is in the log of the provider, under the same request id.
      noteDenial(request.raw, 'answered by the provider')
      return withoutConnection(headers)
    },
    // A 503 of the provider is final here: the client decides whether to retry.
    retryDelay: () => null,
    onError: (failed, { error }) => {
      failed.send(unavailable(error))
    },
  })
}

/** Whether a URL parser would resolve segments of the path, so that the provider gets another path than was routed. */
function hasDotSegment(path: string): boolean {
  return decodeURIComponent(path)
    .split(/[/\\]/)
    .some((segment) => segment === '.' || segment === '..')
}

/** Headers that any client can set. The provider trusts them from the API, which replaces them. */
const FORWARDED = /^(?:x-forwarded-.*|forwarded|x-real-ip|via)$/

/** Headers of one connection (RFC 9110 section 7.6.1). The forwarded request has a length and no `Expect`. */
const HOP_BY_HOP = new Set([
  'transfer-encoding',
  'te',
  'trailer',
  'upgrade',
  'keep-alive',
  'expect',
  'proxy-connection',
])

/**
 * Removes from an answer what is about the connection to the provider (RFC 9110 §7.6.1). With its `keep-alive`, a client
 * that sent `Connection: close` would wait for an end that does not come.
 */
function withoutConnection({
  connection: _connection,
  'keep-alive': _keepAlive,
  'proxy-connection': _proxyConnection,
  ...headers
}: IncomingHttpHeaders): IncomingHttpHeaders {
  return headers
}

function endToEnd(headers: IncomingHttpHeaders, hasBody: boolean): IncomingHttpHeaders {
  return Object.fromEntries(
    Object.entries(headers).filter(
      ([name]) =>
        !FORWARDED.test(name) &&
        !TRACE_HEADERS.has(name) &&
        !HOP_BY_HOP.has(name) &&
        (hasBody || name !== 'content-length'),
    ),
  )
}
