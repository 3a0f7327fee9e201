import { isIdentityScope, scopeNames } from '../policy/claims.ts'

/** What the rules below need of a client: the scopes that it is registered for, as oidc-provider has them. */
interface ScopedClient {
  readonly scope?: string | undefined
}

const KNOWN = new Set(scopeNames())

/**
 * The scopes of a request as the library is to see them. Those that the app is not registered for are left out, as unknown
 * ones are (RFC 6749 §3.3 allows it), and the response says what was granted. A request that names none gets the app's
 * identity scopes; one of which nothing is left stays as it is, for the library to refuse before anybody signs in.
 */
export function allowedScope(scope: string | undefined, client: ScopedClient): string | undefined {
  const allowed = new Set(client.scope?.split(' '))
  if (scope === undefined || scope.trim() === '') {
    return [...allowed].filter((name) => isIdentityScope(name) && name !== 'offline_access').join(' ') || scope
  }
  const kept = scope.split(' ').filter((name) => !KNOWN.has(name) || allowed.has(name))
  return kept.some((name) => KNOWN.has(name)) ? kept.join(' ') : scope
}

/** The resource as it is registered: `https://host/` and `https://host` name the same one (RFC 3986 §6.2.3). */
export function canonicalResource(resource: string, audience: string): string {
  return withoutSlash(resource) === withoutSlash(audience) ? audience : resource
}

const withoutSlash = (uri: string): string => (uri.endsWith('/') ? uri.slice(0, -1) : uri)
