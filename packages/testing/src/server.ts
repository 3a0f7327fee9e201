import { chmod, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { migrate } from '@daytona-auth/db'
import { lockDirectory } from '@daytona-auth/db/directory-lock'
import { newDatabasePassword, startEmbeddedPostgres } from '@daytona-auth/db/embedded'
import postgres from 'postgres'

/** The migrated database that every test database is a copy of. */
export const TEMPLATE = 'template_migrated'

/** The roles that servers of tests connect as, which own nothing. Their password is the server's own. */
export const SERVER_ROLES = { api: 'test_api', provider: 'test_provider' } as const

/** A PostgreSQL for one test run, without any durability, with the template in it. */
export interface TestServer {
  /** Connection string of the superuser. */
  readonly url: string
  stop(): Promise<void>
}

const PREFIX = 'daytona-auth-test-'
/** Longer than any start takes until it has its lock. */
const ABANDONED_MS = 10 * 60_000

export async function startTestServer(): Promise<TestServer> {
  await removeAbandoned()
  const directory = await mkdtemp(join(tmpdir(), PREFIX))
  // Run as root, the server belongs to a system user who must be able to enter.
  await chmod(directory, 0o711)
  const server = await startEmbeddedPostgres({
    dataDir: join(directory, 'postgres'),
    password: newDatabasePassword(),
    durable: false,
  })
  const stop = async () => {
    await server.stop()
    // Where only root may enter the temporary directory, the data are elsewhere.
    await rm(server.directory, { recursive: true, force: true })
    await rm(directory, { recursive: true, force: true })
  }
  try {
    const admin = postgres(server.url, { max: 1 })
    await admin.unsafe(`CREATE DATABASE ${TEMPLATE}`)
    for (const role of Object.values(SERVER_ROLES)) {
      await admin.unsafe(`CREATE ROLE ${role} LOGIN PASSWORD '${decodeURIComponent(new URL(server.url).password)}'`)
    }
    await admin.end()
    await migrate(databaseUrl(server.url, TEMPLATE), { roles: SERVER_ROLES })
    return { url: server.url, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** A run that is killed leaves its data: about 80 MB, which nobody would ever miss or remove. */
async function removeAbandoned() {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue
    const directory = join(tmpdir(), name)
    try {
      if (Date.now() - (await stat(directory)).mtimeMs < ABANDONED_MS) continue
      const lock = lockDirectory(join(directory, 'postgres'))
      lock?.release()
      if (lock) await rm(directory, { recursive: true, force: true })
    } catch {
      // Somebody else's, or removed by another run meanwhile.
    }
  }
}

/** The connection string of another database on the same server. */
export function databaseUrl(server: string, name: string): string {
  const url = new URL(server)
  url.pathname = name
  return url.href
}

/** The same connection string for another user with the same password. */
export function userUrl(server: string, user: string): string {
  const url = new URL(server)
  url.username = user
  return url.href
}
