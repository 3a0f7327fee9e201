import type Provider from 'oidc-provider'

/**
 * Adds `sid` and `at_hash` to every id_token of the token endpoint (OIDC Core §3.1.3.6). `at_hash` is optional there;
 * it binds the id_token to the access token for clients that check it. The library hashes the value set under that
 * claim, but omits it in the code flow.
 */
export function bindIdTokens(provider: Provider): void {
  const accessTokens = new WeakMap<object, string>()
  const { AccessToken, Client, IdToken } = provider
  // The session's id for the app (OIDC Back-Channel Logout §2.1), which discovery lists. The library adds it only for
  // clients with back-channel logout.
  Object.assign(Client.prototype, { includeSid: () => true })

  const save = AccessToken.prototype.save
  AccessToken.prototype.save = async function (...args) {
    const value = await save.apply(this, args)
    accessTokens.set(this, value)
    return value
  }

  const issue = IdToken.prototype.issue
  IdToken.prototype.issue = async function (context) {
    const accessToken = this.ctx?.oidc.entities.AccessToken
    const value = accessToken && accessTokens.get(accessToken)
    if (value && context.use === 'idtoken') this.set('at_hash', value)
    return issue.call(this, context)
  }
}
