import { hkdfSync } from 'node:crypto'
import { ASSERTION_ALGORITHMS } from '@daytona-auth/accounts/client-keys'
import { LANGUAGES } from '@daytona-auth/accounts/language/language'
import type { Database } from '@daytona-auth/db/core'
import { acrValues } from '@daytona-auth/protocol/authentication-context'
import { scopeNames } from '@daytona-auth/protocol/scopes'
import { PROOF_ALGORITHMS } from '@daytona-auth/protocol/token-proof'
import { type Configuration, type ExternalSigningKey, errors, type KoaContextWithOIDC } from 'oidc-provider'
import { isSecure, type ProviderConfig } from '../../config.ts'
import type { ProviderPages } from '../../pages/page-content.ts'
import { respondWithPage } from '../../pages/send-page.ts'
import { interactionPath, REGISTRATION, ROUTES } from '../endpoint-paths.ts'
import { checkReducedClaims } from '../endpoints/claims-parameter.ts'
import { mayIntrospect } from '../endpoints/introspection.ts'
import { createRequestObjectCheck } from '../endpoints/request-objects.ts'
import { mayRevoke } from '../endpoints/revocation.ts'
import type { ProviderFlows } from '../flows.ts'
import type { SigningKeys } from '../keys/signing-keys.ts'
import { CLAIMS } from '../policy/claims.ts'
import { createLoginPolicy, PROMPTS } from '../policy/interaction-policy.ts'
import { FAPI_ALGORITHMS, isFapi, isOriginOf, issuesRefreshToken, requiresPkce } from '../policy/policy.ts'
import { createAccountFinder } from '../storage/accounts.ts'
import { type AdapterDependencies, createAdapterFactory } from '../storage/adapter.ts'
import { EXTRA_CLIENT_METADATA, refreshLifetimesOf } from '../storage/clients.ts'
import { createGrantLoader } from '../storage/grants.ts'
import type { ResourceServerDirectory } from '../storage/resource-servers.ts'
import { createKeyFetch } from './key-fetch.ts'
import { createLifetimes } from './lifetimes.ts'
import { LocalSigningKey, PublishedKey } from './local-signing-key.ts'
import { createResourceServerInfo } from './resource-server-info.ts'

type ConfidentialMethod = 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt'

/** The authentication methods of confidential clients, which alone may introspect. */
const CONFIDENTIAL_METHODS: ConfidentialMethod[] = ['client_secret_basic', 'client_secret_post', 'private_key_jwt']

const CLIENT_AUTH_METHODS: ('none' | ConfidentialMethod)[] = ['none', ...CONFIDENTIAL_METHODS]

/** A client assertion is used at once. A longer one would be remembered for as long, so that it is not accepted again. */
const MAX_ASSERTION_SECONDS = 3600

/** The lifetime of codes of FAPI 2.0 Security Profile §5.3.2.1. */
const FAPI_CODE_SECONDS = 60

/** The size of a JWKS that an app publishes. */
const MAX_JWKS_BYTES = 64 * 1024

