import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, type Scope, type ServerProcess, startServerProcess } from '@daytona-auth/testing'
import type { Credentials } from '../src/credentials.ts'

const MAIN = join(import.meta.dirname, '../src/main.ts')

/** A standalone process. */
export interface StandaloneProcess extends Omit<ServerProcess, 'ready'> {
  readonly origin: string
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
  { dataDir, env, uid, launcher = [], port }: StandaloneOptions,
): Promise<StandaloneProcess> {
  const chosenPort = port ?? (await freePort())
  const { ready, ...server } = startServerProcess(scope, [...launcher, process.execPath, MAIN], {
    env: { DATA_DIR: dataDir, PORT: String(chosenPort), ...env },
    ...(uid === undefined ? {} : { uid, gid: uid, cwd: '/' }),
  })
  return {
    ...server,
    origin: `http://localhost:${chosenPort}`,
    async ready() {
      await ready(() => server.output.stdout.includes('\nready on '))
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
