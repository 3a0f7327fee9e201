import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { rateLimiter } from './rate-limiter.ts'
import { sharedLimits } from './shared-limits.ts'

const MINUTE_MS = 60_000
const EXCHANGE_MS = 100

/** A call of the script, as Redis receives it. */
interface Call {
  readonly keys: readonly string[]
  readonly processId: string
  readonly ttlMs: number
  readonly counts: readonly number[]
}

/** The totals of all processes, as the script computes them. Shared by several processes, as Redis is. */
function totals() {
  const stored = new Map<string, Map<string, number>>()
  return (keys: readonly string[], processId: string, counts: readonly number[]): number[] =>
    keys.map((key, at) => {
      const byProcess = stored.get(key) ?? new Map<string, number>()
      stored.set(key, byProcess.set(processId, counts[at] ?? 0))
      return byProcess.values().reduce((total, count) => total + count, 0)
    })
}

/** A process on a Redis whose replies the test decides. `test/shared-limits.test.ts` uses a real one. */
function processOf(t: TestContext, compute = totals(), limit = 10) {
  const clock = { now: 7 * MINUTE_MS }
  const calls: Call[] = []
  const misread: string[] = []
  const state: { isUp: boolean; reply?: (call: Call) => unknown } = { isUp: true }
  const limits = sharedLimits({
    now: () => clock.now,
    redis: {
      isUp: () => state.isUp,
      misread: (what: string) => misread.push(what),
      async run(_script: string, keys: readonly string[], [processId, ttlMs, ...counts]: readonly unknown[]) {
        const call = { keys, processId: String(processId), ttlMs: Number(ttlMs), counts: counts.map(Number) }
        calls.push(call)
        return state.reply ? state.reply(call) : compute(keys, call.processId, call.counts)
      },
    } as never,
  })
  const limiter = rateLimiter({ limit, onCount: limits.onCountOf('test') })
  const take = (id = 'a') => limiter.take(id, clock.now)
  /** Lets the interval pass, and what it started end. */
  const exchange = async () => {
    t.mock.timers.tick(EXCHANGE_MS)
    for (let turns = 0; turns < 5; turns += 1) await turn()
  }
  return { calls, clock, exchange, limits, misread, state, take }
}
const keyOf = (id: string, minute = 8) => `daytona-auth:limit:test:${minute * MINUTE_MS}:${id}`
const mockInterval = (t: TestContext) => t.mock.timers.enable({ apis: ['setInterval'] })

