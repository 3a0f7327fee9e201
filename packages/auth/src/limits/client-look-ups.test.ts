import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
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
})
