import type { UpstreamConfig } from '@daytona-auth/configuration/upstream'
import type { OrganizationId } from '@daytona-auth/db/core'
import { digestUpstreamSid } from '@daytona-auth/db/grants'
import type { IdentitySession } from '@daytona-auth/db/users'
import { type Amr, isAmr } from '@daytona-auth/protocol/authentication-context'
import { boundedText } from '@daytona-auth/service'
import * as client from 'openid-client'
import { z } from 'zod'
import { createExchanges, type Exchange, isLocal } from './exchange.ts'
import { readGroups } from './groups.ts'
import { createLogoutTokenReader, Sid, Subject } from './logout-token.ts'
import { type Upstream, UpstreamError, type UpstreamPerson } from './upstream.ts'

export interface UpstreamDependencies {
  readonly allowedNetworks: readonly string[]
  /** For all requests of one step together. */
  readonly timeoutMs: number
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** How long a provider's metadata are used, and how long one that did not answer is not asked again. */
const METADATA_MS = 60 * 60_000
const FAILED_MS = 10_000

/** The difference of two clocks, in seconds. */
const CLOCK_TOLERANCE = 10

/** What is read from an id_token and from userinfo. A claim of another form counts as absent. */
const Claims = z.object({
  email: boundedText({ max: 320 }).optional().catch(undefined),
  email_verified: z.literal(true).optional().catch(undefined),
  name: boundedText({ max: 512 }).optional().catch(undefined),
  auth_time: z.number().int().positive().optional().catch(undefined),
})

/**
 * Creates a sign-in with an OpenID provider: the code flow with PKCE, state and nonce. `openid-client` checks the response
 * and the id_token: `iss` of both, `aud`, times, nonce and, by the provider's published keys, its signature. With
 * `organization` it is the provider of that one, whose owner chose the issuer and the claim with the groups of a person.
 */
export function createOpenidUpstream(
  { name, label, issuer, clientId, clientSecret, scopes, trustsMfa, signsOut }: UpstreamConfig,
  { allowedNetworks, timeoutMs, now }: UpstreamDependencies,
  organization?: { readonly organizationId: OrganizationId; readonly groupsClaim: string | null },
): Upstream {
  const { organizationId, groupsClaim = null } = organization ?? {}
  const isOperators = organizationId === undefined
  const begin = createExchanges({ issuer, allowedNetworks, timeoutMs, reachesOwnHost: isOperators })
  const readMetadata = createMetadataReader(issuer, clientId, now)
  let keys: client.ExportedJWKSCache | undefined
  const readToken = createLogoutTokenReader({ issuer, clientId, toleranceSeconds: CLOCK_TOLERANCE, begin, now })

  async function configure(exchange: Exchange): Promise<client.Configuration> {
    const metadata = await readMetadata(exchange)
    const configuration = new client.Configuration(
      metadata,
      clientId,
      { client_secret: clientSecret, [client.clockTolerance]: CLOCK_TOLERANCE },
      authenticationOf(metadata, clientSecret),
    )
    configuration[client.customFetch] = exchange.fetch
    if (isLocal(issuer)) client.allowInsecureRequests(configuration)
    // Otherwise an id_token from the token endpoint is accepted without its signature.
    client.enableNonRepudiationChecks(configuration)
    if (keys) client.setJwksCache(configuration, keys)
    return configuration
  }

  /** Without `id_token_hint`, which would be stored for as long as the session: the provider may ask for a confirmation. */
  async function signOutUrl({ returnUri, state }: { readonly returnUri: string; readonly state: string }) {
    const exchange = begin()
    try {
      const { end_session_endpoint: endpoint } = await readMetadata(exchange)
      if (endpoint === undefined) return undefined
      const url = new URL(requireSecure(endpoint, 'end_session_endpoint', issuer))
      url.searchParams.set('client_id', clientId)
      url.searchParams.set('post_logout_redirect_uri', returnUri)
      url.searchParams.set('state', state)
      return url
    } catch (error) {
      throw exchange.failure(error)
    }
  }

  return {
    name,
    label,
    issuer,
    organizationId,
    statesAuthTime: true,
    trustsMfa,

    async authorizationUrl({ redirectUri, state, nonce, codeVerifier, loginHint, prompt, maxAge }) {
      const exchange = begin()
      try {
        const configuration = await configure(exchange)
        const prompts = configuration.serverMetadata()['prompt_values_supported']
        // A provider that does not know `select_account` would refuse the request.
        const canSelect = Array.isArray(prompts) && prompts.includes('select_account')
        return client.buildAuthorizationUrl(configuration, {
          redirect_uri: redirectUri,
          scope: scopes.join(' '),
          state,
          nonce,
          code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),
          code_challenge_method: 'S256',
          max_age: String(maxAge),
          ...(prompt !== undefined && { prompt: canSelect ? prompt : 'login' }),
          ...(loginHint !== '' && { login_hint: loginHint }),
        })
      } catch (error) {
        throw exchange.failure(error)
      }
    },

    async identify(response, { redirectUri, state, nonce, codeVerifier }) {
      const exchange = begin()
      try {
        const configuration = await configure(exchange)
        const callback = new URL(redirectUri)
        callback.search = response.toString()
        const tokens = await client.authorizationCodeGrant(configuration, callback, {
          pkceCodeVerifier: codeVerifier,
          expectedState: state,
          expectedNonce: nonce,
          idTokenExpected: true,
        })
        keys = client.getJwksCache(configuration)
        const claims = tokens.claims()
        const subject = Subject.safeParse(claims?.sub)
        if (!claims || !subject.success) throw new UpstreamError('invalid', 'id_token has an invalid sub')
        // Some providers state the profile, or the groups, at that endpoint only.
        const isComplete = ['email', ...(groupsClaim === null ? [] : [groupsClaim])].every((name) => name in claims)
        const hasUserinfo = configuration.serverMetadata().userinfo_endpoint !== undefined
        const profile =
          isComplete || !hasUserinfo ? {} : await client.fetchUserInfo(configuration, tokens.access_token, subject.data)
        const stated = { ...profile, ...claims }
        const trustedMethods = trustsMfa ? readMethods(claims['amr']) : undefined
        const groups = groupsClaim === null ? undefined : readGroups(stated, groupsClaim)
        const session = sessionOf(claims, { issuer, organizationId })
        return { ...personOf(issuer, subject.data, stated), trustedMethods, organizationId, groups, session }
      } catch (error) {
        throw exchange.failure(error)
      }
    },

    ...(signsOut && { signOutUrl }),

    async readLogoutToken(token) {
      const exchange = begin()
      try {
        return { ...(await readToken(token, await readMetadata(exchange))), organizationId }
      } catch (error) {
        throw exchange.failure(error)
      }
    },
  }
}

