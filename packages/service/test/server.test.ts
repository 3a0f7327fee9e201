import assert from 'node:assert/strict'
import { Agent, get } from 'node:http'
import { describe, it } from 'node:test'
import fp from 'fastify-plugin'
import * as z from 'zod'
import { createMetrics, errors } from '../src/index.ts'
import { listening, rawRequest } from './listening.ts'

describe('a request id', () => {
  it('is on every response and unique', async (t) => {
    const { origin } = await listening(t, (app) => void app.get('/ok', () => ({})))
    const ids = new Set<string | null>()
    for (const path of ['/ok', '/ok', '/none', '/%zz'])
      ids.add((await fetch(`${origin}${path}`)).headers.get('x-request-id'))
    assert.equal(ids.size, 4)
    for (const id of ids) assert.match(id ?? '', /^req_[0-9a-z]{10,}_[0-9a-z]+$/)
  })

  it('differs from those of another server', async (t) => {
    const [one, two] = [await listening(t), await listening(t)]
    const prefix = async (origin: string) => (await fetch(origin)).headers.get('x-request-id')?.split('_')[1]
    assert.notEqual(await prefix(one.origin), await prefix(two.origin))
  })

  it('of an untrusted peer is ignored', async (t) => {
    const { origin } = await listening(t)
    const response = await fetch(origin, { headers: { 'x-request-id': 'chosen-by-me' } })
    assert.match(response.headers.get('x-request-id') ?? '', /^req_/)
  })

  it('of a trusted proxy is used and logged', async (t) => {
    const { origin, lines } = await listening(t, undefined, { trustedProxies: ['127.0.0.0/8'] })
    const response = await fetch(origin, { headers: { 'x-request-id': '5c1f-made.upstream:1' } })
    assert.equal(response.headers.get('x-request-id'), '5c1f-made.upstream:1')
    assert.deepEqual(
      lines().map((line) => line['requestId']),
      ['5c1f-made.upstream:1'],
    )
  })

  it('of a trusted proxy is ignored if it could forge a log line or a header', async (t) => {
    const { port } = await listening(t, undefined, { trustedProxies: ['127.0.0.1'] })
    for (const id of ['', ' ', 'a b', 'a"b', 'a\tb', 'é', 'x'.repeat(129), '<script>']) {
      const answer = await rawRequest(
        port,
        `GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Request-Id: ${id}\r\n\r\n`,
      )
      assert.match(answer.headers['x-request-id'] ?? '', /^req_/, id)
    }
  })
})

describe("a client's address", () => {
  const seen = async (
    t: Parameters<typeof listening>[0],
    trustedProxies: string[],
    headers: Record<string, string>,
  ) => {
    const { origin } = await listening(
      t,
      (app) => void app.get('/seen', ({ ip, protocol, host }) => ({ ip, protocol, host })),
      {
        trustedProxies,
      },
    )
    return (await fetch(`${origin}/seen`, { headers })).json() as Promise<Record<string, string>>
  }
  const forwarded = {
    'x-forwarded-for': '203.0.113.9, 198.51.100.7',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'api.example.com',
  }

  it("is the socket's, regardless of headers of an untrusted peer", async (t) => {
    const { ip, protocol, host } = await seen(t, [], forwarded)
    assert.deepEqual([ip, protocol], ['127.0.0.1', 'http'])
    assert.match(host ?? '', /^127\.0\.0\.1:/)
    assert.equal((await seen(t, ['10.0.0.0/8'], forwarded))['ip'], '127.0.0.1')
  })

  it('is the last one that is not a trusted proxy', async (t) => {
    assert.deepEqual(await seen(t, ['127.0.0.1'], forwarded), {
      ip: '198.51.100.7',
      protocol: 'https',
      host: 'api.example.com',
    })
    assert.equal((await seen(t, ['127.0.0.1', '198.51.100.0/24'], forwarded))['ip'], '203.0.113.9')
  })
})

describe('the log', () => {
  it('has one line for each request, without its query', async (t) => {
    const { origin, lines } = await listening(t, (app) => void app.get('/things/:id', () => ({})))
    await fetch(`${origin}/things/7?page=2`)
    await fetch(`${origin}/none?page=2`)
    const [found, missed, ...more] = lines().map(({ time, requestId, durationMs, ...line }) => {
      for (const number of [time, durationMs]) assert.equal(typeof number, 'number')
      assert.match(String(requestId), /^req_/)
      return line
    })
    const common = { level: 'info', service: 'test', method: 'GET', address: '127.0.0.1', msg: 'request answered' }
    assert.deepEqual(found, { ...common, path: '/things/7', route: '/things/:id', statusCode: 200 })
    assert.deepEqual(missed, { ...common, path: '/none', statusCode: 404, why: 'not_found' })
    assert.deepEqual(more, [])
  })

  it('has the reason of a denial, and all details of an unexpected error', async (t) => {
    const { origin, lines } = await listening(t, (app) => {
      app.get('/fault', async () => {
        throw new Error('outer', { cause: new RangeError('inner') })
      })
    })
    await fetch(`${origin}/fault`)
    const [line] = lines()
    const err = line?.['err'] as Record<string, unknown>
    const cause = err['cause'] as Record<string, unknown>
    assert.deepEqual([line?.['level'], err['type'], err['message']], ['error', 'Error', 'outer'])
    assert.deepEqual([cause['type'], cause['message']], ['RangeError', 'inner'])
    assert.match(String(err['stack']), /server\.test\.ts/)
  })
})

