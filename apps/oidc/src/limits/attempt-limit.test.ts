import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { AttemptsInMemory, createAttemptLimit } from './attempt-limit.ts'

const DAY = 86_400_000

function attempts(options: { limit?: number; windowMs?: number; maxKeys?: number } = {}) {
  let time = 1_000_000
  const limiter = new AttemptsInMemory({ limit: 1, windowMs: 1000, now: () => time, ...options })
  return { ...createAttemptLimit(limiter), pass: (ms: number) => (time += ms) }
}

describe('createAttemptLimit', () => {
  it('evicts the least recently used key beyond its maximum', async () => {
    const { take } = attempts({ maxKeys: 2 })
    for (const key of ['a', 'b', 'c']) await take(key)
    assert.deepEqual([await take('c'), await take('b'), await take('a')], [1, 1, undefined])
  })

  it('does not count refused attempts, so that one given back is free again', async () => {
    const { take, giveBack } = attempts()
    assert.deepEqual([await take('a'), await take('a'), await take('a')], [undefined, 1, 1])
    giveBack('a')
    assert.deepEqual([await take('a'), await take('a')], [undefined, 1])
  })

  it('never counts below zero, also for attempts given back after their window', async () => {
    const { take, giveBack, pass } = attempts()
    await take('a')
    pass(1000)
    for (let count = 0; count < 3; count++) giveBack('a')
    assert.deepEqual([await take('a'), await take('a')], [undefined, 1])
    for (let count = 0; count < 3; count++) giveBack('a')
    assert.deepEqual([await take('a'), await take('a')], [undefined, 1])
  })

  it('keeps a window that is longer than a timer', async () => {
    const { take, pass } = attempts({ windowMs: 60 * DAY })
    await take('a')
    pass(59 * DAY)
    await new Promise((resolve) => setTimeout(resolve, 5))
    assert.equal(await take('a'), 86_400)
    pass(DAY)
    assert.equal(await take('a'), undefined)
  })
})
