import type postgres from 'postgres'
import type { Database } from '../core/client.ts'
import type { DatabaseFinding } from './database-finding.ts'
import { readIndexes } from './expected-indexes.ts'
import { FUNCTION_PRIVILEGES, SERVER_KINDS, type ServerKind, TABLE_PRIVILEGES } from './server-privileges.ts'

/** What a database allows its user, and the state of its triggers, indexes, connections and NOTIFY queue. */
export interface UseFacts {
  /** Such as `UPDATE on api_keys`. */
  readonly missingPrivileges: readonly string[]
  readonly isSuperuser: boolean
  /** Whether the user owns one of our tables or is a member of its owner: then it can disable triggers. */
  readonly isOwner: boolean
  /** Whether the user can set `session_replication_role`, which disables triggers. */
  readonly canSkipTriggers: boolean
  /** Privileges that a server does not need, such as `TRUNCATE on audit_events`. */
  readonly excessPrivileges: readonly string[]
  /** Our triggers that are disabled, such as `notify_change on api_keys`. */
  readonly disabledTriggers: readonly string[]
  /** Statements that create the indexes of our tables that are missing. */
  readonly missingIndexes: readonly string[]
  /** Indexes of our tables that exist but are not used, because their creation was interrupted. */
  readonly invalidIndexes: readonly string[]
  /** How many simultaneous connections our user may have. */
  readonly connections: number
  /** The used part of the NOTIFY queue, from 0 to 1. */
  readonly queueUsage: number
  /** Whether the disk was so full that the space reserve was released. */
  readonly isReserveReleased: boolean
}

/**
 * Checks the privileges of the user of a migrated database, its triggers, indexes, connections and NOTIFY queue. Tables of
 * other programs are ignored. For `doctor` only: startup does not wait for it. Rejects if there is no connection.
 *
 * @param connectionsNeeded the connections of one process of each server
 * @param kinds the servers that connect as this user
 */
export async function checkDatabaseUse(
  database: Database,
  connectionsNeeded: number,
  kinds: readonly ServerKind[] = SERVER_KINDS,
): Promise<DatabaseFinding[]> {
  return evaluateDatabaseUse(await readFacts(database, kinds), connectionsNeeded)
}

/** Returns one finding for each check of `facts`. */
export function evaluateDatabaseUse(facts: UseFacts, connectionsNeeded: number): DatabaseFinding[] {
  return [
    privileges(facts),
    role(facts),
    triggers(facts),
    indexes(facts),
    connections(facts, connectionsNeeded),
    notificationQueue(facts),
    diskSpace(facts),
  ]
}

function privileges({ missingPrivileges }: UseFacts): DatabaseFinding {
  const check = 'privileges'
  if (missingPrivileges.length > 0) {
    const what = `the user of DATABASE_URL lacks ${some(missingPrivileges)}`
    const remedy = 'run daytona-auth migrate with it as API_DATABASE_ROLE, PROVIDER_DATABASE_ROLE or both'
    return { check, severity: 'error', what, remedy }
  }
  return { check, severity: 'ok', what: 'the user of DATABASE_URL has the privileges that it needs' }
}

/** A single role for everything is a warning: anyone with a server's URL can then change the audit trail. */
function role({ isSuperuser, isOwner, canSkipTriggers, excessPrivileges }: UseFacts): DatabaseFinding {
  const check = 'role'
  const finding = { check, severity: 'warning' } as const
  const remedy =
    'give the servers roles of their own: API_DATABASE_ROLE and PROVIDER_DATABASE_ROLE of daytona-auth migrate'
  if (isSuperuser) {
    const what = 'the user of DATABASE_URL is a superuser, which neither triggers nor privileges restrict'
    return { ...finding, what, remedy }
  }
  if (isOwner) {
    const what = 'the user of DATABASE_URL owns tables, so it can disable triggers and change the audit trail'
    return { ...finding, what, remedy }
  }
  if (canSkipTriggers) {
    const what = 'the user of DATABASE_URL can set session_replication_role, which disables triggers'
    return { ...finding, what, remedy: 'revoke it (REVOKE SET ON PARAMETER session_replication_role FROM …)' }
  }
  if (excessPrivileges.length > 0) {
    const what = `the user of DATABASE_URL has more than a server needs: ${some(excessPrivileges)}`
    return { ...finding, what, remedy: 'run daytona-auth migrate with its role, or revoke it from PUBLIC' }
  }
  return { check, severity: 'ok', what: 'the user of DATABASE_URL owns nothing and cannot disable triggers' }
}

