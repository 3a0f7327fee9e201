import { permissionNames } from '@daytona-auth/auth'

/** Scopes for the user's claims, and for access while the user is absent. */
export const IDENTITY_SCOPES = ['openid', 'profile', 'email', 'offline_access'] as const

export type IdentityScope = (typeof IDENTITY_SCOPES)[number]

export const isIdentityScope = (name: string): name is IdentityScope =>
  (IDENTITY_SCOPES as readonly string[]).includes(name)

/** Lists every scope: the identity scopes, then the permissions in display order. */
export const scopeNames = () => [...IDENTITY_SCOPES, ...permissionNames()] as const
