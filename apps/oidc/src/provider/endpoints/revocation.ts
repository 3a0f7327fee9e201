import { createLocalJWKSet, type JWK, jwtVerify } from 'jose'
import { errors } from 'oidc-provider'
import { ROUTES } from '../endpoint-paths.ts'
import type { Middleware } from '../middleware.ts'
import type { GrantRevocation } from '../storage/grant-revocation.ts'

export interface RevocationOptions {
  readonly grants: GrantRevocation
  readonly publicJwks: readonly JWK[]
  readonly issuer: string
  readonly audience: string
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/**
 * Revokes our JWT access tokens (RFC 7009). The library does not store them, so it refuses them right after it has
 * authenticated the client. This middleware replaces that denial. Revoking a token revokes its grant. An expired,
 * foreign or unknown token gets 200.
 */
export function revokeAccessTokens({ grants, publicJwks, issuer, audience, now }: RevocationOptions): Middleware {
  const keys = createLocalJWKSet({ keys: [...publicJwks] })

  async function read(token: string) {
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience,
        typ: 'at+jwt',
        algorithms: ['ES256', 'RS256'],
        requiredClaims: ['exp', 'client_id', 'gid'],
        currentDate: new Date(now()),
      })
      const { client_id: clientId, gid } = payload
      return typeof clientId === 'string' && typeof gid === 'string' ? { clientId, gid } : undefined
    } catch {
      return undefined
    }
  }

  return async (ctx, next) => {
    await next()
    if (ctx.path !== ROUTES.revocation || !isUnsupportedTokenType(ctx.body)) return
    const { client, params } = ctx.oidc
    const token = params?.['token']
    if (!client || typeof token !== 'string') return

    const claims = await read(token)
    ctx.status = 200
    ctx.body = ''
    try {
      if (claims && mayRevoke(client, claims.clientId)) await grants.revoke(claims.gid, 'revoked by the app', ctx)
    } catch (error) {
      if (!(error instanceof errors.InvalidRequest)) throw error
      ctx.status = error.statusCode
      ctx.body = { error: error.error, error_description: error.error_description }
    }
  }
}

/**
 * Whether a client may revoke a token: only its own. RFC 7009 §2.1 requires an error otherwise. A public client gets
 * 200 without an effect, because any process can pose as one. @throws InvalidRequest to a confidential client with the
 * token of another client
 */
export function mayRevoke(
  client: { readonly clientId: string; readonly clientAuthMethod?: unknown },
  tokenClientId: string | undefined,
): boolean {
  if (tokenClientId === client.clientId) return true
  if (client.clientAuthMethod === 'none') return false
  throw new errors.InvalidRequest('client is not authorized to revoke the presented token')
}

const isUnsupportedTokenType = (body: unknown): boolean =>
  typeof body === 'object' && body !== null && 'error' in body && body.error === 'unsupported_token_type'
