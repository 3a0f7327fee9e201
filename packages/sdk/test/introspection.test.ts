import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { KEY_PREFIX } from '@daytona-auth/protocol/api-key-format'
import { ORGANIZATION_HEADERS } from '@daytona-auth/protocol/organization-header'
import { UNKNOWN_KEY } from '@daytona-auth/testing'
import { createResourceServer, type ResourceServerOptions } from '../src/resource-server/index.ts'
import { AUDIENCE, startProvider, type TestProvider } from './provider.ts'

const KEY = UNKNOWN_KEY

const OURS = { id: 'org_1', permissions: ['read:sandboxes'], suspended: false }
const THEIRS = { id: 'org_2', permissions: ['admin:organization'], suspended: true }

const foreign = await startProvider({ after })

/** The provider's response for a valid key. */
const active = ({ issuer }: TestProvider, changes: object = {}) => ({
  active: true,
  iss: issuer,
  aud: AUDIENCE,
  sub: 'usr_1',
  token_type: 'Bearer',
  scope: 'read:sandboxes',
  api_key_id: 'key_1',
  organizations: [OURS],
  ...changes,
})

/** Creates a resource server with a provider and a controlled clock. */
async function resourceServer(
  scope: Parameters<typeof startProvider>[0],
  options: Partial<ResourceServerOptions> = {},
) {
  const provider = await startProvider(scope)
  const time = { now: Date.now() }
  const faults: Error[] = []
  const server = createResourceServer({
    issuer: provider.issuer,
    audience: AUDIENCE,
    clientId: 'app:1',
    clientSecret: 'se cret',
    cacheSeconds: 5,
    accessTokens: 'introspect',
    onFault: (fault) => faults.push(fault),
    ...options,
    clock: { now: () => time.now, monotonic: () => 0 },
  })
  provider.introspection = () => ({ body: active(provider) })
  const decide = (
    credential: string,
    requirement: Parameters<typeof server.decide>[1] = 'read:sandboxes',
    id?: string,
  ) => server.decide({ authorization: `Bearer ${credential}`, organizationId: id }, requirement)
  return {
    provider,
    time,
    faults,
    server,
    decide,
    introspections: () => provider.asked.filter((path) => path === '/introspect'),
  }
}

const denialOf = (decision: Awaited<ReturnType<Awaited<ReturnType<typeof resourceServer>>['decide']>>) => {
  assert.ok('denial' in decision, 'the request was accepted')
  return decision.denial
}

