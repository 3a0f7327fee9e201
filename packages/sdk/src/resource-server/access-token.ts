import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey, jwtVerify } from 'jose'
import * as z from 'zod/mini'
import type { Endpoints } from './discovery.ts'
import type { Settings } from './options.ts'
import { ProviderFault } from './provider-fault.ts'

/** What a good token says. */
export interface TokenClaims {
  readonly userId: string
  readonly clientId: string
  readonly tokenId: string
  readonly scopes: ReadonlySet<string>
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

/** No token of the provider's comes near it. */
const MAX_TOKEN_CHARS = 8 * 1024

/** How the key set is read, in milliseconds. */
export interface KeysPace {
  /** How long it is believed, as the provider asks for it: a key that was withdrawn is accepted no longer. */
  readonly cacheMaxAge: number
  /** How often a token may have it read anew, by naming a key that is not in it. */
  readonly cooldownDuration: number
}

const PACE: KeysPace = { cacheMaxAge: 300_000, cooldownDuration: 10_000 }

const Text = z.string().check(z.minLength(1))

/** RFC 9068 section 2.2 as the provider fills it in. */
const Claims = z.object({
  sub: Text,
  client_id: Text,
  jti: Text,
  aud: z.string(),
  exp: z.number(),
  iat: z.number(),
  scope: z.string(),
  // A token that is bound to a key (RFC 9449, RFC 8705) is no bearer token, and the proof cannot be checked here.
  cnf: z.optional(z.never()),
})

/**
 * Verifies all that a token itself tells (RFC 9068 section 4): form, size, signature by a key that the provider
 * publishes, type, issuer, audience, expiry, claims. `undefined` for any other token; it is not said why.
 *
 * The function that it returns throws a ProviderFault if the provider's keys are needed and cannot be read.
 */
export function tokenVerifier(settings: Settings, endpoints: () => Promise<Endpoints>, pace = PACE) {
  const { issuer, audience, clock } = settings
  const keys = publishedKeys(settings, endpoints, pace)

  return async (token: string): Promise<TokenClaims | undefined> => {
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
      if (!claims.success) return undefined
      const { sub, client_id: clientId, jti, scope, exp } = claims.data
      return { userId: sub, clientId, tokenId: jti, scopes: scopesIn(scope), expiresAt: exp * 1000 }
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined
      throw error
    }
  }
}

export const scopesIn = (scope: string): ReadonlySet<string> => new Set(scope.split(' ').filter(Boolean))

/** Reads the key set when it is first needed, when it is old, and when a key is not in it. */
function publishedKeys(
  { timeoutMs, fetch }: Settings,
  endpoints: () => Promise<Endpoints>,
  pace: KeysPace,
): JWTVerifyGetKey {
  let keys: JWTVerifyGetKey | undefined
  return async (header, token) => {
    // Only a key that is named is looked for: with one key in the set, any token would be checked by it.
    if (typeof header.kid !== 'string' || header.kid === '') throw new errors.JWKSNoMatchingKey()
    keys ??= createRemoteJWKSet((await endpoints()).jwks, {
      ...pace,
      timeoutDuration: timeoutMs,
      [customFetch]: fetch,
    })
    try {
      return await keys(header, token)
    } catch (error) {
      const isTheTokens = DECIDED.some((kind) => error instanceof kind)
      throw isTheTokens ? error : new ProviderFault("the provider's key set cannot be read", { cause: error })
    }
  }
}

/** No key in the set is the one that the token names; that is known, and not for lack of a set. */
const DECIDED = [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported]
