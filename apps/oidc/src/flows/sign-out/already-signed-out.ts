import type { ProviderPages } from '../../pages/page-content.ts'
import { respondWithPage } from '../../pages/send-page.ts'
import type { Middleware } from '../../provider/middleware.ts'
import { readLandingUrl } from './landing.ts'

/**
 * Handles a sign-out without a signed-in user, which needs no confirmation. The library would send a form that posts
 * itself by script. With a valid `id_token_hint` the browser is redirected to the app. Without one there is no evidence
 * that the app ever used this browser, and any user may register an app. Then a page with a link is shown.
 */
export function completeSignOutWithoutSession(pages: Pick<ProviderPages, 'signedOut'>): Middleware {
  return async (ctx, next) => {
    await next()
    const { oidc, status } = ctx
    if (oidc?.route !== 'end_session' || status !== 200 || oidc.session?.accountId !== undefined) return
    const landing = readLandingUrl(ctx)
    if (oidc.entities.IdTokenHint === undefined && landing !== undefined) {
      return respondWithPage(ctx, pages.signedOut({ clientName: undefined, back: { href: landing } }))
    }
    ctx.status = 303
    ctx.redirect(landing ?? oidc.urlFor('end_session_success'))
  }
}
