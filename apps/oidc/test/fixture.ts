import { hashPassword } from '@daytona-auth/accounts/password-hashing'
import { digestOf } from '@daytona-auth/auth'
import { inAudit, systemAuthority } from '@daytona-auth/db/audit'
import { insertOauthApp } from '@daytona-auth/db/clients'
import { type Database, newId, type OrganizationId, type UserId } from '@daytona-auth/db/core'
import { addFirstSigningKeys } from '@daytona-auth/db/signing-keys'
import { createUser } from '@daytona-auth/db/users'
import { createLogger } from '@daytona-auth/service'
import { makeSigningKeys } from '@daytona-auth/signing-keys/create'
import { keyWrapping } from '@daytona-auth/signing-keys/wrap'
import {
  assertReasonsLogged,
  captureLog,
  freePort,
  type LogCapture,
  type Scope,
  testDatabase,
} from '@daytona-auth/testing'
import { loadProviderConfig, startProvider } from '../src/index.ts'
import { type Answer, authorizationRequest, inputOf, type Visitor, visitor } from './browser/visitor.ts'

const TEST_AUTHORITY = systemAuthority('test')

export const PASSWORD = 'correct horse battery staple 7'
let passwordHash: Promise<string> | undefined

const SIGNING_KEYS_SECRET = 'signing keys secret of this test 1'
let signingKeys: ReturnType<typeof makeSigningKeys> | undefined

export interface Person {
  readonly userId: UserId
  readonly organizationId: OrganizationId
  readonly email: string
}

/** An app's client credentials, as its developer has them. */
export interface TestClient {
  readonly clientId: string
  readonly secret: string | undefined
  readonly redirectUri: string
}

export interface TestProvider {
  readonly issuer: string
  /** Where the provider listens, independent of the issuer. */
  readonly url: string
  /** The URL of the role that a provider connects as, which owns no tables. */
  readonly databaseUrl: string
  readonly database: Database
  readonly log: LogCapture
  readonly secrets: { readonly signingKeys: string; readonly cookies: string }
  person(name?: string): Promise<Person>
  client(owner: Person, client?: Partial<NewClient>): Promise<TestClient>
}

interface NewClient {
  readonly type: 'web' | 'spa' | 'native'
  readonly redirectUris: string[]
  readonly postLogoutRedirectUris: string[]
  readonly scopes: string[]
  readonly requirePkce: boolean
  readonly requirePushedAuthorizationRequests: boolean
  readonly dpopBoundAccessTokens: boolean
  readonly requireSignedRequestObject: boolean
  readonly requestObjectSigningAlg: 'ES256' | 'RS256' | null
  /** Its public keys, or where they are: it authenticates with assertions. */
  readonly jwks: { keys: Record<string, unknown>[] }
  readonly jwksUri: string
  readonly deviceGrant: boolean
  readonly idTokenSignedResponseAlg: 'RS256' | 'ES256'
  readonly backchannelLogoutUri: string
  /** In seconds. */
  readonly defaultMaxAge: number
  readonly refreshTokenTtl: number
  readonly refreshTokenAbsoluteTtl: number
}

export const DASHBOARD = (issuer: string): TestClient => ({
  clientId: 'daytona-dashboard',
  secret: undefined,
  redirectUri: `${issuer}/dashboard/callback`,
})

export const CLI: TestClient = { clientId: 'daytona-cli', secret: undefined, redirectUri: 'http://127.0.0.1/callback' }

/** RFC 8628 §3.4. */
export const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code'

/** Many requests at once take long on a slow machine, where the default would end them with 503. */
const HANDLER_TIMEOUT = '1m'

/**
 * Adds keys that are made once per process: an RSA key takes 70 ms of processor time. A function of its own, because what
 * follows an awaited promise of another file belongs to that file for `node:test`, and so would `scope.after`.
 */
async function addSharedSigningKeys(database: Database): Promise<void> {
  signingKeys ??= makeSigningKeys(keyWrapping([SIGNING_KEYS_SECRET]))
  await addFirstSigningKeys(database, await signingKeys, 'provider')
}

interface TestProviderOptions {
  readonly env?: Record<string, string>
  readonly now?: () => number
  readonly through?: (databaseUrl: string) => Promise<string>
  /** Whether it creates its own signing keys, as at a first start. Otherwise it finds those of the other providers. */
  readonly makesKeys?: boolean
}

