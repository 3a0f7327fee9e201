import type { FastifyRequest } from 'fastify'

/**
 * Returns the URL of a request in the spelling of its matched route, with the request's parameters and query. Code
 * after the router, oidc-provider's own router included, compares this one spelling. So a differently percent-encoded
 * path cannot take another branch.
 */
export function buildCanonicalUrl({
  routeOptions,
  params,
  raw,
}: Pick<FastifyRequest, 'routeOptions' | 'params' | 'raw'>) {
  const { url: requested = '/' } = raw
  const { url: pattern = requested } = routeOptions
  const values = params as Readonly<Record<string, string>>
  const path = pattern.replaceAll(/:(\w+)/g, (_match, name: string) => encodeURIComponent(values[name] ?? ''))
  const query = requested.indexOf('?')
  return query === -1 ? path : path + requested.slice(query)
}
