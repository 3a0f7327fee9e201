import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { rateLimiter, secondsLeft } from './rate-limiter.ts'

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
})
