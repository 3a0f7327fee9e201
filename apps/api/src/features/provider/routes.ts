import type { IncomingHttpHeaders } from 'node:http'
import { badRequest, TRACE_HEADERS, unavailable } from '@daytona-auth/service'
import replyFrom from '@fastify/reply-from'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** False: the route says for itself which origins may read it. */
    cors?: false
  }
}

export interface ProviderOptions {
  readonly providerUrl: string
}

/** Where the provider lives on our origin. `/oauth-apps` is ours. */
const PATHS = [
  '/oauth/*',
  '/.well-known/openid-configuration',
  '/.well-known/oauth-authorization-server',
  '/.well-known/jwks.json',
]

/** How long the provider may take: a sign-in waits for a password hash, in a queue when many sign in. */
const TIMEOUT_MS = 30_000

/**
 * Hands the provider's requests on to it, and its answers back as they are: streaming, redirects not followed, every
 * Set-Cookie kept, CORS and cache left to it. A body is read here first, so that its size and the time it takes are
 * bounded before the provider hears of it.
 */
export async function providerRoutes(app: FastifyInstance, { providerUrl }: ProviderOptions): Promise<void> {
  await app.register(replyFrom, {
    base: providerUrl,
    // Not undici: node:http sends the Host that it is given.
    http: { requestOptions: { timeout: TIMEOUT_MS } },
    disableRequestLogging: true,
    destroyAgent: true,
  })

  // Bodies go on as the bytes that came.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))

  for (const url of PATHS) {
    app.route({
      // All of them: the provider answers 405 with the methods that it has.
      method: app.supportedMethods,
      url,
      // Its own pages, errors and CORS: nothing of ours is added.
      config: { access: 'public', organization: 'none', cors: false, forwards: true },
      schema: { hide: true },
      handler: forward,
    })
  }
}

function forward(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const path = request.url.split('?', 1).join()
  if (hasDotSegment(path)) throw badRequest('URL has a segment of dots')
  const hasBody = request.body instanceof Buffer && !['GET', 'HEAD'].includes(request.method)
  // Without its query, which is sent as it came: it may be no valid percent-encoding, and that is the provider's to say.
  return reply.from(path, {
    ...(hasBody && { body: request.body, contentType: request.headers['content-type'] ?? 'application/octet-stream' }),
    rewriteRequestHeaders: (_request, headers) => ({
      ...endToEnd(headers, hasBody),
      // The Host that the client used: the provider pins it to the issuer's.
      host: request.host,
      'x-forwarded-for': request.ip,
      'x-forwarded-proto': request.protocol,
      'x-forwarded-host': request.host,
      'x-request-id': request.id,
      ...request.traceHeaders(),
    }),
    // A provider that says 503 has said it: to ask again is for the client to decide.
    retryDelay: () => null,
    onError: (failed, { error }) => {
      failed.send(unavailable(error))
    },
  })
}

/** A URL parser would resolve them, and the provider be asked for something else than was routed. */
function hasDotSegment(path: string): boolean {
  return decodeURIComponent(path)
    .split(/[/\\]/)
    .some((segment) => segment === '.' || segment === '..')
}

/** Said by whoever spoke to us, and believed of nobody but us. */
const FORWARDED = /^(?:x-forwarded-.*|forwarded|x-real-ip|via)$/

/** Of this connection only (RFC 9110 section 7.6.1): what goes on has a length, and no promise that we keep. */
const HOP_BY_HOP = new Set([
  'transfer-encoding',
  'te',
  'trailer',
  'upgrade',
  'keep-alive',
  'expect',
  'proxy-connection',
])

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
