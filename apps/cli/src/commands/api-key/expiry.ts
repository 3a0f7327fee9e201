import { UsageError } from '../../failure.ts'
import type { Output } from '../../output.ts'
import type { GivenEnd } from '../../parse.ts'
import { instant } from '../../view.ts'

export interface Expiry {
  readonly expiresAt?: GivenEnd | undefined
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
  if (expiresAt !== undefined && Date.parse(expiresAt.at) <= now) {
    throw new UsageError(`${expiresAt.day ?? expiresAt.at} has passed: a key has to end in the future.`)
  }
  if (expiresIn === undefined) return expiresAt?.at
  if (expiresIn === 0 || now + expiresIn > END_OF_TIME_MS) throw new UsageError('A key has to live for a while.')
  return new Date(now + expiresIn).toISOString()
}

/** Says which instant the day of `--expires-at` ends at. */
export function noteEndOfDay(output: Output, { expiresAt }: Expiry): void {
  if (expiresAt?.day === undefined) return
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
  output.note(`Expires at the end of ${expiresAt.day} in your time zone (${timeZone}): ${instant(expiresAt.at)}`)
}
