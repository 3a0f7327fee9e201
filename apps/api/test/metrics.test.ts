import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { mintKey } from '@daytona-auth/auth'
import { freePort, type Scrape, scrape, waitFor } from '@daytona-auth/testing'
import { world } from './world.ts'

const metricsPort = await freePort()
const { request, person, api } = await world(
  { after },
  { METRICS_PORT: String(metricsPort), REDIS_URL: 'redis://127.0.0.1:1', SANDBOX_CREATIONS_PER_MINUTE: '1' },
)
const ada = await person('Ada Lovelace')
const organization = await ada.organization()
const key = await ada.key(organization, ['read:sandboxes', 'write:sandboxes'])
const token = await ada.token()
const unknown = mintKey().key

const METRICS = [
  'auth_cache_bytes',
  'auth_cache_entries',
  'auth_heartbeat_age_seconds',
  'auth_invalidation_lag_seconds',
  'auth_invalidation_losses_total',
  'auth_invalidations_total',
  'auth_lookup_seconds',
  'auth_stale_refusals_total',
  'auth_verifications_total',
  'build_info',
  'clock_jumps_total',
  'database_clock_skew_seconds',
  'database_connections_max',
  'database_notification_queue_usage',
  'database_space_reserve_released',
  'database_work_pending',
  'http_request_duration_seconds',
  'rate_limit_decisions_total',
  'shared_limits_connected',
  'shared_limits_errors_total',
  'task_last_success_timestamp_seconds',
  'task_runs_total',
]

const TASKS = ['audit partitions', 'audit retention', 'expire keys', 'flush refusals', 'flush usage']

describe('the metrics of the API', () => {
  let metrics: Scrape
  before(async () => {
    // The notification of the new key evicts it: a verification cached before that is lost.
    await waitFor(async () => (series(await scrape(metricsPort), 'auth_invalidations_total{kind="key"') ?? 0) >= 1)
    await request('GET', '/sandbox', key.value)
    await request('GET', '/sandbox', key.value)
    await request('GET', '/sandbox', token.value, { organization })
    await request('GET', '/sandbox', unknown)
    await request('GET', '/sandbox', 'dta_malformed')
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
    assert.deepEqual(metrics.names, METRICS)
    for (const name of [
      'nodejs_eventloop_lag_p99_seconds',
      'process_cpu_seconds_total',
      'process_resident_memory_bytes',
    ])
      assert.match(metrics.text, new RegExp(`^${name}\\{`, 'm'))
  })

  it('count the requests', () => {
    const read = (start: string) => series(metrics, start)
    assert.equal(read('auth_verifications_total{credential="api-key",result="accepted",source="hit"'), 3)
    assert.equal(read('auth_verifications_total{credential="api-key",result="unknown",source="miss"'), 1)
    assert.equal(read('auth_verifications_total{credential="token",result="accepted",source="miss"'), 1)
    assert.equal(read('auth_stale_refusals_total{'), 0)
    assert.equal(read('auth_cache_entries{'), 2)
    assert.equal(read('rate_limit_decisions_total{limit="requests",decision="admitted"'), 5)
    assert.equal(read('rate_limit_decisions_total{limit="sandboxes",decision="admitted"'), 1)
    assert.equal(read('rate_limit_decisions_total{limit="sandboxes",decision="refused"'), 1)
    assert.equal(read('http_request_duration_seconds_count{method="GET",route="/sandbox",status_code="200"'), 3)
    assert.equal(read('http_request_duration_seconds_count{method="GET",route="none",status_code="404"'), 1)
    assert.equal(read('database_connections_max{'), 10)
    assert.equal(read('shared_limits_connected{'), 0)
    assert.ok((read('auth_invalidations_total{kind="key"') ?? 0) >= 1)
    assert.ok((read('auth_heartbeat_age_seconds{') ?? 4) < 3)
    assert.equal(read('task_runs_total{task="flush usage",result="failed"'), 0)
  })

  it('contain no user, address, path or secret', () => {
    const { userId, email, personalOrganizationId } = ada
    const secrets = [key.value, token.value, unknown, 'secret-code', 'dta_', 'eyJ']
    const ids = [userId, email, personalOrganizationId, organization, key.id, token.grantId, 'Ada', '127.0.0.1']
    for (const text of [...secrets, ...ids]) assert.ok(!metrics.text.includes(text), text.slice(0, 6))
  })

  it('are served only on their own port', async () => {
    assert.equal((await request('GET', '/metrics')).status, 404)
    assert.notEqual(api.port, metricsPort)
  })
})
