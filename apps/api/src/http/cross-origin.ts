import { RATE_LIMIT_HEADERS } from '@daytona-auth/auth'
import { ORGANIZATION_HEADERS } from '@daytona-auth/protocol/organization-header'
import cors from '@fastify/cors'
import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'

/** Headers that the stock browser clients send (@daytonaio/api-client, @daytonaio/sdk), and trace headers. */
const ALLOWED = [
  'Authorization',
  'Content-Type',
  'DPoP',
  ...ORGANIZATION_HEADERS,
  'Last-Event-ID',
  'X-Daytona-Source',
  'X-Daytona-SDK-Version',
  'X-Daytona-Pty-Exit-Control',
  'X-Request-Id',
  'traceparent',
  'tracestate',
  'baggage',
]

/** What a script of another origin may read of an answer. */
const EXPOSED = ['X-Request-Id', ...RATE_LIMIT_HEADERS, 'Retry-After', 'WWW-Authenticate', 'X-Error-Code', 'Link'].join(
  ', ',
)

/**
 * Allows every origin without credentials: browsers attach nothing by themselves, so a page can use only a credential
 * that it was given. Routes with `config: { cors: false }` handle CORS themselves.
 */
export const crossOrigin = fp(
  async (app) => {
    app.addHook('onRoute', (route) => {
      if (route.url !== '*') return
      // RFC 9110 section 9.3.7: the response to OPTIONS names the path's methods, if the path exists.
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
 * Adds the CORS headers of `crossOrigin` to a denial that precedes its hook, so that scripts of other origins can read
 * it. Such denials concern the request target, a missing Host header or a URL that cannot be decoded.
 */
export function allowAnyOrigin({ routeOptions }: FastifyRequest, reply: FastifyReply): void {
  // Undefined before routing.
  const config: FastifyRequest['routeOptions']['config'] | undefined = routeOptions?.config
  if (config?.cors === false || reply.hasHeader('access-control-allow-origin')) return
  reply.headers({ 'access-control-allow-origin': '*', 'access-control-expose-headers': EXPOSED })
}
