import type Provider from 'oidc-provider'
import type { Client } from 'oidc-provider'

const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout'

export interface EndedSession {
  readonly userId: string
  /** The id of the session for the client. */
  readonly sid: string
  /** Another one for each token. */
  readonly jti: string
}

/**
 * Signs a logout token (OpenID Connect Back-Channel Logout §2.4), valid for two minutes. It always names the session: a token
 * without `sid` would end every session of the user at the client.
 */
export async function signLogoutToken(
  provider: Provider,
  client: Client,
  { userId, sid, jti }: EndedSession,
): Promise<string> {
  const token = new provider.IdToken({ sub: userId }, { client, ctx: undefined } as never)
  Object.assign(token, { mask: { sub: null } })
  token.set('events', { [LOGOUT_EVENT]: {} })
  token.set('jti', jti)
  token.set('sid', sid)
  return token.issue({ use: 'logout' } as never)
}

/**
 * Leaves the delivery to the queue. The library would deliver while the browser waits, only at a sign-out, and not again
 * after a failure.
 */
export function deliverFromQueue({ Client }: Provider): void {
  Object.assign(Client.prototype, { backchannelLogout: async () => {} })
}