function triggers({ disabledTriggers }: UseFacts): DatabaseFinding {
  const check = 'triggers'
  if (disabledTriggers.length === 0) return { check, severity: 'ok', what: 'every trigger is enabled' }
  return {
    check,
    severity: 'error',
    remedy: 'enable them (ALTER TABLE … ENABLE TRIGGER …) and restart every server',
    what: `triggers that revocation and the audit trail need are disabled: ${some(disabledTriggers)}`,
  }
}

function indexes({ missingIndexes, invalidIndexes }: UseFacts): DatabaseFinding {
  const finding = { check: 'indexes', severity: 'warning' } as const
  if (missingIndexes.length > 0) {
    const names = missingIndexes.map((statement) => /INDEX CONCURRENTLY (\S+)/.exec(statement)?.[1] ?? statement)
    const what = `indexes are missing, so that look-ups read whole tables: ${some(names)}`
    return { ...finding, what, remedy: `create them: ${missingIndexes[0]}` }
  }
  if (invalidIndexes.length > 0) {
    const what = `indexes are invalid and not used: ${some(invalidIndexes)}`
    return { ...finding, what, remedy: `build them again: REINDEX INDEX CONCURRENTLY ${invalidIndexes[0]}` }
  }
  return { check: 'indexes', severity: 'ok', what: 'every index exists and is valid' }
}

function connections({ connections }: UseFacts, needed: number): DatabaseFinding {
  const check = 'connections'
  const what = `the database of DATABASE_URL allows ${connections} connections, and one process of each server uses up to ${needed}`
  if (connections >= needed) return { check, severity: 'ok', what }
  return { check, severity: 'warning', what, remedy: 'lower DATABASE_CONNECTIONS, or raise max_connections' }
}

/** Far above the use by notifications that are read without delay. */
const QUEUE_WARNING = 0.1
const QUEUE_ERROR = 0.9

function notificationQueue({ queueUsage }: UseFacts): DatabaseFinding {
  const check = 'notifications'
  const what = `the NOTIFY queue of the database of DATABASE_URL is ${Math.round(queueUsage * 100)} % full`
  if (queueUsage < QUEUE_WARNING) return { check, severity: 'ok', what }
  const remedy = 'end the session that fills it: one that listens and stays in a transaction (pg_stat_activity)'
  return { check, severity: queueUsage < QUEUE_ERROR ? 'warning' : 'error', what, remedy }
}

function diskSpace({ isReserveReleased }: UseFacts): DatabaseFinding {
  const check = 'disk'
  if (!isReserveReleased) return { check, severity: 'ok', what: 'the disk of the database has space' }
  return {
    check,
    severity: 'error',
    what: 'the disk of the database is full: nothing is created, and revocations use the released reserve',
    remedy: 'enlarge or clear the disk; a server fills the reserve again within a minute',
  }
}

const SHOWN = 5

const some = (items: readonly string[]): string =>
  items.slice(0, SHOWN).join(', ') + (items.length > SHOWN ? `, and ${items.length - SHOWN} more` : '')

