import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type postgres from 'postgres'

/** An entry of drizzle-kit's journal. */
export interface MigrationEntry {
  readonly tag: string
  readonly when: number
}

export interface MigrationLocks {
  /** How long a migration waits for a lock before it steps aside. Everybody who writes waits behind it for as long. */
  readonly lockTimeoutMs: number
  /** How often it tries. Between two attempts the others go on. */
  readonly attempts: number
  readonly pauseMs: number
}

/**
 * Applies `entries` in their order, each in a transaction of its own, and notes them in drizzle's table as drizzle's own
 * migrator does. Locks are waited for briefly and many times: a statement that waits for a long reader makes every writer
 * wait behind it.
 *
 * @throws SQLSTATE 55P03 where a lock was not to be had in any attempt; the files before are applied
 */
export async function runMigrations(
  client: postgres.Sql,
  entries: readonly MigrationEntry[],
  folder: string,
  { lockTimeoutMs, attempts, pauseMs }: MigrationLocks,
): Promise<void> {
  await client`CREATE SCHEMA IF NOT EXISTS drizzle`
  await client`
    CREATE TABLE IF NOT EXISTS drizzle.__drizzle_migrations (id serial PRIMARY KEY, hash text NOT NULL, created_at bigint)`
  for (const { tag, when } of entries) {
    const text = await readFile(join(folder, `${tag}.sql`), 'utf8')
    const hash = createHash('sha256').update(text).digest('hex')
    const statements = text.split('--> statement-breakpoint').filter((statement) => statement.trim() !== '')
    for (let attempt = 1; ; attempt += 1) {
      try {
        await client.begin(async (tx) => {
          await tx.unsafe(`SET LOCAL lock_timeout = '${lockTimeoutMs}ms'`)
          for (const statement of statements) await tx.unsafe(statement)
          await tx`INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES (${hash}, ${when})`
        })
        break
      } catch (error) {
        if (attempt >= attempts || !isLockTimeout(error)) throw error
        await delay(pauseMs)
      }
    }
  }
}

/** lock_not_available, or deadlock_detected: nothing of the file was applied. */
const isLockTimeout = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === '55P03' || error.code === '40P01')
