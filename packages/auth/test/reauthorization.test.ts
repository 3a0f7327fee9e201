import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, describe, it } from 'node:test'
import { forbidden } from '@daytona-auth/service'
import { waitFor } from '@daytona-auth/testing'
import { callerFactsOf } from '../src/http/plugin.ts'
import { bearer, guardedServer } from './guarded-server.ts'
import { claimsOf, sign } from './world.ts'

let ahead = 0
const {
  admin,
  app,
  bareApp,
  dashboard,
  here,
  home,
  owner,
  process,
  reader,
  revoked,
  second,
  serve,
  signer,
  traveller,
} = await guardedServer({ after })
const { sql } = here

/** Continuations of long responses, by the credential of their request. */
const continuations = new Map<string, () => Promise<boolean>>()
const facts: unknown[] = []
const server = await serve({ now: () => Date.now() + ahead }, (fastify) => {
  fastify.addHook('onResponse', async (request) => {
    facts.push(callerFactsOf(request))
  })
  fastify.get('/long', { config: { access: 'read:sandboxes', organization: 'header' } }, async (request) => {
    continuations.set(String(request.headers.authorization), () => request.mayContinue())
    return { ok: true }
  })
  fastify.get('/public/long', { config: { access: 'public' } }, async (request) => ({
    may: await request.mayContinue(),
  }))
  fastify.get(
    '/reworded',
    {
      config: {
        access: 'admin:organization',
        organization: 'header',
        rewordDenial: ({ statusCode }, { url }) => forbidden(`reworded ${statusCode}`, { error: `No: ${url}` }),
      },
    },
    async () => ({ ok: true }),
  )
})
await server.listen({ port: 0, host: '127.0.0.1' })

describe('a long response', () => {
  /** A request whose response continues, and whether it may. */
  async function started() {
    const key = await here.key(owner, home)
    await process.caughtUp()
    await server.inject({ url: '/long', headers: bearer(key.key) })
    const mayContinue = continuations.get(`Bearer ${key.key}`)
    assert.ok(mayContinue)
    return { key, mayContinue }
  }

  it('may continue while nothing changes, and after a change that leaves the permission', async () => {
    const { key, mayContinue } = await started()
    assert.equal(await mayContinue(), true)
    await sql`UPDATE api_keys SET permissions = '{read:sandboxes,write:sandboxes}' WHERE id = ${key.id}`
    await process.caughtUp()
    assert.equal(await mayContinue(), true)
  })

  for (const [what, end] of Object.entries({
    'its key is revoked': (id: string) => sql`UPDATE api_keys SET status = 'revoked' WHERE id = ${id}`,
    'its key loses the permission': (id: string) =>
      sql`UPDATE api_keys SET permissions = '{read:volumes}' WHERE id = ${id}`,
    'its key loses the organization': (id: string) => sql`DELETE FROM api_key_organizations WHERE key_id = ${id}`,
    'its key expires': (id: string) => sql`UPDATE api_keys SET expires_at = now() WHERE id = ${id}`,
  })) {
    it(`may not continue after ${what}`, async () => {
      const { key, mayContinue } = await started()
      await end(key.id)
      await process.caughtUp()
      assert.equal(await mayContinue(), false)
    })
  }

  it('of a public route has no caller to ask for', async () => {
    assert.equal((await server.inject({ url: '/public/long', headers: bearer(admin.key) })).statusCode, 500)
  })
})

