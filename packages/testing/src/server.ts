import { chmod, mkdtemp, readdir, rm, stat, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lockDirectory } from '@daytona-auth/db/directory-lock'
import { newDatabasePassword, startEmbeddedPostgres } from '@daytona-auth/db/embedded'
import { migrate } from '@daytona-auth/db/operations'
import postgres from 'postgres'

/** The migrated database that every test database is copied from. */
export const TEMPLATE = 'template_migrated'

/** The roles that servers of tests connect as, which own nothing. Their password is the superuser's. */
export const SERVER_ROLES = { api: 'test_api', provider: 'test_provider' } as const

/** A PostgreSQL server for one test run, without durability, with the template database. */
export interface TestServer {
  /** Connection string of the superuser. */
  readonly url: string
  stop(): Promise<void>
}

const PREFIX = 'daytona-auth-test-'

const SHARED_MEMORY = '/dev/shm'
/** A run has up to 100 databases of 10 MB at a time. Containers have 64 MB by default. */
const SHARED_MEMORY_NEEDED = 4 * 1024 ** 3
/** Longer than a start takes to acquire its lock. */
const ABANDONED_MS = 10 * 60_000

export async function startTestServer(): Promise<TestServer> {
  const parent = await parentDirectory()
  await removeAbandoned(parent)
  const directory = await mkdtemp(join(parent, PREFIX))
  // If the tests run as root, the server runs as a system user, which must be able to enter the directory.
  await chmod(directory, 0o711)
  const server = await startEmbeddedPostgres({
    dataDir: join(directory, 'postgres'),
    password: newDatabasePassword(),
    durable: false,
    settings: { ...SETTINGS, ...statementLog(process.env['STATEMENT_LOG']) },
  })
  const stop = async () => {
    await server.stop()
    // If only root may enter the temporary directory, the data is stored elsewhere.
    await rm(server.directory, { recursive: true, force: true })
    await rm(directory, { recursive: true, force: true })
  }
  try {
    const admin = postgres(server.url, { max: 1 })
    await admin.unsafe(`CREATE DATABASE ${TEMPLATE}`)
    const password = decodeURIComponent(new URL(server.url).password)
    // initdb has stored the superuser's with the default iterations.
    await admin.unsafe(`ALTER ROLE CURRENT_USER PASSWORD '${password}'`)
    for (const role of Object.values(SERVER_ROLES))
      await admin.unsafe(`CREATE ROLE ${role} LOGIN PASSWORD '${password}'`)
    await admin.end()
    await migrate(databaseUrl(server.url, TEMPLATE), { roles: SERVER_ROLES })
    return { url: server.url, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

const SETTINGS = {
  // With 4096, the default, each of the thousands of connections of a run takes 3 ms of processor time in the client.
  scram_iterations: '1',
  // Files in memory are read at once; workers would only switch contexts.
  io_method: 'sync',
} as const

/** Settings by which the server writes each statement into a folder, as packages/db/releases needs it. */
const statementLog = (folder: string | undefined): Readonly<Record<string, string>> =>
  folder === undefined
    ? {}
    : {
        log_statement: 'all',
        logging_collector: 'on',
        log_destination: 'jsonlog',
        log_directory: folder,
        log_filename: 'statements-%s.log',
        log_rotation_age: '0',
        log_rotation_size: '0',
      }

/** In memory if there is room, where copying a database takes a quarter of the processor time that ext4 takes. */
async function parentDirectory(): Promise<string> {
  try {
    const { bavail, bsize } = await statfs(SHARED_MEMORY)
    if (bavail * bsize >= SHARED_MEMORY_NEEDED) return SHARED_MEMORY
  } catch {
    // There is none: another system than Linux.
  }
  return tmpdir()
}

/** Removes the data of runs that were terminated by SIGKILL, about 80 MB each. */
async function removeAbandoned(parent: string) {
  for (const name of await readdir(parent)) {
    if (!name.startsWith(PREFIX)) continue
    const directory = join(parent, name)
    try {
      if (Date.now() - (await stat(directory)).mtimeMs < ABANDONED_MS) continue
      const lock = lockDirectory(join(directory, 'postgres'))
      lock?.release()
      if (lock) await rm(directory, { recursive: true, force: true })
    } catch {
      // Owned by another user, or removed by a concurrent run.
    }
  }
}

/** Returns the connection string of another database on the same server. */
export function databaseUrl(server: string, name: string): string {
  const url = new URL(server)
  url.pathname = name
  return url.href
}

/** Returns the connection string for another user with the same password. */
export function userUrl(server: string, user: string): string {
  const url = new URL(server)
  url.username = user
  return url.href
}
