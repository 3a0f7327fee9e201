import { isPermission } from '../permissions.ts'
import type { Permission } from '../schemas.ts'

/**
 * What a caller must have: a valid credential, or one or several permissions in the organization of the request.
 */
export type Requirement = 'authenticated' | Permission | readonly [Permission, ...Permission[]]

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
