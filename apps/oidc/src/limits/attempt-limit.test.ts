import assert from 'node:assert/strict'
import { it } from 'node:test'
import { createAttemptLimit } from './attempt-limit.ts'

it('evicts the least recently used key beyond its maximum', () => {
  const attempts = createAttemptLimit({ limit: 1, windowMs: 1000, maxKeys: 2, now: () => 0 })
  attempts.take('a')
  attempts.take('b')
  attempts.take('c')
  assert.deepEqual([attempts.take('c'), attempts.take('b'), attempts.take('a')], [1, 1, undefined])
})
