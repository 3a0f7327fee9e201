import { isPermission } from '../permissions.ts'
import type { Permission } from '../schemas.ts'

/**
 * What is asked of a caller: to be known, or to hold a permission in the organization that the request is about, or all
 * of several.
 */
export type Requirement = 'authenticated' | Permission | readonly [Permission, ...Permission[]]

/**
 * The permissions that a requirement asks for; none for `authenticated`.
 * @throws TypeError for what is no requirement: an empty list, which everybody would meet, and a permission that is not known
 */
export function permissionsOf(requirement: Requirement): readonly Permission[] {
  if (requirement === 'authenticated') return []
  const permissions: readonly unknown[] = Array.isArray(requirement) ? requirement : [requirement]
  if (permissions.length === 0) throw new TypeError("asks for no permission: say 'authenticated' if that is meant")
  return permissions.map((name) => {
    if (typeof name === 'string' && isPermission(name)) return name
    throw new TypeError(`asks for ${JSON.stringify(name)}, which is no permission`)
  })
}
