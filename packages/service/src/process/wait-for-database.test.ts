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

/** Answers with one of `answers` after the other, and with the last again and again. */
function examined(...answers: (Finding[] | (() => Promise<never>))[]) {
  const warnings: string[] = []
  let asked = 0
  return {
    warnings,
    asked: () => asked,
    until: (waitMs: number, signal?: AbortSignal) =>
      waitForDatabase(
        async () => {
          const answer = answers[Math.min(asked, answers.length - 1)] ?? []
          asked += 1
          return typeof answer === 'function' ? answer() : answer
        },
        { waitMs, warn: (line) => warnings.push(line), signal },
      ),
  }
}

describe('waitForDatabase', () => {
  it('tells at once of what does not pass, in one line with what to do', async () => {
    const database = examined([WELL, OLD, LATE])
    await assert.rejects(database.until(60_000), new StartupError('it is old: renew it; it is bare: migrate'))
    assert.equal(database.asked(), 1)
  })

  it('tells at once of a refused password, which does not pass either', async () => {
    const database = examined(() => Promise.reject(Object.assign(new Error('x'), { code: '28P01' })))
    await assert.rejects(database.until(60_000), { name: 'StartupError', message: /^the database refused/ })
  })

  it('waits for what may pass, and says so once', async () => {
    const database = examined(refused, [LATE], [LATE], [WELL])
    await database.until(60_000)
    assert.deepEqual(
      [database.asked(), database.warnings],
      [
        4,
        [
          'waiting, for this may pass: the database cannot be reached (ECONNREFUSED): check that it runs and that DATABASE_URL is right',
        ],
      ],
    )
  })

  it('gives up when its time is over, with the line', async () => {
    const database = examined([LATE])
    await assert.rejects(database.until(300), new StartupError('it is bare: migrate'))
    assert.equal(database.asked(), 2)
  })

  it('asks once where nothing is to be waited for', async () => {
    const database = examined(refused)
    await assert.rejects(database.until(0), /^StartupError: the database cannot be reached \(ECONNREFUSED\): /)
    assert.deepEqual([database.asked(), database.warnings], [1, []])
  })

  it('stops waiting when the process is to stop, also for an answer that never comes', async () => {
    const stopping = new AbortController()
    const never = examined(() => {
      setImmediate(() => stopping.abort())
      return new Promise<never>(() => {})
    })
    await assert.rejects(never.until(60_000, stopping.signal), { name: 'AbortError' })
  })

  it('tells of warnings and goes on', async () => {
    const database = examined([WELL, SLOW])
    await database.until(0)
    assert.deepEqual(database.warnings, ['it is slow: wind it'])
  })

  it('lets through what it does not understand, with its stack', async () => {
    const bug = new TypeError('undefined is not a function')
    await assert.rejects(examined(() => Promise.reject(bug)).until(60_000), bug)
  })
})
