import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type Count, rateLimiter, secondsLeft } from './rate-limiter.ts'

const MINUTE = 60_000

describe('a rate limiter', () => {
  it('refuses requests past the limit until the minute of the clock ends', () => {
    const { take } = rateLimiter({ limit: 3 })
    const at = (instant: number) => [take('a', instant), secondsLeft(instant)]
    const early = 10 * MINUTE + 1
    assert.deepEqual(
      [at(early), at(early), at(early), at(early), at(early)],
      [2, 1, 0, -1, -1].map((left) => [left, 60]),
    )
    assert.deepEqual(at(11 * MINUTE - 1), [-1, 1])
    assert.deepEqual(at(11 * MINUTE), [2, 60])
  })

  it('counts each credential independently', () => {
    const { take, decisions } = rateLimiter({ limit: 1 })
    assert.deepEqual(
      ['a', 'b', 'a', 'b', 'a'].map((id) => take(id, 0)),
      [0, 0, -1, -1, -1],
    )
    assert.deepEqual(decisions, { admitted: 2, denied: 3 })
  })

  it('evicts the oldest count beyond its size', () => {
    const { take } = rateLimiter({ limit: 1, size: 2 })
    assert.deepEqual(
      ['a', 'b', 'c', 'b', 'a'].map((id) => take(id, 0)),
      [0, 0, 0, -1, 0],
    )
  })

  it('has a window of any length, whose end it states', () => {
    const { take, windowMs, limit } = rateLimiter({ limit: 1, windowMs: 1500 })
    assert.deepEqual([limit, windowMs], [1, 1500])
    assert.deepEqual([take('a', 2999), take('a', 2999), take('a', 3000)], [0, -1, 0])
    for (const [instant, seconds] of [
      [0, 2],
      [1, 2],
      [500, 1],
      [1499, 1],
      [1500, 2],
    ] as const) {
      assert.equal(secondsLeft(instant, 1500), seconds, String(instant))
    }
  })

  it('states the seconds of a long window exactly', () => {
    const HOUR = 3_600_000
    assert.deepEqual(
      [0, 1, 1000, HOUR - 1000, HOUR - 1].map((instant) => secondsLeft(instant, HOUR)),
      [3600, 3600, 3599, 1, 1],
    )
  })

  it('counts 100000 credentials in a window, and evicts the oldest beyond', () => {
    const { take } = rateLimiter({ limit: 2 })
    for (let id = 0; id < 100_000; id += 1) take(String(id), 0)
    assert.equal(take('0', 0), 0)
    take('one more', 0)
    assert.deepEqual([take('1', 0), take('0', 0)], [0, 1], 'only the oldest count began again')
  })

  it('refuses everything with a limit of zero', () => {
    const { take, decisions } = rateLimiter({ limit: 0 })
    assert.deepEqual([take('a', 0), take('a', MINUTE), decisions.admitted], [-1, -1, 0])
  })

  it('admits exactly the limit of each credential in each window, in every order of requests', () => {
    const request = fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat({ max: 1000 }))
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5 }), fc.array(request, { maxLength: 100 }), (limit, requests) => {
        const { take, decisions } = rateLimiter({ limit, windowMs: 100 })
        const counts = new Map<string, number>()
        let [now, admitted] = [0, 0]
        for (const [id, passed] of requests) {
          now += passed
          const window = `${id} ${Math.floor(now / 100)}`
          const count = counts.get(window) ?? 0
          counts.set(window, count + 1)
          const expected = count < limit ? limit - count - 1 : -1
          if (expected >= 0) admitted += 1
          assert.equal(take(id, now), expected)
        }
        assert.deepEqual(decisions, { admitted, denied: requests.length - admitted })
      }),
    )
  })

  describe('that is shared', () => {
    /** A limiter, and the counts that it has published. */
    function shared(limit: number) {
      const published: Count[] = []
      return { ...rateLimiter({ limit, onCount: (count) => published.push(count) }), published }
    }

    it('publishes a count with its first request, and not again before it was taken', () => {
      const { take, published } = shared(10)
      for (const id of ['a', 'a', 'b', 'a']) take(id, 2 * MINUTE)
      assert.deepEqual(
        published.map(({ id, own, others, endsAt, isPending }) => ({ id, own, others, endsAt, isPending })),
        [
          { id: 'a', own: 3, others: 0, endsAt: 3 * MINUTE, isPending: true },
          { id: 'b', own: 1, others: 0, endsAt: 3 * MINUTE, isPending: true },
        ],
      )
      for (const count of published) count.isPending = false
      take('a', 2 * MINUTE)
      assert.deepEqual([published.length, published[2]], [3, published[0]])
    })

    it('counts what other processes have taken, also beyond the limit', () => {
      const { take, published } = shared(5)
      assert.equal(take('a', 0), 4)
      const [count] = published
      assert.ok(count)
      count.others = 2
      assert.deepEqual([take('a', 0), take('a', 0), take('a', 0)], [1, 0, -1])
      count.others = 100
      assert.equal(take('a', 0), -1)
    })

    it('starts the next window without the others’ counts, and publishes no denied request', () => {
      const { take, published } = shared(1)
      take('a', 0)
      const [count] = published
      assert.ok(count)
      count.others = 5
      count.isPending = false
      assert.deepEqual([take('a', 1), published.length], [-1, 1])
      assert.deepEqual([take('a', MINUTE), published.length], [0, 2])
    })
  })
})
