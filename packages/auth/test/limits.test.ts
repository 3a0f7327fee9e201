import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { waitFor } from '@daytona-auth/testing'
import { Registry } from 'prom-client'
import { limiterMetrics } from '../src/limits/limiter-metrics.ts'
import { rateLimiter } from '../src/limits/rate-limiter.ts'
import { bearer, FORBIDDEN, guardedServer } from './guarded-server.ts'

const { app, dashboard, here, home, owner, process, reader, revoked, serve, token } = await guardedServer({ after })
const TOO_MANY = { statusCode: 429, message: 'Too Many Requests', error: 'Rate limit exceeded' }

describe('the rate limit of a credential', () => {
  const START = 1_800_000_000_000 // the beginning of a minute

  /** A server with a limit and a clock that the test sets. */
  async function limited(limit: number) {
    const clock = { now: START }
    const rateLimit = rateLimiter({ limit })
    const decisions: unknown[][] = []
    const server = await serve({
      rateLimiter: rateLimit,
      now: () => clock.now,
      onDecision: ({ keyId }, organizationId, verdict) => decisions.push([keyId, organizationId, verdict]),
      onDenial: ({ keyId }, organizationId, { statusCode, cause }) =>
        decisions.push([keyId, organizationId, statusCode, cause]),
    })
    const ask = async (credential: string, url = '/me') => {
      const response = await server.inject({ url, headers: bearer(credential) })
      const of = (name: string) => response.headers[`x-ratelimit-${name}`]
      return { response, status: response.statusCode, limits: [of('limit'), of('remaining'), of('reset')] }
    }
    return { ask, clock, decisions, rateLimit }
  }

  it('is stated with every answer, and refuses the requests beyond it until the minute ends', async () => {
    const { ask, clock } = await limited(2)
    const { key } = await here.key(owner, home)
    clock.now = START + 15_500
    assert.deepEqual((await ask(key)).limits, ['2', '1', '45'])
    assert.deepEqual((await ask(key)).limits, ['2', '0', '45'])
    const { response, limits } = await ask(key)
    assert.deepEqual([response.json(), response.headers['retry-after'], limits], [TOO_MANY, '45', ['2', '0', '45']])
    clock.now = START + 59_999
    assert.deepEqual((await ask(key)).limits, ['2', '0', '1'])
    clock.now = START + 60_000
    assert.deepEqual([(await ask(key)).status, (await ask(key)).status, (await ask(key)).status], [200, 200, 429])
  })

  it('counts all secrets of a key together, and each key, grant and user apart', async () => {
    const { ask } = await limited(2)
    const key = await here.key(owner, home)
    await here.sql`UPDATE api_key_secrets SET expires_at = now() + interval '1 day' WHERE key_id = ${key.id}`
    const next = await here.secret(key.id)
    await process.caughtUp()
    assert.deepEqual(
      [(await ask(key.key)).status, (await ask(next.key)).status, (await ask(key.key)).status],
      [200, 200, 429],
    )
    const [one, two] = [await token(true), await token(true)]
    for (const credential of [(await here.key(owner, home)).key, one, two]) {
      assert.deepEqual((await ask(credential)).limits.slice(0, 2), ['2', '1'])
    }
  })

  it('continues for a credential that changed', async () => {
    const { ask } = await limited(1)
    const key = await here.key(owner, home)
    await ask(key.key)
    await here.sql`UPDATE api_keys SET name = 'renamed' WHERE id = ${key.id}`
    await process.caughtUp()
    assert.equal((await ask(key.key)).status, 429)
  })

  it('counts requests that are denied for another reason, before that reason', async () => {
    const { ask } = await limited(1)
    const { key } = await here.key(owner, home)
    const { response } = await ask(key, '/with/read-volumes')
    assert.deepEqual([response.json(), response.headers['x-ratelimit-remaining']], [FORBIDDEN, '0'])
    assert.equal((await ask(key, '/with/read-volumes')).status, 429)
  })

  it('does not concern callers without a valid credential, or public routes', async () => {
    const { ask, rateLimit } = await limited(0)
    for (const credential of [revoked.key, 'dta_x', 'a.b.c']) {
      const { status, limits } = await ask(credential)
      assert.deepEqual([status, limits], [401, [undefined, undefined, undefined]])
    }
    assert.equal((await ask(reader.key, '/public')).status, 200)
    assert.deepEqual(rateLimit.decisions, { admitted: 0, denied: 0 })
  })

  it('reports a denial of a key, at its home organization, and none of a token', async () => {
    const { ask, decisions } = await limited(0)
    for (const credential of [app, dashboard]) assert.equal((await ask(credential)).status, 429)
    assert.deepEqual(decisions, [])
    await ask(reader.key)
    assert.deepEqual(decisions, [
      [reader.id, home, 'denied'],
      [reader.id, home, 429, 'rate-limited'],
    ])
  })

  it('is in the metrics by its name', async () => {
    const registry = new Registry()
    const [requests, others] = [rateLimiter({ limit: 1 }), rateLimiter({ limit: 1 })]
    limiterMetrics(registry, { requests, others })
    for (let count = 0; count < 3; count += 1) requests.take('a', START)
    const values = async () =>
      (await registry.getSingleMetric('rate_limit_decisions_total')?.get())?.values.map(({ labels, value }) => [
        labels['limit'],
        labels['decision'],
        value,
      ])
    const expected = [
      ['requests', 'admitted', 1],
      ['requests', 'refused', 2],
      ['others', 'admitted', 0],
      ['others', 'refused', 0],
    ]
    assert.deepEqual([await values(), await values()], [expected, expected], 'also at the second scrape')
  })
})

