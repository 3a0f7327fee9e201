import type { ProviderPages } from '../../pages/page-content.ts'
import { respondWithPage } from '../../pages/send-page.ts'
import type { Middleware } from '../middleware.ts'

/** Routes that are served only right after one of our forms. */
const AFTER_A_FORM: ReadonlySet<string | undefined> = new Set(['resume', 'device_resume', 'end_session_confirm'])

/**
 * Replaces a redirect to the app after a form with a page of ours, which continues to the app without script
 * (`http-equiv="refresh"`, and a link). Chromium counts redirects after a form as part of it, and checks each one
 * against our page's `form-action`. So an app that redirects to another origin would leave the user on our page.
 * Redirects that follow no form stay redirects.
 */
export function leaveByPage(pages: Pick<ProviderPages, 'leave'>, issuer: string): Middleware {
  const { origin } = new URL(issuer)
  return async (ctx, next) => {
    await next()
    const href = ctx.response.get('location')
    if (!href || !AFTER_A_FORM.has(ctx.oidc?.route) || URL.parse(href, issuer)?.origin === origin) return
    ctx.remove('location')
    ctx.status = 200
    respondWithPage(ctx, pages.leave({ href, clientName: ctx.oidc.client?.clientName }))
  }
}
