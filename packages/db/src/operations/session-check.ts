import type postgres from 'postgres'
import type { Database } from '../core/client.ts'
import { SESSION_SETTINGS } from '../core/session-settings.ts'
import { openSparePool } from '../core/spare-pool.ts'
import type { DatabaseFinding } from './database-finding.ts'

/** The properties of a session that statements depend on. */
export interface SessionFacts {
  /** Settings that differ from the ones sent: a pooler in between dropped them. */
  readonly changedSettings: readonly string[]
  /** The value of `session_replication_role`: our triggers run with `origin` only. */
  readonly replicationRole: string
  /** The value of `transaction_timeout` in milliseconds; 0 for none, or before PostgreSQL 17. */
  readonly transactionTimeoutMs: number
  /** Whether several of our connections share one session of the database. */
  readonly isShared: boolean
}

/** Timeouts differ between pools and are read back in other units. */
const CHOSEN = /_(?:timeout|interval)$/
/** Statements that would run longer are split into batches. A shorter limit would end a migration half-way. */
const TRANSACTION_TIMEOUT_MS = 60_000

/** Reads the settings of the session and checks whether it is shared. */
export async function readSessionFacts(database: Database): Promise<SessionFacts> {
  const names = Object.keys(SESSION_SETTINGS).filter((name) => !CHOSEN.test(name))
  const rows = await database.$client.unsafe<
    { name: string; setting: string; replicationRole: string; transactionTimeoutMs: number; pid: number }[]
  >(
    `SELECT name, current_setting(name) AS setting, current_setting('session_replication_role') AS "replicationRole",
      coalesce((SELECT setting::int FROM pg_settings WHERE name = 'transaction_timeout'), 0) AS "transactionTimeoutMs",
      pg_backend_pid() AS pid
    FROM unnest(string_to_array('${names.join(',')}', ',')) AS name`, // a simple query: poolers lose prepared statements
  )
  const [first] = rows
  if (!first) throw new Error('the database returned no row')
  const expected: Readonly<Record<string, string>> = SESSION_SETTINGS
  return {
    changedSettings: rows.filter(({ name, setting }) => expected[name] !== setting).map(({ name }) => name),
    replicationRole: first.replicationRole,
    transactionTimeoutMs: first.transactionTimeoutMs,
    // Without a pooler, the backend that answers is the one that the connection was opened to.
    isShared: rows.state.pid !== first.pid && (await sharesSessions(database)),
  }
}

/** Returns the finding for `facts`. */
export function evaluateSession(facts: SessionFacts): DatabaseFinding {
  const check = 'session'
  if (facts.isShared) {
    return {
      check,
      severity: 'error',
      what: 'a pooler in transaction mode is in front of the database of DATABASE_URL: it loses settings, prepared statements and LISTEN',
      remedy: 'name the database itself in DATABASE_URL, or a pooler in session mode',
    }
  }
  if (facts.changedSettings.length > 0) {
    return {
      check,
      severity: 'error',
      what: `a pooler in front of the database of DATABASE_URL drops session settings, and these differ: ${facts.changedSettings.join(', ')}`,
      remedy: 'name the database itself in DATABASE_URL',
    }
  }
  if (facts.replicationRole !== 'origin') {
    return {
      check,
      severity: 'error',
      what: `session_replication_role of the user or database of DATABASE_URL is ${facts.replicationRole}: our triggers do not run`,
      remedy: 'reset it (ALTER ROLE … RESET session_replication_role, or ALTER DATABASE)',
    }
  }
  if (facts.transactionTimeoutMs > 0 && facts.transactionTimeoutMs < TRANSACTION_TIMEOUT_MS) {
    return {
      check,
      severity: 'error',
      what: `transaction_timeout of the user or database of DATABASE_URL is ${facts.transactionTimeoutMs} ms`,
      remedy: 'reset it, or set it to a minute or more',
    }
  }
  return { check, severity: 'ok', what: 'sessions of the database of DATABASE_URL have the required settings' }
}

const TRIES = 3

/**
 * Whether two open connections are served by one session: a pooler in transaction mode assigns the session that was used
 * last to the next statement.
 */
async function sharesSessions(database: Database): Promise<boolean> {
  // Not `reserve`: without `fetch_types`, that of postgres.js 3.4.9 never resolves for a new connection.
  const [one, other] = [openSparePool(database, 1), openSparePool(database, 1)]
  const processOf = async (sql: postgres.Sql): Promise<number | undefined> => {
    const [row] = await sql.unsafe<{ pid: number }[]>('SELECT pg_backend_pid() AS pid')
    return row?.pid
  }
  try {
    for (let tried = 0; tried < TRIES; tried += 1) {
      if ((await processOf(one)) === (await processOf(other))) return true
    }
    return false
  } finally {
    for (const sql of [one, other]) void sql.end({ timeout: 1 })
  }
}

/**
 * Lists our settings for which `ALTER DATABASE` or `ALTER ROLE` has another value, as `name (of the role)`. Those values
 * have no effect on our sessions.
 */
export async function listOverriddenSettings({ $client: sql }: Database): Promise<string[]> {
  const rows = await sql<{ name: string; value: string; place: string }[]>`
    SELECT split_part(entry, '=', 1) AS name, substring(entry FROM position('=' IN entry) + 1) AS value,
      CASE WHEN setrole = 0 THEN 'the database' ELSE 'the role' END AS place
    FROM pg_db_role_setting, unnest(setconfig) AS entry
    WHERE setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
      AND setrole IN (0, (SELECT oid FROM pg_roles WHERE rolname = session_user))
    ORDER BY 1, 3`
  const ours = new Map(Object.entries(SESSION_SETTINGS).map(([name, value]) => [name.toLowerCase(), value as string]))
  return rows
    .filter(({ name, value }) => ours.has(name.toLowerCase()) && ours.get(name.toLowerCase()) !== value)
    .map(({ name, place }) => `${name} (of ${place})`)
}
