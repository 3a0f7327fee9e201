import { type Server, sendDenial, unauthorized } from '@daytona-auth/service'
import * as z from 'zod'

/** The response of both servers: a small body like that of a list of sandboxes with one entry. */
export const Items = z.object({
  items: z.array(z.object({ id: z.string(), name: z.string(), state: z.string(), createdAt: z.string() })),
  nextCursor: z.string().nullable(),
})

export const ANSWER = {
  items: [
    {
      id: 'sbx_06f0x2m4n8q3r7t1v5w9y0',
      name: 'python-sandbox',
      state: 'started',
      createdAt: '2026-01-01T00:00:00.000Z',
    },
  ],
  nextCursor: null,
}

/** Adds a route with that response; `headers` are those that the access check adds to a guarded route. */
export function addRoute(
  app: Server,
  path: string,
  config: Record<string, unknown>,
  headers: Record<string, number> = {},
): void {
  app.get(path, { config, schema: { response: { 200: Items } } }, async (_request, reply) => {
    reply.headers(headers)
    return ANSWER
  })
}

/** The headers that the access check adds to a response. */
const LIMIT_HEADERS = { 'x-ratelimit-limit': 10_000, 'x-ratelimit-remaining': 9999, 'x-ratelimit-reset': 60 }

/** The access check's denial of a malformed key, sent to every caller. */
const DENIAL = unauthorized('bench', {
  headers: {
    'www-authenticate':
      'Bearer error="invalid_token", resource_metadata="http://localhost:3000/.well-known/oauth-protected-resource"',
  },
})

/** Adds routes with the same responses for every caller. */
export function addBareRoutes(app: Server): void {
  const config = { access: 'public' } as const
  addRoute(app, '/bare', config, LIMIT_HEADERS)
  app.get('/refused', { config }, (_request, reply) => sendDenial(reply, DENIAL))
}
