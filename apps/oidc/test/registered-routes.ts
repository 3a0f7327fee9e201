import { onFastifyInstance, type Scope } from '@daytona-auth/testing'
import type { FastifyInstance, RouteOptions } from 'fastify'

export interface RegisteredRoute {
  readonly method: string
  /** With the parameters as they are registered. */
  readonly url: string
}

/**
 * Collects the routes of the providers that start from now until the end of `scope`. Returns a function that lists them,
 * without those for HEAD and those that answer 405.
 */
export function collectRoutes(scope: Scope): () => RegisteredRoute[] {
  const options: RouteOptions[] = []
  onFastifyInstance<FastifyInstance>(scope, (fastify) => {
    fastify.addHook('onRoute', (route) => void options.push(route))
  })
  return () => {
    const routes = options
      .filter(({ method }) => ![method].flat().includes('PROPFIND'))
      .flatMap(({ method, url }) => [method].flat().map((one) => ({ method: one, url })))
    return [...new Map(routes.map((route) => [`${route.method} ${route.url}`, route])).values()].filter(
      ({ method }) => method !== 'HEAD',
    )
  }
}
