import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { testDatabase, waitFor } from '@daytona-auth/testing'
import { connect } from '../src/core/client.ts'
import { runMigrations } from '../src/operations/run-migrations.ts'

const LOCKS = { lockTimeoutMs: 100, attempts: 1000, pauseMs: 200 }

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
