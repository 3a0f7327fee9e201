import { randomBytes } from 'node:crypto'
import { open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import getPort from 'get-port'
import { type Account, prepareDataDir, serverAccount } from './account.ts'
import { findInstalledBinaries, prepareBinaries } from './binaries.ts'
import { lockDirectory } from './directory-lock.ts'
import { EmbeddedPostgresError } from './error.ts'
import { prepareCluster } from './initialise.ts'
import { endOrphan, type Postmaster, startPostmaster } from './postmaster.ts'

export interface EmbeddedPostgresOptions {
  /** The directory of the cluster, its log and its lock. Created if missing, with its parent. */
  readonly dataDir: string
  /** The superuser's password: set at the first start, and the same at every later one. */
  readonly password: string
  /** The directory of copies and data that the server's account could not access otherwise; used by root only. */
  readonly sharedDir?: string
  /** False gives up durability for speed: for tests. */
  readonly durable?: boolean
  /** Additional settings of the server, such as `listen_addresses`: for tests. */
  readonly settings?: Readonly<Record<string, string>>
}

export interface EmbeddedPostgres {
  /** The connection string of the superuser for the database `postgres`, including the password. */
  readonly url: string
  /** The real directory of the data: not `dataDir` if the server's account cannot access that. */
  readonly directory: string
  /** Resolves when the server has ended, for any reason. */
  readonly exited: Promise<void>
  /** A fast shutdown: open transactions are rolled back, everything committed is on disk. */
  stop(): Promise<void>
}

const USER = 'postgres'
/** Long enough for crash recovery after a `kill -9` under load. */
const READY_MS = 60_000
/** How long to retry while an earlier server's shared memory still exists, or a port was taken in between. */
const RETRY_MS = 15_000
const TRANSIENT =
  /pre-existing shared memory block|could not bind|Address already in use|lock file "postmaster.pid" already exists/

/**
 * Starts the PostgreSQL of `dataDir`, on 127.0.0.1 only, on a free port, without a Unix socket.
 *
 * The data are the same at the next start, also after `kill -9` of this process, of the server or of both at any time. The
 * server ends when this process ends.
 *
 * @throws {EmbeddedPostgresError} with one line that says what to do
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { dataDir, password, sharedDir = '/var/lib/daytona-auth', durable = true, settings = {} } = options
  const account = await serverAccount(dataDir)
  const binaries = await prepareBinaries(account, findInstalledBinaries(), sharedDir)
  const place = await prepareDataDir(account, dataDir, sharedDir)
  const lock = lockDirectory(place)
  if (!lock)
    throw new EmbeddedPostgresError(`the database in ${place} is in use by another process: stop that one first`)

  try {
    const cluster = await prepareCluster({ binaries, place, account, user: USER, password, durable })
    await endOrphan(cluster)
    const { postmaster, port } = await start(join(binaries, 'bin', 'postgres'), cluster, place, account, (port) => ({
      ...settingsFor(port, durable),
      ...settings,
    }))
    const exited = postmaster.exited.finally(() => lock.release())
    return {
      url: `postgres://${USER}:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`,
      directory: place,
      exited,
      async stop() {
        await postmaster.stop()
        await exited
      },
    }
  } catch (error) {
    lock.release()
    throw error
  }
}

async function start(
  binary: string,
  cluster: string,
  place: string,
  account: Account | undefined,
  settingsOn: (port: number) => Readonly<Record<string, string>>,
): Promise<{ postmaster: Postmaster; port: number }> {
  const logFile = join(place, 'postgres.log')
  await rename(logFile, `${logFile}.1`).catch(() => {})
  const giveUp = performance.now() + RETRY_MS
  for (;;) {
    const port = await getPort({ host: '127.0.0.1' })
    const log = await open(logFile, 'w', 0o600)
    const postmaster = startPostmaster(binary, cluster, settingsOn(port), log.fd, account)
    await log.close()
    if (await postmaster.ready(AbortSignal.timeout(READY_MS))) return { postmaster, port }

    await postmaster.stop()
    const output = await readFile(logFile, 'utf8')
    if (TRANSIENT.test(output) && performance.now() < giveUp) continue
    throw new EmbeddedPostgresError(`PostgreSQL did not start: ${reasonIn(output)} (the full log is ${logFile})`)
  }
}

function settingsFor(port: number, durable: boolean): Record<string, string> {
  return {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    timezone: 'UTC',
    log_timezone: 'UTC',
    // Errors only, and never the text of a statement.
    log_min_error_statement: 'panic',
    log_checkpoints: 'off',
    ...(durable
      ? {}
      : {
          fsync: 'off',
          synchronous_commit: 'off',
          full_page_writes: 'off',
          autovacuum: 'off',
          max_connections: '300',
        }),
  }
}

function reasonIn(log: string) {
  const line = log.split('\n').find((each) => /FATAL|PANIC|ERROR/.test(each)) ?? log.trim().split('\n').at(-1)
  return line?.replace(/^.*?(FATAL|PANIC|ERROR):\s*/, '') || 'its log is empty'
}

/** Generates a password that needs no encoding in a connection string. */
export function newDatabasePassword(): string {
  return randomBytes(24).toString('base64url')
}
