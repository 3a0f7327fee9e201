import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type Scope, waitFor } from '@daytona-auth/testing'
import { ISSUER } from './world.ts'

/** An API process that a test can cut off from the database or kill, unlike one inside the test's own process. */
export interface ApiProcess {
  readonly url: string
  readonly pid: number
  /** Without a warning, and waits until it is gone. */
  kill(): Promise<void>
  /** Sends SIGTERM. Resolves once the process has logged that it stops, with its exit code still to come. */
  terminate(): Promise<{ readonly exitCode: Promise<number | null> }>
}

export interface ProcessOptions {
  readonly databaseUrl: string
  /** What it is run by: `['ip', 'netns', 'exec', name]`. */
  readonly command?: readonly string[]
  readonly host?: string
  readonly env?: Readonly<Record<string, string>>
}

/** A start takes two seconds of processor time, which are many more under load. */
const START_MS = 60_000

/** Starts one that is killed after `scope`; it listens, and hears of changes. */
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
  const kill = () => stop(child)
  scope.after(kill)
  let log = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    log += text
  })
  const port = await waitFor(() => /"url":"http:\/\/[^"]+:(\d+)"/.exec(log)?.[1], START_MS)
  // What it learns before it hears itself, it does not remember.
  await waitFor(() => log.includes('invalidation channel listening'), START_MS)
  const terminate = async () => {
    const exitCode = once(child, 'exit').then(([code]) => code as number | null) // of the event's two arguments
    child.kill('SIGTERM')
    await waitFor(() => log.includes('"stopping"'), 10_000)
    return { exitCode }
  }
  const { pid } = child
  if (pid === undefined) throw new Error('the process was not started')
  return { url: `http://${host}:${port}`, pid, kill, terminate }
}

async function stop(child: ChildProcess) {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}
