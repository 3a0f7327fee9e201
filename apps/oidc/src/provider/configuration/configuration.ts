import type { Database } from '@daytona-auth/db'
import { type Configuration, type ExternalSigningKey, errors } from 'oidc-provider'
import { isSecure, type ProviderConfig } from '../../config.ts'
import type { ProviderPages } from '../../page-context.ts'
import type { DeviceFlow } from '../endpoints/device-flow.ts'
import { mayIntrospect } from '../endpoints/introspection.ts'
import { mayRevoke } from '../endpoints/revocation.ts'
import type { SigningKeys } from '../keys/signing-keys.ts'
import { CLAIMS, scopeNames } from '../policy/claims.ts'
import { loginPolicy } from '../policy/interaction-policy.ts'
import { isOriginOf, issuesRefreshToken, requiresPkce } from '../policy/policy.ts'
import { renderers } from '../provider-pages.ts'
import { accountFinder } from '../storage/accounts.ts'
import { type AdapterDependencies, adapterFactory } from '../storage/adapter.ts'
import { EXTRA_CLIENT_METADATA } from '../storage/clients.ts'
import { grantLoader } from '../storage/grants.ts'
import { ROUTES } from './endpoint-paths.ts'
import { lifetimes } from './lifetimes.ts'
import { LocalSigningKey, PublishedKey } from './local-signing-key.ts'

/** Where the browser is sent to sign in and consent. */
export const interactionPath = (uid: string): string => `/oauth/interaction/${encodeURIComponent(uid)}`

/** How a confidential client proves who it is; it alone may introspect. */
const SECRET_METHODS: ('client_secret_basic' | 'client_secret_post')[] = ['client_secret_basic', 'client_secret_post']

const CLIENT_AUTH_METHODS: ('none' | (typeof SECRET_METHODS)[number])[] = ['none', ...SECRET_METHODS]

export interface ConfigurationDependencies extends AdapterDependencies {
  readonly config: ProviderConfig
  readonly database: Database
  readonly keys: SigningKeys
  readonly pages: ProviderPages
  readonly device: DeviceFlow
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** All that oidc-provider is told. What is not named here is at the library's default. */
export function configuration(dependencies: ConfigurationDependencies): Configuration {
  const { config, database, keys, pages, device, now } = dependencies
  const lives = lifetimes(config)
  const audience = config.API_AUDIENCE
  const html = renderers(pages)
  return {
    adapter: adapterFactory(dependencies),
    findAccount: accountFinder(database),
    loadExistingGrant: grantLoader({ database, audience, lifetimeSeconds: lives.grant, now }),
    jwks: { keys: jwksOf(keys) },

    routes: ROUTES,
    responseTypes: ['code'],
    scopes: [...scopeNames()],
    claims: CLAIMS,
    clientAuthMethods: CLIENT_AUTH_METHODS,
    discovery: {
      introspection_endpoint_auth_methods_supported: SECRET_METHODS,
      revocation_endpoint_auth_methods_supported: CLIENT_AUTH_METHODS,
    },
    enabledJWA: { idTokenSigningAlgValues: ['RS256', 'ES256'] },
    clientDefaults: { id_token_signed_response_alg: 'RS256' },
    extraClientMetadata: { properties: [...EXTRA_CLIENT_METADATA] },
    clientBasedCORS: (_ctx, origin, client) => isOriginOf(origin, client),
    pkce: { required: (_ctx, client) => requiresPkce(client, config.WEB_APPS_REQUIRE_PKCE) },
    // An omitted redirect_uri is not the registered one: OIDC Core §3.1.2.1 requires it.
    allowOmittingSingleRegisteredRedirectUri: false,
    acceptQueryParamAccessTokens: false,

    interactions: { url: (_ctx, interaction) => interactionPath(interaction.uid), policy: loginPolicy(now) },
    issueRefreshToken: async (_ctx, client, source) => issuesRefreshToken(client, source.scopes),
    rotateRefreshToken: true,
    // A session's end kills its grants, whatever they are for: in our own way, since the library would tie a token to
    // the last grant of a session and so end the one before at every new authorization.
    expiresWithSession: async () => false,
    revokeGrantPolicy: () => true,
    extraTokenClaims: async (_ctx, token) => ('grantId' in token ? { gid: token.grantId } : undefined),
    ttl: {
      AccessToken: lives.accessToken,
      AuthorizationCode: lives.code,
      DeviceCode: lives.deviceCode,
      IdToken: lives.accessToken,
      Interaction: lives.interaction,
      Session: (_ctx, { accountId, iat = seconds(now) }) =>
        accountId === undefined ? lives.anonymousSession : lives.session(iat, seconds(now)),
      Grant: lives.grant,
      RefreshToken: (_ctx, token) => lives.refreshToken(token.iiat ?? seconds(now), seconds(now)),
    },

    cookies: {
      keys: [...config.COOKIE_KEYS],
      names: cookieNames(config.ISSUER),
      long: { signed: true, httpOnly: true, sameSite: 'lax' },
      // The library gives these a path of their own for each interaction, so that several tabs work.
      short: { signed: true, httpOnly: true, sameSite: 'lax' },
    },

    renderError: html.renderError,
    features: {
      devInteractions: { enabled: false },
      // Named with its version: a release of the library that changes it does not start until this is looked at.
      externalSigningSupport: { enabled: true, ack: 'experimental-01' },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      revocation: {
        enabled: true,
        allowedPolicy: async (_ctx, client, token) => mayRevoke(client, token.clientId),
      },
      // Of what the library stores, a confidential client may introspect its own refresh tokens (RFC 7662); for access
      // tokens and API keys see `introspectCredentials`.
      introspection: { enabled: true, allowedPolicy: async (_ctx, client, token) => mayIntrospect(client, token) },
      deviceFlow: device.feature,
      rpInitiatedLogout: { enabled: true, ...html.rpInitiatedLogout },
      resourceIndicators: {
        enabled: true,
        defaultResource: async () => audience,
        // Always: without it a request for `openid` would get an opaque token that the API does not know.
        useGrantedResource: async () => true,
        async getResourceServerInfo(_ctx, resource) {
          if (resource !== audience) throw new errors.InvalidTarget()
          return {
            scope: scopeNames().join(' '),
            audience,
            accessTokenTTL: lives.accessToken,
            accessTokenFormat: 'jwt',
            jwt: { sign: { alg: config.ACCESS_TOKEN_ALG } },
          }
        },
      },
    },
  }
}

/**
 * `__Host-` pins a cookie to this host and the path `/` (RFC 6265bis); those with a path of their own cannot have it. On
 * http loopback cookies are shared by all ports of a host: the names carry ours and the port, so that neither an app under
 * development nor a second installation overwrites them.
 */
export function cookieNames(issuer: string) {
  if (isSecure(issuer)) {
    return { session: '__Host-session', interaction: '__Secure-interaction', resume: '__Secure-resume' }
  }
  const prefix = `daytona_auth_${new URL(issuer).port || '80'}`
  return { session: `${prefix}_session`, interaction: `${prefix}_interaction`, resume: `${prefix}_resume` }
}

/** The library signs with the first key of an algorithm, and publishes all. */
function jwksOf({ privateJwks, publicJwks }: SigningKeys): ExternalSigningKey[] {
  const signing = new Set(privateJwks.map(({ kid }) => kid))
  const others = publicJwks.filter(({ kid }) => !signing.has(kid))
  return [...privateJwks.map((jwk) => new LocalSigningKey(jwk)), ...others.map((jwk) => new PublishedKey(jwk))]
}

const seconds = (now: () => number): number => Math.floor(now() / 1000)
