import { permissionNames } from '@daytona-auth/auth'
import type { EnabledAccount } from '@daytona-auth/db'

/** What an app may ask for about the person, and for the time after the person has left. */
const IDENTITY_SCOPES = ['openid', 'profile', 'email', 'offline_access'] as const

export const isIdentityScope = (name: string): boolean => (IDENTITY_SCOPES as readonly string[]).includes(name)

/** Every scope there is: identity first, then the permissions in display order. */
export const scopeNames = (): readonly string[] => [...IDENTITY_SCOPES, ...permissionNames()]

/**
 * Which scope opens which claims (OIDC Core §5.4). `auth_time` and `at_hash` are the id_token's own and stand with
 * `openid`, so that every id_token has them, asked for or not.
 */
export const CLAIMS = {
  openid: ['sub', 'auth_time', 'at_hash'],
  profile: ['name', 'preferred_username', 'updated_at'],
  email: ['email', 'email_verified'],
} as const

/** The claims about a person that some scopes open, for the userinfo endpoint. */
export function claimsFor(
  scopes: ReadonlySet<string>,
  account: EnabledAccount,
): Record<string, string | boolean | number> {
  return {
    sub: account.id,
    ...(scopes.has('profile') && profileOf(account)),
    ...(scopes.has('email') && { email: account.email, email_verified: account.emailVerified }),
  }
}

/** The claims of the scope `profile` (OIDC Core §5.1). People have no user name here: their name stands for it. */
export const profileOf = ({ name, updatedAt }: EnabledAccount) => ({
  name,
  preferred_username: name,
  updated_at: updatedAt,
})
