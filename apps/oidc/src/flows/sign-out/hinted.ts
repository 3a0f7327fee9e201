import type { KoaContextWithOIDC } from 'oidc-provider'
import { readLandingUrl } from './landing.ts'

/**
 * Whether the `id_token_hint`, verified by the library, was issued in this browser's live session. Then the requesting
 * app signed this user in here, and no confirmation is needed (RP-Initiated Logout §2). A hint of another session or
 * account is confirmed on the page.
 */
export function isHintOfSession({ oidc }: KoaContextWithOIDC): boolean {
  const { client, session, entities } = oidc
  const { payload } = entities.IdTokenHint ?? {}
  if (!payload || !client || session?.accountId === undefined || payload['sub'] !== session.accountId) return false
  const { sid, auth_time: authTime } = payload
  // An id_token without `sid` identifies its session by the time of the sign-in.
  return sid === undefined ? authTime === session.loginTs : sid === session.sidFor(client.clientId)
}

/** Ends the session with all of its grants, and redirects the browser to the app's post-logout URI. */
export async function signOutAtOnce(ctx: KoaContextWithOIDC): Promise<void> {
  const { provider, session, urlFor } = ctx.oidc
  await session?.destroy()
  ctx.cookies.set(provider.cookieName('session'), null, { signed: true, httpOnly: true, sameSite: 'lax' })
  ctx.status = 303
  ctx.redirect(readLandingUrl(ctx) ?? urlFor.call(ctx.oidc, 'end_session_success'))
  provider.emit('end_session.success', ctx)
}