describe('the exchange of shared limits', () => {
  it('happens every 100 ms, and not without a change', async (t) => {
    mockInterval(t)
    const { calls, exchange, take } = processOf(t)
    await exchange()
    assert.equal(calls.length, 0)
    take()
    t.mock.timers.tick(EXCHANGE_MS - 1)
    await turn()
    assert.equal(calls.length, 0)
    t.mock.timers.tick(1)
    await turn()
    assert.equal(calls.length, 1)
    await exchange()
    assert.equal(calls.length, 1)
  })

  it('publishes the own total of each count, under its limit, window and id, a minute longer than its window', async (t) => {
    mockInterval(t)
    const { calls, clock, exchange, take } = processOf(t)
    clock.now += 15_000
    for (const id of ['a', 'b', 'a']) take(id)
    await exchange()
    assert.deepEqual(
      calls.map(({ keys, counts, ttlMs }) => ({ keys, counts, ttlMs })),
      [{ keys: [keyOf('a'), keyOf('b')], counts: [2, 1], ttlMs: 45_000 + MINUTE_MS }],
    )
    assert.match(calls[0]?.processId ?? '', /^[0-9a-f-]{36}$/)
  })

  it('makes one count of several processes, each of which writes its own total', async (t) => {
    mockInterval(t)
    const redis = totals()
    const [here, there] = [processOf(t, redis), processOf(t, redis)]
    for (let count = 0; count < 4; count += 1) here.take()
    for (let count = 0; count < 3; count += 1) there.take()
    await here.exchange()
    await there.exchange()
    assert.equal(there.take(), 10 - 4 - 3 - 1)
    here.take()
    await here.exchange()
    assert.equal(here.take(), 10 - 5 - 3 - 1)
    assert.notEqual(here.calls[0]?.processId, there.calls[0]?.processId)
  })

  it('keeps the counts of limits with different names apart, for the same id', async (t) => {
    mockInterval(t)
    const { calls, clock, exchange, limits, take } = processOf(t)
    const other = rateLimiter({ limit: 3, onCount: limits.onCountOf('other') })
    take()
    take()
    assert.equal(other.take('a', clock.now), 2)
    await exchange()
    assert.deepEqual(calls[0]?.keys, [keyOf('a'), keyOf('a').replace(':test:', ':other:')])
    assert.deepEqual(calls[0]?.counts, [2, 1])
    assert.equal(other.take('a', clock.now), 1)
    assert.equal(take(), 7)
    await exchange()
    assert.deepEqual(calls[1]?.counts, [2, 3])
  })

  it('publishes 500 counts at a time', async (t) => {
    mockInterval(t)
    const { calls, exchange, take } = processOf(t)
    for (let id = 0; id < 1001; id += 1) take(String(id))
    await exchange()
    assert.deepEqual(
      calls.map(({ keys }) => keys.length),
      [500, 500, 1],
    )
    assert.equal(new Set(calls.flatMap(({ keys }) => keys)).size, 1001)
  })

  it('publishes a count again that was taken from during the exchange', async (t) => {
    mockInterval(t)
    const { calls, exchange, state, take } = processOf(t)
    take()
    state.reply = ({ counts }) => {
      if (calls.length === 1) take()
      return [...counts]
    }
    await exchange()
    await exchange()
    assert.deepEqual(
      calls.map(({ counts }) => counts),
      [[1], [2]],
    )
    await exchange()
    assert.equal(calls.length, 2)
  })

  it('does not start before the last one has ended', async (t) => {
    mockInterval(t)
    const { calls, exchange, state, take } = processOf(t)
    const { promise, resolve } = Promise.withResolvers<number[]>()
    state.reply = () => promise
    take()
    await exchange()
    take('b')
    await exchange()
    assert.equal(calls.length, 1)
    resolve([1])
    await exchange()
    await exchange()
    assert.deepEqual(calls[1]?.keys, [keyOf('b')])
  })

  it('keeps the counts while Redis is unavailable, and publishes them when it is back', async (t) => {
    mockInterval(t)
    const { calls, exchange, state, take } = processOf(t)
    state.isUp = false
    take()
    take()
    await exchange()
    assert.equal(calls.length, 0)
    state.isUp = true
    await exchange()
    assert.deepEqual(calls[0]?.counts, [2])
  })

  it('publishes no count of a window that has ended', async (t) => {
    mockInterval(t)
    const { calls, clock, exchange, state, take } = processOf(t)
    state.isUp = false
    take()
    clock.now = 8 * MINUTE_MS
    take('b')
    await exchange()
    state.isUp = true
    await exchange()
    assert.deepEqual(calls[0]?.keys, [keyOf('b', 9)])
  })

  it('publishes a count again after a failed command, without counting it twice', async (t) => {
    mockInterval(t)
    const redis = totals()
    const { calls, exchange, misread, state, take } = processOf(t, redis)
    take()
    state.reply = () => undefined
    await exchange()
    assert.equal(take(), 8)
    delete state.reply
    await exchange()
    assert.deepEqual(
      calls.map(({ counts }) => counts),
      [[1], [2]],
    )
    assert.equal(take(), 7)
    assert.deepEqual(misread, [], 'the client has logged the failure')
  })

  for (const [what, total] of [
    ['is less than the own count', 1],
    ['is that of a key of another type', -1],
    ['is no number', '7'],
    ['is NaN', Number.NaN],
  ] as const) {
    it(`ignores a total that ${what}, and reports it`, async (t) => {
      mockInterval(t)
      const { exchange, misread, state, take } = processOf(t)
      take()
      take()
      state.reply = () => [total]
      await exchange()
      assert.deepEqual(misread, ['a count'])
      assert.equal(take(), 7)
    })
  }

  it('never gives back what others took, when a Redis without its data reports less', async (t) => {
    mockInterval(t)
    const { exchange, state, take } = processOf(t)
    take()
    state.reply = () => [6]
    await exchange()
    assert.equal(take(), 3)
    state.reply = () => [2]
    await exchange()
    assert.equal(take(), 2)
  })

  it('happens once more on close, and never again', async (t) => {
    mockInterval(t)
    const { calls, exchange, limits, take } = processOf(t)
    take()
    await limits.close()
    assert.deepEqual(calls[0]?.counts, [1])
    take()
    await exchange()
    assert.equal(calls.length, 1)
  })

  it('admits the limit together, and one more for each process that had not exchanged yet', async (t) => {
    mockInterval(t)
    const step = fc.tuple(fc.nat({ max: 2 }), fc.boolean())
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const redis = totals()
        const processes = [0, 1, 2].map(() => processOf(t, redis, 5))
        let admitted = 0
        const everyone = async () => {
          for (let round = 0; round < 2; round += 1) for (const one of processes) await one.exchange()
        }
        for (const [at, isExchanged] of steps) {
          const one = processes[at]
          await everyone()
          if (one && one.take() >= 0) admitted += 1
          if (isExchanged) await one?.exchange()
        }
        // A process receives the others' counts when it publishes its own, so its first request may be one too many.
        assert.ok(admitted <= 5 + 2, `${admitted}`)
        for (const { limits } of processes) await limits.close()
      }),
      { numRuns: 10, endOnFailure: true },
    )
  })
})
