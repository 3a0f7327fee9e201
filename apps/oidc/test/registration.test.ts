import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { createSecretToken } from '@daytona-auth/accounts/secret-token'
import { inAudit, systemAuthority } from '@daytona-auth/db/audit'
import { insertInitialAccessToken } from '@daytona-auth/db/clients'
import { type InitialAccessTokenId, newId } from '@daytona-auth/db/core'
import { sweep } from '../src/provider/storage/sweeper.ts'
import {
  browser,
  claimsOf,
  post,
  redeem,
  type TestClient,
  type TestProvider,
  testProvider,
  userinfo,
} from './fixture.ts'

const open = await testProvider(
  { after },
  {
    env: {
      CLIENT_REGISTRATION: 'open',
      REGISTRATIONS_ADDRESS_LIMIT: '1000',
      SELF_REGISTERED_SCOPES: 'read:sandboxes',
      BRAND_NAME: 'Acme',
    },
  },
)
const guarded = await testProvider(
  { after },
  { env: { CLIENT_REGISTRATION: 'token', REGISTRATIONS_ADDRESS_LIMIT: '1000' } },
)
const person = await open.person()

/** As the official SDK of the Model Context Protocol sends it. */
const METADATA = {
  client_name: 'Agent',
  redirect_uris: ['http://127.0.0.1:33418/callback'],
  token_endpoint_auth_method: 'none',
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
}

