import assert from 'node:assert/strict'
import { connect as connectSocket } from 'node:net'
import { after, describe, it } from 'node:test'
import { createLogger, createServer } from '@daytona-auth/service'
import { captureLog } from '@daytona-auth/testing'
import type { RouteOptions } from 'fastify'
import { type AuthenticationOptions, authentication } from '../src/fastify.ts'
import { mintKey } from '../src/key.ts'
import { type Permission, permissionNames } from '../src/permission.ts'
import { claimsOf, sign, verifierOn, world } from './world.ts'

const METADATA = 'https://api.example.com/.well-known/oauth-protected-resource'
const ASKED = `Bearer resource_metadata="${METADATA}"`
const INVALID = `Bearer error="invalid_token", resource_metadata="${METADATA}"`
const NO_KEY = { statusCode: 401, message: 'Unauthorized', error: 'Invalid or expired API key' }
const NO_TOKEN = { statusCode: 401, message: 'Unauthorized', error: 'Invalid or expired token' }
const FORBIDDEN = { statusCode: 403, message: 'Forbidden', error: 'Insufficient permissions' }
const badRequest = (error: string) => ({ statusCode: 400, message: 'Bad Request', error })

/** A colon would begin a parameter. */
const pathOf = (permission: Permission) => `/with/${permission.replace(':', '-')}`

const here = await world({ after })
const signer = await here.signer()
await here.publish(signer)
const process = await verifierOn({ after }, here.url)
const owner = await here.user()
const home = await here.organization(owner)
const second = await here.organization(owner)
const foreign = await here.organization(await here.user())

const admin = await here.key(owner, home, { permissions: ['admin:organization'] })
const reader = await here.key(owner, home, { permissions: ['read:sandboxes'] })
const traveller = await here.key(owner, home, { reaches: [home, second] })
const stranded = await here.key(await here.user(), foreign)
const revoked = await here.key(owner, home)
await here.sql`UPDATE api_keys SET status = 'revoked' WHERE id = ${revoked.id}`

const token = async (firstParty: boolean, scope = 'openid', organizationIds = [home]) => {
  const clientId = await here.client({ firstParty })
  const grantId = await here.grant(owner, clientId, {
    scopes: scope.split(' '),
    organizationIds: firstParty ? null : organizationIds,
  })
  return sign(signer, claimsOf({ userId: owner, clientId, grantId }, { scope }))
}
const dashboard = await token(true)
const app = await token(false, 'openid read:sandboxes')
const bareApp = await token(false, 'openid profile email')

const log = captureLog()
const decisions: unknown[][] = []
const server = await serve({ onDecision: (...decision) => decisions.push(decision) })

async function serve(options: Partial<AuthenticationOptions> = {}) {
  const fastify = createServer({ logger: createLogger({ service: 'test', stream: log.stream }) })
  fastify.register(authentication, { verifier: process.verifier, resourceMetadataUrl: METADATA, ...options })
  after(() => fastify.close())
  fastify.after(() => {
    fastify.get('/public', { config: { access: 'public' } }, async () => ({ ok: true }))
    fastify.get('/greedy', { config: { access: 'public' } }, async (request) => ({ who: request.principal }))
    fastify.get('/me', { config: { access: 'authenticated', organization: 'none' } }, async ({ principal }) => ({
      who: principal.userId,
    }))
    fastify.get('/nowhere', { config: { access: 'authenticated' } }, async (request) => ({ in: request.organization }))
    fastify.post('/me', { config: { access: 'authenticated' } }, async ({ principal }) => ({ who: principal.userId }))
    fastify.get('/self', { config: { access: 'person' } }, async ({ principal }) => ({ who: principal.userId }))
    fastify.get('/here', { config: { access: 'authenticated', organization: 'header' } }, async ({ organization }) => ({
      in: organization.organizationId,
    }))
    fastify.get('/usurp', { config: { access: 'authenticated' } }, async (request) => {
      Object.assign(request, { principal: { userId: 'usr_mallory' } })
      return { who: request.principal.userId }
    })
    for (const permission of permissionNames()) {
      const config = { access: permission, organization: 'header' } as const
      fastify.get(pathOf(permission), { config }, async ({ organization }) => ({ in: organization.organizationId }))
    }
    fastify.post(
      '/sandbox',
      { config: { access: 'write:sandboxes', organization: 'header', resourceWrite: true } },
      async () => ({ ok: true }),
    )
    fastify.get(
      '/organizations/:organizationId/apps',
      { config: { access: 'admin:organization', organization: 'path' } },
      async ({ organization }) => ({ in: organization.organizationId }),
    )
    fastify.delete(
      '/organizations/:organizationId',
      { config: { access: 'person', organization: 'path' } },
      async ({ organization }) => ({ gone: organization.organizationId }),
    )
  })
  await fastify.ready()
  return fastify
}

