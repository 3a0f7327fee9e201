import { ADMINISTRATION, type Permission, permissionNames } from '@daytona-auth/protocol/scopes'

declare const permissionSet: unique symbol

/** A set of permissions, one bit each. Only the functions of this file create one. */
export type PermissionSet = number & { readonly [permissionSet]: true }

const NAMES = permissionNames()

/** A map, not an object: `constructor` is not a permission. */
const BITS: ReadonlyMap<string, number> = new Map(NAMES.map((name, index) => [name, 1 << index]))

const ADMIN = bitOf(ADMINISTRATION)

/** The empty set, which permits nothing. */
export const NO_PERMISSIONS = asSet(0)

/** The permissions of an organization's owner. */
export const ALL_PERMISSIONS = asSet((1 << NAMES.length) - 1)

export const isPermission = (text: string): text is Permission => BITS.has(text)

/**
 * Returns the set of the given names. An unknown name grants nothing: an old process reads rows of a newer one, and a token
 * has scopes like `openid` beside permissions.
 */
export function parsePermissions(names: Iterable<string>): PermissionSet {
  let set = 0
  for (const name of names) set |= bitOf(name)
  return asSet(set)
}

/** Returns the names in a set, in display order. Permissions implied by `admin:organization` are not listed. */
export const namesOf = (set: PermissionSet): Permission[] => NAMES.filter((name) => (set & bitOf(name)) !== 0)

/**
 * Whether `held` permits `required`. `admin:organization` includes every permission. No other permission includes another:
 * `write:x` does not include `read:x`. An unknown permission is denied, to an admin as well.
 */
export function permits(held: PermissionSet, required: Permission): boolean {
  const bit = bitOf(required)
  return bit !== 0 && (held & (bit | ADMIN)) !== 0
}

/** Returns the requested permissions beyond `held`, in display order. If empty, a holder of `held` may grant them. */
export const permissionsBeyond = (requested: PermissionSet, held: PermissionSet): Permission[] =>
  namesOf(requested).filter((permission) => !permits(held, permission))

/** Returns the set that permits a permission if and only if both sets do. */
export const intersect = (left: PermissionSet, right: PermissionSet): PermissionSet =>
  asSet(implied(left) & implied(right))

/** Returns the set that permits a permission if and only if at least one of the sets does. */
export const union = (left: PermissionSet, right: PermissionSet): PermissionSet => asSet(left | right)

const implied = (set: PermissionSet): number => ((set & ADMIN) !== 0 ? ALL_PERMISSIONS : set)

/** Returns zero for an unknown name, which is in no set. */
function bitOf(name: string): number {
  return BITS.get(name) ?? 0
}

/** Adds the brand. Callers combine bits of this catalogue only. */
function asSet(bits: number): PermissionSet {
  return bits as PermissionSet
}