export interface ConfigurationDependencies extends AdapterDependencies {
  readonly config: ProviderConfig
  readonly database: Database
  readonly keys: SigningKeys
  readonly pages: Pick<ProviderPages, 'error'>
  readonly flows: ProviderFlows
  readonly resourceServers: ResourceServerDirectory
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** Creates the whole configuration of oidc-provider. Anything not set here has the library's default. */
export function createConfiguration(dependencies: ConfigurationDependencies): Configuration {
  const { config, database, keys, pages, flows, resourceServers, now } = dependencies
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
    // `none` is for our account pages only: see `toClientMetadata`.
    responseTypes: ['code', 'none'],
    scopes: [...scopeNames()],
    claims: CLAIMS,
    acrValues: acrValues(),
    clientAuthMethods: CLIENT_AUTH_METHODS,
    discovery: {
      ...(config.CLIENT_ID_METADATA_DOCUMENTS && { client_id_metadata_document_supported: true }),
      ...(config.CLIENT_REGISTRATION !== 'off' && { registration_endpoint: config.ISSUER + REGISTRATION }),
      prompt_values_supported: [...PROMPTS],
      ui_locales_supported: [...LANGUAGES],
      introspection_endpoint_auth_methods_supported: CONFIDENTIAL_METHODS,
      introspection_endpoint_auth_signing_alg_values_supported: [...ASSERTION_ALGORITHMS],
      revocation_endpoint_auth_methods_supported: CLIENT_AUTH_METHODS,
      revocation_endpoint_auth_signing_alg_values_supported: [...ASSERTION_ALGORITHMS],
    },
    enabledJWA: {
      idTokenSigningAlgValues: ['RS256', 'ES256'],
      clientAuthSigningAlgValues: [...ASSERTION_ALGORITHMS],
      requestObjectSigningAlgValues: [...ASSERTION_ALGORITHMS],
      dPoPSigningAlgValues: [...PROOF_ALGORITHMS],
    },
    assertJwtClientAuthClaimsAndHeader: async (_ctx, { exp, aud }, { alg }, client) => {
      if (typeof exp !== 'number' || exp > seconds(now) + MAX_ASSERTION_SECONDS) {
        throw new errors.InvalidClientAuth('exp of the client_assertion is more than an hour away')
      }
      if (!isFapi(client)) return
      if (aud !== config.ISSUER)
        throw new errors.InvalidClientAuth('aud of the client_assertion is not the issuer alone')
      if (!FAPI_ALGORITHMS.has(alg))
        throw new errors.InvalidClientAuth('alg of the client_assertion is not one of FAPI 2.0')
    },
    fetch: createKeyFetch({ allowedNetworks: config.OUTBOUND_NETWORKS, maxBytes: MAX_JWKS_BYTES }),
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
    extraTokenClaims: async (ctx, token) =>
      'grantId' in token ? { gid: token.grantId, ...signInClaims(ctx) } : undefined,
    ttl: {
      AccessToken: ttls.accessToken,
      AuthorizationCode: (_ctx, _code, client) => (isFapi(client) ? Math.min(ttls.code, FAPI_CODE_SECONDS) : ttls.code),
      DeviceCode: ttls.deviceCode,
      IdToken: ttls.accessToken,
      Interaction: ttls.interaction,
      Session: (_ctx, { accountId, iat = seconds(now) }) =>
        accountId === undefined ? ttls.anonymousSession : ttls.session(iat, seconds(now)),
      Grant: ttls.grant,
      RefreshToken: (_ctx, token, client) =>
        ttls.refreshToken(token.iiat ?? seconds(now), seconds(now), refreshLifetimesOf(client)),
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
      respondWithPage(
        ctx,
        pages.error({ statusCode: ctx.status, error: out.error, description: out.error_description }),
      )
    },
    features: {
      devInteractions: { enabled: false },
      // Acknowledged by version: a library release that changes the feature fails at startup until this is reviewed.
      externalSigningSupport: { enabled: true, ack: 'experimental-01' },
      // Without a nonce, `iat` of a proof is compared with our clock. Other processes accept the nonces of this one.
      dPoP: { enabled: true, nonceSecret: nonceSecretOf(config) },
      pushedAuthorizationRequests: { enabled: true },
      // Signed ones, by value or pushed. Neither unsigned nor encrypted ones, nor any that would have to be fetched.
      requestObjects: {
        enabled: true,
        assertJwtClaimsAndHeader: createRequestObjectCheck({ audience, resourceServers, now: () => seconds(now) }),
      },
      // Reduced before the library reads it: see `reduceClaims`.
      claimsParameter: { enabled: true, assertClaimsParameter: async (_ctx, claims) => checkReducedClaims(claims) },
      revocation: {
        enabled: true,
        allowedPolicy: async (_ctx, client, token) => mayRevoke(client, token.clientId),
      },
      // A confidential client may introspect its own refresh tokens here (RFC 7662). `introspectCredentials` handles
      // access tokens and API keys.
      introspection: { enabled: true, allowedPolicy: async (_ctx, client, token) => mayIntrospect(client, token) },
      deviceFlow: flows.device.feature,
      rpInitiatedLogout: flows.signOut.feature,
      // Tokens are delivered by `createLogoutDelivery`.
      backchannelLogout: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: async () => audience,
        // Always: otherwise a request for `openid` would get an opaque token, which the API does not accept.
        useGrantedResource: async () => true,
        getResourceServerInfo: createResourceServerInfo({
          audience,
          accessTokenSeconds: ttls.accessToken,
          algorithm: config.ACCESS_TOKEN_ALG,
          directory: resourceServers,
        }),
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
    return {
      session: '__Host-session',
      interaction: '__Secure-interaction',
      resume: '__Secure-resume',
      trusted: '__Host-trusted',
      known: '__Host-known',
    }
  }
  const prefix = `daytona_auth_${new URL(issuer).port || '80'}`
  return {
    session: `${prefix}_session`,
    interaction: `${prefix}_interaction`,
    resume: `${prefix}_resume`,
    trusted: `${prefix}_trusted`,
    known: `${prefix}_known`,
  }
}

/** Returns how the user of an access token signed in (RFC 9068 §2.2.1): as the code or token states for which it is issued. */
function signInClaims({ oidc: { entities } }: KoaContextWithOIDC) {
  const { acr, amr, authTime } = entities.AuthorizationCode ?? entities.RefreshToken ?? entities.DeviceCode ?? {}
  return { acr, amr, auth_time: authTime }
}

/** The secret of the nonces of proofs (RFC 9449 section 8). Once the cookie keys rotate, clients are given a new nonce. */
const nonceSecretOf = ({ COOKIE_KEYS: [first = ''] }: ProviderConfig): Buffer =>
  Buffer.from(hkdfSync('sha256', first, '', 'dpop nonce', 32))

/** Orders the keys: the library signs with the first key of an algorithm, and publishes all. */
function jwksOf({ privateJwks, publicJwks }: SigningKeys): ExternalSigningKey[] {
  const signing = new Set(privateJwks.map(({ kid }) => kid))
  const others = publicJwks.filter(({ kid }) => !signing.has(kid))
  return [...privateJwks.map((jwk) => new LocalSigningKey(jwk)), ...others.map((jwk) => new PublishedKey(jwk))]
}

const seconds = (now: () => number): number => Math.floor(now() / 1000)