const bearer = (credential: string) => ({ authorization: `Bearer ${credential}` })
const get = (url: string, headers: Record<string, string> = {}) => server.inject({ url, headers })

describe('a route', () => {
  for (const [what, options, message] of [
    ['declares no access', {}, /GET \/x declares no access/],
    ['asks for access that nobody knows', { config: { access: 'read:sandbox' } }, /unknown access read:sandbox/],
    ['asks for an inherited name', { config: { access: 'constructor' } }, /unknown access constructor/],
    ['asks for a permission nowhere', { config: { access: 'read:sandboxes' } }, /names no organization/],
    [
      'asks for a permission and says so',
      { config: { access: 'read:sandboxes', organization: 'none' } },
      /names no organization/,
    ],
    [
      'takes its organization from elsewhere',
      { config: { access: 'authenticated', organization: 'body' } },
      /unknown body/,
    ],
    [
      'takes its organization from a path without one',
      { config: { access: 'authenticated', organization: 'path' } },
      /no :organizationId/,
    ],
    [
      'writes resources of nobody',
      { config: { access: 'authenticated', resourceWrite: true } },
      /names no organization/,
    ],
  ] as const) {
    it(`that ${what} does not boot`, async () => {
      const fastify = createServer({ logger: createLogger({ service: 'test', stream: log.stream }) })
      fastify.register(authentication, { verifier: process.verifier, resourceMetadataUrl: METADATA })
      const route = { method: 'GET', url: '/x', handler: async () => ({}), ...options } as unknown as RouteOptions
      fastify.register(async (scope) => void scope.route(route))
      await assert.rejects(async () => fastify.ready(), message)
    })
  }

  it('that was registered before its guard answers nobody', async () => {
    const fastify = createServer({ logger: createLogger({ service: 'test', stream: log.stream }) })
    fastify.get('/early', async () => ({ secret: true }))
    fastify.register(authentication, { verifier: process.verifier, resourceMetadataUrl: METADATA })
    const response = await fastify.inject({ url: '/early', headers: bearer(admin.key) })
    assert.equal(response.statusCode, 500)
    assert.ok(!response.body.includes('secret'))
  })

  it('that does not exist is a 404 for everybody', async () => {
    for (const headers of [{}, bearer(admin.key), bearer('dta_nonsense')]) {
      assert.equal((await get('/nothing/here', headers)).statusCode, 404)
    }
  })
})

