import type { UpstreamLogout } from '@daytona-auth/db/users'
import { boundedText } from '@daytona-auth/service'
import { createRemoteJWKSet, customFetch, errors, type JWTPayload, jwtVerify } from 'jose'
import type { ServerMetadata } from 'openid-client'
import { z } from 'zod'
import type { Exchange } from './exchange.ts'
import { UpstreamError } from './upstream.ts'

export interface LogoutTokenOptions {
  readonly issuer: string
  readonly clientId: string
  /** The difference of two clocks, in seconds. */
  readonly toleranceSeconds: number
  /** Begins a step with the provider, for its keys. */
  readonly begin: () => Exchange
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** Longer than any provider's. */
export const MAX_LOGOUT_TOKEN = 8192

/** Three parts: neither an encrypted token, which has five, nor one without a signature. */
const SIGNED_TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/

/** How old a token may be. Its `exp` may be earlier. So long its `jti` is remembered. */
const MAX_AGE_SECONDS = 5 * 60

/** By a private key of the provider: the client secret, which signs HS256, is known to more. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']

/** Many providers state no type, or that of every JWT. Another type is that of another kind of token. */
const TYPES: readonly unknown[] = [undefined, 'jwt', 'logout+jwt', 'application/logout+jwt']

const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout'

/** OIDC Core §2: at most 255 ASCII characters. */
export const Subject = boundedText({ max: 255 }).regex(/^[\x21-\x7e][\x20-\x7e]*$/)

/** The name of a session at a provider. */
export const Sid = boundedText({ min: 1, max: 255 })

const Claims = z.object({
  iat: z.number().int(),
  exp: z.number(),
  jti: boundedText({ min: 1, max: 512 }),
  sub: Subject.optional(),
  sid: Sid.optional(),
  events: z.record(boundedText({ max: 256 }), z.unknown()),
})

/**
 * Creates the validation of a provider's logout tokens (OpenID Connect Back-Channel Logout §2.6). Its keys are fetched as for a
 * sign-in, at most once in ten minutes or, for an unknown key, in 30 seconds. Whether a token was used before is not checked.
 */
export function createLogoutTokenReader({ issuer, clientId, toleranceSeconds, begin, now }: LogoutTokenOptions) {
  let keys: { readonly url: string; readonly resolve: ReturnType<typeof createRemoteJWKSet> } | undefined

  function keysAt(url: string) {
    keys = keys?.url === url ? keys : { url, resolve: createRemoteJWKSet(new URL(url), { [customFetch]: fetchKeys }) }
    return keys.resolve
  }

  async function fetchKeys(url: string): Promise<Response> {
    const exchange = begin()
    try {
      const headers = { accept: 'application/json' }
      return await exchange.fetch(url, { method: 'GET', redirect: 'manual', body: undefined, headers })
    } catch (error) {
      throw exchange.failure(error)
    }
  }

  /** @throws UpstreamError */
  return async (token: string, metadata: ServerMetadata): Promise<UpstreamLogout> => {
    if (token.length > MAX_LOGOUT_TOKEN || !SIGNED_TOKEN.test(token)) throw invalid('is not a signed JWT')
    const supported = metadata.id_token_signing_alg_values_supported ?? ['RS256']
    try {
      const { payload, protectedHeader } = await jwtVerify(token, keysAt(metadata.jwks_uri ?? ''), {
        algorithms: ALGORITHMS.filter((algorithm) => supported.includes(algorithm)),
        issuer,
        audience: clientId,
        clockTolerance: toleranceSeconds,
        maxTokenAge: MAX_AGE_SECONDS,
        requiredClaims: ['exp'],
        currentDate: new Date(now()),
      })
      if (!TYPES.includes(protectedHeader.typ?.toLowerCase())) throw invalid('has the type of another token')
      return readClaims(payload, issuer, MAX_AGE_SECONDS + toleranceSeconds)
    } catch (error) {
      if (error instanceof errors.JOSEError) throw invalid(`is refused: ${error.code}: ${error.message}`)
      throw error
    }
  }
}

function readClaims(payload: JWTPayload, issuer: string, acceptedSeconds: number): UpstreamLogout {
  // An id_token has it: that must not be taken for a logout token.
  if ('nonce' in payload) throw invalid('has a nonce')
  const { data, error } = Claims.safeParse(payload)
  if (!data) throw invalid(`has an invalid ${String(error.issues[0]?.path[0] ?? 'claim')}`)
  const event = Object.hasOwn(data.events, LOGOUT_EVENT) ? data.events[LOGOUT_EVENT] : undefined
  if (typeof event !== 'object' || event === null || Array.isArray(event)) throw invalid('has no logout event')
  const { sub: subject, sid, jti, iat } = data
  if (subject === undefined && sid === undefined) throw invalid('has neither sub nor sid')
  return { issuer, subject, sid, jti, issuedAt: iat, acceptedUntil: iat + acceptedSeconds }
}

const invalid = (what: string): UpstreamError => new UpstreamError('invalid', `logout token ${what}`)
