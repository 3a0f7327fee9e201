import type { UpstreamConfig } from '@daytona-auth/configuration/upstream'
import { boundedText } from '@daytona-auth/service'
import * as client from 'openid-client'
import { z } from 'zod'
import { createExchanges, type Exchange, isLocal } from './exchange.ts'
import type { UpstreamDependencies } from './openid.ts'
import { type Upstream, UpstreamError } from './upstream.ts'

/** The id is permanent; the login can be given to another user. */
const GithubUser = z.object({
  id: z.number().int().positive(),
  login: boundedText({ max: 256 }),
  name: boundedText({ max: 512 }).nullish(),
})

const GithubEmails = z
  .array(z.object({ email: boundedText({ max: 320 }), primary: z.boolean(), verified: z.boolean() }))
  .max(1000)

/**
 * Creates a sign-in with GitHub, which is an OAuth 2.0 server without id_tokens: the code flow with PKCE and state, then the
 * profile and the primary address by its API. It does not say when the person authenticated.
 */
export function createGithubUpstream(
  { name, label, issuer: origin, clientId, clientSecret, scopes }: UpstreamConfig,
  { allowedNetworks, timeoutMs }: UpstreamDependencies,
): Upstream {
  const issuer = `${origin}/login/oauth`
  const api = origin === 'https://github.com' ? 'https://api.github.com' : `${origin}/api/v3`
  const begin = createExchanges({ issuer, allowedNetworks, timeoutMs, reachesOwnHost: true })

  function configure(exchange: Exchange): client.Configuration {
    const configuration = new client.Configuration(
      { issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/access_token` },
      clientId,
      { client_secret: clientSecret },
      client.ClientSecretPost(clientSecret),
    )
    configuration[client.customFetch] = exchange.fetch
    if (isLocal(issuer)) client.allowInsecureRequests(configuration)
    return configuration
  }

  return {
    name,
    label,
    issuer,
    statesAuthTime: false,
    trustsMfa: false,

    async authorizationUrl({ redirectUri, state, codeVerifier, prompt }) {
      return client.buildAuthorizationUrl(configure(begin()), {
        redirect_uri: redirectUri,
        scope: scopes.join(' '),
        state,
        code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: 'S256',
        ...(prompt !== undefined && { prompt: 'select_account' }),
      })
    },

    async identify(response, { redirectUri, state, codeVerifier }) {
      const exchange = begin()
      try {
        const callback = new URL(redirectUri)
        callback.search = response.toString()
        const { access_token: token } = await client.authorizationCodeGrant(configure(exchange), callback, {
          pkceCodeVerifier: codeVerifier,
          expectedState: state,
        })
        const [user, emails] = await Promise.all([
          read(exchange, `${api}/user`, token, GithubUser),
          read(exchange, `${api}/user/emails`, token, GithubEmails),
        ])
        const email = emails.find(({ primary, verified }) => primary && verified)?.email
        return {
          issuer,
          subject: String(user.id),
          email,
          name: user.name ?? user.login,
          authTime: undefined,
          trustedMethods: undefined,
        }
      } catch (error) {
        throw exchange.failure(error)
      }
    },
  }
}

async function read<T>(exchange: Exchange, url: string, token: string, schema: z.ZodType<T>): Promise<T> {
  const response = await exchange.fetch(url, {
    method: 'GET',
    redirect: 'manual',
    body: undefined,
    headers: {
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${token}`,
      'user-agent': 'daytona-auth', // requests without one are refused
      'x-github-api-version': '2022-11-28',
    },
  })
  if (response.status !== 200) throw new UpstreamError('invalid', `${new URL(url).pathname}: status ${response.status}`)
  const { data, success } = schema.safeParse(await response.json().catch(() => undefined))
  if (!success) throw new UpstreamError('invalid', `${new URL(url).pathname}: unexpected content`)
  return data
}
