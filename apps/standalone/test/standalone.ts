import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, type Scope, waitFor } from '@daytona-auth/testing'
import type { Credentials } from '../src/credentials.ts'

/** A start takes a second on an idle machine. */
const READY_MS = 60_000
const MAIN = join(import.meta.dirname, '../src/main.ts')

/** A standalone process. */
export interface StandaloneProcess {
  readonly child: ChildProcess
  readonly origin: string
  /** The output so far. */
  readonly output: { stdout: string; stderr: string }
  /** Resolves with the exit code after all output was read. */
  readonly ended: Promise<number | null>
  /** Resolves once it has printed that it is ready; rejects if it ends before. */
  ready(): Promise<void>
}

export interface StandaloneOptions {
  readonly dataDir: string
  readonly port?: number
  readonly env?: Record<string, string>
  /** The system user that runs the process. */
  readonly uid?: number | undefined
  /** Prefix of the command. */
  readonly launcher?: readonly string[]
}

/** Starts everything as `pnpm start` does. Sends SIGKILL at the end of `scope`. */
export async function startStandalone(
  scope: Scope,
  { dataDir, env, uid, ...options }: StandaloneOptions,
): Promise<StandaloneProcess> {
  const port = options.port ?? (await freePort())
  const [command = '', ...args] = [...(options.launcher ?? []), process.execPath, MAIN]
  const child = spawn(command, args, {
    env: {
      PATH: process.env['PATH'],
      // Halves the duration of a start; the executed code is the same.
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

/** Creates a directory that other users may enter, as PostgreSQL under root must. Removes it at the end of `scope`. */
export async function createTempDirectory(scope: Scope): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'daytona-auth-standalone-'))
  await chmod(directory, 0o711)
  scope.after(() => rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }))
  return directory
}

export const readCredentials = async (dataDir: string): Promise<Credentials> =>
  JSON.parse(await readFile(join(dataDir, 'credentials.json'), 'utf8'))

/** Sends a request with that key and returns the status. */
export async function fetchStatus(origin: string, key: string): Promise<number> {
  const response = await fetch(`${origin}/api-keys/current`, { headers: { authorization: `Bearer ${key}` } })
  await response.body?.cancel()
  return response.status
}

/** The standard error of a failed start, without warnings of oidc-provider. */
export const readErrorOutput = ({ output }: StandaloneProcess): string =>
  output.stderr
    .split('\n')
    .filter((line) => !line.includes('oidc-provider WARNING'))
    .join('\n')
