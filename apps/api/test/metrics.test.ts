import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { mintKey } from '@daytona-auth/auth'
import { KEY_PREFIX } from '@daytona-auth/protocol/api-key-format'
import { freePort, type Scrape, scrape, waitFor } from '@daytona-auth/testing'
import { world } from './world.ts'

const metricsPort = await freePort()
/** The limits count all requests in one minute of the clock. */
const instant = Date.now()
const { request, person, api, database } = await world(
  { after },
  {
    METRICS_PORT: String(metricsPort),
    REDIS_URL: 'redis://127.0.0.1:1',
    SANDBOX_CREATIONS_PER_MINUTE: '1',
    EVENT_STREAMS: '50',
  },
  undefined,
  { now: () => instant },
)
const ada = await person('Ada Lovelace')
const organization = await ada.organization()
const key = await ada.key(organization, ['read:sandboxes', 'write:sandboxes'])
const token = await ada.token()
const unknown = mintKey().key

/** The contract with those who scrape: alert rules and the dashboard are tested against it. */
const {
  both,
  api: own,
}: Record<string, Record<string, string[]>> = JSON.parse(
  await readFile(join(import.meta.dirname, '../../../docker/monitoring/metrics.json'), 'utf8'),
)
const METRICS = { ...both, ...own }

const TASKS = ['audit partitions', 'audit retention', 'expire keys', 'flush refusals', 'flush usage']

describe('the metrics of the API', () => {
  let metrics: Scrape
  before(async () => {
    // The notifications of the new key evict it: a verification cached before one of them is lost. They arrive in order, so
    // all of them have arrived before this one.
    await database.$client.notify('daytona_auth', 'client:after-all')
    await waitFor(async () => (series(await scrape(metricsPort), 'auth_invalidations_total{kind="client"') ?? 0) >= 1)
    await request('GET', '/sandbox', key.value)
    await request('GET', '/sandbox', key.value)
    await request('GET', '/sandbox', token.value, { organization })
    await request('GET', '/sandbox', unknown)
    await request('GET', '/sandbox', `${KEY_PREFIX}malformed`)
    await request('GET', `/${key.value}?code=secret-code`)
    await request('POST', '/sandbox', key.value, { body: {} })
    assert.equal((await request('POST', '/sandbox', key.value, { body: {} })).status, 429)
    metrics = await waitFor(async () => {
      const read = await scrape(metricsPort)
      const isComplete = TASKS.every((task) => series(read, `task_runs_total{task="${task}",result="ok"`))
      return isComplete && series(read, 'auth_invalidation_lag_seconds_count{') ? read : undefined
    })
  })

  /** Reads a series by the beginning of its name and labels; the label `service` is last. */
  const series = ({ value }: Scrape, start: string) => value(`${start}${start.endsWith('{') ? '' : ','}service="api"}`)

  it('are exactly these', () => {
    assert.deepEqual(metrics.names, Object.keys(METRICS).sort())
    // A metric without a series yet shows no labels.
    for (const name of metrics.names) assert.deepEqual(metrics.labelsOf(name) ?? METRICS[name], METRICS[name], name)
    for (const name of [
      'nodejs_eventloop_lag_p99_seconds',
      'process_cpu_seconds_total',
      'process_resident_memory_bytes',
    ])
      assert.match(metrics.text, new RegExp(`^${name}\\{`, 'm'))
  })

  it('count the requests', () => {
    const read = (start: string) => series(metrics, start)
    // On a busy machine, the heartbeat may be late at any time: then the cache is bypassed or cleared.
    const verified = (credential: string, result: string, sources: readonly string[]) =>
      sources
        .map((source) =>
          read(`auth_verifications_total{credential="${credential}",result="${result}",source="${source}"`),
        )
        .reduce<number>((sum, count) => sum + (count ?? 0), 0)
    assert.equal(verified('api-key', 'accepted', ['hit', 'miss', 'stale']), 4)
    assert.equal(verified('api-key', 'unknown', ['miss', 'stale']), 1)
    assert.equal(verified('token', 'accepted', ['miss', 'stale']), 1)
    assert.equal(read('auth_stale_refusals_total{'), 0)
    assert.equal(read('rate_limit_decisions_total{limit="requests",decision="admitted"'), 5)
    assert.equal(read('rate_limit_decisions_total{limit="sandboxes",decision="admitted"'), 1)
    assert.equal(read('rate_limit_decisions_total{limit="sandboxes",decision="refused"'), 1)
    assert.equal(read('http_request_duration_seconds_count{method="GET",route="/sandbox",status_code="200"'), 3)
    assert.equal(read('http_request_duration_seconds_count{method="GET",route="none",status_code="404"'), 1)
    assert.equal(read('database_connections_max{'), 10)
    assert.equal(read('shared_limits_connected{'), 0)
    assert.ok((read('auth_invalidations_total{kind="key"') ?? 0) >= 1)
    assert.equal(read('task_runs_total{task="flush usage",result="failed"'), 0)
  })

  it('have the age of the last heartbeat, in seconds', async () => {
    await waitFor(async () => (series(await scrape(metricsPort), 'auth_heartbeat_age_seconds{') ?? 4) < 3)
  })

  it('count hits of the cache', async () => {
    await waitFor(async () => {
      await request('GET', '/sandbox', key.value)
      return series(
        await scrape(metricsPort),
        'auth_verifications_total{credential="api-key",result="accepted",source="hit"',
      )
    })
  })

  it('count the cached credentials', async () => {
    await waitFor(async () => {
      await request('GET', '/sandbox', key.value)
      await request('GET', '/sandbox', token.value, { organization })
      return series(await scrape(metricsPort), 'auth_cache_entries{') === 2
    })
  })

  it('count the open event streams', async () => {
    const openStreams = async () => series(await scrape(metricsPort), 'event_streams{')
    assert.equal(series(metrics, 'event_streams_max{'), 50)
    assert.equal(series(metrics, 'event_streams{'), 0)
    const controller = new AbortController()
    const { status } = await fetch(`${api.url}/events`, {
      headers: { authorization: `Bearer ${key.value}` },
      signal: controller.signal,
    })
    assert.deepEqual([status, await openStreams()], [200, 1])
    controller.abort()
    await waitFor(async () => (await openStreams()) === 0)
  })

  it('contain no user, address, path or secret', () => {
    const { userId, email, personalOrganizationId } = ada
    const secrets = [key.value, token.value, unknown, 'secret-code', KEY_PREFIX, 'eyJ']
    const ids = [userId, email, personalOrganizationId, organization, key.id, token.grantId, 'Ada', '127.0.0.1']
    for (const text of [...secrets, ...ids]) assert.ok(!metrics.text.includes(text), text.slice(0, 6))
  })

  it('are served only on their own port', async () => {
    assert.equal((await request('GET', '/metrics')).status, 404)
    assert.notEqual(api.port, metricsPort)
  })
})
