import assert from 'node:assert/strict'
import { request } from 'node:http'
import { after, before, describe, it } from 'node:test'
import { mintKey, type Permission } from '@daytona-auth/auth'
import { insertApiKey, revokeApiKey } from '@daytona-auth/db/api-keys'
import { inAudit, systemAuthority } from '@daytona-auth/db/audit'
import { newId, type OrganizationId } from '@daytona-auth/db/core'
import { createLogger } from '@daytona-auth/service'
import { captureLog, waitFor } from '@daytona-auth/testing'
import * as openid from 'openid-client'
import { loadProviderConfig, startProvider } from '../src/index.ts'
import { browser, claimsOf, type Person, post, redeem, revoke, type TestClient, testProvider } from './fixture.ts'

const TEST_AUTHORITY = systemAuthority('test')

const provider = await testProvider({ after })
const { issuer, database } = provider
const sql = database.$client
const [ada, bob] = [await provider.person('Ada'), await provider.person('Bob')]
const [own, foreign] = [await provider.client(ada), await provider.client(bob)]
const spa = await provider.client(ada, { type: 'spa' })
const operators = await provider.client(ada)
await sql`UPDATE oidc_clients SET organization_id = NULL WHERE id = ${operators.clientId}`
const at = browser(provider, ada)

const INACTIVE = { active: false }
const DAY_MS = 86_400_000

async function introspect(client: TestClient, token: string, extra: Record<string, string> = {}) {
  const { status, headers, body } = await post(provider, '/oauth/introspect', client, { token, ...extra })
  return { status, headers, body: body as Record<string, unknown> }
}

const tokensOf = async (client = own, scope = 'openid offline_access read:sandboxes') => {
  const { body } = await redeem(provider, client, await at.authorize(client, { scope }))
  return { access: body['access_token'] ?? '', refreshing: body['refresh_token'] ?? '', id: body['id_token'] ?? '' }
}

interface KeyOptions {
  readonly permissions?: Permission[]
  readonly expiresAt?: Date
  readonly organizationIds?: OrganizationId[]
}

async function keyOf({ userId, organizationId }: Person, options: KeyOptions = {}) {
  const { permissions = ['read:volumes'], expiresAt = null, organizationIds = [] } = options
  const { key: value, digest, hint } = mintKey()
  const id = newId('key')
  await inAudit(database, TEST_AUTHORITY, { ...SYSTEM, organizationId, action: 'api_key.create' }, (tx) =>
    insertApiKey(
      tx,
      organizationId,
      { id, userId, name: id, permissions, expiresAt, organizationIds },
      { digest, hint },
    ),
  )
  const end = () =>
    inAudit(database, TEST_AUTHORITY, { ...SYSTEM, organizationId, action: 'api_key.delete' }, (tx) =>
      revokeApiKey(tx, organizationId, id),
    )
  return { id, value, revoke: end }
}

const SYSTEM = { actorId: null, actorEmail: null, source: 'test' }

