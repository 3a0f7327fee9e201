import { createLocalJWKSet, type JWK, jwtVerify } from 'jose'
import { errors } from 'oidc-provider'
import type { GrantKiller } from './grant-killer.ts'
import type { Middleware } from './middleware.ts'
import { ROUTES } from './routes.ts'

export interface RevocationOptions {
  readonly grants: GrantKiller
  readonly publicJwks: readonly JWK[]
  readonly issuer: string
  readonly audience: string
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/**
 * Revocation of our JWT access tokens (RFC 7009), which the library stores nowhere and so refuses to revoke. It does so
 * right after it has authenticated the client: that refusal is where this takes over. Revoking one kills its grant. A
 * token that is not ours, or over, is answered like one that never was: 200.
 */
export function revokeAccessTokens({ grants, publicJwks, issuer, audience, now }: RevocationOptions): Middleware {
  const keys = createLocalJWKSet({ keys: [...publicJwks] })

  async function read(token: string) {
    try {
      const { payload } = await jwtVerify(token, keys, {
        ...{ issuer, audience, typ: 'at+jwt', algorithms: ['ES256', 'RS256'] },
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
    if (claims && claims.clientId !== client.clientId) {
      // As the library answers for a refresh token of another client: a public client learns nothing.
      if (client.clientAuthMethod !== 'none') {
        const { error, error_description, statusCode } = new errors.InvalidRequest(
          'client is not authorized to revoke the presented token',
        )
        ctx.status = statusCode
        ctx.body = { error, error_description }
        return
      }
    } else if (claims) {
      await grants.kill(claims.gid, 'revoked by the app', ctx)
    }
    ctx.status = 200
    ctx.body = ''
  }
}

const isUnsupportedTokenType = (body: unknown): boolean =>
  typeof body === 'object' && body !== null && 'error' in body && body.error === 'unsupported_token_type'
