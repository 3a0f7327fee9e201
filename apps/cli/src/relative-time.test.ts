import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatRelative } from './relative-time.ts'

describe('formatRelative', () => {
  it('uses the largest whole unit with a small tolerance, in both directions', () => {
    const now = Date.parse('2030-06-15T12:00:00Z')
    for (const [instant, text] of [
      ['2030-06-15T12:00:59Z', 'in 1 minute'],
      ['2030-06-15T11:59:30Z', 'just now'],
      ['2030-06-15T12:01:00Z', 'in 1 minute'],
      ['2030-06-15T12:00:30Z', 'within a minute'],
      ['2030-06-15T10:00:01Z', '2 hours ago'],
      ['2030-06-15T10:30:00Z', '1 hour ago'],
      ['2030-07-15T11:59:58Z', 'in 1 month'],
      ['2030-09-13T11:59:58Z', 'in 3 months'],
      ['2030-06-18T12:00:00Z', 'in 3 days'],
      ['2030-04-01T12:00:00Z', '2 months ago'],
      ['2035-06-15T12:00:00Z', 'in 5 years'],
    ] as const) {
      assert.equal(formatRelative(instant, now), text)
    }
  })
})