describe('introspection', () => {
  let token: string
  before(async () => {
    token = (await tokensOf()).access
  })

  for (const [who, client] of [
    ['a wrong secret', { ...own, secret: 'wrong' }],
    ['an unknown client', { ...own, clientId: 'app_unknown' }],
    ['a public client with a secret', { ...spa, secret: 'x' }],
    ['a public client', spa],
    ['the dashboard, which is public too', { ...spa, clientId: 'daytona-dashboard' }],
  ] as const) {
    it(`is refused for ${who}`, async () => {
      const { status, headers, body } = await introspect(client, token)
      assert.deepEqual(
        [status, body],
        [401, { error: 'invalid_client', error_description: 'client authentication failed' }],
      )
      assert.match(headers.get('www-authenticate') ?? '', /^Basic realm="/)
      assert.equal(headers.get('cache-control'), 'no-store')
    })
  }

  it('is refused without authentication, also with the token itself as a bearer credential', async () => {
    const body = new URLSearchParams({ token })
    const anonymous = await fetch(`${issuer}/oauth/introspect`, { method: 'POST', body })
    assert.deepEqual([anonymous.status, ((await anonymous.json()) as { error: string }).error], [401, 'invalid_client'])
    const headers = { authorization: `Bearer ${token}` }
    const bearer = await fetch(`${issuer}/oauth/introspect`, { method: 'POST', body, headers })
    assert.deepEqual([bearer.status, ((await bearer.json()) as { error: string }).error], [400, 'invalid_request'])
  })

  it('is allowed for a confidential client, which may send its secret in the body', async () => {
    const { clientId, secret = '' } = own
    const fields = { client_id: clientId, client_secret: secret, token }
    const response = await fetch(`${issuer}/oauth/introspect`, { method: 'POST', body: new URLSearchParams(fields) })
    assert.equal(((await response.json()) as { active: boolean }).active, true)
  })

  it('is available by POST only, and is not readable for pages of other origins', async () => {
    assert.equal((await fetch(`${issuer}/oauth/introspect?token=${token}`)).status, 405)
    assert.equal((await fetch(`${issuer}/oauth/introspect`, { method: 'OPTIONS' })).status, 405)
  })

  it('takes secrets in the body, not in the URL', async () => {
    for (const name of ['token', 'client_secret', 'access_token', 'api_key']) {
      const { status, body } = await post(provider, `/oauth/introspect?${name}=x`, own, { token })
      assert.deepEqual(
        [status, body],
        [400, { error: 'invalid_request', error_description: 'credentials belong in the body' }],
      )
    }
  })

  it('takes one token', async () => {
    const { status, body } = await post(provider, '/oauth/introspect', own, {})
    assert.deepEqual([status, body['error']], [400, 'invalid_request'])
    const twice = await fetch(`${issuer}/oauth/introspect`, {
      method: 'POST',
      body: new URLSearchParams([
        ['token', token],
        ['token', token],
      ]),
      headers: { authorization: `Basic ${btoa(`${own.clientId}:${own.secret}`)}` },
    })
    assert.equal(twice.status, 400)
  })
})

describe('an inactive response', () => {
  const assertInactive = async (token: string, what: string, client = own) => {
    for (const hint of [undefined, 'access_token', 'refresh_token', 'api_key', '\u0000']) {
      const { status, headers, body } = await introspect(client, token, hint ? { token_type_hint: hint } : {})
      assert.deepEqual([status, body], [200, INACTIVE], `${what} ${hint}`)
      assert.equal(headers.get('cache-control'), 'no-store')
      assert.match(headers.get('content-type') ?? '', /^application\/json/)
    }
  }

  it('is given for anything that is not a credential of this service', async () => {
    const { access } = await tokensOf()
    const [header, payload, signature = ''] = access.split('.')
    const forged = Buffer.from(JSON.stringify({ ...claimsOf(access), sub: bob.userId })).toString('base64url')
    const typo = mintKey().key.replace(/.$/, (last) => (last === '0' ? '1' : '0'))
    for (const [what, token] of Object.entries({
      noise: 'x',
      blank: ' ',
      'a NUL': '\0',
      'a lone surrogate': '\ud800',
      'an unknown key': mintKey().key,
      'a key with a typo': typo,
      'a key with a space': `${mintKey().key} `,
      'three parts': 'a.b.c',
      'no algorithm': `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')}.${payload}.`,
      'another payload': `${header}.${forged}.${signature}`,
      'another signature': `${header}.${payload}.${signature.replace(/^./, (c) => (c === 'A' ? 'B' : 'A'))}`,
      'a scheme with it': `Bearer ${access}`,
      'something long': 'x'.repeat(50_000),
    })) {
      await assertInactive(token, what)
    }
  })

  it('is given for an id_token, and for a refresh token of another client, which stays valid', async () => {
    const { id, refreshing } = await tokensOf()
    await assertInactive(id, 'id_token')
    await assertInactive(refreshing, 'refresh token', foreign)
    const refreshed = await post(provider, '/oauth/token', own, {
      grant_type: 'refresh_token',
      refresh_token: refreshing,
    })
    assert.equal(refreshed.status, 200)
  })

  it('is given for a credential without access to the client’s organization, regardless of its other access', async () => {
    await assertInactive((await tokensOf()).access, 'token', foreign)
    await assertInactive((await keyOf(ada, { permissions: ['admin:organization'] })).value, 'key', foreign)
  })

  it('is given for an expired key, and for a key whose owner left or was disabled', async () => {
    const expired = await keyOf(ada, { expiresAt: new Date(Date.now() - DAY_MS) })
    await assertInactive(expired.value, 'expired')
    const carol = await provider.person('Carol')
    const app = await provider.client(carol)
    const { value } = await keyOf(carol)
    assert.equal((await introspect(app, value)).body['active'], true)
    await sql`UPDATE users SET disabled_at = now() WHERE id = ${carol.userId}`
    await waitFor(async () => (await introspect(app, value)).body['active'] === false)
    await assertInactive(value, 'disabled', app)
  })
})

describe('an active response', () => {
  it('is given for an access token, with its permissions in the client’s organization', async () => {
    const { access } = await tokensOf()
    const claims = claimsOf(access)
    const { status, headers, body } = await introspect(own, access)
    assert.deepEqual(
      [status, body],
      [
        200,
        {
          active: true,
          iss: issuer,
          aud: issuer,
          sub: ada.userId,
          token_type: 'Bearer',
          scope: 'openid offline_access read:sandboxes',
          client_id: own.clientId,
          exp: claims['exp'],
          iat: claims['iat'],
          jti: claims['jti'],
          gid: claims['gid'],
          acr: 'urn:daytona:acr:password',
          amr: ['pwd'],
          auth_time: claims['auth_time'],
          organizations: [{ id: ada.organizationId, permissions: ['read:sandboxes'], suspended: false }],
        },
      ],
    )
    assert.equal(headers.get('cache-control'), 'no-store')
  })

  it('is given for an API key, with any hint', async () => {
    const expiresAt = new Date(Math.ceil(Date.now() / 1000) * 1000 + DAY_MS)
    const { id, value } = await keyOf(ada, { expiresAt })
    for (const hint of ['', 'access_token', 'refresh_token', 'unheard of']) {
      assert.deepEqual((await introspect(own, value, { token_type_hint: hint })).body, {
        active: true,
        iss: issuer,
        aud: issuer,
        sub: ada.userId,
        token_type: 'Bearer',
        scope: 'read:volumes',
        exp: expiresAt.getTime() / 1000,
        api_key_id: id,
        organizations: [{ id: ada.organizationId, permissions: ['read:volumes'], suspended: false }],
      })
    }
  })

  it('is limited to the owner’s current permissions', async () => {
    const shared = bob.organizationId
    await sql`INSERT INTO organization_members (organization_id, user_id, role) VALUES (${shared}, ${ada.userId}, 'member')`
    const { value } = await keyOf(ada, {
      permissions: ['read:volumes', 'admin:organization'],
      organizationIds: [shared],
    })
    const atBobs = await introspect(foreign, value)
    assert.deepEqual(atBobs.body['organizations'], [{ id: shared, permissions: [], suspended: false }])
    assert.equal(atBobs.body['scope'], undefined)
    const atHome = await introspect(own, value)
    assert.equal((atHome.body['organizations'] as unknown[]).length, 1)
    assert.doesNotMatch(JSON.stringify(atHome.body), new RegExp(shared))

    // The operator's client sees both organizations; its scope is the intersection of both.
    const everywhere = await introspect(operators, value)
    const organizations = everywhere.body['organizations'] as { id: string }[]
    assert.deepEqual(organizations.map(({ id }) => id).sort(), [ada.organizationId, shared].sort())
    assert.equal(everywhere.body['scope'], undefined)

    await sql`DELETE FROM organization_members WHERE organization_id = ${shared} AND user_id = ${ada.userId}`
    await waitFor(async () => (await introspect(foreign, value)).body['active'] === false)
  })

  it("is given for every valid credential, for the operator's client", async () => {
    for (const value of [(await keyOf(ada)).value, (await keyOf(bob)).value, (await tokensOf()).access]) {
      assert.equal((await introspect(operators, value)).body['active'], true)
    }
  })
})

describe('a revocation', () => {
  it('takes effect in another process, where it is cached, for a key and for a token', async (t) => {
    const another = await secondProcess(t)
    const key = await keyOf(ada)
    const { access } = await tokensOf()
    for (const [value, end] of [
      [key.value, key.revoke],
      [access, () => revoke(provider, own, access)],
    ] as const) {
      for (const ask of [another, askHere]) assert.equal((await ask(value))['active'], true)
      await end()
      const endedAt = performance.now()
      await waitFor(async () => !(await another(value))['active'])
      const receivedAfter = performance.now() - endedAt
      t.diagnostic(`received after ${receivedAfter.toFixed(1)} ms`)
      assert.deepEqual(await another(value), INACTIVE)
      await waitFor(async () => !(await askHere(value))['active'])
    }
    // Credentials that this process revoked itself are refused at once.
    const again = await tokensOf()
    assert.equal((await askHere(again.access))['active'], true)
    await revoke(provider, own, again.access)
    assert.deepEqual(await askHere(again.access), INACTIVE)
  })

  const askHere = async (token: string) => (await introspect(own, token)).body

  async function secondProcess(t: { after(fn: () => unknown): void }) {
    const config = loadProviderConfig({
      DATABASE_URL: provider.databaseUrl,
      ISSUER: issuer,
      PORT: '0',
      SIGNING_KEYS_SECRET: provider.secrets.signingKeys,
      COOKIE_KEYS: provider.secrets.cookies,
    })
    const logger = createLogger({ service: 'oidc', stream: captureLog().stream })
    const running = await startProvider(config, { logger })
    t.after(() => running.close())
    return (token: string) => askAt(running.port, token)
  }
})

describe('a client library', () => {
  it('introspects as documented', async () => {
    const secret = openid.ClientSecretBasic(own.secret ?? '')
    const insecure = { execute: [openid.allowInsecureRequests] }
    const config = await openid.discovery(new URL(issuer), own.clientId, undefined, secret, insecure)
    const { access } = await tokensOf()
    const { active, sub, scope, exp } = await openid.tokenIntrospection(config, access)
    assert.deepEqual([active, sub, scope], [true, ada.userId, 'openid offline_access read:sandboxes'])
    assert.equal(exp, claimsOf(access)['exp'])
    await openid.tokenRevocation(config, access)
    assert.deepEqual(await openid.tokenIntrospection(config, access), INACTIVE)
    assert.deepEqual(await openid.tokenIntrospection(config, mintKey().key), INACTIVE)
  })
})

describe('unknown keys sent by a resource server', () => {
  it('do not delay its valid keys, cached here or not; no credential is in the log', async () => {
    const unknown = mintKey().key
    const [seen, ...unseen] = await Promise.all(Array.from({ length: 13 }, () => keyOf(ada)))
    assert.ok(seen)
    assert.equal((await introspect(own, seen.value)).body['active'], true)
    const flood = Promise.all([
      introspect(own, unknown),
      ...Array.from({ length: 150 }, () => introspect(own, mintKey().key)),
    ])
    for (const { status, body } of await flood) assert.deepEqual([status, body], [200, INACTIVE])
    const answers = await Promise.all([seen, ...unseen].map(({ value }) => introspect(own, value)))
    assert.deepEqual(
      answers.map(({ status, body }) => [status, body['active']]),
      Array(13).fill([200, true]),
    )
    const log = provider.log.text()
    for (const secret of [seen.value, unknown, own.secret ?? '']) assert.ok(!log.includes(secret))
    assert.match(log, /introspected credential is inactive/)
  })
})

/** Sends a request to a process that listens on another port than the issuer's, with the issuer's Host. */
function askAt(port: number, token: string): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const sent = request(`http://127.0.0.1:${port}/oauth/introspect`, {
      method: 'POST',
      headers: {
        host: new URL(issuer).host,
        'content-type': 'application/x-www-form-urlencoded',
        authorization: `Basic ${btoa(`${own.clientId}:${own.secret}`)}`,
      },
    })
    sent.on('response', async (response) => {
      let text = ''
      for await (const chunk of response) text += chunk
      resolve(JSON.parse(text))
    })
    sent.on('error', reject).end(String(new URLSearchParams({ token })))
  })
}
