import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Scope } from './file-scope.ts'
import { freePort } from './free-port.ts'
import { waitFor } from './wait-for.ts'

/** Debian installs it in /usr/sbin, which is not in a user's PATH. */
const PATH = `${process.env['PATH']}:/usr/sbin`

/** A system user that every Debian has. */
const SYSTEM_USER = 'daemon'

/** Returns the reason to skip a test that needs PgBouncer. In CI it must be installed. */
export function pgbouncerMissing(): string | false {
  const isThere = spawnSync('pgbouncer', ['--version'], { env: { PATH } }).error === undefined
  return isThere || process.env['CI'] ? false : 'pgbouncer is not installed: apt-get install pgbouncer'
}

export interface PgbouncerOptions {
  readonly poolMode?: 'transaction' | 'session'
  /** Startup parameters that are dropped instead of refused. */
  readonly ignored?: readonly string[]
}

/** Starts a pooler in front of the database of `url`, until the end of `scope`. Returns its address. */
export async function pgbouncer(
  scope: Scope,
  url: string,
  { poolMode = 'transaction', ignored = [] }: PgbouncerOptions = {},
): Promise<string> {
  const { hostname, port: serverPort, username, password } = new URL(url)
  const directory = await mkdtemp(join(tmpdir(), 'daytona-auth-pgbouncer-'))
  const port = await freePort()
  const configuration = join(directory, 'pgbouncer.ini')
  await writeFile(
    configuration,
    `[databases]
* = host=${hostname} port=${serverPort} user=${decodeURIComponent(username)} password=${decodeURIComponent(password)}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = ${poolMode}
ignore_startup_parameters = ${['extra_float_digits', ...ignored].join(',')}
`,
  )
  // PgBouncer does not run as root. The system user that it switches to must be able to read the configuration.
  await chmod(directory, 0o755)
  const isRoot = process.getuid?.() === 0
  const child = spawn('pgbouncer', [...(isRoot ? ['-u', SYSTEM_USER] : []), configuration], {
    env: { PATH },
    stdio: 'ignore',
  })
  scope.after(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    await rm(directory, { recursive: true })
  })
  await waitFor(async () => {
    if (child.exitCode !== null) throw new Error(`pgbouncer ended with ${child.exitCode}`)
    const socket = connect(port, '127.0.0.1')
    try {
      await once(socket, 'connect')
      return true
    } finally {
      socket.destroy()
    }
  })
  const pooled = new URL(url)
  pooled.hostname = '127.0.0.1'
  pooled.port = String(port)
  return pooled.href
}
