import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Registry } from 'prom-client'
import { limiterMetrics } from './limiter-metrics.ts'
import { rateLimiter } from './rate-limiter.ts'

/** Two limiters and what their metric says. */
function setUp() {
  const registry = new Registry()
  const limiters = { requests: rateLimiter({ limit: 2 }), introspection: rateLimiter({ limit: 1 }) }
  limiterMetrics(registry, limiters)
  const read = async () => {
    const [metric] = await registry.getMetricsAsJSON()
    const { name, help, type, values = [] } = { values: [], ...metric }
    const counts = values.map(({ labels, value }) => [labels['limit'], labels['decision'], value])
    return { name, help, type, counts }
  }
  return { ...limiters, read }
}

describe('rate_limit_decisions_total', () => {
  it('is a counter with its help', async () => {
    const { name, help, type } = await setUp().read()
    assert.deepEqual(
      [name, help, String(type)],
      ['rate_limit_decisions_total', 'Requests admitted or refused by a rate limit', 'counter'],
    )
  })

  it('is 0 for every limit and decision from the start, so that a first denial is an increase', async () => {
    assert.deepEqual((await setUp().read()).counts, [
      ['requests', 'admitted', 0],
      ['requests', 'refused', 0],
      ['introspection', 'admitted', 0],
      ['introspection', 'refused', 0],
    ])
  })

  it('counts the decisions of each limiter, once at every scrape', async () => {
    const { requests, introspection, read } = setUp()
    for (const id of ['a', 'a', 'a', 'b']) requests.take(id, 0)
    introspection.take('a', 0)
    const expected = [
      ['requests', 'admitted', 3],
      ['requests', 'refused', 1],
      ['introspection', 'admitted', 1],
      ['introspection', 'refused', 0],
    ]
    assert.deepEqual((await read()).counts, expected)
    assert.deepEqual((await read()).counts, expected, 'a second scrape adds nothing')
    introspection.take('a', 0)
    assert.deepEqual((await read()).counts.at(-1), ['introspection', 'refused', 1])
  })
})
