import type Provider from 'oidc-provider'
import { requestContext } from '../request-context.ts'

/**
 * Adds `sid` and `at_hash` to every id_token of the token endpoint (OIDC Core §3.1.3.6). `at_hash` is optional there;
 * it binds the id_token to the access token for clients that check it. The library hashes the value set under that
 * claim, but omits it in the code flow.
 */
export function bindIdTokens({ AccessToken, Client, IdToken }: Provider): void {
  // The session's id for the app (OIDC Back-Channel Logout §2.1), which discovery lists. The library adds it only for
  // clients with back-channel logout.
  Object.assign(Client.prototype, { includeSid: () => true })

  const save = AccessToken.prototype.save
  AccessToken.prototype.save = async function (...args) {
    const value = await save.apply(this, args)
    requestContext().accessToken = value
    return value
  }

  const issue = IdToken.prototype.issue
  IdToken.prototype.issue = async function (options) {
    const { accessToken } = requestContext(this.ctx)
    if (accessToken !== undefined && options.use === 'idtoken') this.set('at_hash', accessToken)
    return issue.call(this, options)
  }
}