describe('a request with a body', () => {
  /** Sends the head of a request; `finish` sends its body and returns the response. */
  async function halfSent(path: string, credential: string) {
    const address = server.server.address()
    assert.ok(address && typeof address === 'object')
    const socket = connect(address.port, '127.0.0.1')
    socket.write(
      `POST ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer ${credential}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{`,
    )
    // The guard has answered for the head when it has looked the credential up.
    await waitFor(() => !(process.verifier.verify(credential, '127.0.0.1') instanceof Promise))
    return async () => {
      socket.write('}')
      let text = ''
      for await (const chunk of socket) text += chunk
      return Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1])
    }
  }

  for (const [what, make, path, expected] of [
    ['nothing changed', async () => {}, '/me', 200],
    ['its key was revoked', (id: string) => sql`UPDATE api_keys SET status = 'revoked' WHERE id = ${id}`, '/me', 401],
    [
      'its key lost the permission',
      (id: string) => sql`UPDATE api_keys SET permissions = '{read:volumes}' WHERE id = ${id}`,
      '/sandbox',
      403,
    ],
    [
      'its key changed and has the permission still',
      (id: string) => sql`UPDATE api_keys SET name = 'renamed' WHERE id = ${id}`,
      '/sandbox',
      200,
    ],
  ] as const) {
    it(`is answered ${expected} if ${what} while the body was sent`, async () => {
      const key = await here.key(owner, home, { permissions: ['write:sandboxes'] })
      await process.caughtUp()
      await process.verifier.verify(key.key, '127.0.0.1')
      const finish = await halfSent(path, key.key)
      await make(key.id)
      await process.caughtUp()
      assert.equal(await finish(), expected)
    })
  }
})

describe('a denial that a route rewords', () => {
  for (const [what, credential, expected] of [
    ['a missing credential', undefined, 'No: /reworded'],
    ['an unknown credential', 'dta_x', 'No: /reworded'],
    ['a revoked key', revoked.key, 'No: /reworded'],
    ['a missing permission', reader.key, 'No: /reworded'],
    ['several organizations', traveller.key, 'No: /reworded'],
  ] as const) {
    it(`replaces ${what}`, async () => {
      const response = await server.inject({
        url: '/reworded',
        headers: credential === undefined ? {} : bearer(credential),
      })
      assert.deepEqual([response.statusCode, response.json().error], [403, expected])
    })
  }

  it('replaces nothing that is allowed', async () => {
    assert.deepEqual((await server.inject({ url: '/reworded', headers: bearer(admin.key) })).json(), { ok: true })
  })
})

describe('the caller of a request, for its log', () => {
  const factsOf = async (url: string, headers: Record<string, string>) => {
    facts.length = 0
    await server.inject({ url, headers })
    await waitFor(() => facts.length === 1)
    return facts[0]
  }

  it('is a key with its user and the organization of the request, allowed or denied', async () => {
    const in_ = (organizationId: string | undefined) => ({
      principal: 'api-key',
      keyId: traveller.id,
      userId: owner,
      organizationId,
    })
    const headers = { ...bearer(traveller.key), 'x-daytona-organization-id': second }
    assert.deepEqual(await factsOf('/here', headers), in_(second))
    assert.deepEqual(await factsOf('/with/read-volumes', headers), in_(second))
    assert.deepEqual(await factsOf('/me', bearer(traveller.key)), in_(undefined))
  })

  it('is a token with its client', async () => {
    const clientId = await here.client()
    const grantId = await here.grant(owner, clientId, { organizationIds: [home] })
    const token = await sign(signer, claimsOf({ userId: owner, clientId, grantId }))
    assert.deepEqual(await factsOf('/here', bearer(token)), {
      principal: 'token',
      clientId,
      userId: owner,
      organizationId: home,
    })
  })

  it('is only the id of a key that is refused, and no caller without a known credential', async () => {
    assert.deepEqual(await factsOf('/me', bearer(revoked.key)), {
      principal: 'api-key',
      keyId: revoked.id,
      organizationId: undefined,
    })
    for (const headers of [{}, bearer('dta_x'), bearer('a.b.c')] as Record<string, string>[])
      assert.equal(await factsOf('/me', headers), undefined)
  })
})

describe('a clock that moves on', () => {
  it('ends a suspension and a credential at the same instant for the guard', async () => {
    for (const credential of [admin.key, app, bareApp, dashboard])
      assert.equal((await server.inject({ url: '/me', headers: bearer(credential) })).statusCode, 200)
    const organization = await here.organization(owner)
    const { key } = await here.key(owner, organization, { permissions: ['write:sandboxes'] })
    await sql`UPDATE organizations SET suspended_at = now(), suspended_until = now() + interval '1 hour' WHERE id = ${organization}`
    await process.caughtUp()
    const write = async () =>
      (await server.inject({ method: 'POST', url: '/sandbox', headers: bearer(key) })).statusCode
    assert.equal(await write(), 403)
    ahead = 3_600_000
    try {
      assert.equal(await write(), 200)
    } finally {
      ahead = 0
    }
  })
})
