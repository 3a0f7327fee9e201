import { ADMINISTRATION, IDENTITY_SCOPES, PERMISSIONS } from '@daytona-auth/protocol/scopes'
import type { Sentence } from './german/german.ts'
import type { ChoosableScope, ShownScope } from './pages.ts'

/**
 * Lists the requested scopes as sentences, in the order in which users should weigh them. Unknown ones are left out.
 */
export function showScopes(scopes: readonly string[], { firstParty }: { readonly firstParty: boolean }): ShownScope[] {
  const asked = new Set(scopes)
  const identity = Object.entries(IDENTITY_SCOPES)
    .filter(([scope]) => asked.has(scope))
    .map(([, sentence]) => ordinary(sentence))
  // Our own apps act with all of the user's permissions, regardless of their scopes.
  if (firstParty) return [strong('Do everything that you can do, in all of your organizations'), ...identity]
  const permissions = Object.entries(PERMISSIONS).filter(([scope]) => asked.has(scope))
  return [
    ...identity,
    ...permissions.map(([scope, sentence]) => (scope === ADMINISTRATION ? strong(sentence) : ordinary(sentence))),
  ]
}

/** What a consent page knows of the user's earlier answers for the app. */
export interface EarlierConsent {
  /** The scopes that the app has in some organization. */
  readonly scopes: readonly string[]
  /** The scopes that the user left out. */
  readonly declined: readonly string[]
}

/** The scope that an app cannot do without: it says who signed in. */
export const REQUIRED_SCOPE = 'openid' satisfies keyof typeof IDENTITY_SCOPES

/**
 * Lists the requested scopes of a third-party app, in the order of `showScopes`, each of which the user may leave out. Those
 * that the user left out before are not chosen, unless `kept` has what was chosen on a page with a problem. What the app had
 * is distinguished from what is new.
 */
export function chooseScopes(
  scopes: readonly string[],
  earlier: EarlierConsent | undefined,
  kept?: readonly string[],
): ChoosableScope[] {
  const known = [...Object.keys(IDENTITY_SCOPES), ...Object.keys(PERMISSIONS)].filter((scope) => scopes.includes(scope))
  return showScopes(known, { firstParty: false }).map((shown, index) => {
    const value = known[index] ?? ''
    return {
      ...shown,
      value,
      isOptional: value !== REQUIRED_SCOPE,
      isChosen: kept ? kept.includes(value) : !earlier?.declined.includes(value),
      isNew: earlier !== undefined && value !== REQUIRED_SCOPE && !earlier.scopes.includes(value),
    }
  })
}

const ordinary = (sentence: Sentence): ShownScope => ({ sentence, strong: false })
const strong = (sentence: Sentence): ShownScope => ({ sentence, strong: true })
