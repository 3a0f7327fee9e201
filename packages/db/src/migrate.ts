import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import postgres from 'postgres'
import journal from '../migrations/meta/_journal.json' with { type: 'json' }
import type { Database } from './client.ts'
import { connectionOptions } from './connection.ts'
import { type MigrationEntry, type MigrationLocks, runMigrations } from './run-migrations.ts'

const LOCK = 'daytona_auth migrations'
/** Writers wait for two seconds at most at a time, and a reader of ten minutes is waited for. */
const LOCKS: MigrationLocks = { lockTimeoutMs: 2000, attempts: 120, pauseMs: 3000 }

/** The newest migration that this build knows of, by the instant that drizzle-kit gave it. */
export const NEWEST_MIGRATION = Math.max(...journal.entries.map((entry) => entry.when))

/**
 * Brings the database at `url` to the newest schema and returns the names of what it applied. Twice is a no-op; a second
 * process that migrates meanwhile waits for the first. `folder` says where the SQL files are, if neither in this package
 * nor beside the bundle that this is in.
 */
export async function migrate(url: string, folder = carriedMigrations(), locks = LOCKS): Promise<string[]> {
  const client = postgres({ ...connectionOptions(url, { applicationName: 'daytona-auth migration' }), max: 1 })
  try {
    await client`SELECT pg_advisory_lock(hashtext(${LOCK}))`
    const missing = await missingMigrations(client)
    await runMigrations(client, missing, folder, locks)
    await client`SELECT pg_advisory_unlock(hashtext(${LOCK}))`
    return missing.map(({ tag }) => tag)
  } finally {
    await client.end({ timeout: 5 })
  }
}

function carriedMigrations(): string {
  const beside = fileURLToPath(new URL('./migrations', import.meta.url))
  return existsSync(beside) ? beside : fileURLToPath(new URL('../migrations', import.meta.url))
}

/** True when the database has every migration that this build knows of. A newer database passes: expand, then contract. */
export async function isMigrated({ $client }: Database): Promise<boolean> {
  return (await missingMigrations($client)).length === 0
}

/** Those that this build knows of and the database does not have, in their order. */
async function missingMigrations(client: postgres.Sql): Promise<MigrationEntry[]> {
  const [table] = await client`SELECT to_regclass('drizzle.__drizzle_migrations') IS NOT NULL AS exists`
  const [last] = table?.['exists']
    ? await client`SELECT max(created_at)::float8 AS at FROM drizzle.__drizzle_migrations`
    : []
  return journal.entries.filter((entry) => entry.when > (last?.['at'] ?? 0))
}
