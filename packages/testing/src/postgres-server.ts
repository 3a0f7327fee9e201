import { execFile } from 'node:child_process'
import { chmod, chown, cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { promisify } from 'node:util'
import { type EmbeddedPostgres, newDatabasePassword, startEmbeddedPostgres } from '@daytona-auth/db/embedded'
import postgres from 'postgres'
import type { Scope } from './file-scope.ts'

/** A PostgreSQL server for one test, which chooses its settings, access rules and TLS. */
export interface PostgresServer {
  /** Connection string of the superuser over TCP, without TLS parameters. */
  readonly url: string
  readonly port: number
  readonly password: string
  /** The directory of its Unix socket. */
  readonly socketDirectory: string
  /** A client of the superuser with one connection. */
  readonly sql: postgres.Sql
  /** Changes settings and `pg_hba.conf`, and reloads them. Existing connections stay open. */
  configure(change: ServerConfiguration): Promise<void>
  /**
   * Sends a signal to every process of the server: SIGKILL is a crash of its machine, SIGSTOP one that is silent. It is
   * continued at the end of its scope.
   */
  signal(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): Promise<void>
  stop(): Promise<void>
}

export interface ServerConfiguration {
  readonly settings?: Readonly<Record<string, string>>
  /** The lines of `pg_hba.conf`, before the initial ones. */
  readonly access?: readonly string[]
  /** A certificate and its key, and the authority of client certificates: paths of PEM files, which are copied. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly clientCa?: string }
}

/**
 * Files that a base backup leaves out (PostgreSQL manual, 25.3.4). Caches and temporary files of sessions may be removed while
 * they are copied.
 */
const NOT_COPIED =
  /^(?:postmaster\.(?:pid|opts)|pg_(?:wal|replslot|dynshmem|notify|serial|snapshots|stat_tmp|subtrans)\/.+|(?:.+\/)?(?:pg_internal\.init|pgsql_tmp).*)$/

/** Starts a server on 127.0.0.1, ::1 and a Unix socket, until the end of `scope`. */
export async function postgresServer(scope: Scope): Promise<PostgresServer> {
  return started(scope, await temporaryDirectory(), newDatabasePassword())
}

/** Starts a streaming standby of `primary` from a base backup, until the end of `scope`. */
export async function standbyOf(scope: Scope, primary: PostgresServer): Promise<PostgresServer> {
  const directory = await temporaryDirectory()
  const [row] = await primary.sql<{ source: string }[]>`SELECT current_setting('data_directory') AS source`
  const source = row?.source ?? ''
  const owner = await stat(source)
  const place = join(directory, 'postgres')
  const cluster = join(place, 'cluster')
  await mkdir(place, { mode: 0o700 })

  // The PostgreSQL binaries from npm lack pg_basebackup. These are its steps.
  await primary.sql`SELECT pg_backup_start('standby', fast => true)`
  await cp(source, cluster, { recursive: true, filter: (path) => !NOT_COPIED.test(relative(source, path)) })
  const [backup] = await primary.sql<{ labelfile: string }[]>`SELECT labelfile FROM pg_backup_stop()`
  await writeFile(join(cluster, 'backup_label'), backup?.labelfile ?? '')
  await writeFile(join(cluster, 'standby.signal'), '')
  const connection = `host=127.0.0.1 port=${primary.port} user=postgres password=${primary.password}`
  await writeFile(join(cluster, 'postgresql.auto.conf'), `primary_conninfo = '${connection}'\n`, { flag: 'a' })
  await promisify(execFile)('chown', ['-R', `${owner.uid}:${owner.gid}`, place])
  return started(scope, directory, primary.password)
}

async function started(scope: Scope, directory: string, password: string): Promise<PostgresServer> {
  const socketDirectory = join(directory, 'socket')
  await mkdir(socketDirectory)
  await chmod(socketDirectory, 0o777) // the server has another user if the tests run as root
  const server = await startEmbeddedPostgres({
    dataDir: join(directory, 'postgres'),
    password,
    durable: false,
    settings: {
      listen_addresses: '127.0.0.1,::1',
      unix_socket_directories: socketDirectory,
      wal_keep_size: '256MB',
    },
  })
  const sql = postgres(server.url, { max: 1, onnotice: () => {} })
  // The first line of the file (PostgreSQL manual, 66.1).
  const postmaster = Number.parseInt(await readFile(join(server.directory, 'cluster', 'postmaster.pid'), 'utf8'), 10)
  let stopped: Promise<unknown> | undefined
  const stop = async () => {
    stopped ??= sql.end({ timeout: 1 }).then(() => server.stop())
    await stopped
  }
  scope.after(async () => {
    await signalTree(postmaster, 'SIGCONT')
    await stop()
    // If the tests run as root below a directory that only root may enter, the server stores its data elsewhere.
    await rm(server.directory, { recursive: true, force: true })
    await rm(directory, { recursive: true, force: true })
  })
  return {
    url: server.url,
    port: Number(new URL(server.url).port),
    password,
    socketDirectory,
    sql,
    configure: (change) => configure(server, sql, change),
    signal: (signal) => signalTree(postmaster, signal),
    stop,
  }
}

async function configure(
  { directory }: EmbeddedPostgres,
  sql: postgres.Sql,
  { settings = {}, access, tls }: ServerConfiguration,
): Promise<void> {
  const cluster = join(directory, 'cluster')
  const { uid, gid } = await stat(cluster)
  const install = async (name: string, content: string | Buffer) => {
    const path = join(cluster, name)
    await writeFile(path, content, { mode: 0o600 })
    await chown(path, uid, gid)
    return path
  }
  const all: Record<string, string> = { ...settings }
  if (tls) {
    all['ssl'] = 'on'
    all['ssl_cert_file'] = await install('tls.crt', await readFile(tls.cert))
    all['ssl_key_file'] = await install('tls.key', await readFile(tls.key))
    all['ssl_ca_file'] = tls.clientCa === undefined ? '' : await install('tls.ca', await readFile(tls.clientCa))
  }
  for (const [name, value] of Object.entries(all)) await sql.unsafe(`ALTER SYSTEM SET ${name} = '${value}'`)
  if (access) {
    const initial = await readFile(join(cluster, 'pg_hba.conf'), 'utf8')
    await install('pg_hba.conf', `${access.join('\n')}\n${initial}`)
  }
  const [before] = await sql`SELECT pg_conf_load_time() AS at`
  await sql`SELECT pg_reload_conf()`
  // New connections have the new configuration once the postmaster has read it, which precedes its other processes.
  for (;;) {
    const [now] = await sql`SELECT pg_conf_load_time() AS at`
    if (Number(now?.['at']) !== Number(before?.['at'])) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Signals a process, which then starts no further one, and its children. Those that have ended are left out. */
async function signalTree(pid: number, signal: NodeJS.Signals): Promise<void> {
  const send = (pid: number) => {
    try {
      process.kill(pid, signal)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
    }
  }
  const children = () =>
    promisify(execFile)('pgrep', ['-P', String(pid)]).then(
      ({ stdout }) => stdout,
      () => '',
    )
  // They have another parent once it has ended.
  const before = await children()
  send(pid)
  const after = signal === 'SIGKILL' ? '' : await children()
  for (const child of new Set(`${before}\n${after}`.split('\n').filter(Boolean))) send(Number(child))
}

async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'daytona-auth-server-'))
  // If the tests run as root, the server runs as a system user, which must be able to enter the directory.
  await chmod(directory, 0o711)
  return directory
}
