import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { SendRefusal } from './error-handling.ts'
import { notFound, Refusal } from './refusal.ts'
import { hasEmptyParameter } from './request-target.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The methods for which the path of this URL has a route, sorted. Empty for an unknown path. */
    allowedMethods(url: string): readonly string[]
  }
}

export interface UnroutedOptions {
  readonly send: SendRefusal
  /** Longer segments of a path match no parameter. */
  readonly maxParamLength: number
}

/**
 * Answers each request that has no route: 405 with `Allow` (RFC 9110 §15.5.6) where its path has routes for other methods,
 * and 404 otherwise. Both are sent before the body is read. Call it before the routes are added.
 */
export function refuseUnrouted(app: FastifyInstance, { send, maxParamLength }: UnroutedOptions): void {
  const methods = new Set<string>()
  app.addHook('onRoute', ({ method, url }) => {
    // `*` is the route of preflights and no path. A route for all methods never has a wrong one.
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
    // The router refuses them instead of finding a route.
    if (path.split('/').some((segment) => segment.length > maxParamLength)) return []
    const found = [...methods].filter((method) => method !== 'OPTIONS' && hasRoute(method, path))
    if (found.length > 0 && hasRoute('OPTIONS', path)) found.push('OPTIONS')
    return found.sort()
  })

  const refuse = (request: FastifyRequest, reply: FastifyReply): void => {
    const allowed = app.allowedMethods(request.url)
    send(request, reply, allowed.length === 0 ? NO_ROUTE : methodNotAllowed(allowed))
  }
  // Fastify runs each lifecycle hook that is given here, although its types name two of them. This one runs after those of
  // the server, so that the answer has their headers, and costs nothing where there is a route.
  const beforeBody = { onRequest: refuse } as object
  app.setNotFoundHandler(beforeBody, refuse)
}

const NO_ROUTE = notFound('Route')

/** 405 with the methods that the path has. */
export const methodNotAllowed = (allowed: readonly string[]): Refusal =>
  new Refusal(405, 'Method is not allowed here', { headers: { allow: allowed.join(', ') } })
