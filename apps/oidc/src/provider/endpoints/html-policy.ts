import type { KoaContextWithOIDC } from 'oidc-provider'
import { formActionTo, pageHeaders } from '../../pages/headers.ts'
import type { ProviderPages } from '../../pages/page-content.ts'
import { respondWithPage } from '../../pages/send-page.ts'
import { DISCOVERY, ROUTES } from '../endpoint-paths.ts'
import type { Middleware } from '../middleware.ts'
import { readLibraryForm } from './library-form.ts'

/**
 * Sets the headers of every HTML document that oidc-provider sends. Framing is forbidden. The only script is the
 * library's one-liner, whose hash it adds to the policy that it finds. Forms go to our origin only, except a response
 * in the mode `form_post`. Our own page for switching accounts replaces the library's bare form.
 */
export function applyHtmlPolicy(pages: ProviderPages): Middleware {
  return async (ctx, next) => {
    if (MACHINES_ONLY.has(ctx.path)) return next()
    // A directive without a source allows nothing. The library appends its hash to it.
    ctx.set(CSP, 'script-src')
    await next()
    const { 'content-security-policy': policy = '', ...headers } = pageHeaders(formActionOf(ctx))
    const scripts = ctx.response.get(CSP).replace('script-src', '').trim()
    ctx.remove(CSP)
    if (!ctx.response.is('html')) return

    ctx.set({ ...headers, [CSP]: scripts === '' ? policy : `${policy}; script-src ${scripts}` })
    if (scripts !== '' && isSwitchingAccounts(ctx)) {
      respondWithPage(ctx, pages.switchAccount(readLibraryForm(ctx, 'end_session_confirm')))
      ctx.set(CSP, policy)
    }
  }
}

const MACHINES_ONLY: ReadonlySet<string> = new Set([ROUTES.token, ROUTES.revocation, ROUTES.jwks, ...DISCOVERY])

const CSP = 'content-security-policy'

const RESUMED: ReadonlySet<string | undefined> = new Set(['resume', 'device_resume'])

/** Whether a user signed in while another account has the session: the library stopped before it used the result. */
function isSwitchingAccounts({ oidc, status }: KoaContextWithOIDC): boolean {
  if (status !== 200 || !RESUMED.has(oidc?.route) || oidc.result !== undefined) return false
  // An authorization that is resumed without a result may end in another form, in the mode `form_post`.
  return oidc.entities.Interaction?.result?.login !== undefined
}

/** Returns the `form-action` of the one page whose form carries a response to an app; undefined for any other page. */
function formActionOf({ oidc, status }: KoaContextWithOIDC): string | undefined {
  const { client, params, route } = oidc ?? {}
  if (route !== 'authorization' && route !== 'resume') return undefined
  const redirectUri = params?.['redirect_uri']
  if (status >= 500 || params?.['response_mode'] !== 'form_post' || typeof redirectUri !== 'string') return undefined
  return client?.redirectUriAllowed(redirectUri) ? formActionTo(redirectUri) : undefined
}
