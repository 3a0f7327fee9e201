import type { ProviderPages } from '../../page-context.ts'
import type { Middleware } from '../../provider/middleware.ts'
import { landingOf } from './landing.ts'

/**
 * Nobody is signed in, so there is nothing to confirm; the library would answer with a form that posts itself by script.
 * With a valid `id_token_hint` the browser goes straight on to the app. Without one nothing shows that the app has ever
 * known this browser, and anybody may register an app: then the person is shown a page with a link.
 */
export function alreadySignedOut(pages: Pick<ProviderPages, 'signedOut'>): Middleware {
  return async (ctx, next) => {
    await next()
    const { oidc, status } = ctx
    if (oidc?.route !== 'end_session' || status !== 200 || oidc.session?.accountId !== undefined) return
    const landing = landingOf(ctx)
    if (oidc.entities.IdTokenHint === undefined && landing !== undefined) {
      ctx.type = 'html'
      ctx.body = pages.signedOut({ clientName: undefined, back: { href: landing } })
      return
    }
    ctx.status = 303
    ctx.redirect(landing ?? oidc.urlFor('end_session_success'))
  }
}