async function register(
  { issuer }: TestProvider,
  metadata: unknown,
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: Headers; body: Record<string, unknown> }> {
  const response = await fetch(`${issuer}/oauth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof metadata === 'string' ? metadata : JSON.stringify(metadata),
  })
  const body = (await response.json()) as Record<string, unknown>
  return { status: response.status, headers: response.headers, body }
}

async function countRegistered({ database }: TestProvider): Promise<number> {
  const [row] = await database.$client`SELECT count(*)::int AS count FROM client_registrations`
  return row?.['count']
}

async function createToken(
  { database }: TestProvider,
  { maxUses = 1, expiresAt = new Date(Date.now() + 60_000) }: { maxUses?: number; expiresAt?: Date } = {},
): Promise<{ id: InitialAccessTokenId; token: string }> {
  const { token, digest } = createSecretToken()
  const id = newId('iat')
  const entry = {
    organizationId: person.organizationId,
    actorId: null,
    actorEmail: null,
    source: 'test',
    action: 'initial_access_token.create',
  } as const
  await inAudit(database, systemAuthority('test'), entry, (tx) =>
    insertInitialAccessToken(tx, { id, name: 'test', digest, hint: '****', maxUses, expiresAt }),
  )
  return { id, token }
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

describe('a registration', () => {
  const web = { ...METADATA, redirect_uris: ['https://app.example.com/cb'] }
  const key = { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' }
  const REFUSED: Record<string, [error: string, metadata: unknown]> = {
    'that is no object': ['invalid_client_metadata', '[]'],
    'that is null': ['invalid_client_metadata', 'null'],
    'that is a text': ['invalid_client_metadata', '"x"'],
    'without redirect URIs': ['invalid_redirect_uri', { ...METADATA, redirect_uris: undefined }],
    'with no redirect URI': ['invalid_redirect_uri', { ...METADATA, redirect_uris: [] }],
    'with a redirect URI that is no text': ['invalid_redirect_uri', { ...METADATA, redirect_uris: [1] }],
    'with too many redirect URIs': [
      'invalid_redirect_uri',
      { ...METADATA, redirect_uris: Array.from({ length: 21 }, (_, index) => `https://app.example.com/${index}`) },
    ],
    ...Object.fromEntries(
      [
        'http://app.example.com/cb',
        'https://app.example.com/cb#fragment',
        'https://*.example.com/cb',
        'https://user:password@app.example.com/cb',
        'https://APP.example.com/cb',
        'javascript:alert(1)',
        'data:text/html,x',
        'file:///etc/passwd',
        'myapp://cb',
        'http://localhost.example.com/cb',
        '/cb',
        '',
        `https://app.example.com/${'x'.repeat(2000)}`,
      ].map((uri) => [
        `with the redirect URI ${uri.slice(0, 40)}`,
        ['invalid_redirect_uri', { ...METADATA, redirect_uris: [uri] }],
      ]),
    ),
    'of a page with a private-use scheme': [
      'invalid_redirect_uri',
      { ...METADATA, application_type: 'web', redirect_uris: ['com.example.app:/cb'] },
    ],
    'with our own name': ['invalid_client_metadata', { ...METADATA, client_name: 'Daytonа CLI' }],
    'with the name of the installation': ['invalid_client_metadata', { ...METADATA, client_name: 'Acme' }],
    'with a name without visible characters': ['invalid_client_metadata', { ...METADATA, client_name: '\u200b' }],
    'with a name that is too long': ['invalid_client_metadata', { ...METADATA, client_name: 'x'.repeat(1000) }],
    'with a secret of its own': ['invalid_client_metadata', { ...METADATA, client_secret: 'guessable' }],
    'with the expiry of a secret': ['invalid_client_metadata', { ...METADATA, client_secret_expires_at: 0 }],
    'with a registration token of its own': [
      'invalid_client_metadata',
      { ...METADATA, registration_access_token: 'x' },
    ],
    'with a registration URL of its own': ['invalid_client_metadata', { ...METADATA, registration_client_uri: 'x' }],
    ...Object.fromEntries(
      ['client_secret_jwt', 'tls_client_auth', 'self_signed_tls_client_auth', 'attest_jwt_client_auth', ''].map(
        (method) => [
          `with the authentication ${method}`,
          ['invalid_client_metadata', { ...METADATA, token_endpoint_auth_method: method }],
        ],
      ),
    ),
    ...Object.fromEntries(
      [
        'implicit',
        'password',
        'client_credentials',
        'urn:ietf:params:oauth:grant-type:device_code',
        'urn:ietf:params:oauth:grant-type:jwt-bearer',
        'urn:ietf:params:oauth:grant-type:token-exchange',
        'urn:openid:params:grant-type:ciba',
      ].map((type) => [
        `with the grant type ${type}`,
        ['invalid_client_metadata', { ...METADATA, grant_types: ['authorization_code', type] }],
      ]),
    ),
    'with refresh tokens alone': ['invalid_client_metadata', { ...METADATA, grant_types: ['refresh_token'] }],
    ...Object.fromEntries(
      ['token', 'id_token', 'code id_token', 'none'].map((type) => [
        `with the response type ${type}`,
        ['invalid_client_metadata', { ...METADATA, response_types: [type] }],
      ]),
    ),
    'with unsigned id_tokens': ['invalid_client_metadata', { ...METADATA, id_token_signed_response_alg: 'none' }],
    'with id_tokens signed by a secret': [
      'invalid_client_metadata',
      { ...METADATA, id_token_signed_response_alg: 'HS256' },
    ],
    'with pairwise subjects': ['invalid_client_metadata', { ...METADATA, subject_type: 'pairwise' }],
    'of a native app with a secret': [
      'invalid_client_metadata',
      { ...METADATA, application_type: 'native', token_endpoint_auth_method: 'client_secret_basic' },
    ],
    'with keys of a public client': ['invalid_client_metadata', { ...METADATA, jwks: { keys: [key] } }],
    'with a key that is none': [
      'invalid_client_metadata',
      { ...web, token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [key] } },
    ],
    'with keys at an address without TLS': [
      'invalid_client_metadata',
      { ...web, token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'http://app.example.com/jwks' },
    ],
    'with an assertion and no keys': [
      'invalid_client_metadata',
      { ...web, token_endpoint_auth_method: 'private_key_jwt' },
    ],
    'with a foreign landing page after sign-out': [
      'invalid_client_metadata',
      { ...METADATA, post_logout_redirect_uris: ['http://app.example.com/'] },
    ],
  }

  for (const [what, [error, metadata]] of Object.entries(REFUSED)) {
    it(`is refused ${what}`, async () => {
      const before = await countRegistered(open)
      const answer = await register(open, metadata)
      assert.deepEqual([answer.status, answer.body['error']], [400, error], JSON.stringify(answer.body))
      assert.equal(await countRegistered(open), before)
    })
  }

  const MALFORMED: Record<string, [status: number, body: string, headers?: Record<string, string>]> = {
    'that is no JSON': [400, '{'],
    'that is empty': [400, ''],
    'that is a form': [415, 'redirect_uris=x', { 'content-type': 'application/x-www-form-urlencoded' }],
    'in another character set': [415, '{}', { 'content-type': 'application/json; charset=utf-16' }],
    'that is too long': [413, JSON.stringify({ ...METADATA, software_statement: 'x'.repeat(40_000) })],
  }
  for (const [what, [status, body, headers]] of Object.entries(MALFORMED)) {
    it(`is refused ${what}`, async () => {
      const answer = await register(open, body, headers)
      assert.deepEqual([answer.status, answer.body['error']], [status, 'invalid_request'])
    })
  }

  it('is not offered unless the operator turns it on', async (t) => {
    const off = await testProvider(t)
    assert.equal((await fetch(`${off.issuer}/oauth/register`, { method: 'POST' })).status, 404)
    const discovery = (await (await fetch(`${off.issuer}/.well-known/oauth-authorization-server`)).json()) as object
    assert.equal('registration_endpoint' in discovery, false)
  })

  it('is limited for an address, refused ones included', async (t) => {
    const limited = await testProvider(t, { env: { CLIENT_REGISTRATION: 'open', REGISTRATIONS_ADDRESS_LIMIT: '3' } })
    const attempts = ['{', JSON.stringify({}), JSON.stringify(METADATA)]
    for (const [index, body] of attempts.entries()) {
      assert.equal((await register(limited, body)).status, index === 2 ? 201 : 400)
    }
    const { status, headers, body } = await register(limited, METADATA)
    assert.deepEqual([status, body['error'], await countRegistered(limited)], [429, 'slow_down', 1])
    assert.ok(Number(headers.get('retry-after')) > 0)
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const managed = await fetch(`${limited.issuer}/oauth/register/app_x`, { method })
      await managed.body?.cancel()
      assert.equal(managed.status, 429, method)
    }
  })

  it('is refused beyond the number of clients that may register themselves', async (t) => {
    const full = await testProvider(t, { env: { CLIENT_REGISTRATION: 'open', REGISTERED_CLIENTS_LIMIT: '1' } })
    assert.equal((await register(full, METADATA)).status, 201)
    const { status, body } = await register(full, METADATA)
    assert.deepEqual([status, body['error'], await countRegistered(full)], [503, 'temporarily_unavailable', 1])
  })

  it('answers what was registered: unknown members are ignored, and scopes are limited', async () => {
    const { status, headers, body } = await register(open, {
      ...METADATA,
      scope: 'openid read:sandboxes delete:sandboxes admin:organization invented',
      first_party: true,
      organization_id: person.organizationId,
      client_id: 'daytona-cli',
      logo_uri: 'https://tracker.example.com/logo.png',
      sector_identifier_uri: 'https://internal.example.com/',
      software_statement: 'x.y.z',
    })
    const { client_id: id, client_id_issued_at: issuedAt, registration_access_token: token, ...rest } = body
    assert.match(String(token), /^[\w-]{43}$/)
    assert.match(String(id), /^app_/)
    assert.ok(Number.isInteger(issuedAt))
    assert.deepEqual(rest, {
      client_name: 'Agent',
      application_type: 'native',
      redirect_uris: METADATA.redirect_uris,
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      scope: 'openid read:sandboxes',
      id_token_signed_response_alg: 'RS256',
      subject_type: 'public',
      dpop_bound_access_tokens: false,
      require_pushed_authorization_requests: false,
      registration_client_uri: `${open.issuer}/oauth/register/${id}`,
    })
    assert.deepEqual([status, headers.get('cache-control')], [201, 'no-store'])
    const [row] = await open.database.$client`
      SELECT first_party, organization_id, logo_uri FROM oidc_clients WHERE id = ${String(id)}`
    assert.deepEqual({ ...row }, { first_party: false, organization_id: null, logo_uri: null })
    const [event] = await open.database.$client`
      SELECT metadata, source FROM audit_events WHERE action = 'oauth_app.create' AND target_id = ${String(id)}`
    assert.deepEqual([event?.['metadata'].registration, event?.['source']], ['request', 'provider'])
  })

  it('allows identity scopes only, unless the operator adds others', async () => {
    const { token } = await createToken(guarded)
    const { body } = await register(guarded, METADATA, bearer(token))
    assert.equal(body['scope'], 'openid profile email offline_access')
  })
})

