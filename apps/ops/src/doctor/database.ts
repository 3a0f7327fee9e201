import {
  BACKGROUND_CONNECTIONS,
  checkDatabase,
  checkDatabaseUse,
  connect,
  type Database,
  listOverriddenSettings,
  SERVER_KINDS,
  VERIFICATION_CONNECTIONS,
} from '@daytona-auth/db'
import type { Finding } from '@daytona-auth/service'
import type { Server } from '../configuration/servers.ts'
import type { Told } from './read-config.ts'

/** Beside the management pool: the other pools, one connection that listens and one that sends heartbeats. */
const BESIDE = VERIFICATION_CONNECTIONS + BACKGROUND_CONNECTIONS + 2

/** The database as the servers find it, and what it lets them do. */
export async function examineServedDatabase(
  { DATABASE_URL, DATABASE_CONNECTIONS = 10 }: Told,
  servers: readonly Server[],
): Promise<Finding[]> {
  if (DATABASE_URL === undefined) return []
  const kinds = SERVER_KINDS.filter((kind) => servers.includes(kind === 'api' ? 'api' : 'oidc'))
  const database = connect(DATABASE_URL, { max: 1, applicationName: 'daytona-auth doctor' })
  try {
    const findings = await checkDatabase(database)
    const isThere = findings.every(({ check, severity }) => check !== 'migrations' || severity !== 'error')
    if (!isThere) return findings
    return [
      ...findings,
      ...(await examineSettings(database)),
      ...(await checkDatabaseUse(database, 2 * (DATABASE_CONNECTIONS + BESIDE), kinds)),
    ]
  } finally {
    // What did not answer is not waited for.
    void database.$client.end({ timeout: 1 })
  }
}

/** What the database or the role sets, and our sessions set otherwise: nothing has to be done about it. */
async function examineSettings(database: Database): Promise<Finding[]> {
  const overridden = await listOverriddenSettings(database)
  const what =
    overridden.length > 0 ? `overridden in our sessions: ${overridden.join(', ')}` : 'no setting is overridden'
  return [{ check: 'settings', severity: 'ok', what }]
}
