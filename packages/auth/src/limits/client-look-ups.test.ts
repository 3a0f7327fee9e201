import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { clientLookUps } from './client-look-ups.ts'
import type { LookUp } from './look-up-limiter.ts'

describe('clientLookUps', () => {
  it('refuses look-ups beyond the queue of a client, and none of another client', async () => {
    const limiter = clientLookUps({ concurrency: 1, maxQueued: 1 })
    const running = limiter.acquire('a') as LookUp
    const waiting = limiter.acquire('a')
    assert.equal(limiter.acquire('a'), undefined)
    assert.ok(limiter.acquire('b'))
    running.release(true)
    const second = await waiting
    assert.ok(second)
    assert.ok(limiter.acquire('a') instanceof Promise, 'the second one is running')
  })

  it('runs 20 of a client at once, and lets 1000 wait', () => {
    const { acquire } = clientLookUps()
    const results = Array.from({ length: 1022 }, () => acquire('a'))
    const count = (isCounted: (result: (typeof results)[number]) => boolean) => results.filter(isCounted).length
    assert.equal(
      count((result) => result !== undefined && !(result instanceof Promise)),
      20,
    )
    assert.equal(
      count((result) => result instanceof Promise),
      1000,
    )
    assert.deepEqual(results.slice(-2), [undefined, undefined])
  })

  it('keeps the least recently used clients out of memory, beyond its size', async () => {
    const limiter = clientLookUps({ concurrency: 1, maxQueued: 0, size: 2 })
    const permits = ['a', 'b'].map((id) => limiter.acquire(id) as LookUp)
    assert.deepEqual(
      ['a', 'b'].map((id) => limiter.acquire(id)),
      [undefined, undefined],
    )
    void limiter.acquire('c')
    assert.ok(limiter.acquire('a'), 'its count is lost, which admits one more')
    assert.equal(limiter.acquire('c'), undefined)
    for (const permit of permits) permit.release(false)
  })

  it('counts the clients that it knows up to 10000', () => {
    const { acquire } = clientLookUps({ concurrency: 1, maxQueued: 0 })
    for (let id = 0; id < 10_000; id += 1) void acquire(String(id))
    assert.equal(acquire('0'), undefined)
    void acquire('one more')
    assert.ok(acquire('1'), 'the least recently used')
    assert.equal(acquire('3'), undefined)
  })

  it('runs a fixed number at once, and the others in order, independent of unknown credentials', async () => {
    const limiter = clientLookUps({ concurrency: 2 })
    const order: number[] = []
    let running = 0
    let most = 0
    await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const lookUp = await limiter.acquire('a')
        assert.ok(lookUp)
        order.push(index)
        running += 1
        most = Math.max(most, running)
        await new Promise(setImmediate)
        running -= 1
        lookUp.release(true)
      }),
    )
    assert.equal(most, 2)
    assert.deepEqual(
      order,
      [...order].sort((a, b) => a - b),
    )
  })

  it('serves every waiting look-up in turn, never more than the limit of a client at once, in any order of ends', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.tuple(fc.constantFrom('a', 'b'), fc.nat({ max: 10 })), { maxLength: 60 }),
        async (concurrency, steps) => {
          const limiter = clientLookUps({ concurrency, maxQueued: 5 })
          const running = { a: [] as LookUp[], b: [] as LookUp[] }
          let [served, expected] = [0, 0]
          for (const [id, end] of steps) {
            const lookUp = limiter.acquire(id)
            if (lookUp !== undefined) expected += 1
            void Promise.resolve(lookUp).then((admitted) => {
              if (!admitted) return
              served += 1
              running[id].push(admitted)
              assert.ok(running[id].length <= concurrency)
            })
            await Promise.resolve()
            if (end < 5) running[id].splice(end % Math.max(1, running[id].length), 1)[0]?.release(end % 2 === 0)
          }
          for (let at = 0; at < 200; at += 1) {
            for (const id of ['a', 'b'] as const) running[id].shift()?.release(false)
            await Promise.resolve()
          }
          assert.equal(served, expected)
        },
      ),
    )
  })
})