describe('the management writes of a credential', () => {
  /** A server on which handlers of a write end when the test says so. */
  async function bounded(concurrentWrites: number | undefined) {
    const handlers: PromiseWithResolvers<void>[] = []
    const server = await serve({ concurrentWrites }, (fastify) => {
      fastify.post('/held', { config: { access: 'authenticated' } }, async () => {
        const handler = Promise.withResolvers<void>()
        handlers.push(handler)
        await handler.promise
        return { ok: true }
      })
      fastify.post('/read', { config: { access: 'authenticated', managementWrite: false } }, async () => ({ ok: true }))
    })
    const write = (credential: string, url = '/held') =>
      server.inject({ method: 'POST', url, headers: bearer(credential), payload: {} })
    return { write, handlers }
  }

  it('are bounded while they are under way, for each credential, and again possible afterwards', async () => {
    const { write, handlers } = await bounded(2)
    const { key } = await here.key(owner, home)
    const running = [write(key), write(key)]
    await waitFor(() => handlers.length === 2)
    const refused = await write(key)
    assert.deepEqual([refused.json(), refused.headers['retry-after']], [TOO_MANY, '1'])
    assert.equal((await write(key, '/read')).statusCode, 200, 'no management write')
    const other = write(dashboard)
    await waitFor(() => handlers.length === 3)
    for (const { resolve } of handlers) resolve()
    assert.deepEqual(
      (await Promise.all([...running, other])).map(({ statusCode }) => statusCode),
      [200, 200, 200],
    )
    const again = write(key)
    await waitFor(() => handlers.length === 4)
    handlers[3]?.resolve()
    assert.equal((await again).statusCode, 200)
  })

  it('give their slot back if they are denied or fail', async () => {
    const { write, handlers } = await bounded(1)
    const { key } = await here.key(owner, home)
    for (const url of ['/held?access_token=x', '/held?api_key=x']) assert.equal((await write(key, url)).statusCode, 400)
    const failing = write(key)
    await waitFor(() => handlers.length === 1)
    handlers[0]?.reject(new Error('failed'))
    assert.equal((await failing).statusCode, 500)
    const again = write(key)
    await waitFor(() => handlers.length === 2)
    handlers[1]?.resolve()
    assert.equal((await again).statusCode, 200)
  })

  it('are unbounded without a limit', async () => {
    const { write, handlers } = await bounded(undefined)
    const running = Array.from({ length: 20 }, () => write(reader.key))
    await waitFor(() => handlers.length === 20)
    for (const { resolve } of handlers) resolve()
    assert.ok((await Promise.all(running)).every(({ statusCode }) => statusCode === 200))
  })
})

describe('a superseded secret', async () => {
  const key = await here.key(owner, home, { permissions: ['admin:organization'] })
  await here.sql`UPDATE api_key_secrets SET expires_at = now() + interval '1 day' WHERE key_id = ${key.id}`
  const next = await here.secret(key.id)
  const server = await serve()

  for (const [method, url, old, current] of [
    ['GET', '/me', 200, 200],
    ['GET', '/with/admin-organization', 200, 200],
    ['POST', '/sandbox', 200, 200],
    ['POST', '/me', 403, 200],
  ] as const) {
    it(`is ${old === 403 ? 'refused' : 'accepted'} for ${method} ${url}`, async () => {
      const statuses = []
      for (const credential of [key.key, next.key])
        statuses.push((await server.inject({ method, url, headers: bearer(credential) })).statusCode)
      assert.deepEqual(statuses, [old, current])
    })
  }
})
