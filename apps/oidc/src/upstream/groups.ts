import type { PersonGroups } from './upstream.ts'

/** More than any provider states in a claim. Entra ID states at most 200, and none at all beyond that. */
const MAX_GROUPS = 1000

/**
 * Reads the groups of a person from the claim of that name: a list of texts, or one text. Anything else is no group, so that
 * the roles of groups are withdrawn: also if the claim is absent, because the provider left it out for its length (OIDC Core
 * §5.6.2), and if it is too long to be read.
 */
export function readGroups(claims: Readonly<Record<string, unknown>>, claim: string): PersonGroups {
  const value = Object.hasOwn(claims, claim) ? claims[claim] : undefined
  if (value === undefined) return none(isElsewhere(claims, claim) ? 'is too long for the provider' : 'is absent')
  const list: readonly unknown[] | undefined =
    typeof value === 'string' ? [value] : Array.isArray(value) ? value : undefined
  if (!list) return none('is neither a list nor a text')
  if (list.length > MAX_GROUPS) return none(`has more than ${MAX_GROUPS} groups`)
  return { names: [...new Set(list.filter((name) => typeof name === 'string'))] }
}

const none = (why: string): PersonGroups => ({ names: [], problem: `groups claim ${why}` })

/** Whether the provider refers to another place for the claim, as Entra ID does beyond 200 groups. */
function isElsewhere(claims: Readonly<Record<string, unknown>>, claim: string): boolean {
  const names = claims['_claim_names']
  return typeof names === 'object' && names !== null && Object.hasOwn(names, claim)
}
