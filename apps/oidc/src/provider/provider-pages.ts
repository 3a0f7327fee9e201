import type { Configuration, KoaContextWithOIDC } from 'oidc-provider'
import { isHintOfSession, signOutAtOnce } from '../flows/sign-out/hinted.ts'
import type { ProviderPages } from '../page-context.ts'

/** The part of oidc-provider's configuration that renders HTML. `applyHtmlPolicy` sets the headers. */
export function createRenderers(pages: ProviderPages) {
  const renderError: NonNullable<Configuration['renderError']> = (ctx, out) => {
    ctx.type = 'html'
    ctx.body = pages.error({ statusCode: ctx.status, error: out.error, description: out.error_description })
  }
  return {
    renderError,
    rpInitiatedLogout: {
      async logoutSource(ctx: KoaContextWithOIDC) {
        if (isHintOfSession(ctx)) return signOutAtOnce(ctx)
        ctx.body = pages.signOut({ ...readSignOutForm(ctx), clientName: ctx.oidc.client?.clientName })
      },
      postLogoutSuccessSource(ctx: KoaContextWithOIDC) {
        ctx.type = 'html'
        ctx.body = pages.signedOut({ clientName: ctx.oidc.client?.clientName })
      },
    },
  }
}

/** The action and token of the form that confirms a sign-out. The library has just stored the token in the session. */
export function readSignOutForm({ oidc }: KoaContextWithOIDC): { action: string; xsrf: string } {
  const xsrf = oidc.session?.state?.['secret']
  if (typeof xsrf !== 'string') throw new Error('the session has no token for a sign-out')
  return { action: oidc.urlFor('end_session_confirm'), xsrf }
}
