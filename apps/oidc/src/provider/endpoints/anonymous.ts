import { networkOf } from '@daytona-auth/service'
import type { KoaContextWithOIDC } from 'oidc-provider'
import type { ProviderConfig } from '../../config.ts'
import { tooManyAttempts } from '../../limits/attempt-limit.ts'
import { createNamedAttemptLimits, type ShareAttempts } from '../../limits/shared-attempts.ts'
import type { ProviderPages } from '../../pages/page-content.ts'
import { respondWithPage } from '../../pages/send-page.ts'
import { ROUTES } from '../endpoint-paths.ts'
import type { Middleware } from '../middleware.ts'
import { requestContext } from '../request-context.ts'

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
 * who never sign in use up the limit of an office behind one address. A request pushed by a public client, which any
 * process can pose as, counts until it was answered.
 */
export function limitAnonymous({ config, pages, now, share }: AnonymousLimitOptions): Middleware {
  const limitOf = createNamedAttemptLimits({ windowMs: config.FAILED_SIGN_INS_WINDOW, now, share })
  const visits = limitOf('anonymous-address', config.ANONYMOUS_AUTHORIZATIONS_ADDRESS_LIMIT)

  return async (ctx, next) => {
    if (!isCounted(ctx)) return next()
    const from = networkOf(ctx.ip)
    const waitSeconds = await visits.take(from)
    if (waitSeconds !== undefined) return refuse(ctx, waitSeconds)
    await next()
    if (!hasStored(ctx)) visits.giveBack(from)
    if (ctx.oidc?.result?.login !== undefined) visits.giveBack(from)
    // The user got as far as the app, which the request was pushed for.
    if (requestContext(ctx).hasUsedPushedRequest) visits.giveBack(from)
  }

  function refuse(ctx: KoaContextWithOIDC, waitSeconds: number): void {
    ctx.status = 429
    requestContext(ctx).denialReason = 'too many anonymous visits of an address'
    ctx.set({ 'retry-after': String(waitSeconds), 'cache-control': 'no-store' })
    if (isPush(ctx)) {
      ctx.body = { error: 'slow_down', error_description: TOO_MANY }
      return
    }
    const advice = tooManyAttempts(waitSeconds)
    respondWithPage(ctx, pages.error({ statusCode: 429, error: 'slow_down', description: TOO_MANY, advice }))
  }
}

const TOO_MANY = 'too many requests from this address'

const isPush = ({ method, path }: KoaContextWithOIDC): boolean =>
  method === 'POST' && path === ROUTES.pushed_authorization_request

const isCounted = (ctx: KoaContextWithOIDC): boolean =>
  isPush(ctx) || (ctx.method === 'GET' && PAGES.some((page) => ctx.path.startsWith(page)))

/** Whether something was stored for a signed-out browser or an unauthenticated app. A refused request stores nothing. */
function hasStored({ oidc, status }: KoaContextWithOIDC): boolean {
  if (oidc?.route === 'pushed_authorization_request') return status === 201 && oidc.client?.clientAuthMethod === 'none'
  if (!oidc || oidc.session?.accountId !== undefined) return false
  return oidc.route === 'authorization' || oidc.route === 'resume' ? oidc.entities.Interaction !== undefined : true
}
