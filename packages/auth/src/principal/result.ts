import type { KnownKey, Principal } from './principal.ts'

/** What a verifier says of a credential. */
export type Answer = Principal | Refused

/** Why a credential was not accepted: for the log and the metrics. The caller is never told. */
export type RefusalReason =
  | 'missing'
  | 'malformed'
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

/** A refused credential. A value, not an error: "no" is an ordinary answer, and a stack would be most of its price. */
export interface Refused {
  readonly kind: 'refused'
  readonly statusCode: 401 | 429 | 503
  /** What the credential looks like: it decides which 401 is sent. */
  readonly credential: 'none' | 'api-key' | 'token' | 'other'
  readonly reason: RefusalReason
  /** The key, if there is one: its refusals are counted. */
  readonly key: KnownKey | null
  /** With 429 and 503. */
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