describe('an API key', () => {
  it('with an invalid format is not introspected', async (t) => {
    const { decide, provider } = await resourceServer(t)
    for (const credential of [
      'x',
      `${KEY}0`,
      KEY.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a')),
      `${KEY},`,
      KEY_PREFIX,
      `${KEY_PREFIX}${'z'.repeat(49)}`,
    ]) {
      const { statusCode, body } = denialOf(await decide(credential))
      assert.deepEqual([statusCode, body.error], [401, 'Invalid or expired API key'], credential)
    }
    assert.deepEqual(provider.asked, [])
  })

  it('is introspected with the encoded credentials of the client', async (t) => {
    const { decide, provider } = await resourceServer(t)
    provider.introspection = (token, { headers, method }) => {
      const [, basic = ''] = String(headers.authorization).split(' ')
      assert.deepEqual([token, method, atob(basic)], [KEY, 'POST', 'app%3A1:se+cret'])
      return { body: active(provider) }
    }
    assert.deepEqual(await decide(KEY), {
      principal: { kind: 'api-key', userId: 'usr_1', apiKeyId: 'key_1', expiresAt: undefined, organization: OURS },
    })
  })

  it('that is inactive is refused, with any other members in the response', async (t) => {
    const { decide, provider } = await resourceServer(t)
    provider.introspection = () => ({ body: { active: false, organizations: [OURS], sub: 'usr_1' } })
    const { statusCode, body, headers } = denialOf(await decide(KEY))
    assert.deepEqual(body, { statusCode: 401, message: 'Unauthorized', error: 'Invalid or expired API key' })
    assert.deepEqual([statusCode, headers['www-authenticate']], [401, 'Bearer error="invalid_token"'])
  })

  it('is refused from its expiry, cached or not', async (t) => {
    const { decide, provider, time } = await resourceServer(t)
    const exp = Math.floor(time.now / 1000) + 2
    provider.introspection = () => ({ body: active(provider, { exp }) })
    assert.ok('principal' in (await decide(KEY)))
    time.now = exp * 1000 - 1
    assert.ok('principal' in (await decide(KEY)))
    time.now += 1
    assert.equal(denialOf(await decide(KEY)).statusCode, 401)
  })

  it('that is revoked is refused within the bound', async (t) => {
    const { decide, provider, time, introspections } = await resourceServer(t)
    assert.ok('principal' in (await decide(KEY)))
    provider.introspection = () => ({ body: { active: false } })
    time.now += 4999
    assert.ok('principal' in (await decide(KEY)))
    time.now += 1
    assert.equal(denialOf(await decide(KEY)).statusCode, 401)
    assert.equal(introspections().length, 2)
  })

  it('is introspected once for concurrent requests', async (t) => {
    const { decide, introspections } = await resourceServer(t)
    const decisions = await Promise.all(Array.from({ length: 50 }, () => decide(KEY)))
    assert.ok(decisions.every((decision) => 'principal' in decision))
    assert.equal(introspections().length, 1)
  })

  it('needs the permission in its organization, not in its scope', async (t) => {
    const { decide, provider } = await resourceServer(t)
    provider.introspection = () => ({ body: active(provider, { scope: 'write:volumes' }) })
    const { body, headers } = denialOf(await decide(KEY, ['read:sandboxes', 'write:volumes']))
    assert.deepEqual(body, { statusCode: 403, message: 'Forbidden', error: 'Insufficient permissions' })
    assert.equal(headers['www-authenticate'], 'Bearer error="insufficient_scope", scope="write:volumes"')
  })

  it('with several organizations uses the one in the header', async (t) => {
    const { decide, provider } = await resourceServer(t)
    provider.introspection = () => ({ body: active(provider, { organizations: [OURS, THEIRS] }) })
    const unclear = denialOf(await decide(KEY))
    assert.deepEqual(unclear.body, {
      statusCode: 400,
      message: 'Bad Request',
      error: 'X-Daytona-Organization-ID header is required: this credential has access to 2 organizations',
    })
    for (const id of ['org_3', '', 'org_1, org_2', '__proto__']) {
      assert.deepEqual([id, denialOf(await decide(KEY, 'authenticated', id)).statusCode], [id, 403])
    }
    const decision = await decide(KEY, 'write:volumes', 'org_2')
    assert.deepEqual('principal' in decision && decision.principal.organization, THEIRS)
    assert.equal(denialOf(await decide(KEY, 'write:volumes', 'org_1')).statusCode, 403)
    const known = await decide(KEY, 'authenticated')
    assert.equal('principal' in known && known.principal.organization, undefined)
  })

  it('without an organization is authenticated and has no permission', async (t) => {
    const { decide, provider } = await resourceServer(t)
    provider.introspection = () => ({ body: active(provider, { organizations: [] }) })
    assert.ok('principal' in (await decide(KEY, 'authenticated')))
    assert.equal(denialOf(await decide(KEY)).statusCode, 403)
  })
})

describe('a failing provider', () => {
  const DOWN = [503, 'Service unavailable', '1', 'nothing in it']

  /** Asserts the response, and the fault for the operator. */
  const assertDown = async ({ decide, faults }: Awaited<ReturnType<typeof resourceServer>>, what: string) => {
    const { statusCode, body, headers } = denialOf(await decide(KEY))
    const faultText = `${faults.at(-1)} ${faults.at(-1)?.cause}`
    const leak = [KEY, 'se cret', 'se+cret'].some((secret) => faultText.includes(secret))
      ? 'a secret in it'
      : 'nothing in it'
    assert.deepEqual([statusCode, body.error, headers['retry-after'], leak], DOWN, what)
    assert.equal(headers['www-authenticate'], undefined)
    assert.equal(faults.at(-1)?.name, 'ProviderFault')
  }

  for (const [what, spoilt] of Object.entries<
    (own: TestProvider) => { status?: number; headers?: object; body: unknown }
  >({
    'is broken': () => ({ status: 500, body: {} }),
    'has lost its database': () => ({ status: 503, body: { error: 'temporarily_unavailable' } }),
    'rejects the client': () => ({ status: 401, body: { error: 'invalid_client' } }),
    'rejects the request': () => ({ status: 400, body: { error: 'invalid_request' } }),
    redirects: () => ({ status: 307, headers: { location: `${foreign.issuer}/introspect` }, body: {} }),
    'sends an empty body': () => ({ body: '' }),
    'sends an invalid active member': () => ({ body: { active: 'true' } }),
    'sends no subject': (own) => ({ body: active(own, { sub: undefined }) }),
    'sends no organizations': (own) => ({ body: active(own, { organizations: undefined }) }),
    'sends another issuer': (own) => ({ body: active(own, { iss: foreign.issuer }) }),
    'sends another audience': (own) => ({ body: active(own, { aud: 'https://other.example.com' }) }),
    'sends no kind of credential': (own) => ({ body: active(own, { api_key_id: undefined }) }),
    'sends two kinds of credentials': (own) => ({ body: active(own, { client_id: 'app_2', jti: 'j1', exp: 9e9 }) }),
  })) {
    it(`that ${what} causes a 503, which is not cached`, async (t) => {
      const all = await resourceServer(t)
      const { provider, decide } = all
      provider.introspection = () => spoilt(provider)
      const before = foreign.asked.length
      await assertDown(all, what)
      assert.equal(foreign.asked.length, before, 'the secret was sent elsewhere')
      provider.introspection = () => ({ body: active(provider) })
      assert.ok('principal' in (await decide(KEY)))
    })
  }

  it('causes no use of older answers', async (t) => {
    const all = await resourceServer(t)
    assert.ok('principal' in (await all.decide(KEY)))
    all.provider.introspection = () => ({ status: 503, body: {} })
    all.time.now += 4999
    assert.ok('principal' in (await all.decide(KEY)))
    all.time.now += 1
    await assertDown(all, 'past the bound')
  })

  it('can also time out', async (t) => {
    const all = await resourceServer(t, {
      timeoutMs: 50,
      fetch: (url, init) =>
        String(url).endsWith('/introspect')
          ? new Promise((_, reject) => init?.signal?.addEventListener('abort', () => reject(init.signal?.reason)))
          : fetch(url, init),
    })
    await assertDown(all, 'silent')
  })

  it('causes a 429 with Retry-After if it is over its limit', async (t) => {
    const { decide, provider } = await resourceServer(t)
    for (const [sent, retryAfter] of [
      ['7', '7'],
      ['86400', '60'],
      ['soon', '1'],
    ]) {
      provider.introspection = () => ({ status: 429, headers: { 'retry-after': sent }, body: { error: 'slow_down' } })
      const { statusCode, body, headers } = denialOf(await decide(KEY))
      assert.deepEqual([statusCode, body.error, headers['retry-after']], [429, 'Rate limit exceeded', retryAfter])
    }
  })
})

