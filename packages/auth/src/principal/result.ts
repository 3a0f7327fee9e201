import type { KnownKey, Principal } from './principal.ts'

/** The result of verifying a credential. */
export type Answer = Principal | CredentialDenial

/** Why a credential was refused, for the log and the metrics. Responses never contain it. */
export type DenialReason =
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

/** A refused credential. A value, not an error: denials are ordinary, and a stack trace would be most of their cost. */
export interface CredentialDenial {
  readonly kind: 'denied'
  readonly statusCode: 401 | 429 | 503
  /** The form of the credential, which decides which 401 body is sent. */
  readonly credential: 'none' | 'api-key' | 'token' | 'other'
  readonly reason: DenialReason
  /** The existing key that was refused, if any: its denials are counted. */
  readonly key: KnownKey | null
  /** Set with 429 and 503. */
  readonly retryAfterSeconds: number | null
}

export function denyCredential(
  credential: CredentialDenial['credential'],
  reason: DenialReason,
  { key = null, retryAfterSeconds = null }: { key?: KnownKey | null; retryAfterSeconds?: number | null } = {},
): CredentialDenial {
  const statusCode = reason === 'rate-limited' ? 429 : reason === 'unavailable' ? 503 : 401
  return Object.freeze({ kind: 'denied', statusCode, credential, reason, key, retryAfterSeconds })
}

export const isDenied = (answer: Answer): answer is CredentialDenial => answer.kind === 'denied'
