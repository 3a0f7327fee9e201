import type { FastifyRequest } from 'fastify'

/**
 * The URL of a request as its matched route writes it, with the parameters and the query of the request. Whatever compares
 * paths after the router, oidc-provider's own router included, sees this one spelling: a path that is percent-encoded in
 * another way cannot take another branch.
 */
export function canonicalUrl({ routeOptions, params, raw }: Pick<FastifyRequest, 'routeOptions' | 'params' | 'raw'>) {
  const { url: requested = '/' } = raw
  const { url: pattern = requested } = routeOptions
  const values = params as Readonly<Record<string, string>>
  const path = pattern.replaceAll(/:(\w+)/g, (_match, name: string) => encodeURIComponent(values[name] ?? ''))
  const query = requested.indexOf('?')
  return query === -1 ? path : path + requested.slice(query)
}