describe('an access token that is introspected', () => {
  const ofToken = (own: TestProvider, changes: object = {}) =>
    active(own, { api_key_id: undefined, client_id: 'app_2', jti: 'j1', exp: 9e9, scope: 'openid', ...changes })

  it('is introspected only with a valid signature', async (t) => {
    const { decide, provider, introspections } = await resourceServer(t)
    const [header, payload] = (await provider.token()).split('.')
    assert.equal(denialOf(await decide(`${header}.${payload}.AAAA`)).statusCode, 401)
    assert.deepEqual(introspections(), [])
  })

  it('ends when it is revoked, and has the user’s permissions there', async (t) => {
    const { decide, provider, time } = await resourceServer(t)
    const token = await provider.token({ claims: { scope: 'openid write:volumes' } })
    provider.introspection = () => ({ body: ofToken(provider) })
    const decision = await decide(token)
    assert.deepEqual('principal' in decision && decision.principal, {
      kind: 'access-token',
      userId: 'usr_1',
      clientId: 'app_2',
      tokenId: 'j1',
      organization: OURS,
      scopes: new Set(['openid']),
      expiresAt: 9e12,
    })
    assert.equal(denialOf(await decide(token, 'write:volumes')).statusCode, 403)
    provider.introspection = () => ({ body: { active: false } })
    time.now += 5000
    assert.equal(denialOf(await decide(token)).body.error, 'Invalid or expired token')
  })

  it('must belong to the subject that the provider names', async (t) => {
    const { decide, provider } = await resourceServer(t)
    provider.introspection = () => ({ body: ofToken(provider, { sub: 'usr_2' }) })
    assert.equal(denialOf(await decide(await provider.token())).statusCode, 401)
  })
})

describe('guard', () => {
  it('returns the principal of a Request, or the Response that refuses it', async (t) => {
    const { server, provider } = await resourceServer(t, { resourceMetadataUrl: 'https://api.example.com/metadata' })
    provider.introspection = () => ({ body: active(provider, { organizations: [OURS, THEIRS] }) })
    const request = (headers: Record<string, string>) => new Request('https://api.example.com/x', { headers })
    const none = await server.guard(request({}), 'authenticated')
    assert.ok(none instanceof Response)
    assert.deepEqual(
      [none.status, none.headers.get('content-type'), none.headers.get('www-authenticate'), await none.json()],
      [
        401,
        'application/json; charset=utf-8',
        'Bearer resource_metadata="https://api.example.com/metadata"',
        { statusCode: 401, message: 'Unauthorized', error: 'Invalid or expired API key' },
      ],
    )
    const authorization = `BEARER ${KEY}`
    for (const name of ORGANIZATION_HEADERS) {
      const known = await server.guard(request({ authorization, [name]: 'org_1' }), 'read:sandboxes')
      assert.ok(!(known instanceof Response))
      assert.equal(known.organization?.id, 'org_1')
      const empty = await server.guard(request({ authorization, [name]: '' }), 'read:sandboxes')
      assert.equal(empty instanceof Response && empty.status, 400, 'an empty header counts as absent')
    }
    await assert.rejects(server.guard(request({ authorization }), [] as never), TypeError) // as JavaScript would
  })
})
