import type { GrantId } from '@daytona-auth/db/core'
import { findTokenFacts } from '@daytona-auth/db/principals'
import * as z from 'zod'
import { resolveToken, type TokenClaims } from '../principal/resolve-principal.ts'
import { type CredentialDenial, denyCredential } from '../principal/result.ts'
import type { Found, Subject } from './cache.ts'
import type { Reader } from './database-reader.ts'
import type { TokenKeys } from './token-keys.ts'

/** Far above the length of our tokens. A longer one is refused by its length alone. */
const MAX_TOKEN_CHARS = 8 * 1024

/**
 * How long a token without a grant, user or client is refused without another look-up. Short, because no notification is sent
 * for a row that reappears (a restored backup, a standby that lagged).
 */
const MISSING_GRANT_MS = 1000

const SHAPE = /^[\w-]+\.[\w-]+\.[\w-]+$/

const Header = z.object({ kid: z.string().min(1).max(256), crit: z.never().optional(), cnf: z.never().optional() })

/** The claims of RFC 9068 section 2.2 as our provider issues them: `aud` is one string, and there is no `cnf`. */
const Payload = z.object({
  sub: z.string().min(1),
  aud: z.string(),
  client_id: z.string().min(1),
  jti: z.string().min(1),
  gid: z.string().min(1),
  scope: z.string(),
  iat: z.number(),
  exp: z.number(),
  // A token bound to a key (RFC 9449, RFC 8705) is not a bearer token, and its proof is not checked here.
  cnf: z.never().optional(),
})

const MALFORMED = denyCredential('token', 'malformed')
const BAD_SIGNATURE = denyCredential('token', 'signature')
const BAD_CLAIMS = denyCredential('token', 'claims')
const EXPIRED = denyCredential('token', 'expired')
const UNKNOWN_KEY = denyCredential('token', 'unknown-signing-key')
const NO_KEYS_YET = denyCredential('token', 'unavailable', { retryAfterSeconds: 1 })

/** Whether a credential is meant as a token: three parts separated by dots. Decides which of the two 401 bodies is sent. */
export const looksLikeToken = (credential: string): boolean => SHAPE.test(credential)

export const isTooLong = (credential: string): boolean => credential.length > MAX_TOKEN_CHARS

/**
 * Verifies a token by itself: form, signature, type, issuer, audience, expiry, required claims. No I/O unless it names an
 * unknown signing key.
 */
export async function checkToken(keys: TokenKeys, token: string): Promise<TokenClaims | CredentialDenial> {
  const header = Header.safeParse(decodeHeader(token))
  if (!header.success || !hasCanonicalSignature(token)) return MALFORMED
  const { kid } = header.data
  const verify = await keys.verifierFor(kid)
  if (!verify) return keys.isLoaded() ? UNKNOWN_KEY : NO_KEYS_YET

  let verified: unknown
  try {
    verified = verify(kid, token)
  } catch (error) {
    return DENIALS.get(codeOf(error)) ?? BAD_CLAIMS
  }
  const payload = Payload.safeParse(verified)
  if (!payload.success) return BAD_CLAIMS
  const { jti, gid, sub, client_id: clientId, scope, exp } = payload.data
  return {
    kid,
    tokenId: jti,
    grantId: gid as GrantId, // looked up, never trusted: no row has an id of another kind
    userId: sub,
    clientId,
    scopes: scope.split(' ').filter(Boolean),
    expiresAt: exp * 1000,
  }
}

/**
 * Whether the signature is base64url as an encoder writes it (RFC 4648 section 3.5). Its last character has bits that a
 * decoder ignores: without this check, several texts would be the same token.
 */
function hasCanonicalSignature(token: string): boolean {
  const signature = token.slice(token.lastIndexOf('.') + 1)
  return Buffer.from(signature, 'base64url').toString('base64url') === signature
}

/** Reads the grant, user, client and signing key of a verified token, and resolves its principal. */
export async function findToken(reader: Reader, claims: TokenClaims): Promise<Found> {
  const facts = await reader.read((sql) => findTokenFacts(sql, claims))
  if (!facts) return { answer: resolveToken(facts, claims), dependsOn: null, repeatMs: MISSING_GRANT_MS }
  const dependsOn: Subject[] = [
    `grant:${claims.grantId}`,
    `user:${claims.userId}`,
    `client:${claims.clientId}`,
    `signing-keys:${claims.kid}`,
    ...facts.memberships.map(({ organizationId }): Subject => `organization:${organizationId}`),
  ]
  return { answer: resolveToken(facts, claims), dependsOn }
}

const DENIALS: ReadonlyMap<string, CredentialDenial> = new Map([
  ['FAST_JWT_EXPIRED', EXPIRED],
  ['FAST_JWT_INVALID_SIGNATURE', BAD_SIGNATURE],
  ['FAST_JWT_MISSING_SIGNATURE', BAD_SIGNATURE],
  ['FAST_JWT_INVALID_ALGORITHM', BAD_SIGNATURE],
  ['FAST_JWT_MALFORMED', MALFORMED],
])

const codeOf = (error: unknown): string => String((error as { code?: unknown } | null)?.code)

/** Decodes the header of a token, which may be any JSON. */
function decodeHeader(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token.slice(0, token.indexOf('.')), 'base64url').toString())
  } catch {
    return undefined // not JSON: malformed
  }
}
