import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatRelative } from './relative-time.ts'

describe('formatRelative', () => {
  it('uses the largest whole unit, in both directions', () => {
    const now = Date.parse('2030-06-15T12:00:00Z')
    for (const [instant, text] of [
      ['2030-06-15T12:00:59Z', 'in less than a minute'],
      ['2030-06-15T11:59:30Z', 'less than a minute ago'],
      ['2030-06-15T12:01:00Z', 'in 1 minute'],
      ['2030-06-15T10:00:01Z', '1 hour ago'],
      ['2030-06-18T12:00:00Z', 'in 3 days'],
      ['2030-04-01T12:00:00Z', '2 months ago'],
      ['2035-06-15T12:00:00Z', 'in 5 years'],
    ] as const) {
      assert.equal(formatRelative(instant, now), text)
    }
  })
})
