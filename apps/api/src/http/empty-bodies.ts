import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'

/**
 * Takes the type off a body that is not there, on all routes registered after it that could have one: the stock client
 * calls every POST without a body a form, which we read nowhere and would refuse. Where a body is needed, that is said.
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
