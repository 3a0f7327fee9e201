/** Every permission of the product, with the sentence shown to people, in display order. */
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
} as const satisfies Record<`${'read' | 'write'}:${string}` | 'admin:organization', string>

export type Permission = keyof typeof PERMISSIONS

/** The permission that includes every other one. */
export const ADMINISTRATION = 'admin:organization' satisfies Permission

const NAMES = Object.freeze(Object.keys(PERMISSIONS) as Permission[]) // the keys of a const object are exactly those of its type

/** Returns all permission names in display order. */
export const permissionNames = (): readonly Permission[] => NAMES

/** The scopes for the user's claims, and for access while the user is absent, with the sentence shown to people. */
export const IDENTITY_SCOPES = {
  openid: 'Know who you are',
  profile: 'See your name, and the language and time zone you chose',
  email: 'See your email address',
  offline_access: 'Keep this access while you are not using it',
} as const

export type IdentityScope = keyof typeof IDENTITY_SCOPES

const IDENTITY_NAMES = Object.freeze(Object.keys(IDENTITY_SCOPES) as IdentityScope[]) // likewise

/** Returns the names of the identity scopes. */
export const identityScopeNames = (): readonly IdentityScope[] => IDENTITY_NAMES

export const isIdentityScope = (name: string): name is IdentityScope => Object.hasOwn(IDENTITY_SCOPES, name)

/** Lists every scope: the identity scopes, then the permissions in display order. */
export const scopeNames = () => [...IDENTITY_NAMES, ...NAMES] as const
