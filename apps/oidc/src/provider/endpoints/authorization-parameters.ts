import { normalizeIdentifier } from '@daytona-auth/accounts/resource-registration'
import { isIdentityScope, scopeNames } from '@daytona-auth/protocol/scopes'

/** The client property that the rules below read: the registered scopes, as in oidc-provider. */
interface ScopedClient {
  readonly scope?: string | undefined
}

const KNOWN: ReadonlySet<string> = new Set(scopeNames())

/**
 * Returns the scopes of a request for the library. Scopes that the app is not registered for are left out, as RFC 6749
 * §3.3 allows; the response lists what was granted. A request without scopes gets the app's identity scopes. A request
 * with no allowed scope stays unchanged, so that the library refuses it before the user signs in.
 *
 * @param resourceScopes the scopes of the requested API, if it is not our own. Any app may request them, and none of our
 * permissions beside them
 */
export function selectAllowedScope(
  scope: string | undefined,
  client: ScopedClient,
  resourceScopes?: readonly string[],
): string | undefined {
  const allowed = new Set(client.scope?.split(' '))
  if (scope === undefined || scope.trim() === '') {
    return [...allowed].filter((name) => isIdentityScope(name) && name !== 'offline_access').join(' ') || scope
  }
  const requested = scope.split(' ')
  if (resourceScopes) {
    const kept = requested.filter((name) => (isIdentityScope(name) ? allowed.has(name) : resourceScopes.includes(name)))
    return kept.length > 0 ? kept.join(' ') : scope
  }
  const kept = requested.filter((name) => !KNOWN.has(name) || allowed.has(name))
  return kept.some((name) => KNOWN.has(name)) ? kept.join(' ') : scope
}

/** Returns a resource as registered: `https://host/` and `https://host` are equivalent (RFC 3986 §6.2.3). */
export function canonicalizeResource(resource: string, audience: string): string {
  return withoutSlash(resource) === withoutSlash(audience) ? audience : normalizeIdentifier(resource)
}

const withoutSlash = (uri: string): string => (uri.endsWith('/') ? uri.slice(0, -1) : uri)
