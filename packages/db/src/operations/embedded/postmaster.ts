import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { readFile, readlink, realpath } from 'node:fs/promises'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import pTimeout from 'p-timeout'
import type { Account } from './account.ts'

/** A running server and the watchdog that started it. */
export interface Postmaster {
  /** Resolves when the server has ended, for any reason. */
  readonly exited: Promise<void>
  hasExited(): boolean
  /** Resolves to true once the server accepts connections, to false if it ended before. */
  ready(deadline: AbortSignal): Promise<boolean>
  stop(): Promise<void>
}

const POLL_MS = 20
/** A fast shutdown rolls back and writes a checkpoint, within seconds. After this time follows an immediate shutdown, with recovery at the next start. */
const FAST_SHUTDOWN_MS = 20_000

/**
 * Starts the server and ends it when standard input closes. The kernel closes it when this process ends, also by `kill -9`,
 * so that no server continues to use the data directory. Prints the server's process id first. The reader is a subshell (an
 * asynchronous list has no standard input, hence descriptor 3), so that the shell can wait for the server and end with it.
 */
const WATCHDOG = `
trap '' PIPE INT TERM
exec 3<&0
"$@" </dev/null 1>&2 3<&- & server=$!
echo $server
(trap - TERM; read -r _ <&3; kill -INT $server) & reader=$!
wait $server
kill $reader 2>/dev/null
`

/**
 * Starts the server under a watchdog.
 *
 * @param directory the cluster (PGDATA)
 * @param log an open file for the output of the server
 */
export function startPostmaster(
  binary: string,
  directory: string,
  settings: Readonly<Record<string, string>>,
  log: number,
  account: Account | undefined,
): Postmaster {
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const child = spawn('/bin/sh', ['-c', WATCHDOG, 'sh', binary, '-D', directory, ...flags], {
    ...account,
    cwd: directory,
    // Its own session: Ctrl-C in the terminal reaches only this process, which stops the server last.
    detached: true,
    stdio: ['pipe', 'pipe', log],
    env: serverEnvironment(),
  })
  let hasExited = false
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve())).then(() => {
    hasExited = true
  })
  const pid = processIdOf(child)
  // `exited` resolves too if the watchdog could not be started or has ended.
  child.on('error', () => {})
  child.stdin?.on('error', () => {})

  return {
    exited,
    hasExited: () => hasExited,
    async ready(deadline) {
      const expected = await Promise.race([pid, exited])
      while (!hasExited && !deadline.aborted) {
        const file = await readPidFile(directory)
        if (file && file.pid === expected && file.status === 'ready') {
          unrefWatchdog(child)
          return true
        }
        await Promise.race([delay(POLL_MS), exited])
      }
      return false
    },
    async stop() {
      child.ref()
      child.stdin?.end()
      const isStopped = exited.then(() => true)
      if (await pTimeout(isStopped, { milliseconds: FAST_SHUTDOWN_MS, fallback: () => false })) return
      signal(await pid, 'SIGQUIT')
      await exited
    },
  }
}

/**
 * Ends a server of an earlier start that still runs in `directory`: its watchdog is stopping it, or was terminated too. The
 * caller has locked the directory, so no other process owns that server. Stopping it is as safe as a crash. Starting it again
 * under a new watchdog is simpler than adopting it.
 */
export async function endOrphan(directory: string): Promise<void> {
  const steps: [NodeJS.Signals, number][] = [
    ['SIGINT', FAST_SHUTDOWN_MS],
    ['SIGQUIT', 10_000],
  ]
  for (const [name, ms] of steps) {
    const file = await readPidFile(directory)
    if (!file || !(await isServerOf(file.pid, directory))) return
    signal(file.pid, name)
    const end = performance.now() + ms
    while (performance.now() < end && (await isServerOf(file.pid, directory))) await delay(POLL_MS)
  }
}

/** Returns the server's environment: nothing that has a secret or changes its behaviour (PGOPTIONS and similar). */
export function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' }
}

interface PidFile {
  readonly pid: number
  readonly status: string | undefined
}

/** Reads `postmaster.pid`: line 1 is the process id, line 8 the state (PostgreSQL's `pidfile.h`). */
async function readPidFile(directory: string): Promise<PidFile | undefined> {
  const text = await readFile(join(directory, 'postmaster.pid'), 'utf8').catch(() => '')
  const lines = text.split('\n')
  const pid = Number(lines[0])
  return Number.isInteger(pid) && pid > 1 ? { pid, status: lines[7]?.trim() } : undefined
}

/** Whether `pid` is a server in `directory`, and not another process that got the same id later. */
async function isServerOf(pid: number, directory: string) {
  const real = await realpath(directory)
  if (process.platform === 'linux') return (await readlink(`/proc/${pid}/cwd`).catch(() => undefined)) === real
  const ps = await promisify(execFile)('ps', ['-o', 'command=', '-p', String(pid)]).catch(() => undefined)
  return ps?.stdout.includes(`-D ${real} `) ?? false
}

/** A running server does not keep this process running: it ends with it. */
function unrefWatchdog(child: ChildProcess) {
  child.unref()
  for (const stream of [child.stdin, child.stdout]) if (stream instanceof Socket) stream.unref()
}

function signal(pid: number | undefined, name: NodeJS.Signals) {
  if (pid === undefined) return
  try {
    process.kill(pid, name)
  } catch {
    // It has ended already.
  }
}

function processIdOf(child: ChildProcess) {
  return new Promise<number | undefined>((resolve) => {
    child.once('close', () => resolve(undefined))
    if (child.stdout) createInterface(child.stdout).once('line', (line) => resolve(Number(line)))
  })
}
