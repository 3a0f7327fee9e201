import { UsageError } from '../../failure.ts'
import type { Output } from '../../output.ts'
import type { GivenEnd } from '../../parse.ts'
import { formatInstant } from '../../view.ts'

export interface Expiry {
  readonly expiresAt?: GivenEnd | undefined
  /** Milliseconds. */
  readonly expiresIn?: number | undefined
}

/** The latest instant of a JavaScript date. */
const END_OF_TIME_MS = 8.64e15

/**
 * Resolves the expiry of a key (RFC 3339); undefined if no option sets it.
 * @throws UsageError for the past, which the server would refuse too
 */
export function resolveExpiry({ expiresAt, expiresIn }: Expiry, now: number): string | undefined {
  if (expiresAt !== undefined && Date.parse(expiresAt.at) <= now) {
    throw new UsageError(`${expiresAt.day ?? expiresAt.at} has passed: an expiry must be in the future.`)
  }
  if (expiresIn === undefined) return expiresAt?.at
  if (expiresIn === 0 || now + expiresIn > END_OF_TIME_MS)
    throw new UsageError('--expires-in must be longer than zero, and end before the year 275760.')
  return new Date(now + expiresIn).toISOString()
}

/** Notes the instant at which the day of `--expires-at` ends. */
export function noteEndOfDay(output: Output, { expiresAt }: Expiry): void {
  if (expiresAt?.day === undefined) return
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
  output.note(`Expires at the end of ${expiresAt.day} in your time zone (${timeZone}): ${formatInstant(expiresAt.at)}`)
}
