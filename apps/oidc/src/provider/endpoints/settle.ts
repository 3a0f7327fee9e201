import { errors } from 'oidc-provider'
import { ROUTES } from '../endpoint-paths.ts'
import type { Middleware } from '../middleware.ts'
import type { Redemption } from '../storage/redemption.ts'

/**
 * Consumes the accepted code or refresh token after a token request, even if the request failed before the successor
 * was written. If this request loses the race, its response is replaced with the error.
 */
export function settleRedemptions(redemption: Redemption): Middleware {
  return async (ctx, next) => {
    await next()
    if (ctx.path !== ROUTES.token) return
    try {
      await redemption.settle(ctx)
    } catch (error) {
      if (ctx.status !== 200) return
      if (!(error instanceof errors.InvalidGrant)) throw error
      ctx.status = error.statusCode
      ctx.body = { error: error.error, error_description: error.error_description }
    }
  }
}
