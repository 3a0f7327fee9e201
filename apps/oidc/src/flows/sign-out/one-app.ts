import type { Middleware } from '../../provider/middleware.ts'
import type { GrantRevocation } from '../../provider/storage/grant-revocation.ts'

/**
 * Ends every grant of an app in the session, after "Sign out of this app only". The library ends only the last one and
 * keeps those of earlier authorizations.
 */
export function endSignedOutApp(grants: Pick<GrantRevocation, 'endClientInSession'>): Middleware {
  return async (ctx, next) => {
    await next()
    const { route, client, params, session } = ctx.oidc ?? {}
    if (route !== 'end_session_confirm' || ctx.status !== 303 || params?.['logout'] || !client || !session) return
    await grants.endClientInSession(session.uid, client.clientId)
  }
}
