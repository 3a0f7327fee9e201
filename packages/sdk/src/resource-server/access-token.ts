import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey, jwtVerify } from 'jose'
import * as z from 'zod/mini'
import type { Endpoints } from './discovery.ts'
import type { Settings } from './options.ts'
import { ProviderFault } from './provider-fault.ts'

/** Claims of a valid token. */
export interface TokenClaims {
  readonly userId: string
  readonly clientId: string
  readonly tokenId: string
  readonly scopes: ReadonlySet<string>
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

/** A valid token. */
export interface VerifiedToken {
  readonly claims: TokenClaims
  /** The thumbprint of the key that the token is bound to (RFC 9449 section 6): it is no bearer token. */
  readonly confirmation: string | undefined
}

/** Length of a SHA-256 in base64url. */
const THUMBPRINT_CHARS = 43

/** Far above the size of the provider's tokens. */
const MAX_TOKEN_CHARS = 8 * 1024

/** Timing of key set reads, in milliseconds. */
export interface KeySetTiming {
  /** Maximum age of the key set, the provider's own: a withdrawn key is accepted no longer than that. */
  readonly cacheMaxAge: number
  /** Minimum interval between reads that tokens with an unknown key id cause. */
  readonly cooldownDuration: number
}

const TIMING: KeySetTiming = { cacheMaxAge: 300_000, cooldownDuration: 10_000 }

const Text = z.string().check(z.minLength(1))

/** Claims of RFC 9068 section 2.2, as the provider issues them. */
const Claims = z.object({
  sub: Text,
  client_id: Text,
  jti: Text,
  aud: z.string(),
  exp: z.number(),
  iat: z.number(),
  // Absent if a token for an API with its own audience has none.
  scope: z.optional(z.string()),
  // Other confirmations are rejected: nothing checks them.
  cnf: z.optional(z.strictObject({ jkt: z.string().check(z.length(THUMBPRINT_CHARS)) })),
})

/**
 * Creates a verifier of tokens (RFC 9068 section 4): form, size, signature by a published key, type, issuer, audience,
 * expiry and claims. It returns `undefined` for an invalid token, without a reason.
 *
 * The verifier throws a ProviderFault if it needs the provider's keys and cannot read them.
 */
export function createTokenVerifier(settings: Settings, endpoints: () => Promise<Endpoints>, pace = TIMING) {
  const { issuer, audience, scopes, clock } = settings
  const keys = createKeyReader(settings, endpoints, pace)

  return async (token: string): Promise<VerifiedToken | undefined> => {
    if (token.length > MAX_TOKEN_CHARS) return undefined
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience,
        typ: 'at+jwt',
        algorithms: ['ES256', 'RS256'],
        requiredClaims: ['exp'],
        currentDate: new Date(clock.now()),
        clockTolerance: 0,
      })
      const claims = Claims.safeParse(payload)
      if (!claims.success || (claims.data.scope === undefined && scopes === undefined)) return undefined
      const { sub, client_id: clientId, jti, scope = '', exp, cnf } = claims.data
      return {
        claims: { userId: sub, clientId, tokenId: jti, scopes: parseScopes(scope), expiresAt: exp * 1000 },
        confirmation: cnf?.jkt,
      }
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined
      throw error
    }
  }
}

export const parseScopes = (scope: string): ReadonlySet<string> => new Set(scope.split(' ').filter(Boolean))

/** Creates a reader of the key set, which reads it at first use, when it is old, and when a key is missing. */
function createKeyReader(
  { timeoutMs, fetch }: Settings,
  endpoints: () => Promise<Endpoints>,
  pace: KeySetTiming,
): JWTVerifyGetKey {
  let keys: JWTVerifyGetKey | undefined
  return async (header, token) => {
    // A token without a key id is invalid. Otherwise a set of one key would verify any token.
    if (typeof header.kid !== 'string' || header.kid === '') throw new errors.JWKSNoMatchingKey()
    keys ??= createRemoteJWKSet((await endpoints()).jwks, {
      ...pace,
      timeoutDuration: timeoutMs,
      [customFetch]: fetch,
    })
    try {
      return await keys(header, token)
    } catch (error) {
      const isFaultOfToken = INVALID_TOKEN.some((kind) => error instanceof kind)
      throw isFaultOfToken ? error : new ProviderFault("the provider's key set cannot be read", { cause: error })
    }
  }
}

/** Errors of a token whose key is not in a readable set. */
const INVALID_TOKEN = [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported]