/** Starts a provider on its own database with `startProvider`. Nothing in it is replaced for the test. */
export async function testProvider(
  scope: Scope,
  { env = {}, now, through = async (url) => url, makesKeys = 'SIGNING_KEYS_SECRET' in env }: TestProviderOptions = {},
): Promise<TestProvider> {
  const {
    database,
    serverUrls: { provider: url },
  } = await testDatabase(scope)
  const port = await freePort()
  const issuer = env['ISSUER'] ?? `http://127.0.0.1:${port}`
  const secrets = {
    signingKeys: SIGNING_KEYS_SECRET,
    cookies: 'cookie key of this test and long enough',
  }
  if (!makesKeys) await addSharedSigningKeys(database)
  const log = captureLog()
  const config = loadProviderConfig({
    DATABASE_URL: await through(url),
    ISSUER: issuer,
    PORT: String(port),
    SIGNING_KEYS_SECRET: secrets.signingKeys,
    COOKIE_KEYS: secrets.cookies,
    HANDLER_TIMEOUT,
    ...env,
  })
  const logger = createLogger({ service: 'oidc', stream: log.stream })
  const running = await startProvider(config, { logger, ...(now && { now }) })
  scope.after(() => running.close())
  // Last, because a failed hook ends the others.
  scope.after(() => assertReasonsLogged(log))

  let people = 0
  return {
    issuer,
    url: `http://127.0.0.1:${running.port}`,
    databaseUrl: url,
    database,
    log,
    secrets,
    async person(name = 'Ada Lovelace') {
      people += 1
      const email = `person${people}@example.com`
      // Hashed once: each hash takes 15 ms of processor time.
      passwordHash ??= hashPassword(PASSWORD)
      const created = await createUser(
        database,
        { email, name, passwordHash: await passwordHash, emailVerified: true },
        { source: 'test' },
      )
      if (!created) throw new Error(`${email} is taken`)
      return { ...created, email }
    },
    async client(owner, client = {}) {
      const { type = 'web', redirectUris = ['https://app.example.com/callback'] } = client
      const clientId = newId('app')
      const hasKeys = client.jwks !== undefined || client.jwksUri !== undefined
      const secret = type === 'web' && !hasKeys ? `secret-${clientId}` : undefined
      await inAudit(
        database,
        TEST_AUTHORITY,
        {
          organizationId: owner.organizationId,
          actorId: owner.userId,
          actorEmail: owner.email,
          source: 'test',
          action: 'oauth_app.create',
          targetType: 'oauth_app',
          targetId: clientId,
        },
        (tx) =>
          insertOauthApp(
            tx,
            owner.organizationId,
            {
              id: clientId,
              name: 'Example App',
              type,
              redirectUris,
              postLogoutRedirectUris: client.postLogoutRedirectUris ?? [],
              requirePkce: client.requirePkce,
              requirePushedAuthorizationRequests: client.requirePushedAuthorizationRequests,
              dpopBoundAccessTokens: client.dpopBoundAccessTokens,
              requireSignedRequestObject: client.requireSignedRequestObject,
              requestObjectSigningAlg: client.requestObjectSigningAlg,
              deviceGrant: client.deviceGrant,
              ...(hasKeys && { tokenEndpointAuthMethod: 'private_key_jwt' }),
              jwks: client.jwks,
              jwksUri: client.jwksUri,
              idTokenSignedResponseAlg: client.idTokenSignedResponseAlg,
              backchannelLogoutUri: client.backchannelLogoutUri,
              defaultMaxAge: client.defaultMaxAge,
              refreshTokenTtl: client.refreshTokenTtl,
              refreshTokenAbsoluteTtl: client.refreshTokenAbsoluteTtl,
              scopes: client.scopes ?? ['openid', 'profile', 'email', 'offline_access', 'read:sandboxes'],
            },
            secret === undefined ? undefined : { name: 'default', digest: digestOf(secret), hint: '****' },
          ),
      )
      return { clientId, secret, redirectUri: redirectUris[0] ?? '' }
    },
  }
}

/** The API that a consent page names, in its form; empty for our own API. */
export const resourceIn = (html: string): string => /name="resource" value="([^"]*)"/.exec(html)?.[1] ?? ''

export interface Authorization {
  readonly code: string
  readonly verifier: string
  readonly redirectUri: string
  /** The redirect URI with the response's parameters. */
  readonly callback: URL
}

/** A person with a browser, who signs in when required and allows every request. */
export interface TestBrowser {
  readonly visitor: Visitor
  /** Runs the flow from the app's link back to the app. */
  authorize(client: TestClient, parameters?: Record<string, string>): Promise<Authorization>
  /** Runs the flow to its last page or redirect. */
  attempt(client: TestClient, parameters?: Record<string, string>): Promise<{ answer: Answer; verifier: string }>
}

