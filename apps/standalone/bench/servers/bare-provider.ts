import { generateKeyPairSync } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import Provider from 'oidc-provider'

// Unmodified oidc-provider with its memory adapter. Everything that determines the cost of a token request is as in
// apps/oidc: a public client, PKCE, a JWT access token signed with ES256, an id_token signed with RS256, and a rotating
// refresh token.
const { ISSUER: issuer = '', PORT: port } = process.env
const SCOPE = 'openid profile email offline_access'

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: 'daytona-dashboard',
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      redirect_uris: [`${issuer}/dashboard/callback`],
    },
  ],
  jwks: { keys: [privateJwk('ES256'), privateJwk('RS256')] },
  routes: { authorization: '/oauth/authorize', token: '/oauth/token' },
  claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'] },
  findAccount: (_context, accountId) => ({
    accountId,
    claims: () => ({ sub: accountId, name: 'Bench', email: 'bench@example.com', email_verified: true }),
  }),
  interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
  async loadExistingGrant({ oidc: { account, client, provider: own } }) {
    const grant = new own.Grant({ accountId: account?.accountId, clientId: client?.clientId })
    grant.addOIDCScope(SCOPE)
    grant.addResourceScope(issuer, SCOPE)
    await grant.save()
    return grant
  },
  issueRefreshToken: () => true,
  rotateRefreshToken: true,
  expiresWithSession: () => false,
  cookies: { keys: ['bench'] },
  ttl: {
    Grant: 3600,
    Session: 3600,
    Interaction: 60,
    AuthorizationCode: 60,
    RefreshToken: 3600,
    AccessToken: 3600,
    IdToken: 3600,
  },
  features: {
    devInteractions: { enabled: false },
    dPoP: { enabled: false },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => issuer,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: SCOPE,
        audience: issuer,
        accessTokenTTL: 3600,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'ES256' } },
      }),
    },
  },
})

const protocol = provider.callback()
createServer((request, response) => {
  if (request.url === '/health') response.end()
  else if (request.url?.startsWith('/interaction/')) void signIn(request, response)
  else void protocol(request, response)
}).listen(Number(port), '127.0.0.1')

/** Signs every browser in as the only user. */
const signIn = (request: IncomingMessage, response: ServerResponse): Promise<void> =>
  provider.interactionFinished(request, response, { login: { accountId: 'bench' } })

function privateJwk(alg: 'ES256' | 'RS256') {
  const { privateKey } =
    alg === 'ES256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 })
  return { ...privateKey.export({ format: 'jwk' }), kid: alg, alg, use: 'sig' } as const
}
