import type { EnabledAccount } from '@daytona-auth/db/grants'

/**
 * The claims of each scope (OIDC Core §5.4). `auth_time`, `acr`, `amr` and `at_hash` belong to the id_token itself. They
 * are listed under `openid`, so that every id_token has them, requested or not.
 */
export const CLAIMS = {
  openid: ['sub', 'auth_time', 'acr', 'amr', 'at_hash'],
  profile: ['name', 'preferred_username', 'locale', 'zoneinfo', 'updated_at'],
  email: ['email', 'email_verified'],
} as const

/** Returns the claims about a user that the scopes allow, for the userinfo endpoint. */
export function selectClaims(
  scopes: ReadonlySet<string>,
  account: EnabledAccount,
): Record<string, string | boolean | number> {
  return {
    sub: account.id,
    ...(scopes.has('profile') && profileOf(account)),
    ...(scopes.has('email') && { email: account.email, email_verified: account.emailVerified }),
  }
}

/**
 * Returns the claims of the scope `profile` (OIDC Core §5.1). Users have no user name here, so their name is used. A language or
 * time zone that the person has not chosen is absent: any other value would be a guess.
 */
export const profileOf = ({ name, chosenLanguage, timeZone, updatedAt }: EnabledAccount) => ({
  name,
  preferred_username: name,
  ...(chosenLanguage !== null && { locale: chosenLanguage }),
  ...(timeZone !== null && { zoneinfo: timeZone }),
  updated_at: updatedAt,
})
