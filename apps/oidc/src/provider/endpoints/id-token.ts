import type Provider from 'oidc-provider'

/**
 * Puts `sid` and `at_hash` into every id_token of the token endpoint (OIDC Core §3.1.3.6): optional there, and what binds the two
 * tokens together for a client that checks. The library makes the hash of whatever stands under the claim's name, but
 * leaves it out of the code flow.
 */
export function bindIdTokens(provider: Provider): void {
  const accessTokens = new WeakMap<object, string>()
  const { AccessToken, Client, IdToken } = provider
  // The session's id for the app (OIDC Back-Channel Logout §2.1), which discovery names: the library puts it into the
  // id_tokens of clients with back-channel logout only.
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