async function readFacts({ $client: sql }: Database, kinds: readonly ServerKind[]): Promise<UseFacts> {
  const own = Object.keys(TABLE_PRIVILEGES).map(unqualified)
  const [privileges, functions, [rest], triggers, [limits], indexes] = await Promise.all([
    readTablePrivileges(sql),
    sql<{ name: string; has: boolean }[]>`
      SELECT nspname || '.' || proname AS name, has_function_privilege(pg_proc.oid, 'EXECUTE') AS has
      FROM pg_proc JOIN pg_namespace ON pg_namespace.oid = pronamespace WHERE nspname = 'public'`,
    sql<{ canCreate: boolean; canSkipTriggers: boolean; isOwner: boolean }[]>`
      SELECT has_schema_privilege('public', 'CREATE') AS "canCreate",
        has_parameter_privilege('session_replication_role', 'SET') AS "canSkipTriggers",
        EXISTS (SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
          AND relname IN ${sql(own)} AND pg_has_role(relowner, 'MEMBER')) AS "isOwner"`,
    sql<{ disabled: string }[]>`
      SELECT tgname || ' on ' || relname AS disabled
      FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
      WHERE relnamespace = 'public'::regnamespace AND relname IN ${sql(own)} AND NOT tgisinternal AND tgenabled IN ('D', 'R')
      ORDER BY relname, tgname`,
    sql<{ isSuperuser: boolean; connections: number; queueUsage: number; isReserveReleased: boolean }[]>`
      SELECT rolsuper AS "isSuperuser", least(
        current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
          - coalesce(current_setting('reserved_connections', true)::int, 0),
        nullif(rolconnlimit, -1), nullif(datconnlimit, -1)
      ) AS connections, pg_notification_queue_usage() AS "queueUsage",
        to_regclass('public.space_reserve') IS NULL AS "isReserveReleased"
      FROM pg_roles, pg_database WHERE rolname = current_user AND datname = current_database()`,
    readIndexes(sql),
  ])
  if (!limits || !rest) throw new Error('the database returned no row')
  const missingFunctions = functions
    .filter(({ name, has }) => !has && kinds.some((kind) => FUNCTION_PRIVILEGES[name]?.includes(kind)))
    .map(({ name }) => `EXECUTE on ${unqualified(name)}`)
  const isNeeded = ({ name, columns, privilege }: TablePrivilege, by: readonly ServerKind[]) =>
    by.some((kind) => {
      const declared = TABLE_PRIVILEGES[name]?.[kind] ?? ''
      return declared.includes('(') ? privilege === 'SELECT' && columns : declared.split(', ').includes(privilege)
    })
  // Where SELECT is declared for some columns, the privilege on any column counts.
  const isPartial = ({ name }: TablePrivilege) =>
    kinds.every((kind) => !(TABLE_PRIVILEGES[name]?.[kind] ?? '').split(', ').includes('SELECT'))
  const isOwn = ({ name, parent }: TablePrivilege) => (parent ?? name) in TABLE_PRIVILEGES
  const has = (each: TablePrivilege) => each.has || (each.columns && isPartial(each))
  return {
    ...limits,
    ...indexes,
    isOwner: rest.isOwner,
    canSkipTriggers: rest.canSkipTriggers,
    missingPrivileges: [
      ...privileges.filter((each) => isNeeded(each, kinds) && !has(each)).map(textOf),
      ...missingFunctions.toSorted(),
    ],
    // Both servers may share one role, whichever of them is checked.
    excessPrivileges: [
      ...privileges.filter((each) => isOwn(each) && each.has && !isNeeded(each, SERVER_KINDS)).map(textOf),
      ...(rest.canCreate ? ['CREATE on the schema public'] : []),
    ],
    disabledTriggers: triggers.map(({ disabled }) => disabled),
  }
}

interface TablePrivilege {
  readonly name: string
  /** The partitioned table that it is a partition of. */
  readonly parent: string | null
  readonly privilege: string
  readonly has: boolean
  /** Whether some columns can be read. */
  readonly columns: boolean
}

const readTablePrivileges = (sql: postgres.Sql) => sql<TablePrivilege[]>`
  SELECT nspname || '.' || relname AS name, privilege,
    (SELECT 'public.' || parent.relname FROM pg_inherits JOIN pg_class parent ON parent.oid = inhparent
      WHERE inhrelid = pg_class.oid) AS parent,
    has_table_privilege(pg_class.oid, privilege) AS has,
    privilege = 'SELECT' AND has_any_column_privilege(pg_class.oid, 'SELECT') AS columns
  FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace,
    unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) WITH ORDINALITY AS each (privilege, place)
  WHERE nspname IN ('public', 'drizzle') AND relkind IN ('r', 'p')
  ORDER BY relname, place`

const textOf = ({ name, privilege }: TablePrivilege): string => `${privilege} on ${unqualified(name)}`

const unqualified = (name: string): string => name.slice(name.indexOf('.') + 1)
