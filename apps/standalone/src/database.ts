import { checkDatabaseAt, EmbeddedPostgresError, migrate } from '@daytona-auth/db'
import { startEmbeddedPostgres } from '@daytona-auth/db/embedded'
import { StartupError, waitForDatabase } from '@daytona-auth/service'
import type { StandaloneConfig } from './config.ts'
import type { DataDirectory } from './data-directory.ts'

/** The database that this start works on, migrated. */
export interface RunningDatabase {
  readonly url: string
  /** Where the data are, if they are ours to keep. */
  readonly directory: string | undefined
  stop(): Promise<void>
}

/** The operator's database, or one of our own in the data directory. */
export async function startDatabase(
  { DATABASE_URL: given, DATABASE_WAIT: waitMs }: Pick<StandaloneConfig, 'DATABASE_URL' | 'DATABASE_WAIT'>,
  data: DataDirectory,
  signal: AbortSignal,
): Promise<RunningDatabase> {
  const running = given === undefined ? await startOwn(data) : operators(given)
  try {
    if (given !== undefined) {
      const warn = (line: string) => void process.stderr.write(`${line}\n`)
      await waitForDatabase(() => examineBeforeMigration(given), { waitMs, warn, signal })
    }
    await migrate(running.url)
    return running
  } catch (error) {
    await running.stop()
    throw given === undefined && isPasswordRefused(error)
      ? new StartupError(`${data.path}/secrets is not what its database was made with: bring its files back`, {
          cause: error,
        })
      : error
  }
}

/** A database that is too old or read-only is to be told of before a migration fails half-way in words of SQL. */
const examineBeforeMigration = async (url: string) =>
  (await checkDatabaseAt(url)).filter(({ check }) => check !== 'migrations')

/** SQLSTATE 28P01, invalid_password. */
function isPasswordRefused(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return ('code' in error && error.code === '28P01') || isPasswordRefused(error.cause)
}

const operators = (url: string): RunningDatabase => ({
  url,
  directory: undefined,
  stop: async () => {},
})

async function startOwn(data: DataDirectory): Promise<RunningDatabase> {
  const { value: password } = await data.secret('database-password')
  const server = await startEmbeddedPostgres({ dataDir: data.postgres, password }).catch((error: unknown) => {
    throw error instanceof EmbeddedPostgresError ? new StartupError(error.message, { cause: error }) : error
  })
  let isStopping = false
  // Nobody waits for this. Without its database the process has nothing to do: it ends as by any uncaught fault.
  void server.exited.then(() => {
    if (!isStopping) throw new StartupError(`PostgreSQL ended by itself: ${server.directory}/postgres.log says why`)
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