describe('an initial access token', () => {
  const refused: Record<string, () => Promise<Record<string, string>>> = {
    'that is missing': async () => ({}),
    'that is empty': async () => bearer(''),
    'that is invented': async () => bearer(createSecretToken().token),
    'that has another form': async () => bearer('x'.repeat(7000)),
    'of another scheme': async () => ({ authorization: `Basic ${(await createToken(guarded)).token}` }),
    'that has expired': async () =>
      bearer((await createToken(guarded, { expiresAt: new Date(Date.now() - 1000) })).token),
    'that was revoked': async () => {
      const { id, token } = await createToken(guarded)
      await guarded.database.$client`DELETE FROM initial_access_tokens WHERE id = ${id}`
      return bearer(token)
    },
    'that was used up': async () => {
      const { token } = await createToken(guarded)
      assert.equal((await register(guarded, METADATA, bearer(token))).status, 201)
      return bearer(token)
    },
  }
  for (const [what, headersOf] of Object.entries(refused)) {
    it(`registers nothing ${what}`, async () => {
      const given = await headersOf()
      const before = await countRegistered(guarded)
      const { status, headers, body } = await register(guarded, METADATA, given)
      assert.deepEqual([status, body['error']], [401, 'invalid_token'])
      assert.equal(headers.get('www-authenticate'), 'Bearer error="invalid_token"')
      assert.equal(await countRegistered(guarded), before)
    })
  }

  it('is not used by a refused registration, and by concurrent ones no more often than allowed', async () => {
    const { id, token } = await createToken(guarded, { maxUses: 3 })
    assert.equal((await register(guarded, {}, bearer(token))).status, 400)
    const answers = await Promise.all(Array.from({ length: 10 }, () => register(guarded, METADATA, bearer(token))))
    const counts = Object.groupBy(answers, ({ status }) => String(status))
    assert.deepEqual([counts['201']?.length, counts['401']?.length], [3, 7])
    const rows = await guarded.database.$client`
      SELECT FROM client_registrations WHERE initial_access_token_id = ${id}`
    assert.equal(rows.length, 3)
  })

  it('is deleted long after it expired', async () => {
    const { id } = await createToken(guarded, { expiresAt: new Date(Date.now() - 31 * 24 * 60 * 60 * 1000) })
    await sweep(guarded.database, { consumedKeptMs: 0, registrationsKeptMs: 60_000 })
    assert.equal((await guarded.database.$client`SELECT FROM initial_access_tokens WHERE id = ${id}`).length, 0)
  })
})

