/** Every permission that there is, in the order in which they are shown. */
export const PERMISSIONS = [
  'read:sandboxes',
  'write:sandboxes',
  'read:snapshots',
  'write:snapshots',
  'read:volumes',
  'write:volumes',
  'read:registries',
  'write:registries',
  'admin:organization',
] as const

export type Permission = (typeof PERMISSIONS)[number]

/** What tells who somebody is, beside the permissions among the scopes of an app. */
export const IDENTITY_SCOPES = ['openid', 'profile', 'email', 'offline_access'] as const
