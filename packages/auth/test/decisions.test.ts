import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { KEY_PREFIX } from '@daytona-auth/protocol/api-key-format'
import { mintKey } from '../src/credential/api-key.ts'
import { isDenied } from '../src/principal/result.ts'
import { bearer, guardedServer } from './guarded-server.ts'
import { ADDRESS, verifierOn } from './world.ts'

const { admin, app, dashboard, decisions, get, here, home, reader, revoked, second, serve, token, traveller } =
  await guardedServer({ after })

describe('reported decisions', () => {
  const reported = async (request: () => Promise<unknown>) => {
    decisions.length = 0
    await request()
    return decisions.map(([{ keyId }, organizationId, verdict, address, instant, route]) => {
      assert.ok(Math.abs(Date.now() - instant) < 60_000)
      return [keyId, organizationId, verdict, address, `${route.method} ${route.url}`]
    })
  }

  it('exclude credentials that are not a known key', async () => {
    for (const headers of [{}, bearer('x'), bearer(mintKey().key), bearer(app), bearer(dashboard)]) {
      assert.deepEqual(await reported(() => get('/me', headers)), [])
    }
  })

  it('include a denied revoked or expired key, at its home organization', async () => {
    assert.deepEqual(await reported(() => get('/me', bearer(revoked.key))), [
      [revoked.id, home, 'denied', '127.0.0.1', 'GET /me'],
    ])
  })

  it('include a missing permission, in its organization', async () => {
    const headers = { ...bearer(traveller.key), 'x-daytona-organization-id': second }
    assert.deepEqual(await reported(() => get('/with/read-volumes', headers)), [
      [traveller.id, second, 'denied', '127.0.0.1', 'GET /with/read-volumes'],
    ])
  })

  it('include an allowed request, once', async () => {
    assert.deepEqual(await reported(() => get('/here', bearer(reader.key))), [
      [reader.id, home, 'allowed', '127.0.0.1', 'GET /here'],
    ])
    assert.deepEqual(await reported(() => get('/me', bearer(traveller.key))), [
      [traveller.id, home, 'allowed', '127.0.0.1', 'GET /me'],
    ])
  })
})

describe('reported denials', () => {
  it('have the response and the reason, of known keys only', async () => {
    const reported: unknown[][] = []
    const fastify = await serve({
      onDenial: ({ keyId }, organizationId, { statusCode, message, cause }, { url }) =>
        reported.push([keyId, organizationId, statusCode, message, cause, url]),
    })
    const ask = (url: string, headers: Record<string, string>) => fastify.inject({ url, headers })
    for (const key of ['x', mintKey().key, app]) await ask('/with/read-volumes', bearer(key))
    await ask('/me', bearer(reader.key))
    assert.deepEqual(reported, [])
    await ask('/me', bearer(revoked.key))
    await ask('/with/read-volumes', { ...bearer(traveller.key), 'x-daytona-organization-id': second })
    await ask('/with/read-volumes', { ...bearer(traveller.key), 'x-daytona-organization-id': 'org_unknown' })
    assert.deepEqual(reported, [
      [revoked.id, home, 401, 'Invalid or expired API key', 'revoked', '/me'],
      [traveller.id, second, 403, 'Insufficient permissions', 'lacks read:volumes', '/with/read-volumes'],
      [traveller.id, home, 403, 'Insufficient permissions', 'x-daytona-organization-id', '/with/read-volumes'],
    ])
  })
})

describe('an address that invents keys', () => {
  it('gets 429 with Retry-After, and its known keys continue to work', async (t) => {
    // A clock that stands still: the look-up of the next second is not there yet.
    const limits = { unknownPerMinute: 3, lookUpsPerSecond: 1, monotonicNow: () => 0 }
    const slow = await verifierOn(t, here.url, limits)
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
    assert.equal((await ask(`${KEY_PREFIX}malformed`)).statusCode, 401, 'a malformed one')
  })

  it('or forges tokens is limited before their signatures are checked, and another address is not', async (t) => {
    const limits = { unknownPerMinute: 3, lookUpsPerSecond: 1, monotonicNow: () => 0 }
    const { verifier, caughtUp } = await verifierOn(t, here.url, limits)
    await caughtUp()
    const reasonAt = async (address: string, credential: string) => {
      const answer = await verifier.verify(credential, address)
      return isDenied(answer) ? answer.reason : 'good'
    }
    const [cached, forged] = [await token(true), `${(await token(true)).slice(0, -4)}AAAA`]
    assert.equal(await reasonAt(ADDRESS, cached), 'good')
    const forgeries = await Promise.all(
      Array.from({ length: 10 }, async () => `${(await token(true)).slice(0, -8)}AAAAAAAA`),
    )
    for (const _ of [1, 2, 3, 4, 5]) assert.equal(await reasonAt(ADDRESS, forged), 'signature', 'repeated: one check')
    const reasons = await Promise.all(forgeries.map((each) => reasonAt(ADDRESS, each)))
    assert.deepEqual(reasons.sort(), [...Array(7).fill('rate-limited'), ...Array(3).fill('signature')])
    assert.equal(await reasonAt(ADDRESS, await token(true)), 'rate-limited', 'a token that is not cached')
    assert.equal(await reasonAt(ADDRESS, cached), 'good', 'one that is')
    assert.equal(await reasonAt('192.0.2.2', forgeries.at(-1) ?? ''), 'signature', 'another address')
    assert.equal(await reasonAt('192.0.2.2', await token(true)), 'good', 'another address')
  })
})
