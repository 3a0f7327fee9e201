import { subscribe } from 'node:diagnostics_channel'
import type { FastifyInstance, RouteOptions } from 'fastify'

// Import this before an API starts: it collects the routes that the API registers.

/** Every registered route of the API, including those for HEAD. */
export const registered: RouteOptions[] = []

/** The route that answered a request with the header `PROBE`, by its value. Absent if no route did. */
export const answeredBy = new Map<string, { readonly url: string; readonly method: string }>()

export const PROBE = 'x-test-probe'

subscribe('fastify.initialization', (message) => {
  const { fastify } = message as { fastify: FastifyInstance }
  fastify.addHook('onRoute', (route) => void registered.push(route))
  fastify.addHook('onSend', (request, _reply, _payload, done) => {
    const probe = request.headers[PROBE]
    const { url } = request.routeOptions
    if (typeof probe === 'string' && url !== undefined) answeredBy.set(probe, { url, method: request.method })
    done()
  })
})
