import { onFastifyInstance, type Scope } from '@daytona-auth/testing'
import type { FastifyInstance, RouteOptions } from 'fastify'

export const PROBE = 'x-test-probe'

export interface RegisteredRoutes {
  /** Every registered route of the API, including those for HEAD. */
  readonly registered: readonly RouteOptions[]
  /** The route that answered a request with the header `PROBE`, by its value. Absent if no route did. */
  readonly answeredBy: Map<string, { readonly url: string; readonly method: string }>
}

/** Collects the routes of the APIs that start from now until the end of `scope`. */
export function collectRoutes(scope: Scope): RegisteredRoutes {
  const registered: RouteOptions[] = []
  const answeredBy: RegisteredRoutes['answeredBy'] = new Map()
  onFastifyInstance<FastifyInstance>(scope, (fastify) => {
    fastify.addHook('onRoute', (route) => void registered.push(route))
    fastify.addHook('onSend', (request, _reply, _payload, done) => {
      const probe = request.headers[PROBE]
      const { url } = request.routeOptions
      if (typeof probe === 'string' && url !== undefined) answeredBy.set(probe, { url, method: request.method })
      done()
    })
  })
  return { registered, answeredBy }
}