describe('a response', () => {
  const At = z.union([z.string(), z.null()])
  const Thing = z
    .object({
      name: z.string(),
      at: z.iso.datetime().nullable(),
      owner: z.object({ id: z.string() }).nullable(),
      tags: z.array(z.string().nullable()),
      kind: z.enum(['a', 'b']),
      size: z.int().optional(),
      labels: z.record(z.string(), z.string()),
      more: z.unknown().optional(),
      other: At,
    })
    .meta({ id: 'ServiceTestThing' })
  const thing: z.output<typeof Thing> = {
    name: 'quote " newline \n é \u2028',
    at: '2026-01-02T03:04:05.000Z',
    owner: { id: 'usr_1' },
    tags: ['x', null],
    kind: 'a',
    labels: { a: 'b', '"': '\\' },
    more: { any: [1, null] },
    other: null,
  }

  it('has exactly the members of the schema', async (t) => {
    const values: unknown[] = [
      thing,
      { ...thing, at: null, owner: null, tags: [], labels: {}, size: 3, other: 'x' },
      { ...thing, at: 'not a date, and "quoted"', kind: 'b' },
    ]
    const { origin } = await listening(t, (app) => {
      app.get('/things/:n', { schema: { response: { 200: Thing, ...errors(400) } } }, (request, reply) => {
        const { n } = request.params as { n: string }
        reply.send({ ...(values[Number(n)] as typeof thing), digest: 'must not leave' } as typeof thing)
      })
      app.get('/list', { schema: { response: { 200: z.array(Thing) } } }, () => [
        thing,
        { ...thing, digest: 'must not leave' },
      ])
    })
    for (const [n, value] of values.entries())
      assert.deepEqual(await (await fetch(`${origin}/things/${n}`)).json(), value)
    assert.deepEqual(await (await fetch(`${origin}/list`)).json(), [thing, thing])
  })

  it('is a 500 if its schema has a type that JSON lacks', async (t) => {
    const { origin } = await listening(
      t,
      (app) => void app.get('/x', { schema: { response: { 200: z.date() } } }, () => new Date()),
    )
    assert.equal((await fetch(`${origin}/x`)).status, 500)
  })
})

describe('a server', () => {
  it('has default limits and accepts others', async (t) => {
    const { origin } = await listening(t, (app) => void app.post('/x', (request) => request.body), {
      bodyLimitBytes: 10,
    })
    const send = (body: string) =>
      fetch(`${origin}/x`, { method: 'POST', body, headers: { 'content-type': 'application/json' } })
    assert.equal((await send('{"a":"b"}')).status, 200)
    assert.equal((await send('{"a":"bbb"}')).status, 413)
  })

  it('treats an empty body as absent, even with a JSON content type', async (t) => {
    const { origin } = await listening(t, (app) => void app.delete('/x', ({ body }) => ({ body: typeof body })))
    const response = await fetch(`${origin}/x`, { method: 'DELETE', headers: { 'content-type': 'application/json' } })
    assert.deepEqual(await response.json(), { body: 'undefined' })
  })

  it('routes a name of 128 characters of four bytes each', async (t) => {
    const { origin } = await listening(t, (app) => void app.get('/keys/:name', (request) => request.params))
    const name = '🔑'.repeat(128)
    assert.deepEqual(await (await fetch(`${origin}/keys/${encodeURIComponent(name)}`)).json(), { name })
  })

  it('rewrites URLs before routing, and logs the requested ones', async (t) => {
    const { origin, lines } = await listening(t, (app) => void app.get('/x', () => ({})), {
      rewritePath: (path) => path.replace(/^\/api\//, '/'),
    })
    assert.equal((await fetch(`${origin}/api/x`)).status, 200)
    assert.deepEqual(
      lines().map(({ path, route }) => [path, route]),
      [['/api/x', '/x']],
    )
  })

  it('lets plugins depend on its error handling', async (t) => {
    await listening(
      t,
      (app) => void app.register(fp(async () => {}, { name: 'needy', dependencies: ['error-handling'] })),
    )
  })

  it('answers pending requests while stopping, then closes their connections immediately', {
    timeout: 60_000,
  }, async (t) => {
    const { promise: asked, resolve: markAsked } = Promise.withResolvers<void>()
    const { promise: gate, resolve: open } = Promise.withResolvers<void>()
    const { app, origin } = await listening(t, (app) => {
      app.get('/slow', async () => {
        markAsked()
        await gate
        return { ok: true }
      })
    })
    const agent = new Agent({ keepAlive: true })
    t.after(() => agent.destroy())
    const answer = Promise.withResolvers<number | undefined>()
    get(`${origin}/slow`, { agent }, (response) =>
      response.resume().on('end', () => answer.resolve(response.statusCode)),
    )
    await asked
    const closed = app.close()
    open()
    assert.equal(await answer.promise, 200)
    // The idle time of a kept connection is 72 s: this test would time out.
    await closed
    await assert.rejects(fetch(origin))
  })

  it('counts each request in its metrics by route, method and status', async (t) => {
    const metrics = createMetrics({ service: 'test', version: '1.2.3' })
    const { origin } = await listening(t, (app) => void app.get('/things/:id', () => ({})), { timings: metrics.http })
    for (const path of ['/things/1', '/things/2', '/none/1', '/none/2']) await fetch(`${origin}${path}`)
    const text = await metrics.registry.metrics()
    const counts = text.split('\n').filter((line) => line.startsWith('http_request_duration_seconds_count'))
    assert.deepEqual(counts, [
      'http_request_duration_seconds_count{method="GET",route="/things/:id",status_code="200",service="test"} 2',
      'http_request_duration_seconds_count{method="GET",route="none",status_code="404",service="test"} 2',
    ])
  })
})
