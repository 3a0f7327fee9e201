import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, type Scope, waitFor } from '@daytona-auth/testing'
import type { Credentials } from '../src/credentials.ts'

/** Starts take a second on a quiet machine. */
const READY_MS = 60_000
const MAIN = join(import.meta.dirname, '../src/main.ts')

/** One start of the real thing, in a process of its own. */
export interface Start {
  readonly child: ChildProcess
  readonly origin: string
  /** What was printed so far. */
  readonly output: { stdout: string; stderr: string }
  /** Resolves with the exit code once everything that it said has been read. */
  readonly ended: Promise<number | null>
  /** Resolves once it says that it is ready; rejects if it ends before. */
  ready(): Promise<void>
}

export interface StartOptions {
  readonly dataDir: string
  readonly port?: number
  readonly env?: Record<string, string>
  /** A system user to start as. */
  readonly uid?: number | undefined
  /** Put before the command. */
  readonly launcher?: readonly string[]
}

/** Starts everything as `pnpm start` does; killed at the end of `scope` if it is still there. */
export async function start(scope: Scope, { dataDir, env, uid, ...options }: StartOptions): Promise<Start> {
  const port = options.port ?? (await freePort())
  const [command = '', ...args] = [...(options.launcher ?? []), process.execPath, MAIN]
  const child = spawn(command, args, {
    env: {
      PATH: process.env['PATH'],
      // Half of the time that a start takes; what is run is the same.
      NODE_COMPILE_CACHE: join(import.meta.dirname, '../node_modules/.cache/compiled'),
      DATA_DIR: dataDir,
      PORT: String(port),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(uid === undefined ? {} : { uid, gid: uid, cwd: '/' }),
  })
  const output = { stdout: '', stderr: '' }
  child.stdout?.on('data', (chunk) => (output.stdout += chunk))
  child.stderr?.on('data', (chunk) => (output.stderr += chunk))
  const ended = once(child, 'close').then(([code]) => code)
  scope.after(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return {
    child,
    origin: `http://localhost:${port}`,
    output,
    ended,
    async ready() {
      await waitFor(() => child.exitCode !== null || output.stdout.includes('\nready on '), READY_MS)
      assert.equal(child.exitCode, null, output.stderr)
    },
  }
}

/** A directory that a system user may pass, as root's PostgreSQL has to; removed with `scope`. */
export async function temporary(scope: Scope): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'daytona-auth-standalone-'))
  await chmod(directory, 0o711)
  scope.after(() => rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }))
  return directory
}

export const credentialsIn = async (dataDir: string): Promise<Credentials> =>
  JSON.parse(await readFile(join(dataDir, 'credentials.json'), 'utf8'))

/** The status of a request with that key. */
export async function statusOf(origin: string, key: string): Promise<number> {
  const response = await fetch(`${origin}/api-keys/current`, { headers: { authorization: `Bearer ${key}` } })
  await response.body?.cancel()
  return response.status
}

/** What a start that is refused says on standard error, our own words only. */
export const complaint = ({ output }: Start): string =>
  output.stderr
    .split('\n')
    .filter((line) => !line.includes('oidc-provider WARNING'))
    .join('\n')
