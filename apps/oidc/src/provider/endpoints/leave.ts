import type { ProviderPages } from '../../page-context.ts'
import type { Middleware } from '../middleware.ts'

/** Served only right after one of our forms. */
const AFTER_A_FORM: ReadonlySet<string | undefined> = new Set(['resume', 'device_resume', 'end_session_confirm'])

/**
 * Ends a form at a page of ours, from which the browser goes on to the app by itself, without script
 * (`http-equiv="refresh"`, and a link). A redirect would still belong to the form, and Chromium checks every further
 * hop of it against the `form-action` of our page: an app that redirects on to another origin would leave the person
 * there. Where no form was sent, a redirect stays a redirect.
 */
export function leaveByPage(pages: Pick<ProviderPages, 'leave'>, issuer: string): Middleware {
  const { origin } = new URL(issuer)
  return async (ctx, next) => {
    await next()
    const href = ctx.response.get('location')
    if (!href || !AFTER_A_FORM.has(ctx.oidc?.route) || URL.parse(href, issuer)?.origin === origin) return
    ctx.remove('location')
    ctx.status = 200
    ctx.type = 'html'
    ctx.body = pages.leave({ href, clientName: ctx.oidc.client?.clientName })
  }
}
