/** What the rules below ask of a client, as oidc-provider's `Client` has it. */
export interface ClientTraits {
  readonly applicationType?: string | undefined
  readonly [metadata: string]: unknown
}

/** Our own dashboard or CLI: it acts with the user's permissions. */
export const isFirstParty = (client: ClientTraits): boolean => client['first_party'] === true

export const isNative = (client: ClientTraits): boolean => client.applicationType === 'native'

/**
 * Only our own dashboard goes without a consent page: its redirect URI is matched exactly, so that the code reaches it
 * and nobody else. Any local process can pose as a native app, our CLI included.
 */
export const skipsConsent = (client: ClientTraits): boolean => isFirstParty(client) && !isNative(client)

/**
 * Whether a grant outlives the browser session that it is made in: that of our CLI, and of a device, which got it by way of a
 * browser and goes on without one. It ends by revocation, with its user, and at its own absolute end.
 */
export const outlivesSession = (client: ClientTraits, isForDevice: boolean): boolean =>
  isForDevice || (isFirstParty(client) && isNative(client))

/**
 * Whether a refresh token is issued. Our own apps and native ones get one by our policy, since hardly a client library
 * asks the way OIDC Core §11 wants; other apps ask with `offline_access`.
 */
export const issuesRefreshToken = (client: ClientTraits, scopes: ReadonlySet<string>): boolean =>
  scopes.has('offline_access') || isFirstParty(client) || isNative(client)

/**
 * Whether an authorization needs a PKCE challenge. Public clients always do (RFC 9700 §2.1.1); a `web` app, which proves
 * itself by its secret, by its own setting or by that of the deployment, because many server-side libraries send none. A
 * challenge that was sent is enforced either way.
 */
export const requiresPkce = (
  client: ClientTraits & { readonly clientAuthMethod?: unknown },
  webAppsRequirePkce: boolean,
): boolean => client.clientAuthMethod === 'none' || client['require_pkce'] !== false || webAppsRequirePkce

/** Which pages may read token responses: those of a public client's redirect URIs. A confidential one has a server. */
export function isOriginOf(
  origin: string,
  client: ClientTraits & { readonly redirectUris?: readonly string[] | undefined; readonly clientAuthMethod?: unknown },
): boolean {
  if (origin === 'null' || client.clientAuthMethod !== 'none' || isNative(client)) return false
  return (client.redirectUris ?? []).some((uri) => URL.parse(uri)?.origin === origin)
}
