import { existsSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import postgres from 'postgres'
import journal from '../../migrations/meta/_journal.json' with { type: 'json' }
import type { Database } from '../core/client.ts'
import { connectionOptions } from '../core/connection.ts'
import { MigrationError } from './migration-error.ts'
import { type MigrationEntry, type MigrationLocks, runMigrations } from './run-migrations.ts'
import { checkServerRoles, grantServerPrivileges, type ServerRoles, TABLE_PRIVILEGES } from './server-privileges.ts'

const LOCK = 'daytona_auth migrations'
const LOCK_POLL_MS = 200
/** The names of our tables without the schema, separated by commas. */
const OUR_TABLES = Object.keys(TABLE_PRIVILEGES)
  .map((path) => path.slice(path.indexOf('.') + 1))
  .join()
/** Writers wait for at most 2 s at a time. The attempts last long enough for a reader of ten minutes. */
const LOCKS: MigrationLocks = { lockTimeoutMs: 2000, attempts: 120, pauseMs: 3000 }

/** The newest migration of this build, by the timestamp that drizzle-kit assigned. */
export const NEWEST_MIGRATION = Math.max(...journal.entries.map((entry) => entry.when))

export interface MigrateOptions {
  /** The folder of the SQL files, unless it is in this package or beside the bundle. */
  readonly folder?: string
  readonly locks?: MigrationLocks
  /** The roles that the servers connect as. Each is granted the privileges that its server needs, and no others. */
  readonly roles?: ServerRoles
}

/**
 * Migrates the database at `url` to the newest schema and returns the names of the applied migrations. A second run is a
 * no-op; a concurrent process waits for the first. If no migration is missing, the user of `url` need not own anything.
 * Grants are part of each migration's transaction, so that servers can use a new table as soon as it exists.
 *
 * @throws MigrationError before any change, if the user may not migrate or a role cannot be a server's
 */
export async function migrate(
  url: string,
  { folder = carriedMigrations(), locks = LOCKS, roles = {} }: MigrateOptions = {},
): Promise<string[]> {
  const client = postgres({ ...connectionOptions(url, { applicationName: 'daytona-auth migration' }), max: 1 })
  try {
    await checkServerRoles(client, roles)
    return await withMigrationLock(client, async () => {
      const missing = await missingMigrations(client)
      if (missing.length > 0) await requireOwner(client)
      const grant = (tx: postgres.TransactionSql) => grantServerPrivileges(tx, roles)
      await runMigrations(client, missing, { folder, locks, beforeCommit: grant })
      if (missing.length === 0) await client.begin(grant)
      return missing.map(({ tag }) => tag)
    })
  } finally {
    await client.end({ timeout: 5 })
  }
}

/**
 * Runs `work` under the lock of migrations. The lock is polled: a waiting statement would hold a snapshot, for which CREATE
 * INDEX CONCURRENTLY of the process with the lock would wait.
 */
export async function withMigrationLock<T>(client: postgres.Sql, work: () => Promise<T>): Promise<T> {
  for (;;) {
    const [row] = await client`SELECT pg_try_advisory_lock(hashtext(${LOCK})) AS locked`
    if (row?.['locked']) break
    await delay(LOCK_POLL_MS)
  }
  // After a failure the connection is closed, which releases the lock.
  const result = await work()
  await client`SELECT pg_advisory_unlock(hashtext(${LOCK}))`
  return result
}

/** @throws MigrationError if this user cannot create or change our objects */
async function requireOwner(client: postgres.Sql): Promise<void> {
  const [row] = await client<{ name: string; mayCreate: boolean; mayCreateSchema: boolean; foreign: string | null }[]>`
    SELECT current_user AS name, has_schema_privilege('public', 'CREATE') AS "mayCreate",
      to_regnamespace('drizzle') IS NOT NULL OR has_database_privilege(current_database(), 'CREATE') AS "mayCreateSchema",
      (SELECT min(relname) FROM pg_class WHERE relnamespace = 'public'::regnamespace
        AND relname = ANY (string_to_array(${OUR_TABLES}, ',')) AND NOT pg_has_role(relowner, 'USAGE')) AS foreign`
  if (!row) throw new Error('the database returned no row')
  const { name, mayCreate, mayCreateSchema, foreign } = row
  const remedy = 'migrate as the owner of the database'
  if (foreign !== null) {
    throw new MigrationError(`the user ${name} of DATABASE_URL does not own the table ${foreign}: ${remedy}`)
  }
  if (!mayCreate) {
    throw new MigrationError(`the user ${name} of DATABASE_URL may not create tables in the schema public: ${remedy}`)
  }
  if (!mayCreateSchema) {
    throw new MigrationError(`the user ${name} of DATABASE_URL may not create the schema drizzle: ${remedy}`)
  }
}

function carriedMigrations(): string {
  const beside = fileURLToPath(new URL('./migrations', import.meta.url))
  return existsSync(beside) ? beside : fileURLToPath(new URL('../../migrations', import.meta.url))
}

/** Whether the database has every migration of this build. A newer database has them too: expand, then contract. */
export async function isMigrated({ $client }: Database): Promise<boolean> {
  return (await missingMigrations($client)).length === 0
}

/** Returns the migrations of this build that the database lacks, in their order. */
async function missingMigrations(client: postgres.Sql): Promise<MigrationEntry[]> {
  const [table] = await client`SELECT to_regclass('drizzle.__drizzle_migrations') IS NOT NULL AS exists`
  const [last] = table?.['exists']
    ? await client`SELECT max(created_at)::float8 AS at FROM drizzle.__drizzle_migrations`
    : []
  return journal.entries.filter((entry) => entry.when > (last?.['at'] ?? 0))
}
