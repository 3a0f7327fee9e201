/** The client properties that the rules below read, named as in oidc-provider's `Client`. */
export interface ClientTraits {
  readonly applicationType?: string | undefined
  readonly [metadata: string]: unknown
}

/** Whether the client is our own dashboard or CLI, which act with all of the user's permissions. */
export const isFirstParty = (client: ClientTraits): boolean => client['first_party'] === true

export const isNative = (client: ClientTraits): boolean => client.applicationType === 'native'

/**
 * Whether the client needs no consent page: only our own dashboard. Its redirect URI is matched exactly, so no other
 * app receives the code. Any local process can pose as a native app, our CLI included.
 */
export const skipsConsent = (client: ClientTraits): boolean => isFirstParty(client) && !isNative(client)

/**
 * Whether a grant outlives the browser session in which it was approved. That holds for our CLI and for devices, which
 * continue without a browser. Such a grant ends by revocation, with its user, or at its absolute expiry.
 */
export const outlivesSession = (client: ClientTraits, isForDevice: boolean): boolean =>
  isForDevice || (isFirstParty(client) && isNative(client))

/**
 * Whether a refresh token is issued. Our own and native apps get one by policy, because few client libraries follow
 * OIDC Core §11. Other apps request it with `offline_access`.
 */
export const issuesRefreshToken = (client: ClientTraits, scopes: ReadonlySet<string>): boolean =>
  scopes.has('offline_access') || isFirstParty(client) || isNative(client)

/**
 * Whether an app has chosen what the FAPI 2.0 Security Profile asks of a client: a key in place of a secret, pushed requests
 * and bound tokens. The rest of the profile then applies to it, too.
 */
export const isFapi = (client: ClientTraits & { readonly clientAuthMethod?: unknown }): boolean =>
  client.clientAuthMethod === 'private_key_jwt' &&
  client['requirePushedAuthorizationRequests'] === true &&
  client['dpopBoundAccessTokens'] === true

/** The algorithms of the FAPI 2.0 Security Profile, of assertions and of signed requests. */
export const FAPI_ALGORITHMS: ReadonlySet<unknown> = new Set(['ES256', 'PS256', 'EdDSA'])

/**
 * Whether an authorization requires a PKCE challenge. Public clients always need one (RFC 9700 §2.1.1). A `web` app
 * authenticates with its secret, and many server-side libraries send no challenge. So its own setting or the
 * deployment's decides, or its profile. A challenge that was sent is enforced in either case.
 */
export const requiresPkce = (
  client: ClientTraits & { readonly clientAuthMethod?: unknown },
  webAppsRequirePkce: boolean,
): boolean =>
  client.clientAuthMethod === 'none' || client['require_pkce'] !== false || webAppsRequirePkce || isFapi(client)

/** Whether pages of `origin` may read token responses: origins of a public client's redirect URIs only. */
export function isOriginOf(
  origin: string,
  client: ClientTraits & { readonly redirectUris?: readonly string[] | undefined; readonly clientAuthMethod?: unknown },
): boolean {
  if (origin === 'null' || client.clientAuthMethod !== 'none' || isNative(client)) return false
  return (client.redirectUris ?? []).some((uri) => URL.parse(uri)?.origin === origin)
}
