import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Registry } from 'prom-client'
import { channelMetrics } from './channel-metrics.ts'

/** The callbacks of a channel's options, and the metrics that they change. */
function setUp() {
  const registry = new Registry()
  const callbacks = channelMetrics(registry)
  const valuesOf = async (name: string) => (await registry.getSingleMetric(name)?.get())?.values ?? []
  return { ...callbacks, registry, valuesOf, count: async (name: string) => (await valuesOf(name))[0]?.value }
}

describe('the metrics of a channel', () => {
  it('count each loss, and not when it is fresh again', async () => {
    const { onState, count } = setUp()
    assert.equal(await count('auth_invalidation_losses_total'), 0)
    for (const state of ['fresh', 'lost', 'lost', 'fresh'] as const) onState(state as never)
    assert.equal(await count('auth_invalidation_losses_total'), 2)
  })

  it('count each jump of the clock', async () => {
    const { onClockJump, count } = setUp()
    assert.equal(await count('clock_jumps_total'), 0)
    onClockJump(5000 as never)
    onClockJump(-5000 as never)
    assert.equal(await count('clock_jumps_total'), 2)
  })

  it('have the lag in seconds, in buckets up to the age at which the channel is stale', async () => {
    const { onLag, valuesOf } = setUp()
    for (const ms of [1, 40, 1000, 2999, 3001]) onLag(ms)
    const values = await valuesOf('auth_invalidation_lag_seconds')
    const upTo = (le: number | string) => values.find(({ labels }) => 'le' in labels && labels['le'] === le)?.value
    assert.deepEqual([0.001, 0.025, 0.05, 1, 3, '+Inf'].map(upTo), [1, 1, 2, 3, 4, 5])
    const bounds = values.flatMap(({ labels }) => ('le' in labels ? [labels['le']] : []))
    assert.deepEqual(bounds, [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3, '+Inf'])
    const sum = values.find((value) => String((value as { metricName?: string }).metricName).endsWith('_sum'))?.value
    assert.ok(Math.abs((sum ?? 0) - 7.041) < 1e-9, String(sum))
  })

  it('have a help text each, and are registered once', async () => {
    const { registry } = setUp()
    const metrics = await registry.getMetricsAsJSON()
    assert.deepEqual(metrics.map(({ name }) => name).sort(), [
      'auth_invalidation_lag_seconds',
      'auth_invalidation_losses_total',
      'clock_jumps_total',
    ])
    for (const { name, help } of metrics) assert.ok(help.length > 20, name)
    assert.throws(() => channelMetrics(registry), /already been registered/)
  })
})
