import { domainOf, type GrantId } from '@daytona-auth/db/core'
import { findTokenFacts } from '@daytona-auth/db/principals'
import * as z from 'zod'
import { MAX_CREDENTIAL_CHARS } from '../credential/form-faults.ts'
import { resolveToken, type TokenClaims } from '../principal/resolve-principal.ts'
import { type CredentialDenial, type DenialReason, denyCredential } from '../principal/result.ts'
import type { Authenticator } from './authenticator.ts'
import type { Found, Subject } from './cache.ts'
import type { Reader } from './database-reader.ts'
import type { TokenKeys } from './token-keys.ts'

/**
 * How long a token without a grant, user or client is refused without another look-up. Short, because no notification is sent
 * for a row that reappears (a restored backup, a standby that lagged).
 */
const MISSING_GRANT_MS = 1000

/** How long a token that was refused by itself is refused without another check of its signature. */
const REFUSED_MS = 10_000

/** The reasons to refuse a token that a later check of it would find again. */
const FINAL: ReadonlySet<DenialReason> = new Set(['signature', 'claims', 'expired'])

const SHAPE = /^[\w-]+\.[\w-]+\.[\w-]+$/

const Header = z.object({
  typ: z.string().max(256).optional(),
  kid: z.string().min(1).max(256),
  crit: z.never().optional(),
  cnf: z.never().optional(),
})

/** A SHA-256 in base64url. */
const THUMBPRINT_CHARS = 43

/** The claims of RFC 9068 section 2.2 as our provider issues them: `aud` is one string. */
const Payload = z.object({
  sub: z.string().min(1),
  aud: z.string(),
  client_id: z.string().min(1),
  jti: z.string().min(1),
  gid: z.string().min(1),
  scope: z.string(),
  iat: z.number(),
  exp: z.number(),
  // How and when the user signed in (RFC 9068 section 2.2.1). Absent in tokens of earlier releases.
  acr: z.string().optional(),
  auth_time: z.number().optional(),
  // The key that the token is bound to (RFC 9449 section 6.1). Other confirmations are refused, as none is checked.
  cnf: z.strictObject({ jkt: z.string().length(THUMBPRINT_CHARS) }).optional(),
})

/** Of a token for another audience, which may have no scopes. */
const ResourcePayload = Payload.extend({ scope: z.string().default('') })

const MALFORMED = denyCredential('token', 'malformed', { fault: 'tokenDamaged' })
const NOT_ACCESS_TOKEN = denyCredential('token', 'claims', { fault: 'notAccessToken' })
const BAD_SIGNATURE = denyCredential('token', 'signature')
const BAD_CLAIMS = denyCredential('token', 'claims')
const EXPIRED = denyCredential('token', 'expired')
const UNKNOWN_KEY = denyCredential('token', 'unknown-signing-key')
const UNREADABLE_KEYS = denyCredential('token', 'unavailable', { retryAfterSeconds: 1 })

/** Whether a credential is meant as a token: three parts separated by dots. Decides which of the two 401 bodies is sent. */
export const looksLikeToken = (credential: string): boolean => SHAPE.test(credential)

export const isTooLong = (credential: string): boolean => credential.length > MAX_CREDENTIAL_CHARS

/** The claims of a token for an API with its own audience. */
export interface ResourceTokenClaims extends TokenClaims {
  readonly audience: string
}

/**
 * Verifies a token by itself: form, signature, type, issuer, audience, expiry, required claims. No I/O unless it names an
 * unknown signing key.
 */
export async function checkToken(keys: TokenKeys, token: string): Promise<TokenClaims | CredentialDenial> {
  const verified = await verifySignature(keys, token, 'ours')
  if ('denial' in verified) return verified.denial
  const payload = Payload.safeParse(verified.payload)
  return payload.success ? claimsOf(payload.data, verified.kid) : BAD_CLAIMS
}

/**
 * Verifies a token for any audience, as `checkToken` does otherwise. For introspection and revocation: it never authenticates
 * a request.
 */
