import { networkOf } from '@daytona-auth/service'
import type { KoaContextWithOIDC } from 'oidc-provider'
import type { ProviderConfig } from '../../config.ts'
import { tooManyAttempts } from '../../limits/attempt-limit.ts'
import { createNamedAttemptLimits, type ShareAttempts } from '../../limits/shared-attempts.ts'
import type { ProviderPages } from '../../pages/page-content.ts'
import { ROUTES } from '../endpoint-paths.ts'
import type { Middleware } from '../middleware.ts'

export interface AnonymousLimitOptions {
  readonly config: Pick<ProviderConfig, 'FAILED_SIGN_INS_WINDOW' | 'ANONYMOUS_AUTHORIZATIONS_ADDRESS_LIMIT'>
  readonly pages: Pick<ProviderPages, 'error'>
  readonly now: () => number
  /** Without it, each process counts separately. */
  readonly share?: ShareAttempts | undefined
}

/** The pages that store something for a signed-out browser: an interaction, or a form's token. */
const PAGES = [ROUTES.authorization, ROUTES.code_verification, ROUTES.end_session]

/**
 * Limits what one address can have stored without signing in. A visit is counted before it is served. It is uncounted
 * if a user is signed in or nothing was stored. A sign-in also uncounts the visit that it began with, so only visitors
 * who never sign in use up the limit of an office behind one address.
 */
export function limitAnonymous({ config, pages, now, share }: AnonymousLimitOptions): Middleware {
  const limitOf = createNamedAttemptLimits({ windowMs: config.FAILED_SIGN_INS_WINDOW, now, share })
  const visits = limitOf('anonymous-address', config.ANONYMOUS_AUTHORIZATIONS_ADDRESS_LIMIT)

  return async (ctx, next) => {
    if (ctx.method !== 'GET' || !PAGES.some((page) => ctx.path.startsWith(page))) return next()
    const from = networkOf(ctx.ip)
    const waitSeconds = await visits.take(from)
    if (waitSeconds !== undefined) {
      ctx.status = 429
      ctx.type = 'html'
      ctx.set({ 'retry-after': String(waitSeconds), 'cache-control': 'no-store' })
      ctx.body = pages.error({ statusCode: 429, error: 'slow_down', description: tooManyAttempts(waitSeconds) })
      return
    }
    await next()
    if (!hasStored(ctx)) visits.giveBack(from)
    if (ctx.oidc?.result?.login !== undefined) visits.giveBack(from)
  }
}

/** Whether something was stored for a signed-out browser. A refused request stores nothing. */
function hasStored({ oidc }: KoaContextWithOIDC): boolean {
  if (!oidc || oidc.session?.accountId !== undefined) return false
  return oidc.route === 'authorization' || oidc.route === 'resume' ? oidc.entities.Interaction !== undefined : true
}
