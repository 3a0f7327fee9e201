import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { rateLimiter } from './rate-limiter.ts'

const MINUTE = 60_000

describe('a rate limiter', () => {
  it('has nothing left after so many requests, until the minute of the clock ends', () => {
    let instant = 10 * MINUTE + 1
    const { take, secondsLeft } = rateLimiter({ perMinute: 3, now: () => instant })
    assert.deepEqual([take('a'), take('a'), take('a'), take('a'), take('a')], [2, 1, 0, -1, -1])
    assert.equal(secondsLeft(), 60)
    instant = 11 * MINUTE - 1
    assert.deepEqual([take('a'), secondsLeft()], [-1, 1])
    instant = 11 * MINUTE
    assert.deepEqual([take('a'), secondsLeft()], [2, 60])
  })

  it('counts every credential by itself', () => {
    const { take, decisions } = rateLimiter({ perMinute: 1, now: () => 0 })
    assert.deepEqual([take('a'), take('b'), take('a'), take('b'), take('a')], [0, 0, -1, -1, -1])
    assert.deepEqual(decisions, { admitted: 2, refused: 3 })
  })

  it('remembers so many credentials, and forgets the first of them', () => {
    const { take } = rateLimiter({ perMinute: 1, now: () => 0, size: 2 })
    assert.deepEqual([take('a'), take('b'), take('c'), take('b'), take('a')], [0, 0, 0, -1, 0])
  })
})
