import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import type postgres from 'postgres'
import { CONCURRENT_MARK } from '../src/operations/concurrent-indexes.ts'
import { migrate } from '../src/operations/migrate.ts'
import { runMigrations } from '../src/operations/run-migrations.ts'
import { FOLDER, LOCKS, MIGRATIONS } from './migration-load.ts'

/** What takes as long as its table is large: heaps, indexes and validated constraints, by their tables. */
async function readStorage(sql: postgres.Sql) {
  const rows = await sql<{ table: string; part: string }[]>`
    SELECT relname AS table, 'file ' || pg_class.oid || ' ' || relfilenode AS part
      FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
    UNION ALL SELECT relname, 'index ' || relfilenode || ' ' || indexrelid FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
      WHERE relnamespace = 'public'::regnamespace AND relkind = 'i'
    UNION ALL SELECT relname, 'constraint ' || conname FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid
      WHERE connamespace = 'public'::regnamespace AND contype IN ('f', 'c') AND convalidated`
  const tables = await sql<{ index: string; table: string }[]>`
    SELECT index.relname AS index, indrelid::regclass::text AS table FROM pg_index JOIN pg_class index ON index.oid = indexrelid
    WHERE index.relnamespace = 'public'::regnamespace`
  const tableOf = new Map(tables.map(({ index, table }) => [index, table]))
  return rows.map(({ table, part }) => ({ table: tableOf.get(table) ?? table, part }))
}

describe('every migration', () => {
  it('builds, rewrites and validates nothing of an existing table in a transaction, so that no writer waits for it', async (t) => {
    const { database, url } = await testDatabase(t, { isMigrated: false })
    const { $client: sql } = database
    const offences: string[] = []
    let checked = 0
    for (const migration of MIGRATIONS) {
      const text = await readFile(join(FOLDER, `${migration.tag}.sql`), 'utf8')
      const isConcurrent = text.startsWith(`${CONCURRENT_MARK}\n`)
      const before = await readStorage(sql)
      const existing = new Set(before.map(({ table }) => table))
      const known = new Set(before.map(({ part }) => part))
      await runMigrations(sql, [migration], { folder: FOLDER, locks: LOCKS })
      if (isConcurrent) continue
      checked += 1
      for (const { table, part } of await readStorage(sql)) {
        if (existing.has(table) && !known.has(part)) offences.push(`${migration.tag}: ${part} of ${table}`)
      }
    }
    assert.deepEqual(offences, [])
    assert.deepEqual(await migrate(url), [])
    assert.ok(checked > 10 && checked < MIGRATIONS.length)
    t.diagnostic(`${MIGRATIONS.length} migrations, ${checked} of them transactions`)
  })
})
