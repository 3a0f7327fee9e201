import type { KoaContextWithOIDC } from 'oidc-provider'
import type { ProviderPages } from '../../page-context.ts'
import { formActionTo, pageHeaders } from '../../pages/headers.ts'
import { DISCOVERY, ROUTES } from '../configuration/endpoint-paths.ts'
import type { Middleware } from '../middleware.ts'
import { confirmation } from '../provider-pages.ts'

/**
 * The headers of every HTML document that oidc-provider sends: no framing, no script but the library's own one-liner
 * (it adds the hash to the policy that it finds), forms only to us, but for a response in the mode `form_post`. And the
 * page in between accounts is one of ours instead of the library's bare form.
 */
export function htmlPolicy(pages: ProviderPages): Middleware {
  return async (ctx, next) => {
    if (MACHINES_ONLY.has(ctx.path)) return next()
    // A directive without a source allows nothing; the library appends its hash to it.
    ctx.set(CSP, 'script-src')
    await next()
    const { 'content-security-policy': policy = '', ...headers } = pageHeaders(formActionOf(ctx))
    const scripts = ctx.response.get(CSP).replace('script-src', '').trim()
    ctx.remove(CSP)
    if (!ctx.response.is('html')) return

    ctx.set({ ...headers, [CSP]: scripts === '' ? policy : `${policy}; script-src ${scripts}` })
    if (scripts !== '' && isBetweenAccounts(ctx)) {
      ctx.body = pages.switchAccount(confirmation(ctx))
      ctx.set(CSP, policy)
    }
  }
}

const MACHINES_ONLY: ReadonlySet<string> = new Set([ROUTES.token, ROUTES.revocation, ROUTES.jwks, ...DISCOVERY])

const CSP = 'content-security-policy'

const RESUMED: ReadonlySet<string | undefined> = new Set(['resume', 'device_resume'])

/** Somebody has signed in where another account has the session: the library stopped before it used the answer. */
function isBetweenAccounts({ oidc, status }: KoaContextWithOIDC): boolean {
  if (status !== 200 || !RESUMED.has(oidc?.route) || oidc.result !== undefined) return false
  // An authorization that is resumed without a result may end in a form of its own, in the mode `form_post`.
  return oidc.entities.Interaction?.result?.login !== undefined
}

/** Undefined for every page but the one whose form carries a response to an app. */
function formActionOf({ oidc, status }: KoaContextWithOIDC): string | undefined {
  const { client, params, route } = oidc ?? {}
  if (route !== 'authorization' && route !== 'resume') return undefined
  const redirectUri = params?.['redirect_uri']
  if (status >= 500 || params?.['response_mode'] !== 'form_post' || typeof redirectUri !== 'string') return undefined
  return client?.redirectUriAllowed(redirectUri) ? formActionTo(redirectUri) : undefined
}
