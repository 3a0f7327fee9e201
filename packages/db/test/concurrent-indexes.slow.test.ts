import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { type Scope, testDatabase, waitFor } from '@daytona-auth/testing'
import { connect, type Database } from '../src/core/client.ts'
import { withMigrationLock } from '../src/operations/migrate.ts'
import { runMigrations } from '../src/operations/run-migrations.ts'
import { rowsOf } from './rows.ts'

const LOCKS = { lockTimeoutMs: 100, attempts: 1000, pauseMs: 100 }
const ROWS = 20_000
const TAG = '9000_extra'
const INDEX = 'audit_events_extra_idx'

/** In the format of drizzle-kit: each column of the condition with its table's name. */
const ON_PARTITIONS = `CREATE INDEX "${INDEX}" ON "audit_events" USING btree ("organization_id","target_id","created_at" DESC NULLS FIRST) WHERE "audit_events"."target_id" is not null;`
const ON_TABLE = 'CREATE UNIQUE INDEX "users_extra_idx" ON "users" USING btree ("email","name");'

async function folderOf(scope: Scope, ...statements: string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'daytona-auth-migrations-'))
  scope.after(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, `${TAG}.sql`), `-- concurrent indexes\n${statements.join('--> statement-breakpoint\n')}`)
  return folder
}

/** Migrates as a process does: a concurrent one waits. */
async function migrateExtra(url: string, folder: string): Promise<void> {
  const { $client } = connect(url, { max: 1, silenceTimeoutSeconds: null })
  try {
    await withMigrationLock($client, async () => {
      const [noted] = await $client`SELECT FROM drizzle.__drizzle_migrations WHERE created_at = ${WHEN}`
      if (!noted) await runMigrations($client, [{ tag: TAG, when: WHEN }], { folder, locks: LOCKS })
    })
  } finally {
    await $client.end({ timeout: 1 })
  }
}
const WHEN = 9_000_000_000_000

/** Fills two months and the default partition with events. */
async function filledTrail({ $client: sql }: Database): Promise<void> {
  await sql.unsafe(`ALTER TABLE audit_events DISABLE TRIGGER USER;
    INSERT INTO audit_events (id, organization_id, action, source, target_id, created_at, sequence, hash, previous_hash)
      SELECT 'evt_' || n, 'org_' || n % 7, 'a.b', 'test', 'req_' || n, now() + make_interval(days => n % 3 * 31), n, '', ''
      FROM generate_series(1, ${ROWS}) AS n;
    ALTER TABLE audit_events ENABLE TRIGGER USER`)
}

/** Lists the indexes of this migration on the trail and its partitions, and whether they are valid. */
async function indexesOf({ $client: sql }: Database) {
  const rows = await sql<{ name: string; isValid: boolean; parent: string | null }[]>`
    SELECT index.relname AS name, indisvalid AS "isValid", inhparent::regclass::text AS parent
    FROM pg_index JOIN pg_class index ON index.oid = indexrelid LEFT JOIN pg_inherits ON inhrelid = indexrelid
    WHERE index.relname LIKE '%extra_idx%' ORDER BY name`
  return rows.map(({ name, isValid, parent }) => [name.replace(/\d{4}_\d{2}/, 'month'), isValid, parent])
}

async function assertComplete(database: Database): Promise<void> {
  const [partitions] = await database.$client<{ count: number }[]>`
    SELECT count(*)::int AS count FROM pg_inherits WHERE inhparent = 'audit_events'::regclass`
  const found = await indexesOf(database)
  assert.equal(found.length, 1 + (partitions?.count ?? 0))
  assert.deepEqual(found[0], ['audit_events_month_extra_idx', true, INDEX])
  assert.deepEqual(found.at(-1), [INDEX, true, null])
  assert.ok(found.every(([, isValid, parent]) => isValid && (parent === INDEX || parent === null)))
}

