import { checkDatabaseAt, migrate } from '@daytona-auth/db'
import { type Environment, loadConfig, migrationShape, waitForDatabase } from '@daytona-auth/service'
import { databaseShape } from '../config.ts'
import type { Output } from '../output.ts'

/**
 * Applies the migrations that the database of `DATABASE_URL` does not have, and says which. One that does not answer yet is
 * waited for, and one that no migration would mend is told of before anything is changed. The roles of the servers are granted
 * what they need, also where nothing is applied.
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
