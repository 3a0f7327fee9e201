import { ORGANIZATION_HEADER } from '@daytona-auth/protocol/organization-header'

/** Reasons that the API has for the requests of a key, in plain words. */
const REASONS: Readonly<Record<string, string>> = {
  expired: 'The key or its secret had expired',
  revoked: 'The key was revoked',
  'user-disabled': 'The account of its owner is disabled',
  'rate-limited': 'Too many requests',
  [ORGANIZATION_HEADER.toLowerCase()]: 'It may not act in the organization of the request',
  other: 'Another reason',
}

/** Returns why a request was denied, as a sentence without a full stop. An unknown reason stays as it is. */
export function describeDenial(reason: string): string {
  const permission = /^lacks (.+)$/.exec(reason)?.[1]
  return permission === undefined ? (REASONS[reason] ?? reason) : `Lacks the permission ${permission}`
}

/** Adds up the denied requests of several hours or days by their reason, the most frequent first. */
export function sumDenials(
  buckets: readonly { readonly denied: number; readonly deniedBy: readonly { reason: string; count: number }[] }[],
): { readonly reason: string; readonly count: number }[] {
  const sums = new Map<string, number>()
  let known = 0
  for (const { deniedBy } of buckets) {
    for (const { reason, count } of deniedBy) {
      sums.set(reason, (sums.get(reason) ?? 0) + count)
      known += count
    }
  }
  // Older ones were counted without a reason.
  const others = buckets.reduce((sum, { denied }) => sum + denied, 0) - known
  if (others > 0) sums.set('other', (sums.get('other') ?? 0) + others)
  return [...sums].map(([reason, count]) => ({ reason, count })).toSorted((one, other) => other.count - one.count)
}
