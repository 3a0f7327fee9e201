import { UsageError } from '../../failure.ts'

export interface Expiry {
  readonly expiresAt?: string | undefined
  /** Milliseconds. */
  readonly expiresIn?: number | undefined
}

/** The latest instant that a date has. */
const END_OF_TIME_MS = 8.64e15

/**
 * When a key is to end, in RFC 3339; undefined if nothing was said.
 * @throws UsageError for the past: the server would refuse it, too.
 */
export function expiryOf({ expiresAt, expiresIn }: Expiry, now: number): string | undefined {
  if (expiresAt !== undefined && Date.parse(expiresAt) <= now) {
    throw new UsageError(`${expiresAt} has passed: a key has to end in the future.`)
  }
  if (expiresIn === undefined) return expiresAt
  if (expiresIn === 0 || now + expiresIn > END_OF_TIME_MS) throw new UsageError('A key has to live for a while.')
  return new Date(now + expiresIn).toISOString()
}