/** Returns the session in which the provider issued an id_token. Only a digest of its name is kept. */
function sessionOf({ sid, iat }: client.IDToken, upstream: Parameters<typeof digestUpstreamSid>[0]): IdentitySession {
  const name = Sid.safeParse(sid).data
  return { ...(name !== undefined && { sid: digestUpstreamSid(upstream, name) }), issuedAt: iat }
}

const MAX_METHODS = 20

/**
 * Returns the methods of the id_token's `amr` that RFC 8176 registers and that are known here; undefined unless `mfa` is one of
 * them. Userinfo does not count: it is not signed, and not of this sign-in.
 */
function readMethods(amr: unknown): readonly Amr[] | undefined {
  if (!Array.isArray(amr) || amr.length > MAX_METHODS || !amr.includes('mfa')) return undefined
  return [...new Set(amr.filter(isAmr))]
}

function personOf(
  issuer: string,
  subject: string,
  given: Readonly<Record<string, unknown>>,
): Omit<UpstreamPerson, 'trustedMethods' | 'organizationId' | 'groups' | 'session'> {
  const { email, email_verified: isVerified, name, auth_time: authTime } = Claims.parse(given)
  return { issuer, subject, email: isVerified ? email : undefined, name, authTime }
}

/**
 * Creates the reading of a provider's metadata (OIDC Discovery §4). Concurrent readers share one request, and a provider
 * that did not answer is not asked again for a moment.
 */
function createMetadataReader(issuer: string, clientId: string, now: () => number) {
  let last: { readonly until: number; readonly metadata: Promise<client.ServerMetadata> } | undefined

  return (exchange: Exchange): Promise<client.ServerMetadata> => {
    if (last && now() < last.until) return last.metadata
    const metadata = discover(exchange)
    last = { until: now() + METADATA_MS, metadata }
    metadata.catch(() => {
      last = { until: now() + FAILED_MS, metadata }
    })
    return metadata
  }

  async function discover(exchange: Exchange): Promise<client.ServerMetadata> {
    try {
      const found = await client.discovery(new URL(issuer), clientId, undefined, client.None(), {
        [client.customFetch]: exchange.fetch,
        execute: isLocal(issuer) ? [client.allowInsecureRequests] : [],
      })
      const metadata = found.serverMetadata()
      // The library compares normalized URLs, and makes exceptions.
      if (metadata.issuer !== issuer) throw new UpstreamError('invalid', 'metadata have another issuer')
      const { authorization_endpoint: authorization, token_endpoint: token, jwks_uri: keys } = metadata
      if (!authorization || !token || !keys) throw new UpstreamError('invalid', 'metadata lack an endpoint')
      requireSecure(authorization, 'authorization_endpoint', issuer)
      return metadata
    } catch (error) {
      throw exchange.failure(error)
    }
  }
}

/** Returns an endpoint to which browsers are sent: https, or http on this machine. @throws UpstreamError */
function requireSecure(endpoint: string, name: string, issuer: string): string {
  const { protocol, hostname } = URL.parse(endpoint) ?? { protocol: '', hostname: '' }
  const isSecure = protocol === 'https:' || (protocol === 'http:' && isLocal(issuer) && isLocal(`http://${hostname}`))
  if (!isSecure) throw new UpstreamError('invalid', `${name} is not https`)
  return endpoint
}

/** By the secret in a header, which is the default (OIDC Core §9), or in the form if the provider takes nothing else. */
function authenticationOf(
  { token_endpoint_auth_methods_supported: methods }: client.ServerMetadata,
  secret: string,
): client.ClientAuth {
  const needsPost = methods?.includes('client_secret_post') && !methods.includes('client_secret_basic')
  return needsPost ? client.ClientSecretPost(secret) : client.ClientSecretBasic(secret)
}
