import { IDENTITY_SCOPES, type IdentityScope } from '@daytona-auth/accounts/scopes'
import { PERMISSIONS } from '@daytona-auth/auth'
import type { ShownScope } from './pages.ts'

/** The identity scopes as sentences for users. */
const IDENTITY: Readonly<Record<IdentityScope, string>> = {
  openid: 'Know who you are',
  profile: 'See your name',
  email: 'See your email address',
  offline_access: 'Keep this access while you are not using it',
}

/**
 * Lists the requested scopes as sentences, in the order in which users should weigh them. Unknown ones are left out.
 */
export function showScopes(scopes: readonly string[], { firstParty }: { readonly firstParty: boolean }): ShownScope[] {
  const asked = new Set(scopes)
  const identity = IDENTITY_SCOPES.filter((scope) => asked.has(scope)).map((scope) => ordinary(IDENTITY[scope]))
  // Our own apps act with all of the user's permissions, regardless of their scopes.
  if (firstParty) return [strong('Do everything that you can do, in all of your organizations'), ...identity]
  const permissions = Object.entries(PERMISSIONS).filter(([scope]) => asked.has(scope))
  return [
    ...identity,
    ...permissions.map(([scope, sentence]) => (scope === 'admin:organization' ? strong(sentence) : ordinary(sentence))),
  ]
}

const ordinary = (sentence: string): ShownScope => ({ sentence, strong: false })
const strong = (sentence: string): ShownScope => ({ sentence, strong: true })
