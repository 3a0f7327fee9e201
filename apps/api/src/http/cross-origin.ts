import cors from '@fastify/cors'
import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'

/** What the stock browser clients send (@daytonaio/api-client, @daytonaio/sdk), and the headers of traces. */
const ALLOWED = [
  'Authorization',
  'Content-Type',
  'X-Daytona-Organization-ID',
  'X-Daytona-Source',
  'X-Daytona-SDK-Version',
  'X-Daytona-Pty-Exit-Control',
  'X-Request-Id',
  'traceparent',
  'tracestate',
  'baggage',
]

/** What a script of another origin may read of an answer. */
const EXPOSED = [
  'X-Request-Id',
  'X-RateLimit-Limit',
  'X-RateLimit-Remaining',
  'X-RateLimit-Reset',
  'Retry-After',
  'WWW-Authenticate',
  'X-Error-Code',
  'Link',
].join(', ')

/**
 * Any origin may call, and no browser adds credentials of its own: a page can use only what it was given. Routes with
 * `config: { cors: false }` answer for themselves.
 */
export const crossOrigin = fp(
  async (app) => {
    app.addHook('onRoute', (route) => {
      if (route.url !== '*') return
      // RFC 9110 §9.3.7: the answer to OPTIONS names the methods of its path, if there is such a path.
      route.onSend = (request, reply, payload, done) => {
        const allowed = app.allowedMethods(request.url)
        if (allowed.length > 0) reply.header('allow', allowed.join(', '))
        done(null, payload)
      }
    })
    await app.register(cors, {
      origin: '*',
      methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
      allowedHeaders: ALLOWED,
      exposedHeaders: EXPOSED,
      maxAge: 600,
      strictPreflight: false,
    })
  },
  { name: 'cross-origin' },
)

/**
 * Adds to a refusal what lets a script of another origin read it. Refusals that precede the hook of `crossOrigin` lack it:
 * of a request target, a missing Host header or a URL that cannot be decoded.
 */
export function allowAnyOrigin({ routeOptions }: FastifyRequest, reply: FastifyReply): void {
  // Undefined before routing.
  const config: FastifyRequest['routeOptions']['config'] | undefined = routeOptions?.config
  if (config?.cors === false || reply.hasHeader('access-control-allow-origin')) return
  reply.headers({ 'access-control-allow-origin': '*', 'access-control-expose-headers': EXPOSED })
}