describe('a migration of concurrent indexes', () => {
  it('does not block writers while it builds and while it waits for a long reader', async (t) => {
    const { url, database } = await testDatabase(t)
    await filledTrail(database)
    const folder = await folderOf(t, ON_PARTITIONS)
    const rows = rowsOf(database)
    const organization = await rows.organization(await rows.user())
    const done = Promise.withResolvers<void>()
    const reading = Promise.withResolvers<void>()
    const reader = database.$client.begin(async (tx) => {
      await tx`SELECT count(*) FROM audit_events`
      reading.resolve()
      await done.promise
    })
    await reading.promise
    let isMigrated = false
    const migration = migrateExtra(url, folder).then(() => {
      isMigrated = true
    })
    const isBuilding = async () => {
      const [row] = await database.$client`SELECT FROM pg_stat_progress_create_index WHERE command LIKE '%CONCURRENTLY'`
      return row !== undefined
    }
    await waitFor(isBuilding)
    let longestMs = 0
    for (let written = 0; written < 50; written += 1) {
      const startedAt = performance.now()
      await database.$client`
        INSERT INTO audit_events (id, organization_id, action, source) VALUES (${`evt_w${written}`}, ${organization}, 'a.b', 'test')`
      longestMs = Math.max(longestMs, performance.now() - startedAt)
    }
    // Every write succeeded although the reader has not ended and the index is not built.
    assert.equal(isMigrated, false)
    assert.equal(await isBuilding(), true)
    done.resolve()
    await reader
    await migration
    await assertComplete(database)
    t.diagnostic(`a write waited ${Math.round(longestMs)} ms at most`)
  })

  it('attaches partitions while readers of the new index stay in their transactions', async (t) => {
    const { url, database } = await testDatabase(t)
    await filledTrail(database)
    const { $client: sql } = database
    const folder = await folderOf(t, ON_PARTITIONS)
    const partition = await sql`SELECT relname AS name FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
      WHERE inhparent = 'audit_events'::regclass ORDER BY 1 LIMIT 1`.then(([row]) => String(row?.['name']))
    // Built by an earlier run that ended before it attached.
    await sql.unsafe(`CREATE INDEX "${partition}_extra_idx" ON ${partition} (organization_id, target_id, created_at DESC)
      WHERE target_id IS NOT NULL`)
    const done = Promise.withResolvers<void>()
    const reading = Promise.withResolvers<void>()
    const reader = sql.begin(async (tx) => {
      await tx`SELECT count(*) FROM audit_events WHERE organization_id = 'org_1' AND target_id = 'req_1'`
      reading.resolve()
      await done.promise
    })
    await reading.promise
    const migration = migrateExtra(url, folder)
    const isWaiting = async () => {
      const [row] = await sql`SELECT FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'`
      return row !== undefined
    }
    await waitFor(isWaiting)
    for (let written = 0; written < 20; written += 1) {
      await sql`INSERT INTO audit_events (id, organization_id, action, source) VALUES (${`evt_w${written}`}, 'org_1', 'a.b', 'test')`
    }
    done.resolve()
    await reader
    await migration
    await assertComplete(database)
  })

  it('continues after a failure: an invalid index is dropped and built again', async (t) => {
    const { url, database } = await testDatabase(t)
    await filledTrail(database)
    const { $client: sql } = database
    const rows = rowsOf(database)
    await rows.user()
    await rows.user()
    await sql`UPDATE users SET email = 'twice@example.com' || ctid::text`
    const folder = await folderOf(
      t,
      ON_PARTITIONS,
      'CREATE UNIQUE INDEX "users_extra_idx" ON "users" USING btree ("name");',
    )
    await assert.rejects(migrateExtra(url, folder), { code: '23505' })
    assert.deepEqual((await indexesOf(database)).at(-1), ['users_extra_idx', false, null])
    const [noted] = await sql`SELECT FROM drizzle.__drizzle_migrations WHERE created_at = ${WHEN}`
    assert.equal(noted, undefined)
    await sql`UPDATE users SET name = id`
    await migrateExtra(url, folder)
    assert.deepEqual((await indexesOf(database)).at(-1), ['users_extra_idx', true, null])
    await sql`DROP INDEX users_extra_idx`
    await assertComplete(database)
  })

  it('is run by one of several processes at once', async (t) => {
    const { url, database } = await testDatabase(t)
    await filledTrail(database)
    const folder = await folderOf(t, ON_PARTITIONS, ON_TABLE)
    await Promise.all([1, 2, 3].map(() => migrateExtra(url, folder)))
    await database.$client`DROP INDEX users_extra_idx`
    await assertComplete(database)
  })

  it('replaces a primary key without blocking writers, and continues after a failure', async (t) => {
    const { url, database } = await testDatabase(t)
    await filledTrail(database)
    const { $client: sql } = database
    const [from, to] = ['audit_events_id_created_at_pk', 'audit_events_created_at_id_pk']
    const folder = await folderOf(
      t,
      `ALTER TABLE "audit_events" DROP CONSTRAINT "${from}", ADD CONSTRAINT "${to}" PRIMARY KEY("created_at","id");`,
    )
    // An earlier run was interrupted after its first index.
    await sql.unsafe('CREATE UNIQUE INDEX audit_events_default_new_pkey ON audit_events_default (created_at, id)')
    const done = Promise.withResolvers<void>()
    const reading = Promise.withResolvers<void>()
    const reader = sql.begin('isolation level repeatable read', async (tx) => {
      await tx`SELECT count(*) FROM audit_events`
      reading.resolve()
      await done.promise
    })
    await reading.promise
    let isMigrated = false
    const migration = migrateExtra(url, folder).then(() => {
      isMigrated = true
    })
    await waitFor(async () => {
      const [row] = await sql`SELECT FROM pg_stat_progress_create_index WHERE command LIKE '%CONCURRENTLY'`
      return row !== undefined
    })
    for (let written = 0; written < 50; written += 1) {
      await sql`INSERT INTO audit_events (id, organization_id, action, source) VALUES (${`evt_w${written}`}, 'org_1', 'a.b', 'test')`
    }
    assert.equal(isMigrated, false)
    done.resolve()
    await reader
    await migration
    const keys = await sql<{ name: string; text: string; isValid: boolean }[]>`
      SELECT conname AS name, pg_get_constraintdef(pg_constraint.oid) AS text, indisvalid AS "isValid"
      FROM pg_constraint JOIN pg_index ON indexrelid = conindid
      WHERE contype = 'p' AND (conrelid = 'audit_events'::regclass
        OR conrelid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = 'audit_events'::regclass)) ORDER BY 1`
    assert.ok(keys.length > 4)
    assert.ok(keys.every(({ text, isValid }) => isValid && text === 'PRIMARY KEY (created_at, id)'))
    assert.ok(keys.every(({ name }) => name === to || /^audit_events_(?:default|\d{4}_\d{2})_pkey$/.test(name)))
    const [attached] = await sql`SELECT count(*)::int AS count FROM pg_inherits WHERE inhparent = to_regclass(${to})`
    assert.equal(attached?.['count'], keys.length - 1)
    const left = await sql`SELECT relname FROM pg_class WHERE relname LIKE '%\\_new\\_pkey' OR relname = ${from}`
    assert.deepEqual([...left], [])
  })

  it('covers partitions that are created afterwards', async (t) => {
    const { url, database } = await testDatabase(t)
    await migrateExtra(url, await folderOf(t, ON_PARTITIONS))
    await database.$client`SELECT ensure_audit_partitions(5)`
    const [row] = await database.$client<{ lacking: number }[]>`
      SELECT count(*)::int AS lacking FROM pg_inherits month WHERE inhparent = 'audit_events'::regclass AND NOT EXISTS (
        SELECT FROM pg_inherits JOIN pg_index ON indexrelid = inhrelid
        WHERE inhparent = ${INDEX}::regclass AND indrelid = month.inhrelid)`
    assert.equal(row?.lacking, 0)
  })

  it('refuses any other statement before it changes anything', async (t) => {
    const { url, database } = await testDatabase(t)
    const folder = await folderOf(t, 'ALTER TABLE users ADD COLUMN extra text;')
    await assert.rejects(migrateExtra(url, folder), /has another statement: ALTER TABLE/)
    assert.deepEqual(await indexesOf(database), [])
  })
})
