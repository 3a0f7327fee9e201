import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { connect } from '../src/core/client.ts'
import {
  checkDatabase,
  checkDatabaseAt,
  type DatabaseFacts,
  evaluateDatabase,
} from '../src/operations/database-check.ts'
import { NEWEST_MIGRATION } from '../src/operations/migrate.ts'

const WELL: DatabaseFacts = {
  version: 150_000,
  versionName: '15.0',
  encoding: 'UTF8',
  isStandby: false,
  isReadOnly: false,
  migratedTo: NEWEST_MIGRATION,
  skewMs: 0,
  skewErrorMs: 1,
}

/** Returns the problems as check, severity, and whether they may resolve themselves. */
const problemsOf = (facts: Partial<DatabaseFacts>) =>
  evaluateDatabase({ ...WELL, ...facts })
    .filter(({ severity }) => severity !== 'ok')
    .map(({ check, severity, mayPass = false, what, remedy }) => {
      assert.ok(remedy, what)
      return `${check} ${severity}${mayPass ? ', may pass' : ''}: ${what}`
    })

describe('a database that is', () => {
  const table: [name: string, facts: Partial<DatabaseFacts>, problems: string[]][] = [
    ['without a problem', {}, []],
    [
      'PostgreSQL 14',
      { version: 140_022, versionName: '14.22' },
      ['version error: the database of DATABASE_URL is PostgreSQL 14.22'],
    ],
    [
      'without an encoding',
      { encoding: 'SQL_ASCII' },
      ['encoding error: the database of DATABASE_URL is encoded as SQL_ASCII'],
    ],
    [
      'a standby, which is read-only too',
      { isStandby: true, isReadOnly: true },
      ['writable error, may pass: the database of DATABASE_URL is a standby, which cannot be written'],
    ],
    ['read-only', { isReadOnly: true }, ['writable error: the database of DATABASE_URL is read-only']],
    [
      'not migrated',
      { migratedTo: null },
      ['migrations error, may pass: the database of DATABASE_URL is not migrated'],
    ],
    [
      'older than this release',
      { migratedTo: NEWEST_MIGRATION - 1 },
      ['migrations error, may pass: the database of DATABASE_URL lacks migrations of this release'],
    ],
    [
      'newer than this release, which continues to run during a roll-out',
      { migratedTo: NEWEST_MIGRATION + 1 },
      ['migrations warning: the database of DATABASE_URL was migrated by a newer release than this one'],
    ],
    [
      'five minutes ahead',
      { skewMs: -300_000 },
      ["clock error: this machine's clock is 300 s behind that of the database of DATABASE_URL"],
    ],
    [
      'five minutes behind',
      { skewMs: 300_000 },
      ["clock error: this machine's clock is 300 s ahead of that of the database of DATABASE_URL"],
    ],
    [
      'seconds off',
      { skewMs: 3_001 },
      ["clock warning: this machine's clock is 3.0 s ahead of that of the database of DATABASE_URL"],
    ],
    ['far, so that the skew is within the error', { skewMs: 3_000, skewErrorMs: 1_500 }, []],
  ]
  for (const [name, facts, problems] of table) {
    it(name, () => assert.deepEqual(problemsOf(facts), problems))
  }
})

describe('checkDatabase', () => {
  it('finds no problem in a real database, also on a new connection', async (t) => {
    const { url, database } = await testDatabase(t)
    const findings = await checkDatabase(database)
    assert.deepEqual(
      findings.map(({ check, severity }) => [check, severity]),
      [
        ['version', 'ok'],
        ['encoding', 'ok'],
        ['writable', 'ok'],
        ['migrations', 'ok'],
        ['clock', 'ok'],
        ['session', 'ok'],
      ],
    )
    assert.deepEqual(await checkDatabaseAt(url), findings)
  })

  it('finds the problems of a database', async (t) => {
    const { url, name, asAdministrator } = await testDatabase(t, { isMigrated: false })
    await asAdministrator((sql) => sql.unsafe(`ALTER DATABASE ${name} SET default_transaction_read_only = on`))
    const wrong = (await checkDatabaseAt(url, () => Date.now() + 120_000)).filter(
      ({ severity }) => severity === 'error',
    )
    assert.deepEqual(
      wrong.map(({ what }) => what),
      [
        'the database of DATABASE_URL is read-only',
        'the database of DATABASE_URL is not migrated',
        "this machine's clock is 120 s ahead of that of the database of DATABASE_URL",
      ],
    )
  })

  it('rejects without a connection', async (t) => {
    const { url } = await testDatabase(t)
    const database = connect(url.replace(/[^/]*$/, 'nowhere'), { max: 1 })
    t.after(() => database.$client.end())
    await assert.rejects(checkDatabase(database), { code: '3D000' })
  })
})
