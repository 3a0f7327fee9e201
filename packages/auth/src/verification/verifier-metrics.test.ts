import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ChannelEvent } from '@daytona-auth/db/core'
import { Registry } from 'prom-client'
import { denyCredential } from '../principal/result.ts'
import { channelMetrics } from './channel-metrics.ts'
import { verifierMetrics } from './verifier-metrics.ts'

/** The metrics of a channel and a cache whose state the test sets. */
function setUp() {
  const state = {
    heartbeatAgeMs: 1500,
    clockSkewMs: -2500,
    queueUsage: 0.25,
    isReserveReleased: false,
    size: 7,
    bytes: 4096,
  }
  const registry = new Registry()
  let publish: (event: ChannelEvent) => void = () => {}
  const metrics = verifierMetrics({
    registry,
    channel: {
      heartbeatAgeMs: () => state.heartbeatAgeMs,
      clockSkewMs: () => state.clockSkewMs,
      queueUsage: () => state.queueUsage,
      isReserveReleased: () => state.isReserveReleased,
      subscribe(listener) {
        publish = listener
        return () => {}
      },
    },
    cache: { size: () => state.size, bytes: () => state.bytes },
  })
  const valuesOf = async (name: string) =>
    Object.fromEntries(
      ((await registry.getSingleMetric(name)?.get())?.values ?? []).map(({ labels, value }) => [
        Object.values(labels).join(' '),
        value,
      ]),
    )
  return { metrics, state, registry, valuesOf, notify: (event: ChannelEvent) => publish(event) }
}

describe('the metrics of a verifier', () => {
  it('read the state of the channel and the cache at each scrape', async () => {
    const { state, valuesOf } = setUp()
    const names = [
      'auth_cache_entries',
      'auth_cache_bytes',
      'auth_heartbeat_age_seconds',
      'database_clock_skew_seconds',
      'database_notification_queue_usage',
      'database_space_reserve_released',
    ]
    const read = async () => Promise.all(names.map(async (name) => Object.values(await valuesOf(name))[0]))
    assert.deepEqual(await read(), [7, 4096, 1.5, -2.5, 0.25, 0])
    Object.assign(state, {
      heartbeatAgeMs: 0,
      clockSkewMs: 0,
      queueUsage: 1,
      isReserveReleased: true,
      size: 0,
      bytes: 0,
    })
    assert.deepEqual(await read(), [0, 0, 0, 0, 1, 1])
  })

  it('count notifications by their kind', async () => {
    const { notify, valuesOf } = setUp()
    for (const kind of ['key', 'key', 'user'] as const) notify({ kind, id: 'x' })
    notify({ kind: 'reset', reason: 'connected' })
    assert.deepEqual(await valuesOf('auth_invalidations_total'), { key: 2, user: 1, reset: 1 })
  })

  it('count each denial by credential, reason and source, the same at every scrape', async () => {
    const { metrics, valuesOf } = setUp()
    const denials = [
      [denyCredential('api-key', 'unknown'), 'miss'],
      [denyCredential('api-key', 'unknown'), 'hit'],
      [denyCredential('api-key', 'unknown'), 'hit'],
      [denyCredential('token', 'expired'), 'stale'],
      [denyCredential('other', 'malformed'), 'offline'],
    ] as const
    for (const [answer, source] of denials) assert.equal(metrics.count(answer, source), answer)
    const expected = {
      'api-key accepted hit': 0,
      'token accepted hit': 0,
      'api-key unknown hit': 2,
      'api-key unknown miss': 1,
      'token expired stale': 1,
      'other malformed offline': 1,
    }
    for (let scrape = 0; scrape < 2; scrape += 1) assert.deepEqual(await valuesOf('auth_verifications_total'), expected)
  })

  it('count as stale denials only those because the database did not answer', async () => {
    const { metrics, valuesOf } = setUp()
    const unavailable = denyCredential('api-key', 'unavailable', { retryAfterSeconds: 1 })
    metrics.count(unavailable, 'miss')
    metrics.count(denyCredential('api-key', 'revoked'), 'stale')
    assert.deepEqual(await valuesOf('auth_stale_refusals_total'), { '': 0 })
    metrics.count(unavailable, 'stale')
    assert.deepEqual(await valuesOf('auth_stale_refusals_total'), { '': 1 })
  })

  it('measure look-ups in seconds', async () => {
    const { metrics, registry } = setUp()
    for (const ms of [0.5, 20, 5000]) metrics.observeLookUp(ms)
    const text = await registry.metrics()
    assert.match(text, /^auth_lookup_seconds_sum 5\.0205$/m)
    assert.match(text, /^auth_lookup_seconds_bucket\{le="0\.0005"\} 1$/m)
    assert.match(text, /^auth_lookup_seconds_bucket\{le="0\.025"\} 2$/m)
  })

  it('are not needed', () => {
    const { channel, cache } = { channel: { ...setUp().state } as never, cache: { size: () => 0, bytes: () => 0 } }
    const metrics = verifierMetrics({ registry: undefined, channel, cache })
    const answer = denyCredential('token', 'claims')
    assert.equal(metrics.count(answer, 'miss'), answer)
    metrics.observeLookUp(1)
  })
})

describe('the metrics of a channel', () => {
  it('count losses, clock jumps and the time of heartbeats', async () => {
    const registry = new Registry()
    const { onClockJump, onLag, onState } = channelMetrics(registry)
    onState('listening')
    onState('lost')
    onState('lost')
    onClockJump(5000)
    onLag(2)
    const text = await registry.metrics()
    for (const line of [
      'auth_invalidation_losses_total 2',
      'clock_jumps_total 1',
      'auth_invalidation_lag_seconds_sum 0.002',
      'auth_invalidation_lag_seconds_count 1',
    ]) {
      assert.ok(text.split('\n').includes(line), line)
    }
  })
})
