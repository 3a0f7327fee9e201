import { fileURLToPath } from 'node:url'
import { type Scope, startServerProcess, waitFor } from '@daytona-auth/testing'
import { ISSUER } from './world.ts'

/** An API in its own process, which a test can disconnect from the database or end. */
export interface ApiProcess {
  readonly url: string
  readonly pid: number
  /** Ends the process with SIGKILL, and waits for its exit. */
  end(): Promise<void>
  /** Sends SIGTERM. Resolves once the process has logged that it stops, with its future exit code. */
  terminate(): Promise<{ readonly exitCode: Promise<number | null> }>
}

export interface ProcessOptions {
  readonly databaseUrl: string
  /** A command that runs it: `['ip', 'netns', 'exec', name]`. */
  readonly command?: readonly string[]
  readonly host?: string
  readonly env?: Readonly<Record<string, string>>
}

/** Starts an API process, which is ended after `scope`. It listens and receives notifications when this resolves. */
export async function startProcess(
  scope: Scope,
  { command = [], host = '127.0.0.1', databaseUrl, env = {} }: ProcessOptions,
): Promise<ApiProcess> {
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
  const { child, output, ended, ready, end } = startServerProcess(scope, [...command, process.execPath, main], {
    env: { DATABASE_URL: databaseUrl, ISSUER, HOST: host, PORT: '0', DRAIN_DELAY: '0s', ...env },
  })
  const port = await ready(() => /"url":"http:\/\/[^"]+:(\d+)"/.exec(output.stdout)?.[1])
  // It caches nothing before its invalidation channel is fresh.
  await ready(() => output.stdout.includes('invalidation channel listening'))
  const terminate = async () => {
    child.kill('SIGTERM')
    await waitFor(() => output.stdout.includes('"stopping"'))
    return { exitCode: ended }
  }
  const { pid } = child
  if (pid === undefined) throw new Error('the process was not started')
  return { url: `http://${host}:${port}`, pid, end, terminate }
}