describe('a client that registered itself', () => {
  const asClient = ({ body }: Awaited<ReturnType<typeof register>>): TestClient => ({
    clientId: String(body['client_id']),
    secret: body['client_secret'] as string | undefined,
    redirectUri: String((body['redirect_uris'] as string[])[0]),
  })

  it('signs a person in, on any port of loopback, and has iss in its response', async () => {
    const client = asClient(await register(open, METADATA))
    const redirectUri = 'http://127.0.0.1:4000/callback'
    const authorization = await browser(open, person).authorize(client, { redirect_uri: redirectUri })
    assert.equal(authorization.callback.searchParams.get('iss'), open.issuer)
    const { status, body } = await redeem(open, client, authorization)
    assert.equal(status, 200, JSON.stringify(body))
    assert.equal(claimsOf(body['access_token'])['client_id'], client.clientId)
  })

  it('is called unverified on the consent page', async () => {
    const client = asClient(await register(open, METADATA))
    const at = browser(open, person)
    await at.authorize(await open.client(person))
    const { answer } = await at.attempt(client, { prompt: 'consent', redirect_uri: 'http://127.0.0.1:4000/other' })
    assert.equal(answer.status, 400, 'another path is not its redirect URI')
  })

  it('with a secret introspects no token and no key of others, and gets no device code', async () => {
    const web = {
      ...METADATA,
      token_endpoint_auth_method: 'client_secret_post',
      redirect_uris: ['https://app.example.com/cb'],
    }
    const answer = await register(open, web)
    assert.deepEqual(
      [answer.body['token_endpoint_auth_method'], answer.body['client_secret_expires_at']],
      ['client_secret_post', 0],
    )
    const client = asClient(answer)
    const other = await open.client(person)
    const { body } = await redeem(open, other, await browser(open, person).authorize(other))
    const own = await redeem(open, client, await browser(open, person).authorize(client))
    assert.equal((await userinfo(open, own.body['access_token'] ?? '')).status, 200)
    for (const token of [body['access_token'], own.body['access_token']]) {
      const introspected = await post(open, '/oauth/introspect', client, { token: token ?? '' })
      assert.deepEqual([introspected.status, introspected.body], [200, { active: false }])
    }
    for (const one of [client, asClient(await register(open, METADATA))]) {
      const device = await post(open, '/oauth/device_authorization', one, { scope: 'openid' })
      assert.deepEqual([device.status, device.body['error']], [400, 'invalid_request'], JSON.stringify(device.body))
    }
  })

  it('is deleted unless someone gives it access in time, with an audit event', async () => {
    const [unused, used] = [asClient(await register(open, METADATA)), asClient(await register(open, METADATA))]
    await browser(open, person).authorize(used)
    const exists = async ({ clientId }: TestClient) =>
      (await open.database.$client`SELECT FROM oidc_clients WHERE id = ${clientId}`).length === 1
    await sweep(open.database, { consumedKeptMs: 0, registrationsKeptMs: 60_000 })
    assert.deepEqual([await exists(unused), await exists(used)], [true, true])
    await open.database.$client`UPDATE client_registrations SET created_at = now() - interval '2 minutes'`
    await sweep(open.database, { consumedKeptMs: 0, registrationsKeptMs: 60_000 })
    assert.deepEqual([await exists(unused), await exists(used)], [false, true])
    const events = await open.database.$client`
      SELECT FROM audit_events WHERE action = 'oauth_app.delete' AND target_id = ${unused.clientId}`
    assert.equal(events.length, 1)
  })

  it('ends everywhere with its row', async () => {
    const client = asClient(await register(open, METADATA))
    const { body } = await redeem(open, client, await browser(open, person).authorize(client))
    assert.equal((await userinfo(open, body['access_token'] ?? '')).status, 200)
    await open.database.$client`DELETE FROM oidc_clients WHERE id = ${client.clientId}`
    const ended = await post(open, '/oauth/token', client, {
      grant_type: 'refresh_token',
      refresh_token: body['refresh_token'] ?? '',
    })
    // The client may be cached until its notification arrives; its tokens ended with it.
    assert.match(ended.body['error'] ?? '', /^invalid_(client|grant)$/)
    assert.equal(ended.body['access_token'], undefined)
    // The notification of the deletion reaches the verifier within its bound.
    let status = 200
    for (const begun = Date.now(); status === 200 && Date.now() - begun < 10_000; ) {
      status = (await userinfo(open, body['access_token'] ?? '')).status
    }
    assert.equal(status, 401)
  })
})

