import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type Scope, waitFor } from '@daytona-auth/testing'
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

/** Startup takes two seconds of CPU time, which is much longer under load. */
const START_MS = 60_000

/** Starts an API process, which is ended after `scope`. It listens and receives notifications when this resolves. */
export async function startProcess(
  scope: Scope,
  { command = [], host = '127.0.0.1', databaseUrl, env = {} }: ProcessOptions,
): Promise<ApiProcess> {
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
  const [program = process.execPath, ...args] = [...command, process.execPath, main]
  const child = spawn(program, args, {
    env: { PATH: process.env['PATH'], DATABASE_URL: databaseUrl, ISSUER, HOST: host, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const end = () => endChild(child)
  scope.after(end)
  let log = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    log += text
  })
  const port = await waitFor(() => /"url":"http:\/\/[^"]+:(\d+)"/.exec(log)?.[1], START_MS)
  // It caches nothing before its invalidation channel is fresh.
  await waitFor(() => log.includes('invalidation channel listening'), START_MS)
  const terminate = async () => {
    const exitCode = once(child, 'exit').then(([code]) => code as number | null) // the first argument of the event
    child.kill('SIGTERM')
    await waitFor(() => log.includes('"stopping"'), 10_000)
    return { exitCode }
  }
  const { pid } = child
  if (pid === undefined) throw new Error('the process was not started')
  return { url: `http://${host}:${port}`, pid, end, terminate }
}

async function endChild(child: ChildProcess) {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}