describe('a request without a good credential', () => {
  const expired = here.key(owner, home, { expiresAt: new Date(Date.now() - 1000) })
  const CASES: Record<string, [() => Promise<Record<string, string>> | Record<string, string>, object, string]> = {
    'no header': [() => ({}), NO_KEY, ASKED],
    'an empty header': [() => ({ authorization: '' }), NO_KEY, ASKED],
    'another scheme': [() => ({ authorization: 'Basic dXNlcjpwYXNz' }), NO_KEY, ASKED],
    'a key without a scheme': [() => ({ authorization: admin.key }), NO_KEY, ASKED],
    'a scheme that begins like ours': [() => ({ authorization: `BearerX ${admin.key}` }), NO_KEY, ASKED],
    'our scheme and nothing': [() => ({ authorization: 'Bearer' }), NO_KEY, ASKED],
    'our scheme and spaces': [() => ({ authorization: 'Bearer   ' }), NO_KEY, ASKED],
    'a word': [() => bearer('hunter2'), NO_KEY, INVALID],
    'a malformed key': [() => bearer(`${admin.key}x`), NO_KEY, INVALID],
    'a key and a comma': [() => bearer(`${admin.key},`), NO_KEY, INVALID],
    'a key and a parameter': [() => bearer(`${admin.key}; x=y`), NO_KEY, INVALID],
    'two keys': [() => bearer(`${admin.key} ${reader.key}`), NO_KEY, INVALID],
    'two keys as Node joins them': [() => bearer(`${admin.key}, Bearer ${reader.key}`), NO_KEY, INVALID],
    'a tab instead of a space': [() => ({ authorization: `Bearer\t${admin.key}` }), NO_KEY, ASKED],
    'a quoted key': [() => bearer(`"${admin.key}"`), NO_KEY, INVALID],
    'an unknown key': [() => bearer(mintKey().key), NO_KEY, INVALID],
    'an expired key': [async () => bearer((await expired).key), NO_KEY, INVALID],
    'a revoked key': [() => bearer(revoked.key), NO_KEY, INVALID],
    'something like a token': [() => bearer('a.b.c'), NO_TOKEN, INVALID],
    'a forged token': [() => bearer(`${app.slice(0, -4)}AAAA`), NO_TOKEN, INVALID],
  }

  for (const [what, [headersOf, body, challenge]] of Object.entries(CASES)) {
    it(`but ${what} is refused, on GET, HEAD and POST alike`, async () => {
      const headers = await headersOf()
      for (const [method, url] of [
        ['GET', '/me'],
        ['GET', '/with/read-sandboxes'],
        ['GET', '/organizations/org_x/apps'],
        ['POST', '/me'],
        ['HEAD', '/me'],
      ] as const) {
        const response = await server.inject({ method, url, headers })
        assert.equal(response.statusCode, 401)
        assert.equal(response.headers['www-authenticate'], challenge)
        assert.equal(response.headers['content-type'], 'application/json; charset=utf-8')
        if (method !== 'HEAD') assert.deepEqual(response.json(), body)
        assert.ok(response.headers['x-request-id'])
      }
    })
  }

  it('is refused before its body is read', async () => {
    const response = await server.inject({
      method: 'POST',
      url: '/me',
      headers: { 'content-type': 'application/json' },
      payload: '{"not json',
    })
    assert.deepEqual(response.json(), NO_KEY)
  })

  it('is refused when it brings two Authorization headers, be they the same and good', async () => {
    for (const other of [reader.key, admin.key, mintKey().key]) {
      const lines = [`Authorization: Bearer ${admin.key}`, `authorization: Bearer ${other}`]
      assert.match(await raw('GET /me', lines), /^HTTP\/1\.1 401 [\s\S]*"error":"Invalid or expired API key"/)
    }
  })

  it('is served on a public route, whatever it brings', async () => {
    for (const headers of [{}, bearer(admin.key), bearer('hunter2'), { authorization: 'Basic x' }]) {
      const response = await get('/public', headers)
      assert.deepEqual([response.statusCode, response.json()], [200, { ok: true }])
    }
  })

  it('finds nobody on a public route that speaks of its caller', async () => {
    assert.equal((await get('/greedy', bearer(admin.key))).statusCode, 500)
  })

  it('is never logged with what it brought', async () => {
    for (const credential of [mintKey().key, revoked.key, app, `${admin.key}x`]) {
      await get('/me', bearer(credential))
      await get(`/me?access_token=${credential}`, bearer(credential))
      assert.ok(!log.text().includes(credential), 'a credential is in the log')
    }
  })
})

