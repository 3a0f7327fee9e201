import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Denial, notFound } from './denial.ts'
import type { SendDenial } from './error-handling.ts'
import { hasEmptyParameter } from './request-target.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The methods for which the path of this URL has a route, sorted. Empty for an unknown path. */
    allowedMethods(url: string): readonly string[]
  }
}

export interface UnroutedOptions {
  readonly send: SendDenial
  /** Longer path segments match no parameter. */
  readonly maxParamLength: number
}

/**
 * Answers each request without a route: 405 with `Allow` (RFC 9110 §15.5.6) if its path has routes for other methods, and
 * 404 otherwise. Both are sent before the body is read. Call it before the routes are added.
 */
export function denyUnrouted(app: FastifyInstance, { send, maxParamLength }: UnroutedOptions): void {
  const methods = new Set<string>()
  app.addHook('onRoute', ({ method, url }) => {
    // `*` is the route of preflights, not a path. A route for all methods never answers 405.
    const all = [method].flat()
    if (url === '*' || all.length === app.supportedMethods.length) return
    for (const one of all) methods.add(one)
  })

  const hasRoute = (method: string, url: string): boolean => {
    const found = app.findRoute({ method, url })
    return found !== null && !hasEmptyParameter(found.params)
  }

  app.decorate('allowedMethods', (url) => {
    const [path = ''] = url.split('?', 1)
    // The router refuses such paths instead of finding a route.
    if (path.split('/').some((segment) => segment.length > maxParamLength)) return []
    const found = [...methods].filter((method) => method !== 'OPTIONS' && hasRoute(method, path))
    if (found.length > 0 && hasRoute('OPTIONS', path)) found.push('OPTIONS')
    return found.sort()
  })

  const deny = (request: FastifyRequest, reply: FastifyReply): void => {
    const allowed = app.allowedMethods(request.url)
    send(request, reply, allowed.length === 0 ? NO_ROUTE : methodNotAllowed(allowed))
  }
  // Fastify runs every lifecycle hook that is passed here, although its types list only two. This one runs after the hooks
  // of the server, so that the response has their headers, and costs nothing on routes.
  const beforeBody = { onRequest: deny } as object
  app.setNotFoundHandler(beforeBody, deny)
}

const NO_ROUTE = notFound('Route')

/** Returns a 405 that lists the allowed methods. */
export const methodNotAllowed = (allowed: readonly string[]): Denial =>
  new Denial(405, 'Method is not allowed here', { headers: { allow: allowed.join(', ') } })
