import cors from '@fastify/cors'
import fp from 'fastify-plugin'

/**
 * Any origin may call, and no browser adds credentials of its own: a page can use only what it was given. Routes with
 * `config: { cors: false }` answer for themselves.
 */
export const crossOrigin = fp(
  async (app) => {
    await app.register(cors, {
      origin: '*',
      methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
      allowedHeaders: ['Authorization', 'Content-Type', 'X-Daytona-Organization-ID'],
      exposedHeaders: [
        ...['X-Request-Id', 'X-RateLimit-Limit', 'X-RateLimit-Remaining', 'X-RateLimit-Reset'],
        ...['Retry-After', 'WWW-Authenticate'],
      ],
      maxAge: 600,
      strictPreflight: false,
    })
  },
  { name: 'cross-origin' },
)
