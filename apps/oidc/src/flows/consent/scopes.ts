import { isPermission, PERMISSIONS } from '@daytona-auth/auth'
import type { ShownScope } from '../../pages/pages.ts'

/** What the identity scopes mean to people. */
const IDENTITY: ReadonlyMap<string, string> = new Map([
  ['openid', 'Know who you are'],
  ['profile', 'See your name'],
  ['email', 'See your email address'],
  ['offline_access', 'Keep this access while you are not using it'],
])

/** The scopes asked for as sentences, in the order in which people should weigh them. Unknown ones do nothing. */
export function showScopes(scopes: readonly string[], { firstParty }: { readonly firstParty: boolean }): ShownScope[] {
  const asked = new Set(scopes)
  const identity = [...IDENTITY].filter(([scope]) => asked.has(scope)).map(([, sentence]) => ordinary(sentence))
  // Our own programs act with all that the user may do, whatever permissions they name.
  if (firstParty) return [strong('Do everything that you may do, in all of your organizations'), ...identity]
  const permissions = Object.entries(PERMISSIONS).filter(([scope]) => asked.has(scope))
  return [
    ...identity,
    ...permissions.map(([scope, sentence]) => (scope === 'admin:organization' ? strong(sentence) : ordinary(sentence))),
  ]
}

/** Whether the app asks to act in organizations, so that some must be chosen. */
export const asksForPermissions = (scopes: readonly string[]): boolean => scopes.some(isPermission)

const ordinary = (sentence: string): ShownScope => ({ sentence, strong: false })
const strong = (sentence: string): ShownScope => ({ sentence, strong: true })
