import type { Database } from './client.ts'
import type { DatabaseFinding } from './examination.ts'

/** What a database lets us do, beside being one to work on. */
export interface UseFacts {
  /** Such as `UPDATE on api_keys`. */
  readonly missingPrivileges: readonly string[]
  readonly isSuperuser: boolean
  /** Our triggers that somebody has switched off, such as `notify_change on api_keys`. */
  readonly disabledTriggers: readonly string[]
  /** How many connections our user may have at once. */
  readonly connections: number
  /** How much of the queue of notifications is taken, from 0 to 1. */
  readonly queueUsage: number
}

/**
 * Whether a migrated database lets its user do what the servers do, and whether it does its own part. `connectionsNeeded`:
 * by one process of each server. For `doctor`: a start does not wait for it. Rejects where there is no database to ask.
 */
export async function examineUse(database: Database, connectionsNeeded: number): Promise<DatabaseFinding[]> {
  return judgeUse(await readFacts(database), connectionsNeeded)
}

/** What is to be thought of `facts`: one finding for each check. */
export function judgeUse(facts: UseFacts, connectionsNeeded: number): DatabaseFinding[] {
  return [privileges(facts), triggers(facts), connections(facts, connectionsNeeded), notificationQueue(facts)]
}

function privileges({ missingPrivileges, isSuperuser }: UseFacts): DatabaseFinding {
  const check = 'privileges'
  if (missingPrivileges.length > 0) {
    const what = `the user of DATABASE_URL lacks ${some(missingPrivileges)}`
    return { check, severity: 'error', what, remedy: 'grant it these, or migrate as the same user' }
  }
  if (isSuperuser) {
    const what = 'the user of DATABASE_URL is a superuser, whom no trigger and no privilege holds'
    return { check, severity: 'warning', what, remedy: 'give the servers a user of their own' }
  }
  return { check, severity: 'ok', what: 'the user of DATABASE_URL may do what it must' }
}

function triggers({ disabledTriggers }: UseFacts): DatabaseFinding {
  const check = 'triggers'
  if (disabledTriggers.length === 0) return { check, severity: 'ok', what: 'every trigger of ours is on' }
  return {
    ...{ check, severity: 'error', remedy: 'switch them on (ALTER TABLE … ENABLE TRIGGER …) and restart every server' },
    what: `triggers are off, on which revocation and the audit trail depend: ${some(disabledTriggers)}`,
  }
}

function connections({ connections }: UseFacts, needed: number): DatabaseFinding {
  const check = 'connections'
  const what = `the database of DATABASE_URL lets in ${connections} connections, and one process of each server takes up to ${needed}`
  if (connections >= needed) return { check, severity: 'ok', what }
  return { check, severity: 'warning', what, remedy: 'lower DATABASE_CONNECTIONS, or raise max_connections' }
}

/** Far more than notifications that are read at once ever take. */
const QUEUE_WARNING = 0.1
const QUEUE_ERROR = 0.9

function notificationQueue({ queueUsage }: UseFacts): DatabaseFinding {
  const check = 'notifications'
  const what = `the NOTIFY queue of the database of DATABASE_URL is ${Math.round(queueUsage * 100)} % full`
  if (queueUsage < QUEUE_WARNING) return { check, severity: 'ok', what }
  const remedy = 'end the session that holds it: one that listens and stays in a transaction (pg_stat_activity)'
  return { check, severity: queueUsage < QUEUE_ERROR ? 'warning' : 'error', what, remedy }
}

const SHOWN = 5

const some = (items: readonly string[]): string =>
  items.slice(0, SHOWN).join(', ') + (items.length > SHOWN ? `, and ${items.length - SHOWN} more` : '')

/** The trail is only ever added to; its months are dropped by a function of its owner's. */
async function readFacts({ $client: sql }: Database): Promise<UseFacts> {
  const [privileges, triggers, [limits]] = await Promise.all([
    sql<{ missing: string }[]>`
      SELECT privilege || ' on ' || relname AS missing
      FROM pg_class, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) WITH ORDINALITY AS of_table (privilege, place)
      WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
        AND NOT (relname IN ('audit_events', 'audit_anchors') AND privilege IN ('UPDATE', 'DELETE'))
        AND NOT (relname = 'audit_chain_heads' AND privilege <> 'SELECT')
        AND NOT has_table_privilege(pg_class.oid, privilege)
      ORDER BY relname, place`,
    sql<{ disabled: string }[]>`
      SELECT tgname || ' on ' || relname AS disabled
      FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
      WHERE relnamespace = 'public'::regnamespace AND NOT tgisinternal AND tgenabled IN ('D', 'R')
      ORDER BY relname, tgname`,
    sql<{ isSuperuser: boolean; connections: number; queueUsage: number }[]>`
      SELECT rolsuper AS "isSuperuser", least(
        current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
          - coalesce(current_setting('reserved_connections', true)::int, 0),
        nullif(rolconnlimit, -1), nullif(datconnlimit, -1)
      ) AS connections, pg_notification_queue_usage() AS "queueUsage"
      FROM pg_roles, pg_database WHERE rolname = current_user AND datname = current_database()`,
  ])
  if (!limits) throw new Error('the database answered nothing')
  return {
    ...limits,
    missingPrivileges: privileges.map(({ missing }) => missing),
    disabledTriggers: triggers.map(({ disabled }) => disabled),
  }
}
