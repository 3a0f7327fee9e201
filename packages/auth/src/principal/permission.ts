/** Every permission the product knows, with the sentence shown to people. The order is the display order. */
export const PERMISSIONS = {
  'read:sandboxes': 'List and view sandboxes',
  'write:sandboxes': 'Create, update, and delete sandboxes',
  'read:snapshots': 'List and view snapshots',
  'write:snapshots': 'Create and delete snapshots',
  'read:volumes': 'List and view volumes',
  'write:volumes': 'Create and delete volumes',
  'read:registries': 'View registry configurations',
  'write:registries': 'Manage registry configurations',
  'admin:organization': 'Full organization administration',
} as const satisfies Record<`${'read' | 'write' | 'admin'}:${string}`, string>

export type Permission = keyof typeof PERMISSIONS

declare const permissionSet: unique symbol

/** A set of permissions, one bit each. Only the functions of this file make one. */
export type PermissionSet = number & { readonly [permissionSet]: true }

const NAMES = Object.freeze(Object.keys(PERMISSIONS) as Permission[]) // the keys of a const object are exactly its type

/** A map, not an object: `constructor` is no permission. */
const BITS: ReadonlyMap<string, number> = new Map(NAMES.map((name, index) => [name, 1 << index]))

const ADMIN = bitOf('admin:organization')

/** Nobody may do anything with it. */
export const NO_PERMISSIONS = asSet(0)

/** What the owner of an organization holds in it. */
export const ALL_PERMISSIONS = asSet((1 << NAMES.length) - 1)

/** All permission names in display order. */
export const permissionNames = (): readonly Permission[] => NAMES

export const isPermission = (text: string): text is Permission => BITS.has(text)

/**
 * The set of the given names. A name that we do not know grants nothing: an old process reads a row written by a
 * newer one, and a scope like `openid` stands beside the permissions in a token.
 */
export function parsePermissions(names: Iterable<string>): PermissionSet {
  let set = 0
  for (const name of names) set |= bitOf(name)
  return asSet(set)
}

/** The names in a set, in display order, as it was made: what `admin:organization` implies is not spelled out. */
export const namesOf = (set: PermissionSet): Permission[] => NAMES.filter((name) => (set & bitOf(name)) !== 0)

/**
 * Whether `held` suffices for `required`. `admin:organization` includes every permission; nothing else includes
 * anything, `write:x` not even `read:x`. What we do not know is not permitted, to an admin neither.
 */
export function permits(held: PermissionSet, required: Permission): boolean {
  const bit = bitOf(required)
  return bit !== 0 && (held & (bit | ADMIN)) !== 0
}

/** What `requested` asks for beyond `held`, in display order. Empty means: may be granted by a holder of `held`. */
export const excess = (requested: PermissionSet, held: PermissionSet): Permission[] =>
  namesOf(requested).filter((permission) => !permits(held, permission))

/** What both permit. It permits a permission if and only if both sets do. */
export const intersect = (left: PermissionSet, right: PermissionSet): PermissionSet =>
  asSet(implied(left) & implied(right))

/** The permissions of either. It permits a permission if and only if one of the sets does. */
export const union = (left: PermissionSet, right: PermissionSet): PermissionSet => asSet(left | right)

const implied = (set: PermissionSet): number => ((set & ADMIN) !== 0 ? ALL_PERMISSIONS : set)

/** Zero for a name that we do not know: it is in no set. */
function bitOf(name: string): number {
  return BITS.get(name) ?? 0
}

/** The brand is what the cast adds: every caller has combined bits of this catalogue only. */
function asSet(bits: number): PermissionSet {
  return bits as PermissionSet
}
