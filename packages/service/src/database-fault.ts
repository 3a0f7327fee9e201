import { isUnavailable, rootOf } from './faults.ts'
import type { Finding } from './finding.ts'

/** Why the database could not be asked, as far as `error` tells: undefined where it tells of something else. */
export function databaseFault(error: unknown): Finding | undefined {
  const finding = { check: 'database', severity: 'error' } as const
  const { code } = rootOf(error)
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
