import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Scope } from '@daytona-auth/testing'
import { systemClock } from '../src/clock.ts'
import { DaytonaAuth, type DaytonaAuthOptions } from '../src/index.ts'
import { denialReply, type Reply, startApi } from './test-api.ts'

const LIMITED = (retryAfter = '0') =>
  denialReply(429, 'Rate limit exceeded', { 'retry-after': retryAfter, 'x-error-code': 'rate_limit_exceeded' })
const DOWN = (retryAfter = '0') => denialReply(503, 'Service unavailable', { 'retry-after': retryAfter })
const USER: Reply = { body: { id: 'usr_1' } }
const MADE: Reply = { status: 201, body: { name: 'ci', value: 'dta_…' } }
const KEY = 'dta_secret'

/** Creates a client of a server with these replies. It records delays instead of waiting. */
async function createClient(
  scope: Scope,
  replies: readonly (Reply | 'hang up')[],
  { random = 0.5, ...options }: DaytonaAuthOptions & { random?: number } = {},
) {
  const { origin, received } = await startApi(scope, ...replies)
  const waits: number[] = []
  const clock = {
    now: () => Date.parse('2030-01-01T00:00:00Z'),
    random: () => random,
    sleep: async (ms: number, signal: AbortSignal) => {
      waits.push(ms)
      signal.throwIfAborted()
    },
  }
  const client = new DaytonaAuth({ apiUrl: origin, apiKey: KEY, clock, ...options })
  return { client, received, waits }
}

const create = { name: 'ci', permissions: ['read:sandboxes' as const] }

describe('a request with a temporary failure', () => {
  for (const [what, first] of [
    ['429', LIMITED()],
    ['503', DOWN()],
  ] as const) {
    it(`is sent again after a ${what}`, async (t) => {
      const { client, received } = await createClient(t, [first, USER])
      assert.equal((await client.users.me()).id, 'usr_1')
      assert.equal(received.length, 2)
    })
  }

  it('is sent three times at most, and the last response is the error', async (t) => {
    const { client, received, waits } = await createClient(t, [DOWN()])
    await assert.rejects(client.users.me(), { name: 'DaytonaAuthError', statusCode: 503, error: 'Service unavailable' })
    assert.deepEqual([received.length, waits.length], [3, 2])
  })

  it('is sent as often as maxRetries allows', async (t) => {
    const { client, received } = await createClient(t, [DOWN()], { maxRetries: 0 })
    await assert.rejects(client.users.me(), { statusCode: 503 })
    assert.equal(received.length, 1)
  })

  it('doubles its delay with jitter, up to eight seconds', async (t) => {
    for (const [random, expected] of [
      [0, [250, 500, 1000, 2000, 4000, 4000]],
      [0.999, [500, 999.5, 1999, 3998, 7996, 7996]],
    ] as const) {
      const { client, waits } = await createClient(t, [DOWN()], { maxRetries: 6, random })
      await assert.rejects(client.users.me())
      assert.deepEqual(
        waits.map((ms) => Math.round(ms)),
        expected.map((ms) => Math.round(ms)),
      )
    }
  })

  it('waits for Retry-After and its own delay', async (t) => {
    for (const [retryAfter, ms] of [
      ['7', 7000],
      ['Tue, 01 Jan 2030 00:00:09 GMT', 9000],
      ['Mon, 31 Dec 2029 23:59:59 GMT', 0],
      ['soon', 0],
      ['-1', 0],
    ] as const) {
      const { client, waits } = await createClient(t, [LIMITED(retryAfter), USER], { random: 0 })
      await client.users.me()
      assert.deepEqual(waits, [ms + 250], retryAfter)
    }
  })

  it('does not wait longer than maxRetryAfterSeconds', async (t) => {
    const { client, received, waits } = await createClient(t, [LIMITED('31'), USER])
    const error = await client.users.me().catch((reason) => reason)
    assert.deepEqual([error.statusCode, error.headers.get('retry-after')], [429, '31'])
    assert.deepEqual([received.length, waits], [1, []])
  })

  it('stops when its caller aborts', async (t) => {
    const controller = new AbortController()
    const { client, received } = await createClient(t, [DOWN('20')], {
      clock: {
        ...systemClock,
        sleep(ms, signal) {
          setTimeout(() => controller.abort(new Error('enough')), 10)
          return systemClock.sleep(ms, signal)
        },
      },
    })
    await assert.rejects(client.users.me({ signal: controller.signal }), /enough/)
    assert.equal(received.length, 1)
  })

  it('is sent again completely, with a new credential', async (t) => {
    const tokens = ['token1', 'token2']
    const { client, received } = await createClient(t, [LIMITED(), MADE], {
      apiKey: undefined,
      accessToken: () => tokens.shift() ?? '',
      organizationId: 'org_1',
    })
    await client.apiKeys.create(create)
    const [first, second] = received
    assert.deepEqual(
      received.map(({ headers }) => headers.authorization),
      ['Bearer token1', 'Bearer token2'],
    )
    assert.deepEqual(JSON.parse(String(second?.body)), create)
    assert.deepEqual([first?.body, first?.headers['x-daytona-organization-id']], [second?.body, 'org_1'])
  })
})

