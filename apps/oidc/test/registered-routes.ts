import { subscribe } from 'node:diagnostics_channel'
import type { FastifyInstance, RouteOptions } from 'fastify'

// Imported before a provider starts: what is collected here is what the provider registers.

export interface RegisteredRoute {
  readonly method: string
  /** With the parameters as they are registered. */
  readonly url: string
}

const options: RouteOptions[] = []

subscribe('fastify.initialization', (message) => {
  const { fastify } = message as { fastify: FastifyInstance }
  fastify.addHook('onRoute', (route) => void options.push(route))
})

/** Every route of the providers that this process has started, without those for HEAD and those that answer 405. */
export const registeredRoutes = (): RegisteredRoute[] => {
  const routes = options
    .filter(({ method }) => ![method].flat().includes('PROPFIND'))
    .flatMap(({ method, url }) => [method].flat().map((one) => ({ method: one, url })))
  return [...new Map(routes.map((route) => [`${route.method} ${route.url}`, route])).values()].filter(
    ({ method }) => method !== 'HEAD',
  )
}