describe('a request with a good credential', () => {
  it('is let in whatever the case of the scheme, and with more than one space', async () => {
    for (const authorization of [`Bearer ${admin.key}`, `bearer ${admin.key}`, `BEARER   ${admin.key}`]) {
      const response = await get('/me', { authorization })
      assert.deepEqual([response.statusCode, response.json()], [200, { who: owner }])
    }
  })

  it('is let in on HEAD of what it may GET', async () => {
    assert.equal((await server.inject({ method: 'HEAD', url: '/me', headers: bearer(admin.key) })).statusCode, 200)
  })

  it('is let in over a socket as well as by injection', async () => {
    assert.match(await raw('GET /me', [`Authorization: Bearer ${admin.key}`]), /^HTTP\/1\.1 200 /)
  })

  it('cannot become somebody else in the handler', async () => {
    assert.equal((await get('/usurp', bearer(admin.key))).statusCode, 500)
  })

  it('has no organization on a route without one', async () => {
    assert.equal((await get('/nowhere', bearer(admin.key))).statusCode, 500)
  })

  for (const name of ['access_token', 'api_key']) {
    it(`is refused with ${name} in its query, whatever the value, and 401 without the header`, async () => {
      const expected = badRequest(`Credentials belong in the Authorization header: remove ${name} from the query`)
      for (const query of [`${name}=x`, `${name}=`, name, `${name}=x&${name}=y`, `a=b&${name}=${admin.key}`]) {
        assert.deepEqual((await get(`/me?${query}`, bearer(admin.key))).json(), expected)
        assert.deepEqual((await get(`/me?${query}`)).json(), NO_KEY)
        assert.deepEqual((await get(`/me?${query}`, bearer('dta_x'))).json(), NO_KEY)
      }
    })

    it(`is refused with ${name} in its body, whatever the value, and 401 without the header`, async () => {
      const expected = badRequest(`Credentials belong in the Authorization header: remove ${name} from the body`)
      for (const payload of [{ [name]: 'x' }, { [name]: null }, { a: 1, [name]: { b: 2 } }]) {
        const send = (headers: Record<string, string>) =>
          server.inject({ method: 'POST', url: '/me', headers, payload })
        assert.deepEqual((await send(bearer(admin.key))).json(), expected)
        assert.deepEqual((await send({})).json(), NO_KEY)
      }
    })
  }

  it('may have other members of similar names', async () => {
    assert.equal((await get('/me?accesstoken=1&api_keys=2&ACCESS_TOKEN=3', bearer(admin.key))).statusCode, 200)
    for (const payload of [{ apiKey: 1 }, { nested: { access_token: 1 } }, [{ api_key: 1 }], [], 'api_key']) {
      const response = await server.inject({
        method: 'POST',
        url: '/me',
        headers: { ...bearer(admin.key), 'content-type': 'application/json' },
        payload: JSON.stringify(payload),
      })
      assert.equal(response.statusCode, 200, response.body)
    }
  })
})

describe('a route for people', () => {
  for (const [what, credential] of [
    ['a key', admin.key],
    ['a third-party token', app],
  ] as const) {
    it(`refuses ${what}`, async () => {
      assert.deepEqual((await get('/self', bearer(credential))).json(), FORBIDDEN)
      const url = `/organizations/${home}`
      assert.deepEqual((await server.inject({ method: 'DELETE', url, headers: bearer(credential) })).json(), FORBIDDEN)
    })
  }

  it('lets in a first-party token', async () => {
    assert.deepEqual((await get('/self', bearer(dashboard))).json(), { who: owner })
    const url = `/organizations/${home}`
    assert.deepEqual((await server.inject({ method: 'DELETE', url, headers: bearer(dashboard) })).json(), {
      gone: home,
    })
  })
})

