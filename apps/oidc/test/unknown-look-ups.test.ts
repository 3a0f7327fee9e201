import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { browser, CLI, DEVICE_CODE, PASSWORD, redeem, refresh, type TestClient, testProvider } from './fixture.ts'
import { type StatementCounter, statementCounter } from './statement-counter.ts'

const PER_MINUTE = 2
/** The limits: of an authenticated client, and of look-ups a second for clients over the limit. */
const PER_MINUTE_OF_CLIENT = 20
const PER_SECOND = 10
/** The connections that requests use. */
const POOL = 10
/** Sent one after another, which use up the budget of an address, or of an authenticated client. */
const FIRST = 4
const FIRST_OF_CLIENT = 24
/** Then sent at once: one after another, a slow machine would stay below the look-ups of a second. */
const AT_ONCE = 36

let counter: StatementCounter | undefined
const provider = await testProvider(
  { after },
  {
    env: {
      UNKNOWN_CREDENTIALS_PER_MINUTE: String(PER_MINUTE),
      TRUSTED_PROXIES: '127.0.0.1',
      ANONYMOUS_AUTHORIZATIONS_ADDRESS_LIMIT: '100000',
      DEVICE_CODES_ADDRESS_LIMIT: '100000',
    },
    through: async (url) => {
      counter = await statementCounter({ after }, url)
      return counter.url
    },
  },
)
const { issuer } = provider
const person = await provider.person()
const spa = await provider.client(person, { type: 'spa' })
const signedIn = browser(provider, person)

interface Request {
  readonly path: string
  readonly form?: Record<string, string>
  readonly client?: TestClient
}

const unknown = () => randomBytes(32).toString('base64url')
const unknownId = () => `app_${unknown()}`
const codeOf = (client: TestClient) => ({
  grant_type: 'authorization_code',
  code: unknown(),
  code_verifier: 'x'.repeat(43),
  redirect_uri: client.redirectUri,
})
const unknownClient = (): TestClient => ({ clientId: unknownId(), secret: 'secret', redirectUri: 'https://x.example/' })
const refreshing = () => ({ grant_type: 'refresh_token', refresh_token: unknown() })
const polling = () => ({ grant_type: DEVICE_CODE, device_code: unknown() })
const link = () => ({ token: unknown(), password: PASSWORD })

/** Every look-up of an id that an untrusted caller supplies. `client`: an authenticated one, with its own budget. */
const LOOK_UPS: Record<string, (client: TestClient) => Request> = {
  'a code, of an authenticated client': (client) => ({ path: '/oauth/token', client, form: codeOf(client) }),
  'a refresh token, of an authenticated client': (client) => ({ path: '/oauth/token', client, form: refreshing() }),
  'a token to revoke, of an authenticated client': (client) => ({
    path: '/oauth/revoke',
    client,
    form: { token: unknown() },
  }),
  'a token to introspect': (client) => ({ path: '/oauth/introspect', client, form: { token: unknown() } }),
  'a code, of a public client': () => ({ path: '/oauth/token', client: spa, form: codeOf(spa) }),
  'a refresh token, of a public client': () => ({ path: '/oauth/token', client: spa, form: refreshing() }),
  'a token to revoke, of a public client': () => ({ path: '/oauth/revoke', client: spa, form: { token: unknown() } }),
  'a device code': () => ({ path: '/oauth/token', client: CLI, form: polling() }),
  'a client at the token endpoint': () => ({ path: '/oauth/token', client: unknownClient(), form: refreshing() }),
  'a client at revocation': () => ({ path: '/oauth/revoke', client: unknownClient(), form: { token: 'x' } }),
  'a client at introspection': () => ({ path: '/oauth/introspect', client: unknownClient(), form: { token: 'x' } }),
  'a client at device authorization': () => ({
    path: '/oauth/device_authorization',
    client: { ...unknownClient(), secret: undefined },
    form: { scope: 'openid' },
  }),
  'a client at authorization': () => ({
    path: `/oauth/authorize?client_id=${unknownId()}&response_type=code&scope=openid`,
  }),
  'a client at pushed requests': () => ({
    path: '/oauth/par',
    client: unknownClient(),
    form: { response_type: 'code', scope: 'openid' },
  }),
  'a resource at authorization': ({ clientId, redirectUri }) => ({
    path: `/oauth/authorize?${new URLSearchParams({
      client_id: clientId,
      redirect_uri: redirectUri,
      response_type: 'code',
      scope: 'openid',
      resource: `https://${unknown().toLowerCase().replaceAll('_', '-')}.example.test/v1`,
    })}`,
  }),
  'a resource at pushed requests': () => ({
    path: '/oauth/par',
    client: { ...spa, secret: undefined },
    form: {
      response_type: 'code',
      scope: 'openid',
      redirect_uri: spa.redirectUri,
      code_challenge: 'x'.repeat(43),
      code_challenge_method: 'S256',
      resource: `https://unknown.example.test/${unknown()}`,
    },
  }),
  'a resource at device authorization': () => ({
    path: '/oauth/device_authorization',
    client: CLI,
    form: { scope: 'openid', resource: `https://unknown.example.test/${unknown()}` },
  }),
  // The address pays: a browser names a client without its authentication.
  'a pushed request': ({ clientId }) => ({
    path: `/oauth/authorize?client_id=${clientId}&request_uri=urn:ietf:params:oauth:request_uri:${unknown()}`,
  }),
  'a public client with an empty secret': () => ({
    path: '/oauth/token',
    client: { ...unknownClient(), secret: '' },
    form: refreshing(),
  }),
  'the link of an invitation': () => ({ path: `/oauth/invitation?token=${unknown()}` }),
  'the form of an invitation': () => ({ path: '/oauth/invitation', form: link() }),
  'the verification link of an address': () => ({ path: `/oauth/verify-email?token=${unknown()}` }),
  'the verification form of an address': () => ({ path: '/oauth/verify-email', form: link() }),
  'the link of a recovery': () => ({ path: `/oauth/recovery/password?token=${unknown()}` }),
  'the form of a recovery': () => ({ path: '/oauth/recovery/password', form: link() }),
  'the link that revokes keys': () => ({ path: `/oauth/recovery/keys?token=${unknown()}` }),
  'the form that revokes keys': () => ({ path: '/oauth/recovery/keys', form: link() }),
  'the link of a change of the address': () => ({ path: `/oauth/email-change/new?token=${unknown()}` }),
  'the form of a change of the address': () => ({ path: '/oauth/email-change/current', form: link() }),
  'the form of a takeover': () => ({ path: '/oauth/recovery/password/take-over', form: link() }),
}

