import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CLOCK_ERROR_MS, checkClock, isFullError, isReadOnlyError } from '../src/core/server-state.ts'
import { isDiskFullError, isReserveReleasedError } from '../src/core/space-reserve.ts'

/** An error of the driver, as drizzle wraps it `depth` times. */
function failed(members: Record<string, unknown>, depth = 0): Error {
  let error = Object.assign(new Error('failed'), members)
  for (let times = 0; times < depth; times += 1) error = new Error('wrapped', { cause: error }) as typeof error
  return error
}

describe('an error of the database', () => {
  const DISK = { code: '53100' }
  const RESERVE = { code: '53100', constraint_name: 'space_reserve' }
  const QUEUE = { code: '54000', file: 'async.c' }
  const INDEX_ROW = { code: '54000', file: 'nbtinsert.c' }
  const READ_ONLY = { code: '25006' }
  const UNIQUE = { code: '23505' }
  const QUESTIONS = { isFullError, isDiskFullError, isReserveReleasedError, isReadOnlyError }

  for (const [what, members, expected] of [
    ['a full disk', DISK, ['isFullError', 'isDiskFullError']],
    ['a creation while the reserve is released', RESERVE, ['isFullError', 'isReserveReleasedError']],
    ['a full queue of notifications', QUEUE, ['isFullError']],
    ['a long index row', INDEX_ROW, []],
    ['a read-only server', READ_ONLY, ['isReadOnlyError']],
    ['a taken name', UNIQUE, []],
    ['a lost connection', { code: 'CONNECTION_CLOSED' }, []],
    ['no code', {}, []],
    ['a code of another type', { code: 53100 }, []],
  ] as const) {
    it(`is recognized as ${what}, however often it is wrapped`, () => {
      for (const depth of [0, 1, 2]) {
        const error = failed(members, depth)
        const yes = Object.entries(QUESTIONS)
          .filter(([, is]) => is(error))
          .map(([name]) => name)
        assert.deepEqual(yes, expected, String(depth))
      }
    })
  }

  it('is nothing that is no error', () => {
    for (const value of [undefined, null, 'failed', 53100]) {
      for (const [name, is] of Object.entries(QUESTIONS)) assert.equal(is(value), false, name)
    }
  })
})

describe('checkClock', () => {
  it('allows a minute in either direction, and an unknown difference', () => {
    for (const skew of [0, CLOCK_ERROR_MS, -CLOCK_ERROR_MS, Number.NaN]) checkClock({ clockSkewMs: () => skew })
    for (const skew of [CLOCK_ERROR_MS + 1, -CLOCK_ERROR_MS - 1])
      assert.throws(() => checkClock({ clockSkewMs: () => skew }), /the clock is -?60001 ms ahead/)
  })
})