export function browser({ issuer }: TestProvider, person: Person): TestBrowser {
  const visit = visitor(issuer)

  /** Follows redirects to a page of the provider or to the app's redirect URI; the dashboard's is on the same origin. */
  async function follow(answer: Answer, door: string): Promise<Answer> {
    let current = answer
    for (let hops = 0; hops < 10; hops++) {
      const { location } = current
      if (location?.origin !== issuer || location.href.startsWith(door)) return current
      current = await visit.get(location)
    }
    throw new Error('too many redirects')
  }

  async function attempt(client: TestClient, parameters: Record<string, string> = {}) {
    const request = authorizationRequest(issuer, {
      client_id: client.clientId,
      redirect_uri: client.redirectUri,
      ...parameters,
    })
    const door = parameters['redirect_uri'] ?? client.redirectUri
    let answer = await follow(await visit.get(request.url), door)
    for (let pages = 0; pages < 4 && answer.location === undefined && answer.status === 200; pages++) {
      const isConsent = answer.html.includes('name="decision"')
      const uid = /\/oauth\/interaction\/([^/"]+)/.exec(answer.html)?.[1]
      if (!uid) break
      const csrf = inputOf(answer, 'csrf')
      if (answer.html.includes('name="set_up"')) {
        const skipped = { csrf, ticket: inputOf(answer, 'ticket'), decision: 'later' }
        answer = await follow(await visit.post(`/oauth/interaction/${uid}/enrollment`, skipped), door)
        continue
      }
      const organizations = [...answer.html.matchAll(/name="organization"[^>]*value="([^"]*)"/g)].map(
        ([, id]) => id ?? '',
      )
      const fields: Record<string, string | string[]> = isConsent
        ? { csrf, decision: 'allow', organization: organizations, resource: resourceIn(answer.html) }
        : { csrf, email: person.email, password: PASSWORD }
      const posted = await visit.post(`/oauth/interaction/${uid}/${isConsent ? 'consent' : 'sign-in'}`, fields)
      answer = await follow(posted, door)
    }
    return { answer, verifier: request.verifier }
  }

  return {
    visitor: visit,
    attempt,
    async authorize(client, parameters = {}) {
      const { answer, verifier } = await attempt(client, parameters)
      const code = answer.location?.searchParams.get('code')
      if (!answer.location || !code) throw new Error(`no code: ${answer.status} ${answer.location ?? answer.html}`)
      const redirectUri = parameters['redirect_uri'] ?? client.redirectUri
      return { code, verifier, redirectUri, callback: answer.location }
    },
  }
}

export interface TokenAnswer {
  readonly status: number
  readonly headers: Headers
  readonly body: Readonly<Record<string, string>>
}

/** Sends an app's POST to a protocol endpoint, authenticated as the app is registered. */
export async function post(
  { issuer }: TestProvider,
  path: string,
  client: TestClient,
  fields: Record<string, string>,
  headers: Readonly<Record<string, string>> = {},
): Promise<TokenAnswer> {
  const basic = client.secret && Buffer.from(`${client.clientId}:${client.secret}`).toString('base64')
  const response = await fetch(new URL(path, issuer), {
    method: 'POST',
    body: new URLSearchParams({ ...fields, ...(!basic && { client_id: client.clientId }) }),
    headers: { ...(basic && { authorization: `Basic ${basic}` }), ...headers },
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: text === '' ? {} : JSON.parse(text) }
}

/** The path and query of an authorization request whose code is never redeemed. */
export function authorizationPath(client: TestClient, parameters: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams({
    client_id: client.clientId,
    redirect_uri: client.redirectUri,
    response_type: 'code',
    scope: 'openid',
    code_challenge: 'x'.repeat(43),
    code_challenge_method: 'S256',
    ...parameters,
  })
  return `/oauth/authorize?${query}`
}

export const redeem = (
  provider: TestProvider,
  client: TestClient,
  { code, verifier, redirectUri }: Authorization,
  headers?: Readonly<Record<string, string>>,
) =>
  post(
    provider,
    '/oauth/token',
    client,
    { grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: redirectUri },
    headers,
  )

export const refresh = (
  provider: TestProvider,
  client: TestClient,
  token: string,
  extra: Record<string, string> = {},
) => post(provider, '/oauth/token', client, { grant_type: 'refresh_token', refresh_token: token, ...extra })

export const revoke = (provider: TestProvider, client: TestClient, token: string) =>
  post(provider, '/oauth/revoke', client, { token })

export async function userinfo({ issuer }: TestProvider, token: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${issuer}/oauth/userinfo`, { ...init, headers: { authorization: `Bearer ${token}`, ...init.headers } })
}

/** Reads when a person's name or address last changed, in the format of the claim `updated_at`. */
export async function updatedAtOf({ database }: TestProvider, { userId }: Person): Promise<number> {
  const [row] = await database.$client`
    SELECT floor(extract(epoch FROM updated_at))::float8 AS seconds FROM users WHERE id = ${userId}`
  return row?.['seconds']
}

/** Fetches the published keys. */
export async function jwks({
  issuer,
}: TestProvider): Promise<(Record<string, unknown> & { kid: string; alg: string })[]> {
  const response = await fetch(`${issuer}/.well-known/jwks.json`)
  // RFC 7517 §5.
  return ((await response.json()) as { keys: Awaited<ReturnType<typeof jwks>> }).keys
}

/** Decodes the claims of a token without verification. */
export function claimsOf(token: string | undefined): Record<string, unknown> {
  return JSON.parse(Buffer.from(token?.split('.')[1] ?? '', 'base64url').toString())
}

export function headerOf(token: string | undefined): Record<string, unknown> {
  return JSON.parse(Buffer.from(token?.split('.')[0] ?? '', 'base64url').toString())
}
