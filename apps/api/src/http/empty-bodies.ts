import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'

/**
 * Removes the content type of an empty body, on every later route that accepts a body. The stock client declares a POST
 * without a body as a form, which no route parses: it would be refused. Routes that need a body still report that.
 */
export const emptyBodies = fp(
  async (app) => {
    app.addHook('onRoute', (route) => {
      if ([route.method].flat().every((method) => method === 'GET' || method === 'HEAD')) return
      route.onRequest = [...[route.onRequest ?? []].flat(), removeTypeOfEmptyBody]
    })
  },
  { name: 'empty-bodies' },
)

function removeTypeOfEmptyBody({ headers }: FastifyRequest, _reply: unknown, done: () => void): void {
  if (headers['content-length'] === '0' && headers['transfer-encoding'] === undefined) delete headers['content-type']
  done()
}
