import type { KnownKey, Principal } from './principal.ts'

/** The result of verifying a credential. */
export type Answer = Principal | Refused

/** Why a credential was refused, for the log and the metrics. Responses never contain it. */
export type RefusalReason =
  | 'missing'
  | 'malformed'
  | 'query-not-accepted'
  | 'unknown'
  | 'revoked'
  | 'expired'
  | 'user-disabled'
  | 'signature'
  | 'claims'
  | 'unknown-signing-key'
  | 'grant-revoked'
  | 'rate-limited'
  | 'unavailable'

/** A refused credential. A value, not an error: refusals are ordinary, and a stack trace would be most of their cost. */
export interface Refused {
  readonly kind: 'refused'
  readonly statusCode: 401 | 429 | 503
  /** The form of the credential, which decides which 401 body is sent. */
  readonly credential: 'none' | 'api-key' | 'token' | 'other'
  readonly reason: RefusalReason
  /** The existing key that was refused, if any: its refusals are counted. */
  readonly key: KnownKey | null
  /** Set with 429 and 503. */
  readonly retryAfterSeconds: number | null
}

export function refused(
  credential: Refused['credential'],
  reason: RefusalReason,
  { key = null, retryAfterSeconds = null }: { key?: KnownKey | null; retryAfterSeconds?: number | null } = {},
): Refused {
  const statusCode = reason === 'rate-limited' ? 429 : reason === 'unavailable' ? 503 : 401
  return Object.freeze({ kind: 'refused', statusCode, credential, reason, key, retryAfterSeconds })
}

export const isRefused = (answer: Answer): answer is Refused => answer.kind === 'refused'