describe('a request that may have taken effect', () => {
  const post = (client: DaytonaAuth) => client.apiKeys.create(create)
  const patch = (client: DaytonaAuth) => client.users.updateMe({ name: 'Ada' })
  const put = (client: DaytonaAuth) => client.sandboxes.replaceLabels('s', {})
  const remove = (client: DaytonaAuth) => client.apiKeys.delete('ci')

  for (const [what, send, reply, times] of [
    ['POST and a 503', post, DOWN(), 1],
    ['PATCH and a 503', patch, DOWN(), 1],
    ['POST and a 429 of a proxy', post, { status: 429, body: '<h1>Too many</h1>' }, 1],
    ['POST and a 500', post, denialReply(500, 'Something went wrong on our side'), 1],
    ['POST and a 502 of a proxy', post, { status: 502, body: '<h1>Bad gateway</h1>' }, 1],
    ['GET and a 500', (client) => client.users.me(), denialReply(500, 'Something went wrong on our side'), 1],
    ['POST and a 429 of the API', post, LIMITED(), 3],
    ['PUT and a 503', put, DOWN(), 3],
    ['DELETE and a 503', remove, DOWN(), 3],
  ] as [string, (client: DaytonaAuth) => Promise<unknown>, Reply, number][]) {
    it(`${what}: sent ${times === 1 ? 'once' : 'again'}`, async (t) => {
      const { client, received } = await createClient(t, [reply])
      await assert.rejects(send(client), { name: 'DaytonaAuthError', statusCode: Number(reply.status) })
      assert.equal(received.length, times)
    })
  }

  it('is not sent again when the connection breaks', async (t) => {
    for (const send of [post, remove]) {
      const { client, received } = await createClient(t, ['hang up'])
      await assert.rejects(send(client), TypeError)
      assert.equal(received.length, 1)
    }
  })
})

describe('an error', () => {
  it('has no code if the header is not valid', async (t) => {
    for (const code of ['', 'Not A Code', 'x'.repeat(65)]) {
      const { client } = await createClient(t, [denialReply(404, 'Sandbox not found', { 'x-error-code': code })])
      const error = await client.sandboxes.get('s').catch((reason) => reason)
      assert.deepEqual([error.statusCode, error.code], [404, undefined])
    }
  })

  it('has the details of the response, and no credential', async (t) => {
    const reply = denialReply(403, 'Insufficient permissions', {
      'www-authenticate': 'Bearer scope="write:sandboxes", error_description="It lacks write:sandboxes"',
      'x-error-code': 'insufficient_permissions',
    })
    const { client } = await createClient(t, [reply])
    const error = await client.sandboxes.create({}).catch((reason) => reason)
    assert.deepEqual(
      [error.statusCode, error.error, error.message, error.requestId, error.details],
      [403, 'Insufficient permissions', 'Insufficient permissions (403, request r1)', 'r1', []],
    )
    assert.equal(error.code, 'insufficient_permissions')
    assert.match(error.headers.get('www-authenticate') ?? '', /^Bearer scope="write:sandboxes"/)
    assert.equal(error.description, 'It lacks write:sandboxes')
    const { inspect } = await import('node:util')
    for (const text of [inspect(error, { depth: 9 }), inspect(client, { depth: 9 }), JSON.stringify(error)]) {
      assert.ok(!text.includes(KEY), text)
    }
  })

  it('names invalid members', async (t) => {
    const details = [{ path: 'permissions.0', message: 'is unknown' }]
    const { client } = await createClient(t, [
      { status: 400, body: { statusCode: 400, message: 'Bad Request', error: 'x', details } },
    ])
    await assert.rejects(client.apiKeys.create(create), { statusCode: 400, details })
  })

  it('quotes nothing of another server’s body', async (t) => {
    const { client } = await createClient(t, [{ status: 404, body: `<p>${KEY}</p>` }])
    await assert.rejects(client.users.me(), { statusCode: 404, message: 'The server answered 404 (404)' })
  })

  it('is thrown for a 200 of another server', async (t) => {
    const { client } = await createClient(t, [{ body: '<h1>Welcome</h1>' }])
    await assert.rejects(client.users.me(), /not from a Daytona Auth server/)
  })

  it('is thrown for a redirect, which is not followed', async (t) => {
    const elsewhere = await startApi(t, USER)
    for (const status of [301, 302, 303, 307, 308]) {
      const { client } = await createClient(t, [{ status, headers: { location: `${elsewhere.origin}/users/me` } }])
      await assert.rejects(client.users.me(), /redirects, which is not followed/)
      await assert.rejects(client.apiKeys.create(create), /redirects, which is not followed/)
    }
    assert.deepEqual(elsewhere.received, [])
  })

  it('is thrown for an attempt that times out', async (t) => {
    const { client } = await createClient(t, [USER], {
      timeoutMs: 20,
      fetch: (_, init) => forever(init?.signal ?? AbortSignal.abort()),
    })
    await assert.rejects(client.users.me(), { name: 'TimeoutError' })
  })

  it('is thrown for a parameter that changes the path, before any request', async (t) => {
    const { client, received } = await createClient(t, [USER])
    for (const name of ['', '.', '..']) await assert.rejects(async () => client.apiKeys.delete(name), TypeError)
    await client.apiKeys.get('a/b?c').catch(() => undefined)
    assert.deepEqual(
      received.map(({ path }) => path),
      ['/api-keys/a%2Fb%3Fc'],
    )
  })
})

/** Waits until it is aborted. */
const forever = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
