import { errors } from 'oidc-provider'
import { ROUTES } from '../configuration/endpoint-paths.ts'
import type { Middleware } from '../middleware.ts'
import type { Redemption } from '../storage/redemption.ts'

/**
 * After a token request: a code or refresh token that was presented and accepted is used up, also when something failed
 * before its successor was written. Should a response already be made, and the race be lost after all, it does not go out.
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
