import type { Permission } from './schemas.ts'

// Does not compile when the API knows another one, or one less.
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

/** Every permission that there is, in the order in which they are shown. */
export const PERMISSIONS = Object.freeze(Object.keys(NAMES) as Permission[]) // the keys of a const object are its type

/** Whether it is one that this version knows. */
export const isPermission = (text: string): text is Permission => Object.hasOwn(NAMES, text)
