import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseDuration } from './duration.ts'

describe('parseDuration', () => {
  it('rejects everything but a number with a unit', () => {
    for (const text of ['', '30', '-1d', 'd', '1 fortnight', '1d2h', 'tomorrow', '1e3d', 'Infinity d', '0x1d']) {
      assert.equal(parseDuration(text), undefined, text)
    }
  })

  it('reads a number with a unit', () => {
    assert.deepEqual(
      ['30d', '24h', '90 minutes', '1.5h', ' 2w ', '0s'].map(parseDuration),
      [2_592_000_000, 86_400_000, 5_400_000, 5_400_000, 1_209_600_000, 0],
    )
  })
})