async function send({ path, form, client }: Request, address: string) {
  const isBasic = client?.secret !== undefined
  const basic = Buffer.from(`${client?.clientId}:${client?.secret}`).toString('base64')
  const response = await fetch(issuer + path, {
    redirect: 'manual',
    headers: { 'x-forwarded-for': address, ...(isBasic && { authorization: `Basic ${basic}` }) },
    ...(form && {
      method: 'POST',
      body: new URLSearchParams({ ...form, ...(client && !isBasic && { client_id: client.clientId }) }),
    }),
  })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

const lines = Object.entries(LOOK_UPS)

describe(`an unknown id (${lines.length} look-ups)`, () => {
  for (const [index, [what, make]] of lines.entries()) {
    it(`costs a bounded number of statements, and then results in 429: ${what}`, async () => {
      const client = await provider.client(person)
      const authorization = await signedIn.authorize(client, { scope: 'openid offline_access' })
      const { body } = await redeem(provider, client, authorization)
      const address = `192.0.2.${index + 1}`
      const isOwnBudget = make(client).client === client

      const before = counter?.count() ?? 0
      const startedAt = performance.now()
      const answers: Awaited<ReturnType<typeof send>>[] = []
      const first = isOwnBudget ? FIRST_OF_CLIENT : FIRST
      for (let sent = 0; sent < first; sent += 1) answers.push(await send(make(client), address))
      answers.push(...(await Promise.all(Array.from({ length: AT_ONCE }, () => send(make(client), address)))))
      const seconds = (performance.now() - startedAt) / 1000
      const statements = (counter?.count() ?? 0) - before
      const bound = (isOwnBudget ? PER_MINUTE_OF_CLIENT : PER_MINUTE) + PER_SECOND * (1 + seconds)
      // The types that each new connection of the pool reads first.
      assert.ok(statements <= bound + POOL, `${statements} statements, ${bound} at most`)

      const refused = answers.filter(({ status }) => status === 429)
      assert.ok(refused.length > 0, `${answers[0]?.status} … ${answers.at(-1)?.status} ${answers.at(-1)?.text}`)
      for (const { headers, text } of refused) {
        assert.match(headers.get('retry-after') ?? '', /^\d+$/)
        if (/^\/oauth\/(?:token|revoke|introspect|device_authorization)/.test(make(client).path)) {
          assert.equal((JSON.parse(text) as { error: unknown }).error, 'slow_down')
        }
      }
      for (const { status } of answers) assert.ok(status < 500, String(status))

      const good = await refresh(provider, client, body['refresh_token'] ?? '')
      assert.equal(good.status, 200, JSON.stringify(good.body))
      const neighbour = await send(make(await provider.client(person)), '198.51.100.1')
      assert.notEqual(neighbour.status, 429)
    })
  }

  it('is looked up once if it is repeated', async () => {
    const client = await provider.client(person)
    const form = refreshing()
    await send({ path: '/oauth/token', client, form }, '192.0.2.200')
    const before = counter?.count() ?? 0
    for (let sent = 0; sent < 30; sent += 1) {
      assert.equal((await send({ path: '/oauth/token', client, form }, '192.0.2.200')).status, 400)
    }
    assert.ok((counter?.count() ?? 0) - before <= 2)
  })
})
