import { FORM_FAULTS, type FormFault } from '../credential/form-faults.ts'
import { type BindingFault, PROOF_FAULTS } from '../credential/proof-faults.ts'
import type { KnownKey, Principal } from './principal.ts'

/** The result of verifying a credential. */
export type Answer = Principal | CredentialDenial

/** Why a credential was refused, for the log and the metrics. Responses show only that a token has expired. */
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
  | 'other-sign-in-required'
  | 'binding'
  | 'proof'
  | 'rate-limited'
  | 'unavailable'

/** A refused credential. A value, not an error: denials are ordinary, and a stack trace would be most of their cost. */
export interface CredentialDenial {
  readonly kind: 'denied'
  readonly statusCode: 401 | 429 | 503
  /** The form of the credential, which decides which 401 body is sent. */
  readonly credential: Principal['kind'] | 'none' | 'other'
  readonly reason: DenialReason
  /** The `error_description` of a 401: a fixed text. Null with 429 and 503. */
  readonly description: string | null
  /** The existing key that was refused, if any: its denials are counted. */
  readonly key: KnownKey | null
  /** Set with 429 and 503. */
  readonly retryAfterSeconds: number | null
}

export interface DenialFacts {
  readonly key?: KnownKey | null
  readonly retryAfterSeconds?: number | null
  /** What is wrong with the form of the credential, if that is the reason. */
  readonly fault?: FormFault | undefined
  /** With the reasons `binding` and `proof`. */
  readonly proofFault?: BindingFault | undefined
}

export function denyCredential(
  credential: CredentialDenial['credential'],
  reason: DenialReason,
  { key = null, retryAfterSeconds = null, fault, proofFault }: DenialFacts = {},
): CredentialDenial {
  const statusCode = reason === 'rate-limited' ? 429 : reason === 'unavailable' ? 503 : 401
  const described = proofFault === undefined ? describe(credential, reason, fault) : PROOF_FAULTS[proofFault]
  const description = statusCode === 401 ? described : null
  return Object.freeze({ kind: 'denied', statusCode, credential, reason, description, key, retryAfterSeconds })
}

/**
 * Returns the `error_description`. It is the same for every well-formed key, so that no response reveals whether a key exists.
 * The reason for a token is expiry only after its signature was verified.
 */
function describe(
  credential: CredentialDenial['credential'],
  reason: DenialReason,
  fault: FormFault | undefined,
): string {
  if (fault !== undefined) return FORM_FAULTS[fault]
  if (reason === 'query-not-accepted') return QUERY_NOT_ACCEPTED
  if (credential === 'api-key') return KEY_REFUSED
  if (credential === 'token') return reason === 'expired' ? TOKEN_EXPIRED : TOKEN_REFUSED
  return credential === 'none' ? FORM_FAULTS.noHeader : FORM_FAULTS.otherKind
}

const QUERY_NOT_ACCEPTED = 'The query of the request is not accepted: it may have permission only, and no credential'
const KEY_REFUSED = 'The API key is well-formed, but unknown, expired or revoked'
const TOKEN_REFUSED = 'The access token was not issued by this server, or is revoked'
const TOKEN_EXPIRED = 'The access token has expired'

export const isDenied = (answer: Answer): answer is CredentialDenial => answer.kind === 'denied'