export async function checkResourceToken(
  keys: TokenKeys,
  token: string,
): Promise<ResourceTokenClaims | CredentialDenial> {
  const verified = await verifySignature(keys, token, 'any')
  if ('denial' in verified) return verified.denial
  const payload = ResourcePayload.safeParse(verified.payload)
  return payload.success ? { ...claimsOf(payload.data, verified.kid), audience: payload.data.aud } : BAD_CLAIMS
}

async function verifySignature(
  keys: TokenKeys,
  token: string,
  audience: 'ours' | 'any',
): Promise<{ readonly kid: string; readonly payload: unknown } | { readonly denial: CredentialDenial }> {
  const header = Header.safeParse(decodeHeader(token))
  if (!header.success || !hasCanonicalSignature(token)) return { denial: MALFORMED }
  const { kid, typ } = header.data
  if (!isAccessTokenType(typ)) return { denial: NOT_ACCESS_TOKEN }
  const verify = await keys.verifierFor(kid)
  if (!verify) return { denial: keys.isCurrent() ? UNKNOWN_KEY : UNREADABLE_KEYS }
  try {
    return { kid, payload: verify(kid, token, audience) }
  } catch (error) {
    return { denial: DENIALS.get(codeOf(error)) ?? BAD_CLAIMS }
  }
}

const claimsOf = (
  { jti, gid, sub, client_id: clientId, scope, exp, cnf, acr, auth_time: authTime }: z.infer<typeof Payload>,
  kid: string,
): TokenClaims => ({
  kid,
  tokenId: jti,
  grantId: gid as GrantId, // looked up, never trusted: no row has an id of another kind
  userId: sub,
  clientId,
  scopes: scope.split(' ').filter(Boolean),
  expiresAt: exp * 1000,
  confirmation: cnf?.jkt ?? null,
  signIn: { acr, authenticatedAt: authTime === undefined ? undefined : authTime * 1000 },
})

/** RFC 9068 section 2.1; the media type may have its prefix, and any case. */
const isAccessTokenType = (typ: string | undefined): boolean =>
  typ !== undefined && typ.toLowerCase().replace(/^application\//, '') === 'at+jwt'

/**
 * Whether the signature is base64url as an encoder writes it (RFC 4648 section 3.5). Its last character has bits that a
 * decoder ignores: without this check, several texts would be the same token.
 */
function hasCanonicalSignature(token: string): boolean {
  const signature = token.slice(token.lastIndexOf('.') + 1)
  return Buffer.from(signature, 'base64url').toString('base64url') === signature
}

/** Makes the authenticator of access tokens. */
export const tokenAuthenticator = (reader: Reader, keys: TokenKeys): Authenticator => ({
  kind: 'token',
  recognizes: looksLikeToken,
  isWellFormed: () => true,
  async find(credential) {
    const claims = await checkToken(keys, credential)
    if (!('kind' in claims)) return findToken(reader, claims)
    return { answer: claims, dependsOn: null, repeatMs: FINAL.has(claims.reason) ? REFUSED_MS : 0 }
  },
})

/** Reads the grant, user, client and signing key of a verified token, and resolves its principal. */
async function findToken(reader: Reader, claims: TokenClaims): Promise<Found> {
  const facts = await reader.read((sql) => findTokenFacts(sql, claims))
  if (!facts) return { answer: resolveToken(facts, claims), dependsOn: null, repeatMs: MISSING_GRANT_MS }
  const organizationIds = [...facts.memberships.map((one) => one.organizationId), ...facts.signInOrganizationIds]
  const dependsOn: Subject[] = [
    `grant:${claims.grantId}`,
    `user:${claims.userId}`,
    `client:${claims.clientId}`,
    `signing-keys:${claims.kid}`,
    `domain:${domainOf(facts.user.email)}`,
    ...new Set(organizationIds.map((id): Subject => `organization:${id}`)),
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
