import { type Fault, isUnavailable, rootOf } from './faults.ts'
import type { Finding } from './finding.ts'

/** Why the database could not be asked, as far as `error` tells: undefined where it tells of something else. */
export function databaseFault(error: unknown): Finding | undefined {
  const finding = { check: 'database', severity: 'error' } as const
  const { code, message = '', reason } = faultOf(error)
  if (code === 'CONNECTION_STRING') return { ...finding, what: message }
  if (code === 'DATABASE_TLS') {
    const what = `TLS with the database of DATABASE_URL failed: ${reason}`
    return { ...finding, what, remedy: 'correct sslmode, sslrootcert or the server' }
  }
  // PgBouncer's words; PostgreSQL itself says 42704 of a setting that it does not have.
  if (code === '08P01' && message.includes('startup parameter')) {
    const what =
      'a connection pooler stands before the database of DATABASE_URL and refuses the settings of our sessions'
    return { ...finding, what, remedy: 'name the database itself in DATABASE_URL' }
  }
  if (code === '3D000') {
    const what = 'the database of DATABASE_URL does not exist'
    return { ...finding, what, remedy: 'create it, or correct the name' }
  }
  if (code?.startsWith('28')) {
    const what = 'the database refused the user or password of DATABASE_URL'
    return { ...finding, what, remedy: 'correct them, or let the user in (pg_hba.conf)' }
  }
  if (code === '42501') {
    const what = 'the user of DATABASE_URL may not read what it must'
    return { ...finding, what, remedy: 'migrate as the same user, or grant it the schemas public and drizzle' }
  }
  if (!isUnavailable(error)) return undefined
  const what = `the database cannot be reached (${code ?? 'no answer'})`
  return { ...finding, what, remedy: 'check that it runs and that DATABASE_URL is right', mayPass: true }
}

/** The error of packages/db that wraps one of the system's, or else the innermost that has a code. */
function faultOf(error: unknown): Fault {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if ('code' in at && (at.code === 'CONNECTION_STRING' || at.code === 'DATABASE_TLS')) return at as Fault
  }
  return rootOf(error)
}
