import type { errors, KoaContextWithOIDC, default as Provider } from 'oidc-provider'
import type { ProviderPages, WayBack } from '../../pages/page-content.ts'
import { respondWithPage } from '../../pages/send-page.ts'
import type { Middleware } from '../middleware.ts'
import { isFirstParty } from '../policy/policy.ts'
import { requestContext } from '../request-context.ts'

/**
 * Shows the error of a third-party app's request as a page with a link back, if no user is signed in. Any user may
 * register an app: a redirect would send anonymous visitors from our origin to its site (RFC 9700 §4.11.2).
 * `prompt=none` is an exception: no page may be shown, and the app waits for the response in a frame.
 */
export function showErrorPages(provider: Provider, pages: Pick<ProviderPages, 'error'>): Middleware {
  provider.on('authorization.error', (ctx, error) => {
    requestContext(ctx).authorizationError = error
  })

  return async (ctx, next) => {
    await next()
    const { authorizationError: error } = requestContext(ctx)
    const { client, route, session } = ctx.oidc ?? {}
    // "Cancel" on the sign-in page resumes the authorization: the user has chosen to go back.
    if (route !== 'authorization') return
    if (!error || !client || isFirstParty(client)) return
    if (session?.accountId !== undefined || isSilent(ctx)) return
    const back = wayBack(ctx, error)
    if (!back) return
    ctx.remove('location')
    ctx.status = 400
    respondWithPage(
      ctx,
      pages.error({ statusCode: 400, error: error.error, description: error.error_description, back }),
    )
  }
}

const isSilent = ({ oidc, query }: KoaContextWithOIDC): boolean =>
  // An error may occur before the library has read the parameters.
  (oidc.params?.['prompt'] ?? query['prompt']) === 'none'

/** Returns the response that the library was about to send to the app; undefined if it rendered its own page. */
function wayBack(ctx: KoaContextWithOIDC, { error, error_description }: errors.OIDCProviderError): WayBack | undefined {
  const location = ctx.response.get('location')
  if (location) return { href: location }
  const { client, params, provider } = ctx.oidc
  const { redirect_uri: redirectUri, response_mode: mode, state } = params ?? {}
  if (mode !== 'form_post' || typeof redirectUri !== 'string' || !client?.redirectUriAllowed(redirectUri))
    return undefined
  return {
    href: redirectUri,
    fields: {
      error,
      ...(error_description !== undefined && { error_description }),
      ...(typeof state === 'string' && { state }),
      iss: provider.issuer,
    },
  }
}
