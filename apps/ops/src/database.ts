import { connect, type Database } from '@daytona-auth/db/core'
import { checkDatabase, checkDatabaseAt } from '@daytona-auth/db/operations'
import { waitForDatabase } from '@daytona-auth/service'
import type { DatabaseConfig } from './config.ts'
import type { Output } from './output.ts'

/**
 * Runs `work` on the database of `DATABASE_URL` and always closes the connection. Waits for a database that does not answer
 * yet or is not migrated yet.
 * @throws StartupError with one line that says what to do
 */
export async function withDatabase<T>(
  { DATABASE_URL, DATABASE_WAIT }: DatabaseConfig,
  output: Pick<Output, 'note'>,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  // No timeout: verifying a chain or dropping a month may take long, and an operator watches it.
  const options = { max: 1, applicationName: 'daytona-auth operations', silenceTimeoutSeconds: null }
  const database = connect(DATABASE_URL, options)
  try {
    await waitForDatabase((attempt) => (attempt === 0 ? checkDatabase(database) : checkDatabaseAt(DATABASE_URL)), {
      waitMs: DATABASE_WAIT,
      warn: output.note,
    })
    return await work(database)
  } finally {
    await database.$client.end({ timeout: 5 })
  }
}
