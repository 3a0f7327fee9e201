import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { hasSqlState } from '@daytona-auth/service/sql-state'
import type postgres from 'postgres'
import { CONCURRENT_MARK, createIndexConcurrently, type WithShortLocks } from './concurrent-indexes.ts'
import { parseKeyReplacement, replacePrimaryKeyConcurrently } from './concurrent-primary-key.ts'

/**
 * The first line of a migration file with one statement that is repeated, each time in a transaction of its own, until it
 * changes no row. It limits the rows of one run, so that no writer waits long for their locks.
 */
export const BATCHES_MARK = '-- batches'

/** An entry of drizzle-kit's journal. */
export interface MigrationEntry {
  readonly tag: string
  readonly when: number
}

export interface MigrationLocks {
  /** How long a migration waits for a lock before it gives up an attempt. Every writer waits behind it for as long. */
  readonly lockTimeoutMs: number
  /** The number of attempts. Writers continue between two attempts. */
  readonly attempts: number
  readonly pauseMs: number
}

export interface MigrationRun {
  readonly folder: string
  readonly locks: MigrationLocks
  /** Runs in the transaction of each file, after its statements. */
  readonly beforeCommit?: (tx: postgres.TransactionSql) => Promise<void>
}

/**
 * Applies `entries` in their order, each in its own transaction, and records them in drizzle's table as drizzle's migrator
 * does. Lock waits are short and repeated: while a statement waits for a long reader, every writer waits behind it.
 *
 * A file that begins with `CONCURRENT_MARK` runs without a transaction, one that begins with `BATCHES_MARK` in several. After a
 * failure the next run continues where it stopped.
 *
 * @throws SQLSTATE 55P03 if no attempt got a lock; the files before are applied
 */
export async function runMigrations(
  client: postgres.Sql,
  entries: readonly MigrationEntry[],
  { folder, locks, beforeCommit }: MigrationRun,
): Promise<void> {
  if (entries.length === 0) return
  await createMigrationTable(client)
  const withShortLocks = (attempt: (tx: postgres.TransactionSql) => Promise<void>) =>
    runWithShortLocks(client, locks, attempt)
  for (const { tag, when } of entries) {
    const text = await readFile(join(folder, `${tag}.sql`), 'utf8')
    const hash = createHash('sha256').update(text).digest('hex')
    const isConcurrent = text.startsWith(`${CONCURRENT_MARK}\n`)
    const statements = (isConcurrent ? text.slice(CONCURRENT_MARK.length) : text)
      .split('--> statement-breakpoint')
      .filter((statement) => statement.trim() !== '')
    if (isConcurrent) {
      for (const statement of statements) {
        const replacement = parseKeyReplacement(statement)
        if (replacement) await replacePrimaryKeyConcurrently(client, replacement, withShortLocks)
        else await createIndexConcurrently(client, statement, withShortLocks)
      }
    }
    const isInBatches = text.startsWith(`${BATCHES_MARK}\n`)
    if (isInBatches) await repeatUntilUnchanged(statements, withShortLocks)
    await withShortLocks(async (tx) => {
      if (!isConcurrent && !isInBatches) for (const statement of statements) await tx.unsafe(statement)
      await tx`INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES (${hash}, ${when})`
      await beforeCommit?.(tx)
    })
  }
}

async function repeatUntilUnchanged(statements: readonly string[], withShortLocks: WithShortLocks): Promise<void> {
  let isChanged: boolean
  do {
    isChanged = false
    await withShortLocks(async (tx) => {
      for (const statement of statements) isChanged = (await tx.unsafe(statement)).count > 0 || isChanged
    })
  } while (isChanged)
}

/** Not by IF NOT EXISTS alone: that requires the privilege to create a schema even if it exists. */
async function createMigrationTable(client: postgres.Sql): Promise<void> {
  const [found] = await client`
    SELECT to_regnamespace('drizzle') IS NOT NULL AS schema, to_regclass('drizzle.__drizzle_migrations') IS NOT NULL AS table`
  if (!found?.['schema']) await client`CREATE SCHEMA IF NOT EXISTS drizzle`
  if (found?.['table']) return
  await client`
    CREATE TABLE IF NOT EXISTS drizzle.__drizzle_migrations (id serial PRIMARY KEY, hash text NOT NULL, created_at bigint)`
}

async function runWithShortLocks(
  client: postgres.Sql,
  { lockTimeoutMs, attempts, pauseMs }: MigrationLocks,
  run: (tx: postgres.TransactionSql) => Promise<void>,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await client.begin(async (tx) => {
        await tx.unsafe(`SET LOCAL lock_timeout = '${lockTimeoutMs}ms'`)
        await run(tx)
      })
      return
    } catch (error) {
      if (attempt >= attempts || !isLockTimeout(error)) throw error
      await delay(pauseMs)
    }
  }
}

/** Whether the transaction was rolled back because it did not get a lock. */
const isLockTimeout = (error: unknown): boolean => hasSqlState(error, 'lock_not_available', 'deadlock_detected')
