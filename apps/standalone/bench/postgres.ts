import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type Database } from '@daytona-auth/db/core'
import { newDatabasePassword, startEmbeddedPostgres } from '@daytona-auth/db/embedded'
import { migrate } from '@daytona-auth/db/operations'

export interface BenchDatabase {
  readonly url: string
  readonly database: Database
  stop(): Promise<void>
}

/** Starts a separate PostgreSQL with an empty, migrated database, as durable as one in production. */
export async function startDatabase(): Promise<BenchDatabase> {
  const directory = await mkdtemp(join(tmpdir(), 'daytona-auth-bench-'))
  // Started by root, the server runs as another user, who must be able to enter.
  await chmod(directory, 0o711)
  const server = await startEmbeddedPostgres({ dataDir: join(directory, 'postgres'), password: newDatabasePassword() })
  await migrate(server.url)
  const database = connect(server.url, { max: 2, applicationName: 'daytona-auth-bench' })
  return {
    url: server.url,
    database,
    async stop() {
      await database.$client.end({ timeout: 1 })
      await server.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
