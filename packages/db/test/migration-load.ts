import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import postgres from 'postgres'
import journal from '../migrations/meta/_journal.json' with { type: 'json' }
import type { Database } from '../src/core/client.ts'
import { connectionOptions } from '../src/core/connection.ts'
import { type MigrationEntry, type MigrationLocks, runMigrations } from '../src/operations/run-migrations.ts'

export const MIGRATIONS: readonly MigrationEntry[] = journal.entries
export const FOLDER = fileURLToPath(new URL('../migrations', import.meta.url))

/** As a release has it, with shorter pauses between two attempts. */
export const LOCKS: MigrationLocks = { lockTimeoutMs: 2000, attempts: 1000, pauseMs: 500 }

export interface MeasuredMigration {
  readonly tag: string
  /** How long it took, including its waits. */
  readonly ms: number
  readonly longestWaitMs: number
  /** The table whose writer waited longest. */
  readonly waitedFor: string
  /** Locks of its transaction that conflict with writers, on tables that existed before. */
  readonly locks: readonly string[]
}

/** A migration that runs beside a long reader and writers. */
export interface RunningMigration {
  isDone(): boolean
  /** Whether it waits for a lock at this moment. */
  isWaiting(): Promise<boolean>
  /** How often the table that was written least has been written. */
  writes(): number
}

export interface Load {
  /** A transaction that has read every table stays open beside each migration until this resolves. */
  readonly whileReading?: ((migration: RunningMigration) => Promise<void>) | undefined
  readonly locks?: MigrationLocks
}

const MIGRATOR = 'daytona-auth-test migration'

/** Applies `migrations` one after another while every table is written, and measures how long a write takes. */
export async function migrateUnderLoad(
  { $client: sql }: Database,
  url: string,
  migrations: readonly MigrationEntry[],
  { whileReading, locks = LOCKS }: Load = {},
): Promise<MeasuredMigration[]> {
  const migrator = postgres({ ...connectionOptions(url, { applicationName: MIGRATOR }), max: 1 })
  const measured: MeasuredMigration[] = []
  try {
    for (const migration of migrations) {
      const tables = await tablesOf(sql)
      const before = new Set(tables)
      let held: string[] = []
      let isDone = false
      const reader = whileReading && (await openReader(url, tables))
      const writers = await openWriters(url, tables)
      try {
        const startedAt = performance.now()
        const running = runMigrations(migrator, [migration], {
          folder: FOLDER,
          locks,
          async beforeCommit(tx) {
            held = (await writeLocks(tx)).filter((lock) => before.has(lock.slice(lock.indexOf(' ') + 1)))
          },
        }).finally(() => {
          isDone = true
        })
        const ended = running.then(() => Math.round(performance.now() - startedAt))
        ended.catch(() => {}) // awaited below
        await whileReading?.({ isDone: () => isDone, isWaiting: () => isWaiting(sql), writes: writers.fewest })
        await reader?.end()
        measured.push({ tag: migration.tag, ms: await ended, locks: held, ...(await writers.stop()) })
      } finally {
        await reader?.end()
        await writers.stop()
      }
    }
  } finally {
    await migrator.end({ timeout: 1 })
  }
  return measured
}

async function isWaiting(sql: postgres.Sql): Promise<boolean> {
  const rows = await sql`
    SELECT FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE NOT granted AND application_name = ${MIGRATOR} AND datname = current_database()`
  return rows.length > 0
}

async function tablesOf(sql: postgres.Sql): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition`
  return rows.map(({ name }) => name)
}

async function writeLocks(tx: postgres.TransactionSql): Promise<string[]> {
  const rows = await tx<{ mode: string; name: string }[]>`
    SELECT mode, relname AS name FROM pg_locks JOIN pg_class ON pg_class.oid = relation
    WHERE pid = pg_backend_pid() AND relkind IN ('r', 'p') AND NOT relispartition
      AND mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock') ORDER BY relname`
  return rows.map(({ mode, name }) => `${mode} ${name}`)
}

/** Opens a transaction that has read every table and keeps its snapshot, as pg_dump does. */
async function openReader(url: string, tables: readonly string[]) {
  const client = postgres({ ...connectionOptions(url, { applicationName: 'daytona-auth-test' }), max: 1 })
  const reading = Promise.withResolvers<void>()
  const done = Promise.withResolvers<void>()
  const ended = client
    .begin('isolation level repeatable read', async (tx) => {
      for (const table of tables) await tx.unsafe(`SELECT FROM ${table} LIMIT 1`)
      reading.resolve()
      await done.promise
    })
    .finally(() => client.end({ timeout: 1 }))
  ended.catch(reading.reject)
  await reading.promise
  return {
    async end() {
      done.resolve()
      await ended
    },
  }
}

/** Writes each table repeatedly until `stop`. */
async function openWriters(url: string, tables: readonly string[]) {
  const options = connectionOptions(url, { applicationName: 'daytona-auth-test' })
  const client = postgres({ ...options, max: Math.max(tables.length, 1) })
  const writes = new Map(tables.map((table) => [table, 0]))
  let isOver = false
  let longestWaitMs = 0
  let waitedFor = ''
  const writeOnce = async (table: string) => {
    const startedAt = performance.now()
    await client.unsafe(writeTo(table))
    const waitMs = performance.now() - startedAt
    if (waitMs > longestWaitMs) {
      longestWaitMs = waitMs
      waitedFor = table
    }
    writes.set(table, (writes.get(table) ?? 0) + 1)
  }
  // Opens the connections, which is not part of a wait.
  await Promise.all(tables.map((table) => client.unsafe(writeTo(table))))
  const loops = tables.map(async (table) => {
    while (!isOver) {
      await writeOnce(table)
      await delay(20)
    }
  })
  const ended = Promise.all(loops).finally(() => client.end({ timeout: 1 }))
  ended.catch(() => {}) // awaited by `stop`
  return {
    fewest: () => Math.min(...writes.values()),
    async stop() {
      isOver = true
      await ended
      return { longestWaitMs: Math.round(longestWaitMs), waitedFor }
    },
  }
}

/** A statement that changes no row locks its table as any write does. An event is a real one: it locks its month, too. */
const writeTo = (table: string): string =>
  table === 'audit_events'
    ? `INSERT INTO audit_events (id, organization_id, action, source) VALUES ('evt_' || gen_random_uuid(), 'org_load', 'a.b', 'test')`
    : `DELETE FROM ${table} WHERE false`
