import { startEmbeddedPostgres } from '@daytona-auth/db/embedded'
import { checkDatabaseAt, EmbeddedPostgresError, migrate } from '@daytona-auth/db/operations'
import { StartupError, waitForDatabase } from '@daytona-auth/service'
import { hasSqlState } from '@daytona-auth/service/sql-state'
import type { StandaloneConfig } from './config.ts'
import type { DataDirectory } from './data-directory.ts'

/** The migrated database of this start. */
export interface RunningDatabase {
  readonly url: string
  /** The data directory of the embedded PostgreSQL; undefined with an operator's database. */
  readonly directory: string | undefined
  stop(): Promise<void>
}

/** Connects to the operator's database, or starts an embedded PostgreSQL in the data directory, and migrates it. */
export async function startDatabase(
  { DATABASE_URL: given, DATABASE_WAIT: waitMs }: Pick<StandaloneConfig, 'DATABASE_URL' | 'DATABASE_WAIT'>,
  data: DataDirectory,
  signal: AbortSignal,
): Promise<RunningDatabase> {
  const running = given === undefined ? await startOwnDatabase(data) : useOperatorDatabase(given)
  try {
    if (given !== undefined) {
      const warn = (line: string) => void process.stderr.write(`${line}\n`)
      await waitForDatabase(() => examineBeforeMigration(given), { waitMs, warn, signal })
    }
    await migrate(running.url)
    return running
  } catch (error) {
    await running.stop()
    throw given === undefined && hasSqlState(error, 'invalid_password')
      ? new StartupError(`${data.path}/secrets does not match its database: restore its files`, { cause: error })
      : error
  }
}

/** Reports a database that is too old or read-only before a migration fails half-way with an SQL error. */
const examineBeforeMigration = async (url: string) =>
  (await checkDatabaseAt(url)).filter(({ check }) => check !== 'migrations')

const useOperatorDatabase = (url: string): RunningDatabase => ({
  url,
  directory: undefined,
  stop: async () => {},
})

async function startOwnDatabase(data: DataDirectory): Promise<RunningDatabase> {
  const { value: password } = await data.ensureSecret('database-password')
  const server = await startEmbeddedPostgres({ dataDir: data.postgres, password }).catch((error: unknown) => {
    throw error instanceof EmbeddedPostgresError ? new StartupError(error.message, { cause: error }) : error
  })
  let isStopping = false
  // Not awaited: without its database the process ends, as after any uncaught exception.
  void server.exited.then(() => {
    if (!isStopping) throw new StartupError(`PostgreSQL ended unexpectedly: see ${server.directory}/postgres.log`)
  })
  return {
    url: server.url,
    directory: server.directory,
    async stop() {
      isStopping = true
      await server.stop()
    },
  }
}
