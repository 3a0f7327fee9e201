import { type ApiKey, findKeyFault, maskKey } from '@daytona-auth/sdk'
import type { Attention, Status } from './search.ts'

const DAY_MS = 24 * 60 * 60 * 1000
const EXPIRING_MS = 7 * DAY_MS
const UNUSED_MS = 90 * DAY_MS

/** Whether an active key needs attention, by the name of the reason. `now` is in milliseconds since the epoch. */
export const needsAttention: Record<Attention, (key: ApiKey, now: number) => boolean> = {
  expiring: ({ status, expiresAt }, now) =>
    status === 'active' && expiresAt !== null && Date.parse(expiresAt) - now < EXPIRING_MS,
  // A key that was created a moment ago is not unused yet.
  unused: ({ status, lastUsedAt, createdAt }, now) =>
    status === 'active' && now - Date.parse(lastUsedAt ?? createdAt) > UNUSED_MS,
  administration: ({ status, permissions }) => status === 'active' && permissions.includes('admin:organization'),
}

export interface KeyFilter {
  readonly q?: string | undefined
  readonly status: Status
  readonly attention?: Attention | undefined
}

/** Filters keys by status, reason for attention, and a text in name, mask, permissions or owner. */
export function filterKeys(
  keys: readonly ApiKey[],
  { q = '', status, attention }: KeyFilter,
  ownerOf: (key: ApiKey) => string,
  now: number,
): ApiKey[] {
  const text = normalize(q)
  return keys.filter(
    (key) =>
      (status === 'all' || key.status === status) &&
      (!attention || needsAttention[attention](key, now)) &&
      (text === '' ||
        [key.name, key.value, ownerOf(key), ...key.permissions].some((value) => normalize(value).includes(text))),
  )
}

/**
 * Replaces a whole API key by its mask before it gets into the URL or a request. A pasted key that is incomplete keeps
 * only its last characters.
 */
export function withoutSecret(text: string): string {
  const pasted = text.trim()
  if (findKeyFault(pasted) === undefined) return maskKey(pasted)
  return text.replaceAll(/dta_([0-9A-Za-z]{8,})/g, (_, secret: string) => secret.slice(-4))
}

const normalize = (text: string): string => text.normalize('NFKC').toLowerCase().trim()
