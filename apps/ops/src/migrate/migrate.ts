import { migrationShape } from '@daytona-auth/configuration/migration'
import { checkDatabaseAt, migrate } from '@daytona-auth/db/operations'
import { type Environment, loadConfig, waitForDatabase } from '@daytona-auth/service'
import { databaseShape } from '../config.ts'
import type { Output } from '../output.ts'

/**
 * Applies the missing migrations to the database of `DATABASE_URL` and prints them. Waits for a database that does not answer
 * yet. Reports faults that no migration repairs before anything is changed. Grants the servers' roles their privileges,
 * even if nothing is applied.
 */
export async function migrateDatabase(env: Environment, output: Output): Promise<void> {
  const { DATABASE_URL, DATABASE_WAIT, API_DATABASE_ROLE, PROVIDER_DATABASE_ROLE } = loadConfig(
    { ...databaseShape, ...migrationShape },
    env,
  )
  const examine = async () => (await checkDatabaseAt(DATABASE_URL)).filter(({ check }) => check !== 'migrations')
  await waitForDatabase(examine, { waitMs: DATABASE_WAIT, warn: output.note })
  const roles = {
    ...(API_DATABASE_ROLE !== undefined && { api: API_DATABASE_ROLE }),
    ...(PROVIDER_DATABASE_ROLE !== undefined && { provider: PROVIDER_DATABASE_ROLE }),
  }
  const applied = await migrate(DATABASE_URL, { roles })
  const lines = applied.map((name) => `applied ${name}`)
  await output.answer({ applied }, lines.length > 0 ? lines.join('\n') : 'nothing to apply: the schema is the newest')
}
