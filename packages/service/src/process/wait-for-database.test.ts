import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Finding } from './finding.ts'
import { StartupError } from './startup-error.ts'
import { waitForDatabase } from './wait-for-database.ts'

const WELL: Finding = { check: 'version', severity: 'ok', what: 'it is new' }
const OLD: Finding = { check: 'version', severity: 'error', what: 'it is old', remedy: 'renew it' }
const LATE: Finding = { check: 'migrations', severity: 'error', what: 'it is bare', remedy: 'migrate', mayPass: true }
const SLOW: Finding = { check: 'clock', severity: 'warning', what: 'it is slow', remedy: 'wind it' }
const refused = () => Promise.reject(Object.assign(new Error('internal words'), { code: 'ECONNREFUSED' }))

/** Returns one of `answers` after the other, then always the last. */
function examined(...answers: (Finding[] | (() => Promise<never>))[]) {
  const warnings: string[] = []
  let asked = 0
  return {
    warnings,
    asked: () => asked,
    until: (waitMs: number, signal?: AbortSignal, now?: () => number) =>
      waitForDatabase(
        async () => {
          const answer = answers[Math.min(asked, answers.length - 1)] ?? []
          asked += 1
          return typeof answer === 'function' ? answer() : answer
        },
        { waitMs, warn: (line) => warnings.push(line), signal, ...(now && { now }) },
      ),
  }
}

describe('waitForDatabase', () => {
  it('immediately reports a permanent error, in one line with its remedy', async () => {
    const database = examined([WELL, OLD, LATE])
    await assert.rejects(database.until(60_000), new StartupError('it is old: renew it; it is bare: migrate'))
    assert.equal(database.asked(), 1)
  })

  it('immediately reports a refused password, which is permanent', async () => {
    const database = examined(() => Promise.reject(Object.assign(new Error('x'), { code: '28P01' })))
    await assert.rejects(database.until(60_000), { name: 'StartupError', message: /^the database refused/ })
  })

  it('waits for a transient error to pass, and logs one warning', async () => {
    const database = examined(refused, [LATE], [LATE], [WELL])
    await database.until(60_000)
    assert.deepEqual(
      [database.asked(), database.warnings],
      [
        4,
        [
          'waiting, because this may be temporary: the database cannot be reached (ECONNREFUSED): check that it runs and that DATABASE_URL is right',
        ],
      ],
    )
  })

  it('waits for privileges, which a running migration grants last', async () => {
    const denied = () => Promise.reject(Object.assign(new Error('x'), { code: '42501' }))
    const database = examined([LATE], denied, [WELL])
    await database.until(60_000)
    assert.equal(database.asked(), 3)
    await assert.rejects(examined(denied).until(300), /may not read what it must: name it in API_DATABASE_ROLE/)
  })

  it('reports the error when its time is over', async () => {
    const database = examined([LATE])
    // Read at the start, and before and after each answer.
    const instants = [0, 0, 10, 260, 270]
    const now = () => instants.shift() ?? assert.fail('the time is over')
    await assert.rejects(database.until(300, undefined, now), new StartupError('it is bare: migrate'))
    assert.deepEqual([database.asked(), instants], [2, []])
  })

  it('checks once if the wait is zero', async () => {
    const database = examined(refused)
    await assert.rejects(database.until(0), /^StartupError: the database cannot be reached \(ECONNREFUSED\): /)
    assert.deepEqual([database.asked(), database.warnings], [1, []])
  })

  it('stops waiting when the process stops, also for an answer that never arrives', async () => {
    const stopping = new AbortController()
    const never = examined(() => {
      setImmediate(() => stopping.abort())
      return new Promise<never>(() => {})
    })
    await assert.rejects(never.until(60_000, stopping.signal), { name: 'AbortError' })
  })

  it('logs warnings and continues', async () => {
    const database = examined([WELL, SLOW])
    await database.until(0)
    assert.deepEqual(database.warnings, ['it is slow: wind it'])
  })

  it('rethrows unknown errors with their stack', async () => {
    const bug = new TypeError('undefined is not a function')
    await assert.rejects(examined(() => Promise.reject(bug)).until(60_000), bug)
  })
})
