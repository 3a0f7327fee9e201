import type { Middleware } from '../provider/middleware.ts'

/**
 * Nobody is signed in, so there is nothing to confirm: straight on to where a sign-out ends. The library would answer
 * with a form that posts itself by script. It has checked the URI against the client's registration, or dropped it.
 */
export const alreadySignedOut: Middleware = async (ctx, next) => {
  await next()
  const { oidc, status } = ctx
  if (oidc?.route !== 'end_session' || status !== 200 || oidc.session?.accountId !== undefined) return
  const { post_logout_redirect_uri: registered, state } = oidc.params ?? {}
  const target = new URL(typeof registered === 'string' ? registered : oidc.urlFor('end_session_success'))
  if (typeof registered === 'string' && typeof state === 'string') target.searchParams.set('state', state)
  ctx.status = 303
  ctx.redirect(target.href)
}
