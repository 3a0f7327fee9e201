import { type Fault, isUnavailable, rootOf } from '../http/faults.ts'
import { SQL_STATE } from '../http/sql-state.ts'
import type { Finding } from './finding.ts'

/** Returns the finding for a database error; undefined if `error` has another cause. */
export function databaseFault(error: unknown): Finding | undefined {
  const finding = { check: 'database', severity: 'error' } as const
  const { code, message = '', reason } = faultOf(error)
  if (code === 'CONNECTION_STRING' || code === 'MIGRATION') return { ...finding, what: message }
  if (code === 'DATABASE_TLS') {
    const what = `TLS with the database of DATABASE_URL failed: ${reason}`
    return { ...finding, what, remedy: 'correct sslmode, sslrootcert or the server' }
  }
  if (code === 'UNSUITABLE_HOST') {
    const what = `the hosts of DATABASE_URL answer, and ${reason}`
    return { ...finding, what, remedy: 'correct target_session_attrs or the hosts', mayPass: true }
  }
  // PgBouncer's message; PostgreSQL itself reports an unknown setting as 42704.
  if (code === SQL_STATE.protocol_violation && message.includes('startup parameter')) {
    const what =
      'a connection pooler is in front of the database of DATABASE_URL and refuses the settings of our sessions'
    return { ...finding, what, remedy: 'name the database itself in DATABASE_URL' }
  }
  if (code === SQL_STATE.invalid_catalog_name) {
    const what = 'the database of DATABASE_URL does not exist'
    return { ...finding, what, remedy: 'create it, or correct the name' }
  }
  if (code === SQL_STATE.invalid_authorization_specification && message.includes('client certificate')) {
    const what = 'the database requires a valid client certificate for the user of DATABASE_URL'
    return { ...finding, what, remedy: 'add sslcert and sslkey to DATABASE_URL, or correct them' }
  }
  if (code === SQL_STATE.invalid_authorization_specification && message.includes('pg_hba.conf')) {
    const encryption = message.includes('SSL encryption') ? 'with TLS' : 'without TLS'
    const what = `pg_hba.conf of the server refuses the user, host and database of DATABASE_URL ${encryption}`
    return { ...finding, what, remedy: 'correct pg_hba.conf, or sslmode' }
  }
  if (code?.startsWith('28')) {
    const what = 'the database refused the user or password of DATABASE_URL'
    return { ...finding, what, remedy: 'correct them, or let the user in (pg_hba.conf)' }
  }
  // A running migration grants privileges last.
  if (code === SQL_STATE.insufficient_privilege) {
    const what = 'the user of DATABASE_URL may not read what it must'
    return {
      ...finding,
      what,
      remedy: 'name it in API_DATABASE_ROLE or PROVIDER_DATABASE_ROLE and run daytona-auth migrate',
      mayPass: true,
    }
  }
  if (!isUnavailable(error)) return undefined
  if (code === 'ENOTFOUND') {
    const what = 'the host of DATABASE_URL cannot be resolved (ENOTFOUND)'
    return { ...finding, what, remedy: 'correct its name, or the name service', mayPass: true }
  }
  const what = `the database cannot be reached (${code ?? 'no answer'})`
  return { ...finding, what, remedy: 'check that it runs and that DATABASE_URL is right', mayPass: true }
}

/** Codes of the errors of packages/db, whose message or reason is written for the operator. */
const OURS = new Set(['CONNECTION_STRING', 'DATABASE_TLS', 'MIGRATION', 'UNSUITABLE_HOST'])

/** Returns the error of packages/db that wraps a system error, or else the innermost error with a code. */
function faultOf(error: unknown): Fault {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if ('code' in at && OURS.has(String(at.code))) return at as Fault
  }
  return rootOf(error)
}
