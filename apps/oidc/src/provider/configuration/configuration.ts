import { scopeNames } from '@daytona-auth/accounts/scopes'
import type { Database } from '@daytona-auth/db/core'
import { type Configuration, type ExternalSigningKey, errors } from 'oidc-provider'
import { isSecure, type ProviderConfig } from '../../config.ts'
import type { ProviderPages } from '../../pages/page-content.ts'
import { interactionPath, ROUTES } from '../endpoint-paths.ts'
import { mayIntrospect } from '../endpoints/introspection.ts'
import { mayRevoke } from '../endpoints/revocation.ts'
import type { ProviderFlows } from '../flows.ts'
import type { SigningKeys } from '../keys/signing-keys.ts'
import { CLAIMS } from '../policy/claims.ts'
import { createLoginPolicy } from '../policy/interaction-policy.ts'
import { isOriginOf, issuesRefreshToken, requiresPkce } from '../policy/policy.ts'
import { createAccountFinder } from '../storage/accounts.ts'
import { type AdapterDependencies, createAdapterFactory } from '../storage/adapter.ts'
import { EXTRA_CLIENT_METADATA } from '../storage/clients.ts'
import { createGrantLoader } from '../storage/grants.ts'
import { createLifetimes } from './lifetimes.ts'
import { LocalSigningKey, PublishedKey } from './local-signing-key.ts'

/** The authentication methods of confidential clients, which alone may introspect. */
const SECRET_METHODS: ('client_secret_basic' | 'client_secret_post')[] = ['client_secret_basic', 'client_secret_post']

const CLIENT_AUTH_METHODS: ('none' | (typeof SECRET_METHODS)[number])[] = ['none', ...SECRET_METHODS]

export interface ConfigurationDependencies extends AdapterDependencies {
  readonly config: ProviderConfig
  readonly database: Database
  readonly keys: SigningKeys
  readonly pages: Pick<ProviderPages, 'error'>
  readonly flows: ProviderFlows
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** Creates the whole configuration of oidc-provider. Anything not set here has the library's default. */
export function createConfiguration(dependencies: ConfigurationDependencies): Configuration {
  const { config, database, keys, pages, flows, now } = dependencies
  const ttls = createLifetimes(config)
  const audience = config.API_AUDIENCE
  return {
    adapter: createAdapterFactory(dependencies),
    findAccount: createAccountFinder(database),
    loadExistingGrant: createGrantLoader({
      database,
      audience,
      lifetimeSeconds: ttls.grant,
      sessionEndSeconds: ttls.sessionEnd,
      now,
    }),
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
    // OIDC Core §3.1.2.1 requires redirect_uri: an omitted one does not default to the registered one.
    allowOmittingSingleRegisteredRedirectUri: false,
    acceptQueryParamAccessTokens: false,

    interactions: { url: (_ctx, interaction) => interactionPath(interaction.uid), policy: createLoginPolicy(now) },
    issueRefreshToken: async (_ctx, client, source) => issuesRefreshToken(client, source.scopes),
    rotateRefreshToken: true,
    // Grants are revoked with their session by `endSessionWithItsGrants`. The library would tie tokens to the last
    // grant of a session, so that each new authorization would end the one before.
    expiresWithSession: async () => false,
    revokeGrantPolicy: () => true,
    extraTokenClaims: async (_ctx, token) => ('grantId' in token ? { gid: token.grantId } : undefined),
    ttl: {
      AccessToken: ttls.accessToken,
      AuthorizationCode: ttls.code,
      DeviceCode: ttls.deviceCode,
      IdToken: ttls.accessToken,
      Interaction: ttls.interaction,
      Session: (_ctx, { accountId, iat = seconds(now) }) =>
        accountId === undefined ? ttls.anonymousSession : ttls.session(iat, seconds(now)),
      Grant: ttls.grant,
      RefreshToken: (_ctx, token) => ttls.refreshToken(token.iiat ?? seconds(now), seconds(now)),
    },

    cookies: {
      keys: [...config.COOKIE_KEYS],
      names: cookieNames(config.ISSUER),
      long: { signed: true, httpOnly: true, sameSite: 'lax' },
      // The library sets a separate path for each interaction, so that several tabs work.
      short: { signed: true, httpOnly: true, sameSite: 'lax' },
    },

    // `applyHtmlPolicy` sets the headers.
    renderError(ctx, out) {
      ctx.type = 'html'
      ctx.body = pages.error({ statusCode: ctx.status, error: out.error, description: out.error_description })
    },
    features: {
      devInteractions: { enabled: false },
      // Acknowledged by version: a library release that changes the feature fails at startup until this is reviewed.
      externalSigningSupport: { enabled: true, ack: 'experimental-01' },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      revocation: {
        enabled: true,
        allowedPolicy: async (_ctx, client, token) => mayRevoke(client, token.clientId),
      },
      // A confidential client may introspect its own refresh tokens here (RFC 7662). `introspectCredentials` handles
      // access tokens and API keys.
      introspection: { enabled: true, allowedPolicy: async (_ctx, client, token) => mayIntrospect(client, token) },
      deviceFlow: flows.device.feature,
      rpInitiatedLogout: flows.signOut.feature,
      resourceIndicators: {
        enabled: true,
        defaultResource: async () => audience,
        // Always: otherwise a request for `openid` would get an opaque token, which the API does not accept.
        useGrantedResource: async () => true,
        async getResourceServerInfo(_ctx, resource) {
          if (resource !== audience) throw new errors.InvalidTarget()
          return {
            scope: scopeNames().join(' '),
            audience,
            accessTokenTTL: ttls.accessToken,
            accessTokenFormat: 'jwt',
            jwt: { sign: { alg: config.ACCESS_TOKEN_ALG } },
          }
        },
      },
    },
  }
}

/**
 * Returns the cookie names for an issuer. `__Host-` binds a cookie to this host and the path `/` (RFC 6265bis), so
 * cookies with another path cannot use it. On http loopback all ports of a host share cookies. There the names contain
 * the product and the port, so that neither an app under development nor a second installation overwrites them.
 */
export function cookieNames(issuer: string) {
  if (isSecure(issuer)) {
    return { session: '__Host-session', interaction: '__Secure-interaction', resume: '__Secure-resume' }
  }
  const prefix = `daytona_auth_${new URL(issuer).port || '80'}`
  return { session: `${prefix}_session`, interaction: `${prefix}_interaction`, resume: `${prefix}_resume` }
}

/** Orders the keys: the library signs with the first key of an algorithm, and publishes all. */
function jwksOf({ privateJwks, publicJwks }: SigningKeys): ExternalSigningKey[] {
  const signing = new Set(privateJwks.map(({ kid }) => kid))
  const others = publicJwks.filter(({ kid }) => !signing.has(kid))
  return [...privateJwks.map((jwk) => new LocalSigningKey(jwk)), ...others.map((jwk) => new PublishedKey(jwk))]
}

const seconds = (now: () => number): number => Math.floor(now() / 1000)
