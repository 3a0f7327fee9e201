import { BACKGROUND_CONNECTIONS, connect, type Database, VERIFICATION_CONNECTIONS } from '@daytona-auth/db/core'
import { checkDatabase, checkDatabaseUse, listOverriddenSettings, SERVER_KINDS } from '@daytona-auth/db/operations'
import type { Finding } from '@daytona-auth/service'
import type { Server } from '../configuration/servers.ts'
import type { ReadConfig } from './read-config.ts'

/** Connections besides the management pool: the other pools, one that listens and one that sends heartbeats. */
const OTHER_CONNECTIONS = VERIFICATION_CONNECTIONS + BACKGROUND_CONNECTIONS + 2

/** Checks the database as the servers use it, with their privileges. */
export async function examineServedDatabase(
  { DATABASE_URL, DATABASE_CONNECTIONS = 10 }: ReadConfig,
  servers: readonly Server[],
): Promise<Finding[]> {
  if (DATABASE_URL === undefined) return []
  const kinds = SERVER_KINDS.filter((kind) => servers.includes(kind === 'api' ? 'api' : 'oidc'))
  const database = connect(DATABASE_URL, { max: 1, applicationName: 'daytona-auth doctor' })
  try {
    const findings = await checkDatabase(database)
    const isMigrated = findings.every(({ check, severity }) => check !== 'migrations' || severity !== 'error')
    if (!isMigrated) return findings
    return [
      ...findings,
      ...(await examineSettings(database)),
      ...(await checkDatabaseUse(database, 2 * (DATABASE_CONNECTIONS + OTHER_CONNECTIONS), kinds)),
    ]
  } finally {
    // Does not wait for statements without an answer.
    void database.$client.end({ timeout: 1 })
  }
}

/** Lists settings of the database or the role that our sessions override. They need no action. */
async function examineSettings(database: Database): Promise<Finding[]> {
  const overridden = await listOverriddenSettings(database)
  const what =
    overridden.length > 0 ? `overridden in our sessions: ${overridden.join(', ')}` : 'no setting is overridden'
  return [{ check: 'settings', severity: 'ok', what }]
}
