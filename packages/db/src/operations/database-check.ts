import { hasSqlState } from '@daytona-auth/service/sql-state'
import { connect, type Database } from '../core/client.ts'
import { CLOCK_ERROR_MS } from '../core/server-state.ts'
import type { DatabaseFinding } from './database-finding.ts'
import { NEWEST_MIGRATION } from './migrate.ts'
import { evaluateSession, readSessionFacts } from './session-check.ts'

/** The properties of a database that the checks evaluate. */
export interface DatabaseFacts {
  /** The value of `server_version_num`: 150004. */
  readonly version: number
  readonly versionName: string
  readonly encoding: string
  readonly isStandby: boolean
  readonly isReadOnly: boolean
  /** The newest applied migration; null before the first. */
  readonly migratedTo: number | null
  /** How far this machine's clock is ahead of the database's, and the error of that measurement, in milliseconds. */
  readonly skewMs: number
  readonly skewErrorMs: number
}

const OLDEST_VERSION = 150_000

const CLOCK_WARNING_MS = 2_000

const DATABASE = 'the database of DATABASE_URL'

/**
 * Checks whether a server can use this database, including both clocks. Fast enough for every startup. Rejects if there is
 * no connection.
 */
export async function checkDatabase(database: Database, now: () => number = Date.now): Promise<DatabaseFinding[]> {
  const facts = await readFacts(database, now)
  return [...evaluateDatabase(facts), evaluateSession(await readSessionFacts(database))]
}

/** As `checkDatabase`, on a new connection: a pool that has failed would wait longer before each further attempt. */
export async function checkDatabaseAt(url: string, now?: () => number): Promise<DatabaseFinding[]> {
  const database = connect(url, { max: 1, applicationName: 'daytona-auth check' })
  try {
    return await checkDatabase(database, now)
  } finally {
    await database.$client.end({ timeout: 1 })
  }
}

/** Returns one finding for each check of `facts`. */
export function evaluateDatabase(facts: DatabaseFacts): DatabaseFinding[] {
  return [version(facts), encoding(facts), writable(facts), migrations(facts), clock(facts)]
}

function version({ version, versionName }: DatabaseFacts): DatabaseFinding {
  const what = `${DATABASE} is PostgreSQL ${versionName}`
  if (version >= OLDEST_VERSION) return { check: 'version', severity: 'ok', what }
  return { check: 'version', severity: 'error', what, remedy: 'upgrade it to 15 or later' }
}

function encoding({ encoding }: DatabaseFacts): DatabaseFinding {
  const what = `${DATABASE} is encoded as ${encoding}`
  if (encoding === 'UTF8') return { check: 'encoding', severity: 'ok', what }
  return { check: 'encoding', severity: 'error', what, remedy: "create it again with ENCODING 'UTF8'" }
}

function writable({ isStandby, isReadOnly }: DatabaseFacts): DatabaseFinding {
  const check = 'writable'
  if (isStandby) {
    // A failover may promote it.
    const finding = { check, severity: 'error', mayPass: true } as const
    return { ...finding, what: `${DATABASE} is a standby, which cannot be written`, remedy: 'name the primary in it' }
  }
  if (!isReadOnly) return { check, severity: 'ok', what: `${DATABASE} is a primary and can be written` }
  return {
    check,
    severity: 'error',
    what: `${DATABASE} is read-only`,
    remedy: 'switch default_transaction_read_only off for its server, database and user',
  }
}

/**
 * A newer database is a warning only, because the previous release continues to run during a roll-out. A release removes
 * only what the previous one did not use (expand, then contract).
 */
function migrations({ migratedTo }: DatabaseFacts): DatabaseFinding {
  const check = 'migrations'
  if (migratedTo === NEWEST_MIGRATION) return { check, severity: 'ok', what: `${DATABASE} has every migration` }
  if (migratedTo !== null && migratedTo > NEWEST_MIGRATION) {
    return {
      check,
      severity: 'warning',
      what: `${DATABASE} was migrated by a newer release than this one`,
      remedy: 'end the roll-out: a database serves the newest release and the one before',
    }
  }
  return {
    check,
    severity: 'error',
    mayPass: true,
    remedy: 'run the migration job, daytona-auth migrate',
    what: migratedTo === null ? `${DATABASE} is not migrated` : `${DATABASE} lacks migrations of this release`,
  }
}

function clock({ skewMs, skewErrorMs }: DatabaseFacts): DatabaseFinding {
  const check = 'clock'
  const offMs = Math.max(0, Math.abs(skewMs) - skewErrorMs)
  const direction = skewMs > 0 ? 'ahead of' : 'behind'
  const what = `this machine's clock is ${seconds(offMs)} s ${direction} that of ${DATABASE}`
  const remedy = 'set the clocks of both machines by NTP'
  if (offMs > CLOCK_ERROR_MS) return { check, severity: 'error', what, remedy }
  if (offMs > CLOCK_WARNING_MS) return { check, severity: 'warning', what, remedy }
  return { check, severity: 'ok', what: `this machine's clock agrees with that of ${DATABASE}` }
}

const seconds = (ms: number): string => (ms / 1000).toFixed(ms < 10_000 ? 1 : 0)

type Answer = Omit<DatabaseFacts, 'skewMs' | 'skewErrorMs'> & { readonly clockMs: number }

async function readFacts({ $client }: Database, now: () => number): Promise<DatabaseFacts> {
  const read = async (migratedTo: string) => {
    const sentAt = now()
    const [row] = await $client.unsafe<Answer[]>(
      `SELECT current_setting('server_version_num')::int AS version, current_setting('server_version') AS "versionName",
        current_setting('server_encoding') AS encoding, pg_is_in_recovery() AS "isStandby",
        current_setting('transaction_read_only') = 'on' AS "isReadOnly", ${migratedTo} AS "migratedTo",
        extract(epoch FROM clock_timestamp())::float8 * 1000 AS "clockMs"`,
    )
    const receivedAt = now()
    if (!row) throw new Error('the database returned no row')
    const { clockMs, ...facts } = row
    // This time may include opening the connection. The row was computed at an unknown instant within it.
    return { ...facts, skewMs: (sentAt + receivedAt) / 2 - clockMs, skewErrorMs: (receivedAt - sentAt) / 2 }
  }
  try {
    return await read('(SELECT max(created_at)::float8 FROM drizzle.__drizzle_migrations)')
  } catch (error) {
    // Also if its schema is missing.
    if (!hasSqlState(error, 'undefined_table')) throw error
    return read('NULL::float8')
  }
}