describe('a route with a permission', () => {
  for (const required of permissionNames()) {
    for (const held of permissionNames()) {
      const isEnough = held === required || held === 'admin:organization'
      it(`of ${required} ${isEnough ? 'lets in' : 'refuses'} a key with ${held}`, async () => {
        const { key } = await keyWith(held)
        const response = await get(pathOf(required), bearer(key))
        if (isEnough) assert.deepEqual([response.statusCode, response.json()], [200, { in: home }])
        else {
          assert.deepEqual([response.statusCode, response.json()], [403, FORBIDDEN])
          assert.equal(response.headers['www-authenticate'], `Bearer error="insufficient_scope", scope="${required}"`)
        }
      })
    }
  }

  it('refuses a third-party token without permission scopes, and lets in one with', async () => {
    const refusal = await get('/with/read-sandboxes', bearer(bareApp))
    assert.deepEqual([refusal.statusCode, refusal.json()], [403, FORBIDDEN])
    assert.match(String(refusal.headers['www-authenticate']), /insufficient_scope", scope="read:sandboxes"$/)
    assert.equal((await get('/with/read-sandboxes', bearer(app))).statusCode, 200)
  })

  const made = new Map<Permission, ReturnType<typeof here.key>>()
  const keyWith = (permission: Permission) => {
    const key = made.get(permission) ?? here.key(owner, home, { permissions: [permission] })
    made.set(permission, key)
    return key
  }
})

describe('the organization of a request', () => {
  const org = (id: string) => ({ 'x-daytona-organization-id': id })

  it('is refused without any access, with and without the header', async () => {
    for (const headers of [{}, org(foreign), org(home)]) {
      assert.deepEqual((await get('/here', { ...bearer(stranded.key), ...headers })).json(), FORBIDDEN)
    }
  })

  it('is refused outside access, unknown or foreign, byte for byte', async () => {
    const bodies = [foreign, 'org_unknown', '', ' ', `${home},${home}`, '\u00e9'].map(
      async (id) => (await get('/here', { ...bearer(admin.key), ...org(id) })).body,
    )
    assert.deepEqual(new Set(await Promise.all(bodies)), new Set([JSON.stringify(FORBIDDEN)]))
  })

  it('is refused when its header is given twice, be it the same', async () => {
    const lines = [`Authorization: Bearer ${admin.key}`, `X-Daytona-Organization-ID: ${home}`]
    assert.match(await raw('GET /here', lines), /^HTTP\/1\.1 200 /)
    assert.match(await raw('GET /here', [...lines, `X-Daytona-Organization-ID: ${home}`]), /^HTTP\/1\.1 403 /)
  })

  it('has to be named where there are several', async () => {
    assert.deepEqual(
      (await get('/here', bearer(traveller.key))).json(),
      badRequest('X-Daytona-Organization-ID header is required: this credential has access to 2 organizations'),
    )
    assert.deepEqual((await get('/here', { ...bearer(traveller.key), ...org(second) })).json(), { in: second })
  })

  it('is the only one without a header', async () => {
    assert.deepEqual((await get('/here', bearer(admin.key))).json(), { in: home })
  })

  it('does not matter to a route without one', async () => {
    for (const id of [home, foreign, 'nonsense', '']) {
      assert.equal((await get('/me', { ...bearer(traveller.key), ...org(id) })).statusCode, 200)
    }
  })

  it('of a path is a 404 outside access, whatever the header and the permission', async () => {
    const expected = { statusCode: 404, message: 'Not Found', error: 'Organization not found' }
    for (const id of [foreign, 'org_unknown', '%20', '__proto__']) {
      for (const credential of [admin.key, reader.key, stranded.key, app, dashboard]) {
        for (const headers of [{}, org(home), org(id)]) {
          const response = await get(`/organizations/${id}/apps`, { ...bearer(credential), ...headers })
          assert.deepEqual(response.json(), expected)
        }
      }
    }
  })

  it('of a path must not be contradicted by the header', async () => {
    const url = `/organizations/${home}/apps`
    assert.deepEqual(
      (await get(url, { ...bearer(admin.key), ...org(second) })).json(),
      badRequest('X-Daytona-Organization-ID header disagrees with the organization in the path'),
    )
    assert.deepEqual((await get(url, { ...bearer(admin.key), ...org(home) })).json(), { in: home })
    assert.deepEqual((await get(url, bearer(admin.key))).json(), { in: home })
    assert.deepEqual((await get(url, bearer(reader.key))).json(), FORBIDDEN)
  })
})

describe('a suspended organization', () => {
  const suspend = async (reason: string | null, until: Date | null = null) => {
    const organization = await here.organization(owner)
    await here.sql`UPDATE organizations SET suspended_at = now(), suspension_reason = ${reason},
      suspended_until = ${until?.toISOString() ?? null} WHERE id = ${organization}`
    return (await here.key(owner, organization, { permissions: ['admin:organization'] })).key
  }
  const write = async (key: string) =>
    (await server.inject({ method: 'POST', url: '/sandbox', headers: bearer(key) })).json()

  it('refuses resource writes and says why', async () => {
    assert.deepEqual(await write(await suspend('unpaid invoices')), {
      ...FORBIDDEN,
      error: 'Organization is suspended: unpaid invoices',
    })
    assert.deepEqual(await write(await suspend(null)), { ...FORBIDDEN, error: 'Organization is suspended' })
  })

  it('refuses nothing else', async () => {
    const key = await suspend('unpaid invoices')
    for (const url of ['/with/read-sandboxes', '/with/write-sandboxes', '/here', '/me']) {
      assert.equal((await get(url, bearer(key))).statusCode, 200)
    }
  })

  it('tells of a lacking permission first', async () => {
    const organization = await here.organization(owner)
    await here.sql`UPDATE organizations SET suspended_at = now() WHERE id = ${organization}`
    const { key } = await here.key(owner, organization, { permissions: ['read:sandboxes'] })
    assert.deepEqual(await write(key), FORBIDDEN)
  })

  it('takes writes again at the end of its suspension', async () => {
    assert.deepEqual(await write(await suspend('unpaid invoices', new Date(Date.now() - 1))), { ok: true })
    const later = await suspend('unpaid invoices', new Date(Date.now() + 60_000))
    assert.equal((await write(later)).statusCode, 403)
  })
})

describe('what is told of decisions', () => {
  const told = async (request: () => Promise<unknown>) => {
    decisions.length = 0
    await request()
    return decisions.map(([key, ...rest]) => [(key as { keyId: string }).keyId, ...rest])
  }

  it('is nothing about credentials that are no known key', async () => {
    for (const headers of [{}, bearer('x'), bearer(mintKey().key), bearer(app), bearer(dashboard)]) {
      assert.deepEqual(await told(() => get('/me', headers)), [])
    }
  })

  it('is that a revoked or expired key was refused, at its home', async () => {
    assert.deepEqual(await told(() => get('/me', bearer(revoked.key))), [[revoked.id, home, 'denied', '127.0.0.1']])
  })

  it('is that a permission was lacking, where it was', async () => {
    const headers = { ...bearer(traveller.key), 'x-daytona-organization-id': second }
    assert.deepEqual(await told(() => get('/with/read-volumes', headers)), [
      [traveller.id, second, 'denied', '127.0.0.1'],
    ])
  })

  it('is that a request was let in, once', async () => {
    assert.deepEqual(await told(() => get('/here', bearer(reader.key))), [[reader.id, home, 'allowed', '127.0.0.1']])
    assert.deepEqual(await told(() => get('/me', bearer(traveller.key))), [
      [traveller.id, home, 'allowed', '127.0.0.1'],
    ])
  })
})

describe('an address that invents keys', () => {
  it('gets 429 with Retry-After, and its known keys go on working', async (t) => {
    const slow = await verifierOn(t, here.url, { unknownPerMinute: 3, lookUpsPerSecond: 1 })
    const fastify = await serve({ verifier: slow.verifier })
    const ask = (credential: string) => fastify.inject({ url: '/me', headers: bearer(credential) })
    await slow.caughtUp()
    assert.equal((await ask(admin.key)).statusCode, 200)
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask(mintKey().key)))
    assert.deepEqual(answers.map(({ statusCode }) => statusCode).sort(), [...Array(4).fill(401), ...Array(6).fill(429)])
    const limited = await ask(mintKey().key)
    assert.deepEqual(
      [limited.json(), limited.headers['retry-after'], limited.headers['www-authenticate']],
      [{ statusCode: 429, message: 'Too Many Requests', error: 'Rate limit exceeded' }, '1', undefined],
    )
    assert.equal((await ask(admin.key)).statusCode, 200, 'a known key')
    assert.equal((await ask('dta_malformed')).statusCode, 401, 'a malformed one')
  })
})

/** A request as bytes, for what no client would send. */
async function raw(line: string, headers: readonly string[]): Promise<string> {
  if (!server.server.listening) await server.listen({ port: 0, host: '127.0.0.1' })
  const address = server.server.address()
  assert.ok(address && typeof address === 'object')
  const socket = connectSocket(address.port, '127.0.0.1')
  socket.end(`${line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${headers.join('\r\n')}\r\n\r\n`)
  let answer = ''
  for await (const chunk of socket) answer += chunk
  return answer
}
