import { isPermission } from '../permissions.ts'
import type { Permission } from '../schemas.ts'

/**
 * What a caller must have: a valid credential, one or several permissions in the organization of the request or, for an API
 * with its own audience, one or several of its scopes.
 */
export type Requirement =
  | 'authenticated'
  | Permission
  | readonly [Permission, ...Permission[]]
  | { readonly scopes: readonly [string, ...string[]] }

/**
 * Lists the permissions of a requirement; none for `authenticated`.
 * @throws TypeError for an empty list, which every caller would meet, and for an unknown permission
 */
export function listRequiredPermissions(requirement: Requirement): readonly Permission[] {
  if (requirement === 'authenticated') return []
  const permissions: readonly unknown[] = Array.isArray(requirement) ? requirement : [requirement]
  if (permissions.length === 0) throw new TypeError("requires an empty list of permissions: use 'authenticated'")
  return permissions.map((name) => {
    if (typeof name === 'string' && isPermission(name)) return name
    throw new TypeError(`requires ${JSON.stringify(name)}, which is not a permission`)
  })
}

/**
 * Lists the scopes of a requirement at an API with its own audience; none for `authenticated`.
 * @throws TypeError for an empty list, a scope that the API does not have, and for a permission of Daytona: a token for
 * another audience may contain its name, and never carries it
 */
export function listRequiredScopes(requirement: Requirement, supported: readonly string[]): readonly string[] {
  if (requirement === 'authenticated') return []
  const isOfScopes = typeof requirement === 'object' && requirement !== null && 'scopes' in requirement
  const scopes: unknown = isOfScopes ? requirement.scopes : undefined
  if (!Array.isArray(scopes)) {
    throw new TypeError(
      `requires ${JSON.stringify(requirement)}: an API with its own audience requires { scopes: [...] }`,
    )
  }
  if (scopes.length === 0) throw new TypeError("requires an empty list of scopes: use 'authenticated'")
  return scopes.map((scope: unknown) => {
    if (typeof scope === 'string' && supported.includes(scope)) return scope
    throw new TypeError(`requires ${JSON.stringify(scope)}, which is not one of the scopes of this API`)
  })
}
