import type { Server } from '@daytona-auth/service'
import * as z from 'zod'

/** What both servers answer: a small body like that of a list of sandboxes with one entry. */
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

/** The route that is measured, the same in both servers; `headers` are those that the guard adds where there is one. */
export function addRoute(app: Server, config: Record<string, unknown>, headers: Record<string, number> = {}): void {
  app.get('/bench', { config, schema: { response: { 200: Items } } }, async (_request, reply) => {
    reply.headers(headers)
    return ANSWER
  })
}
