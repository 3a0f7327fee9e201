import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { testDatabase, waitFor } from '@daytona-auth/testing'
import { connect } from '../src/core/client.ts'
import { migrate } from '../src/operations/migrate.ts'
import { runMigrations } from '../src/operations/run-migrations.ts'
import { fillTables } from './filled-tables.ts'
import { FOLDER, MIGRATIONS, migrateUnderLoad } from './migration-load.ts'

const LOCKS = { lockTimeoutMs: 100, attempts: 1000, pauseMs: 200 }

/** The trail and the other tables exist from this one on. */
const FIRST_OF_A_RELEASE = MIGRATIONS.findIndex(({ tag }) => tag === '0006_audit_search')

it('a migration that waits for a long reader does not block writers, and is applied after the reader ends', async (t) => {
  const { url, database } = await testDatabase(t)
  const { $client: sql } = database
  const folder = await mkdtemp(join(tmpdir(), 'daytona-auth-migrations-'))
  t.after(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, '9000_first.sql'), 'CREATE TABLE first (n int);')
  await writeFile(
    join(folder, '9001_second.sql'),
    'CREATE TABLE second (n int);--> statement-breakpoint\nALTER TABLE users ADD COLUMN extra text;',
  )
  const migrator = connect(url, { max: 1 })
  t.after(() => migrator.$client.end({ timeout: 1 }))

  const done = Promise.withResolvers<void>()
  const reading = Promise.withResolvers<void>()
  const reader = sql.begin(async (tx) => {
    await tx`SELECT count(*) FROM users`
    reading.resolve()
    await done.promise
  })
  await reading.promise
  let isMigrated = false
  const entries = [
    { tag: '9000_first', when: Date.now() + 1e9 },
    { tag: '9001_second', when: Date.now() + 2e9 },
  ]
  const migration = runMigrations(migrator.$client, entries, { folder, locks: LOCKS }).then(() => {
    isMigrated = true
  })
  const applied = async () => {
    const [row] =
      await sql`SELECT to_regclass('first') IS NOT NULL AS first, to_regclass('second') IS NOT NULL AS second`
    return row
  }
  await waitFor(async () => (await applied())?.['first'] === true)
  // Each write succeeds although the reader does not end and the migration requests its lock repeatedly.
  let longestMs = 0
  let waits = 0
  for (let written = 0; written < 40 || waits < 3; written += 1) {
    const startedAt = performance.now()
    await sql`INSERT INTO users (id, email, name) VALUES (${`usr_${written}`}, ${`${written}@example.com`}, 'Ada')`
    longestMs = Math.max(longestMs, performance.now() - startedAt)
    const waiting =
      await sql`SELECT FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock' AND relation = 'users'::regclass`
    waits += waiting.length
  }
  assert.equal(isMigrated, false)
  assert.deepEqual(await applied(), { first: true, second: false })
  assert.ok(longestMs < 5000, `a write waited ${longestMs} ms`)
  done.resolve()
  await reader
  await migration
  assert.deepEqual(await applied(), { first: true, second: true })
  t.diagnostic(`a write waited ${Math.round(longestMs)} ms at most`)
})

describe('every migration, beside writers of every table and a long reader', () => {
  it('lets the writers continue while it waits for the reader, and is applied when the reader has ended', async (t) => {
    const { url, database } = await testDatabase(t, { isMigrated: false })
    const [empty, filled] = [MIGRATIONS.slice(0, FIRST_OF_A_RELEASE), MIGRATIONS.slice(FIRST_OF_A_RELEASE)]
    await runMigrations(database.$client, empty, { folder: FOLDER, locks: LOCKS })
    await fillTables(database, 2000)
    let waited = 0
    const measured = await migrateUnderLoad(database, url, filled, {
      locks: LOCKS,
      async whileReading({ isDone, isWaiting, writes }) {
        await waitFor(async () => isDone() || (await isWaiting()), 30_000)
        if (!isDone()) waited += 1
        const before = writes()
        await waitFor(() => isDone() || writes() >= before + 5, 30_000)
      },
    })
    assert.deepEqual(
      measured.map(({ tag }) => tag),
      filled.map(({ tag }) => tag),
    )
    assert.ok(waited >= 8, `only ${waited} waited for the reader`)
    assert.deepEqual(await migrate(url), [])
    for (const { tag, longestWaitMs, waitedFor } of measured) {
      t.diagnostic(`${tag}: a write waited ${longestWaitMs} ms at most (${waitedFor})`)
    }
  })
})
