import { findTokenFacts, type GrantId } from '@daytona-auth/db'
import * as z from 'zod'
import { type TokenClaims, tokenAnswer } from '../principal/resolve-principal.ts'
import { type Refused, refused } from '../principal/result.ts'
import type { Found, Subject } from './cache.ts'
import type { Reader } from './database-reader.ts'
import type { TokenKeys } from './token-keys.ts'

/** No token of ours comes near it, and a longer one costs nothing but the look at its length. */
const MAX_TOKEN_CHARS = 8 * 1024

/**
 * How long a token without a grant, user or client is refused without another look-up. A row that appears is not notified
 * of (a restored backup, a standby that was behind): so it is short.
 */
const GONE_MS = 1000

const SHAPE = /^[\w-]+\.[\w-]+\.[\w-]+$/

const Header = z.object({ kid: z.string().min(1).max(256), crit: z.never().optional(), cnf: z.never().optional() })

/** RFC 9068 section 2.2 as our provider fills it in. `aud` is one string, and nothing that binds the token elsewhere. */
const Payload = z.object({
  sub: z.string().min(1),
  aud: z.string(),
  client_id: z.string().min(1),
  jti: z.string().min(1),
  gid: z.string().min(1),
  scope: z.string(),
  iat: z.number(),
  exp: z.number(),
  // A token bound to a key (RFC 9449, RFC 8705) is no bearer token, and we cannot check the proof.
  cnf: z.never().optional(),
})

const MALFORMED = refused('token', 'malformed')
const BAD_SIGNATURE = refused('token', 'signature')
const BAD_CLAIMS = refused('token', 'claims')
const EXPIRED = refused('token', 'expired')
const UNKNOWN_KEY = refused('token', 'unknown-signing-key')
const NO_KEYS_YET = refused('token', 'unavailable', { retryAfterSeconds: 1 })

/** Whether a credential is meant as a token: three parts between dots. It decides which of the two 401 bodies is sent. */
export const looksLikeToken = (credential: string): boolean => SHAPE.test(credential)

export const isTooLong = (credential: string): boolean => credential.length > MAX_TOKEN_CHARS

/**
 * Verifies everything about a token that the token itself tells: form, signature, type, issuer, audience, expiry,
 * required claims. Costs no I/O unless it names a signing key that we have not heard of.
 */
export async function checkToken(keys: TokenKeys, token: string): Promise<TokenClaims | Refused> {
  const header = Header.safeParse(decodeHeader(token))
  if (!header.success) return MALFORMED
  const { kid } = header.data
  const verify = await keys.verifierFor(kid)
  if (!verify) return keys.isLoaded() ? UNKNOWN_KEY : NO_KEYS_YET

  let verified: unknown
  try {
    verified = verify(kid, token)
  } catch (error) {
    return REFUSALS.get(codeOf(error)) ?? BAD_CLAIMS
  }
  const payload = Payload.safeParse(verified)
  if (!payload.success) return BAD_CLAIMS
  const { jti, gid, sub, client_id: clientId, scope, exp } = payload.data
  return {
    kid,
    tokenId: jti,
    grantId: gid as GrantId, // looked up, never trusted: an id of another kind is found in no row
    userId: sub,
    clientId,
    scopes: scope.split(' ').filter(Boolean),
    expiresAt: exp * 1000,
  }
}

/** What the database says of a verified token: its grant, its user, its client, its signing key. */
export async function findToken(reader: Reader, claims: TokenClaims): Promise<Found> {
  const facts = await reader.read((sql) => findTokenFacts(sql, claims))
  if (!facts) return { answer: tokenAnswer(facts, claims), dependsOn: null, repeatMs: GONE_MS }
  const dependsOn: Subject[] = [
    `grant:${claims.grantId}`,
    `user:${claims.userId}`,
    `client:${claims.clientId}`,
    `signing-keys:${claims.kid}`,
    ...facts.memberships.map(({ organizationId }): Subject => `organization:${organizationId}`),
  ]
  return { answer: tokenAnswer(facts, claims), dependsOn }
}

const REFUSALS: ReadonlyMap<string, Refused> = new Map([
  ['FAST_JWT_EXPIRED', EXPIRED],
  ['FAST_JWT_INVALID_SIGNATURE', BAD_SIGNATURE],
  ['FAST_JWT_MISSING_SIGNATURE', BAD_SIGNATURE],
  ['FAST_JWT_INVALID_ALGORITHM', BAD_SIGNATURE],
  ['FAST_JWT_MALFORMED', MALFORMED],
])

const codeOf = (error: unknown): string => String((error as { code?: unknown } | null)?.code)

/** The first part of a token as whatever JSON it is. */
function decodeHeader(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token.slice(0, token.indexOf('.')), 'base64url').toString())
  } catch {
    return undefined // not JSON: malformed, which is all that there is to say
  }
}
