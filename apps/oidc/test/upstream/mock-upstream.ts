import { freePort, type Scope } from '@daytona-auth/testing'
import { OAuth2Server } from 'oauth2-mock-server'
import { type Answer, arrive, authorizationRequest, send, type Visitor, visitor } from '../browser/visitor.ts'
import { type Person, type TestClient, type TestProvider, testProvider } from '../fixture.ts'

/** What the next answers of the upstream provider contain, and what it has received. */
export interface MockUpstream {
  readonly issuer: string
  readonly server: OAuth2Server
  /** Claims of the id_token, beside those of the protocol. */
  claims: Record<string, unknown>
  userinfo: Record<string, unknown>
  /** Replaces the token response. */
  respond: ((body: Record<string, unknown>) => void) | undefined
  /** Replaces parameters of the authorization response. */
  redirect: ((url: URL) => void) | undefined
  /** Status of the token endpoint. */
  status: number
  tokenRequests: number
  reset(): void
}

/** Starts oauth2-mock-server, an OpenID provider of another project. */
export async function mockUpstream(scope: Scope): Promise<MockUpstream> {
  const server = new OAuth2Server()
  await server.issuer.keys.generate('RS256')
  await server.start(await freePort(), '127.0.0.1')
  scope.after(() => server.stop())
  const mock: MockUpstream = {
    issuer: String(server.issuer.url),
    server,
    claims: {},
    userinfo: {},
    respond: undefined,
    redirect: undefined,
    status: 200,
    tokenRequests: 0,
    reset() {
      Object.assign(mock, { claims: {}, userinfo: {}, respond: undefined, redirect: undefined, status: 200 })
    },
  }
  server.service.on('beforeTokenSigning', (token: { payload: Record<string, unknown> }) => {
    Object.assign(token.payload, mock.claims)
  })
  server.service.on('beforeUserinfo', (response: { body: Record<string, unknown> }) => {
    response.body = { ...response.body, sub: mock.claims['sub'] ?? 'johndoe', ...mock.userinfo }
  })
  server.service.on('beforeResponse', (response: { body: Record<string, unknown>; statusCode: number }) => {
    mock.tokenRequests += 1
    response.statusCode = mock.status
    mock.respond?.(response.body)
  })
  server.service.on('beforeAuthorizeRedirect', ({ url }: { url: URL }) => mock.redirect?.(url))
  return mock
}

const REDIRECT = 'https://cobalt.example/callback'

/** A provider with one upstream provider, and an app to sign in to. */
export interface UpstreamSetUp {
  readonly provider: TestProvider
  readonly owner: Person
  readonly app: TestClient
  /** Opens the sign-in page in a new browser. */
  open(parameters?: Record<string, string>): Promise<{ visit: Visitor; page: Answer }>
  /** Presses the button of the upstream provider. Returns the URL of the authorization request. */
  begin(visit: Visitor, page: Answer, name?: string): Promise<URL>
}

export async function providerWithUpstream(
  scope: Scope,
  env: Record<string, string>,
  options: { readonly now?: () => number } = {},
): Promise<UpstreamSetUp> {
  const provider = await testProvider(scope, { env, ...options })
  const owner = await provider.person()
  const app = await provider.client(owner, { type: 'spa', redirectUris: [REDIRECT] })
  return {
    provider,
    owner,
    app,
    async open(parameters = {}) {
      const visit = visitor(provider.issuer)
      const request = authorizationRequest(provider.issuer, {
        client_id: app.clientId,
        redirect_uri: app.redirectUri,
        ...parameters,
      })
      return { visit, page: await arrive(visit, request) }
    },
    async begin(visit, page, name = 'acme') {
      const { status, location, html } = await send(visit, page, `upstream/${name}`, {})
      if (status !== 200 || !location) throw new Error(`${status}: ${html}`)
      return location
    },
  }
}

/** The variables of an upstream provider named Acme. */
export const acme = (issuer: string, secret = 'secret of the client at the upstream provider') => ({
  UPSTREAM_ACME_ISSUER: issuer,
  UPSTREAM_ACME_CLIENT_ID: 'daytona',
  UPSTREAM_ACME_CLIENT_SECRET: secret,
})

/** Follows an authorization request at the upstream provider, which answers at once. Returns the callback. */
export async function answerOf(authorization: URL): Promise<URL> {
  const response = await fetch(authorization, { redirect: 'manual' })
  const location = response.headers.get('location')
  if (!location) throw new Error(`${response.status} ${await response.text()}`)
  return new URL(location)
}