describe('the registration access token of a client', () => {
  type Registered = Awaited<ReturnType<typeof register>>['body']

  const registered = async (metadata: object = METADATA): Promise<Registered> => (await register(open, metadata)).body

  async function manage(
    method: 'GET' | 'PUT' | 'DELETE',
    { client_id: id }: Registered,
    token: unknown,
    body?: object,
  ) {
    const response = await fetch(`${open.issuer}/oauth/register/${id}`, {
      method,
      headers: {
        ...(token !== undefined && bearer(String(token))),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    const { status, headers } = response
    return { status, headers, body: text === '' ? undefined : (JSON.parse(text) as Record<string, unknown>) }
  }

  const rowOf = async ({ client_id: id }: Registered) => {
    const [row] = await open.database.$client`SELECT * FROM oidc_clients WHERE id = ${String(id)}`
    return row && { ...row }
  }

  /** What a client sends back to change something: all it got, without the members of the server. */
  const editable = ({
    client_id_issued_at: _issuedAt,
    client_secret_expires_at: _expiresAt,
    registration_access_token: _token,
    registration_client_uri: _uri,
    ...rest
  }: Registered) => rest

  const WEB = { ...METADATA, redirect_uris: ['https://app.example.com/cb'], token_endpoint_auth_method: undefined }

  const REFUSED: Record<string, (own: Registered) => Promise<unknown>> = {
    'is missing': async () => undefined,
    'has another form': async () => 'x'.repeat(7000),
    'is invented': async () => createSecretToken().token,
    'is that of another client': async () => (await registered())['registration_access_token'],
    'is the id of the client': async ({ client_id: id }) => id,
  }
  for (const [what, tokenOf] of Object.entries(REFUSED)) {
    it(`manages nothing if it ${what}`, async () => {
      const own = await registered()
      const before = await rowOf(own)
      const token = await tokenOf(own)
      for (const method of ['GET', 'PUT', 'DELETE'] as const) {
        const change = method === 'PUT' ? { ...editable(own), client_name: 'Taken' } : undefined
        const { status, headers, body } = await manage(method, own, token, change)
        assert.deepEqual([status, body?.['error']], [401, 'invalid_token'], method)
        assert.equal(headers.get('www-authenticate'), 'Bearer error="invalid_token"')
      }
      assert.deepEqual(await rowOf(own), before)
    })
  }

  it('manages no client that has none, such as that of a document or of the operator', async () => {
    const { token } = createSecretToken()
    for (const id of ['daytona-cli', (await open.client(person)).clientId, 'app_unknown']) {
      assert.equal((await manage('DELETE', { client_id: id }, token)).status, 401)
    }
  })

  it('reads the registration, without its secret; the database has only the digest', async () => {
    const own = await registered(WEB)
    const { client_secret: secret, client_secret_expires_at: _, ...shown } = own
    assert.ok(secret)
    const { status, headers, body } = await manage('GET', own, own['registration_access_token'])
    assert.deepEqual([status, headers.get('cache-control')], [200, 'no-store'])
    assert.deepEqual(body, shown)
    const [row] = await open.database.$client`
      SELECT registration::text FROM client_registrations registration WHERE client_id = ${String(own['client_id'])}`
    assert.ok(!String(row?.['registration']).includes(String(own['registration_access_token'])))
  })

  it('changes nothing with a request that breaks a rule', async () => {
    const own = await registered(WEB)
    const before = await rowOf(own)
    const broken: Record<string, object> = {
      'no client id': { client_id: undefined },
      'the id of another client': { client_id: 'daytona-cli' },
      'a token of its own': { registration_access_token: own['registration_access_token'] },
      'its URL': { registration_client_uri: own['registration_client_uri'] },
      'when it was registered': { client_id_issued_at: 1 },
      'the expiry of its secret': { client_secret_expires_at: 0 },
      'another secret': { client_secret: createSecretToken().token },
      'a secret that is no text': { client_secret: 1 },
      'no authentication': { token_endpoint_auth_method: 'none' },
      'keys instead of its secret': {
        token_endpoint_auth_method: 'private_key_jwt',
        jwks_uri: 'https://app.example.com/jwks.json',
      },
      'an open redirect URI': { redirect_uris: ['http://app.example.com/cb'] },
      'our own name': { client_name: 'Daytona CLI' },
      'the name of the installation': { client_name: 'Acme' },
    }
    for (const [what, change] of Object.entries(broken)) {
      const { status, body } = await manage('PUT', own, own['registration_access_token'], {
        ...editable(own),
        ...change,
      })
      assert.equal(status, 400, what)
      assert.match(String(body?.['error']), /^invalid_(client_metadata|redirect_uri)$/, what)
    }
    assert.deepEqual(await rowOf(own), before)
    await open.database.$client`
      UPDATE oidc_client_secrets SET expires_at = now() WHERE client_id = ${String(own['client_id'])}`
    const expired = await manage('PUT', own, own['registration_access_token'], editable(own))
    assert.equal(expired.status, 400, 'a secret that has expired')
  })

  it('replaces the registration, which narrows the grants of its users, with an audit event', async () => {
    const own = await registered({ ...METADATA, scope: 'openid read:sandboxes' })
    const client: TestClient = {
      clientId: String(own['client_id']),
      secret: undefined,
      redirectUri: 'http://127.0.0.1:33418/callback',
    }
    await browser(open, person).authorize(client, { scope: 'openid read:sandboxes' })
    const change = { ...editable(own), client_name: 'Renamed', scope: 'openid admin:organization' }
    const { status, body } = await manage('PUT', own, own['registration_access_token'], change)
    assert.equal(status, 200, JSON.stringify(body))
    assert.deepEqual(body, { ...own, client_name: 'Renamed', scope: 'openid' })
    const grants = await open.database.$client`SELECT scopes FROM grants WHERE client_id = ${client.clientId}`
    assert.deepEqual(
      grants.map((grant) => grant['scopes']),
      [['openid']],
    )
    // Unchanged, and with the current secret of a client that has one.
    const web = await registered(WEB)
    assert.equal((await manage('PUT', web, web['registration_access_token'], editable(web))).status, 200)
    const events = await open.database.$client`
      SELECT target_id, metadata FROM audit_events
      WHERE action = 'oauth_app.update' AND target_id IN (${client.clientId}, ${String(web['client_id'])})`
    assert.deepEqual(
      events.map((event) => [event['target_id'], event['metadata'].changed]),
      [[client.clientId, ['name', 'scopes']]],
    )
  })

  it('deletes the client with its grants, once, with an audit event', async () => {
    const own = await registered()
    const token = own['registration_access_token']
    const clientId = String(own['client_id'])
    await browser(open, person).authorize({
      clientId,
      secret: undefined,
      redirectUri: 'http://127.0.0.1:33418/callback',
    })
    assert.deepEqual((await manage('DELETE', own, token)).status, 204)
    assert.equal(await rowOf(own), undefined)
    const live = await open.database.$client`
      SELECT FROM grants WHERE client_id = ${clientId} AND revoked_at IS NULL`
    assert.equal(live.length, 0)
    for (const method of ['GET', 'DELETE'] as const) assert.equal((await manage(method, own, token)).status, 401)
    const events = await open.database.$client`
      SELECT FROM audit_events WHERE action = 'oauth_app.delete' AND target_id = ${clientId}`
    assert.equal(events.length, 1)
  })
})
