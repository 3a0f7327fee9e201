import type { Verifier } from '@daytona-auth/auth'
import { unavailable } from '@daytona-auth/service'
import { errors } from 'oidc-provider'
import { ROUTES } from '../endpoint-paths.ts'
import type { Middleware } from '../middleware.ts'
import type { GrantRevocation } from '../storage/grant-revocation.ts'
import { audienceOf } from './token-audience.ts'

export interface RevocationOptions {
  readonly grants: GrantRevocation
  readonly verifier: Pick<Verifier, 'checkToken' | 'checkResourceToken'>
  /** The audience of our own API. */
  readonly audience: string
}

/**
 * Revokes our JWT access tokens (RFC 7009). The library does not store them, so it refuses them right after it has
 * authenticated the client. This middleware replaces that denial. Revoking a token revokes its grant. An expired,
 * foreign or unknown token gets 200.
 */
export function revokeAccessTokens({ grants, verifier, audience }: RevocationOptions): Middleware {
  /** Returns the claims of a valid token. @throws Denial 503 if it cannot be verified now */
  async function readClaims(token: string) {
    const isOurs = audienceOf(token) === audience
    const claims = await (isOurs ? verifier.checkToken(token) : verifier.checkResourceToken(token))
    if (!('kind' in claims)) return claims
    if (claims.statusCode !== 401) throw unavailable(claims.reason)
    return undefined
  }

  return async (ctx, next) => {
    await next()
    if (ctx.path !== ROUTES.revocation || !isUnsupportedTokenType(ctx.body)) return
    const { client, params } = ctx.oidc
    const token = params?.['token']
    if (!client || typeof token !== 'string') return

    const claims = await readClaims(token)
    ctx.status = 200
    ctx.body = ''
    try {
      if (claims && mayRevoke(client, claims.clientId)) await grants.revoke(claims.grantId, 'revoked by the app', ctx)
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
