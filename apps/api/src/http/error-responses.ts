import { type ErrorStatus, errors } from '@daytona-auth/service'
import type { RouteOptions } from 'fastify'
import fp from 'fastify-plugin'

/** The parts of a route that decide which errors it can answer. */
export type AnsweringRoute = Pick<RouteOptions, 'method' | 'url' | 'config'>

/**
 * Returns the statuses of the errors that every route of this method, path and access can answer. A route declares only
 * those of its own handler besides: `response: { 200: Thing, ...errors(409) }`.
 *
 * A public route has none: it reads no credential, and documents its own.
 */
export function derivedErrorStatuses({ method, url, config }: AnsweringRoute): readonly ErrorStatus[] {
  const { access, organization } = config ?? {}
  if (access === undefined || access === 'public') return []
  // The guard: the request's form, its credential, the rate limit, and the database that verifies it.
  const statuses: ErrorStatus[] = [400, 401, 429, 503]
  // A credential that is no person, lacks the permission, or names an organization outside its access.
  if (access !== 'authenticated' || organization === 'header') statuses.push(403)
  if (url.includes('/:')) statuses.push(404)
  // Fastify reads no body of the others. It refuses one that is too large or of another type even if none is expected.
  if ([method].flat().some((name) => BODY_METHODS.has(name))) statuses.push(413, 415)
  return statuses
}

/** Returns the error responses of `derivedErrorStatuses`, for a route's schema. */
export const derivedErrors = (route: AnsweringRoute): Record<number, unknown> => errors(...derivedErrorStatuses(route))

const BODY_METHODS: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH'])

/** Fails startup if a route declares an error that follows from its method, path and access anyway. */
export const errorResponses = fp(
  async (app) => {
    app.addHook('onRoute', (route: RouteOptions) => {
      const declared = (route.schema?.response ?? {}) as Record<number, unknown>
      const repeated = derivedErrorStatuses(route).filter((status) => Object.hasOwn(declared, status))
      if (repeated.length === 0) return
      throw new Error(`${route.method} ${route.url} declares ${repeated.join(', ')}, which every such route can answer`)
    })
  },
  { name: 'error-responses' },
)
