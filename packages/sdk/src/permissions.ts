import type { Permission } from './schemas.ts'

// Does not compile if the API has other permissions.
const NAMES = {
  'read:sandboxes': true,
  'write:sandboxes': true,
  'read:snapshots': true,
  'write:snapshots': true,
  'read:volumes': true,
  'write:volumes': true,
  'read:registries': true,
  'write:registries': true,
  'admin:organization': true,
} as const satisfies Record<Permission, true>

/** Every permission, in display order. */
export const PERMISSIONS = Object.freeze(Object.keys(NAMES) as Permission[]) // the keys of a const object are its type

/** Returns whether a text is a permission of this version. */
export const isPermission = (text: string): text is Permission => Object.hasOwn(NAMES, text)
