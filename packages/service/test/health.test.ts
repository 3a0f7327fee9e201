import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { createMetrics, createMetricsServer, type HealthOptions, health } from '../src/index.ts'
import { capturedLogger, listening } from './listening.ts'

const UNAVAILABLE = { statusCode: 503, message: 'Service Unavailable', error: 'Service unavailable' }

const serving = (t: TestContext, options: HealthOptions) => listening(t, (app) => void app.register(health, options))

async function ask(origin: string, path: string) {
  const response = await fetch(`${origin}${path}`)
  const { status, headers } = response
  return {
    status,
    retryAfter: headers.get('retry-after'),
    cache: headers.get('cache-control'),
    body: await response.json(),
  }
}

describe('GET /health/ready', () => {
  it('is 503 while a check fails, and only logs which and why', async (t) => {
    let isDown = true
    const database = async () => {
      if (isDown) throw new Error('connect to postgres://me:correct-horse@db failed')
    }
    const { origin, log } = await serving(t, { checks: { database, keys: async () => {} } })
    const refused = await ask(origin, '/health/ready')
    assert.deepEqual(refused, { status: 503, retryAfter: '1', cache: 'no-store', body: UNAVAILABLE })
    assert.match(log(), /"check":"database".*"message":"connect to postgres:\/\/\[redacted\]@db failed"/)
    assert.doesNotMatch(log(), /correct-horse|"check":"keys"/)

    isDown = false
    const { status, body } = await ask(origin, '/health/ready')
    assert.deepEqual([status, body], [200, { status: 'ready', checks: { database: 'ok', keys: 'ok' } }])
  })

  it('is 200 while a check is degraded, and says which', async (t) => {
    const { origin, log } = await serving(t, { checks: { database: async () => 'degraded', keys: async () => {} } })
    const { status, body } = await ask(origin, '/health/ready')
    assert.deepEqual([status, body], [200, { status: 'ready', checks: { database: 'degraded', keys: 'ok' } }])
    assert.match(log(), /"check":"database".*"readiness check degraded"/)
  })

  it('is 503 when a check throws synchronously', async (t) => {
    const broken = () => {
      throw new Error('x')
    }
    assert.equal((await ask((await serving(t, { checks: { broken } })).origin, '/health/ready')).status, 503)
  })

  it('waits for a check until its deadline and aborts it then', async (t) => {
    let stopped: unknown
    const hanging = (signal: AbortSignal) =>
      new Promise<void>(() => {
        signal.addEventListener('abort', () => {
          stopped = signal.reason
        })
      })
    const { origin, log } = await serving(t, { checks: { hanging }, deadlineMs: 20 })
    assert.equal((await ask(origin, '/health/ready')).status, 503)
    assert.match(String(stopped), /no answer within 20 ms/)
    assert.match(log(), /"check":"hanging".*no answer within 20 ms/)
  })

  it('runs the checks once for concurrent requests', async (t) => {
    let runs = 0
    const gate = Promise.withResolvers<void>()
    const counted = async () => {
      runs += 1
      await gate.promise
    }
    const { app } = await serving(t, { checks: { counted } })
    const asked = Array.from({ length: 20 }, () => app.inject('/health/ready'))
    setImmediate(gate.resolve)
    for (const response of await Promise.all(asked)) assert.equal(response.statusCode, 200)
    assert.equal(runs, 1)
    await app.inject('/health/ready')
    assert.equal(runs, 2)
  })
})

describe('GET /health', () => {
  it('is 200 while the process runs, even if dependencies are down', async (t) => {
    const database = async () => {
      throw new Error('down')
    }
    const { origin, lines } = await serving(t, { checks: { database } })
    assert.deepEqual(await ask(origin, '/health'), {
      status: 200,
      retryAfter: null,
      cache: 'no-store',
      body: { status: 'ok' },
    })
    assert.deepEqual(lines(), [], 'a probe every few seconds leaves no lines')
  })

  it('declares its routes public and without an organization', async (t) => {
    const seen: unknown[] = []
    await listening(t, (app) => {
      app.addHook('onRoute', ({ url, config }) => void seen.push([url, config]))
      app.register(health, { checks: {} })
    })
    const open = { access: 'public', organization: 'none' }
    assert.deepEqual(
      new Map(seen as [string, unknown][]),
      new Map([
        ['/health', open],
        ['/health/ready', open],
      ]),
    )
  })
})

describe('the metrics server', () => {
  it('serves process, build and request metrics of its own server only', async (t) => {
    const [one, two] = ['one', 'two'].map((service) => createMetrics({ service, version: '1.2.3' }))
    assert.ok(one && two)
    one.http.observe('/x', 'GET', 200, 3)
    one.http.observe('/x', 'GET', 200, 60_000)
    const { logger, log } = capturedLogger()
    const app = createMetricsServer({ metrics: one, logger })
    t.after(() => app.close())
    const response = await app.inject('/metrics')
    assert.match(String(response.headers['content-type']), /^text\/plain; version=0\.0\.4/)
    const lines = response.body.split('\n')
    for (const line of [
      `build_info{version="1.2.3",node="${process.versions.node}",service="one"} 1`,
      'http_request_duration_seconds_bucket{method="GET",route="/x",status_code="200",le="0.0025",service="one"} 0',
      'http_request_duration_seconds_bucket{method="GET",route="/x",status_code="200",le="0.005",service="one"} 1',
      'http_request_duration_seconds_bucket{method="GET",route="/x",status_code="200",le="10",service="one"} 1',
      'http_request_duration_seconds_bucket{method="GET",route="/x",status_code="200",le="+Inf",service="one"} 2',
      'http_request_duration_seconds_sum{method="GET",route="/x",status_code="200",service="one"} 60.003',
      'http_request_duration_seconds_count{method="GET",route="/x",status_code="200",service="one"} 2',
    ]) {
      assert.ok(lines.includes(line), line)
    }
    assert.ok(lines.some((line) => line.startsWith('process_cpu_seconds_total')))
    assert.doesNotMatch(await two.registry.metrics(), /route="\/x"/)
    assert.doesNotMatch(log(), /request answered/)
  })

  it('has the error body of every other server', async (t) => {
    const app = createMetricsServer({ metrics: createMetrics({ service: 'x', version: '1' }), ...capturedLogger() })
    t.after(() => app.close())
    assert.deepEqual((await app.inject('/')).json(), {
      statusCode: 404,
      message: 'Not Found',
      error: 'Route not found',
    })
  })
})
