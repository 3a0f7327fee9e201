import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { readFile, readlink, realpath } from 'node:fs/promises'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Account } from './account.ts'

/** A running server and the watchdog that started it. */
export interface Postmaster {
  /** Resolves when the server has ended, for whatever reason. */
  readonly exited: Promise<void>
  hasExited(): boolean
  /** Resolves to true once the server accepts connections, to false if it ended before. */
  ready(deadline: AbortSignal): Promise<boolean>
  stop(): Promise<void>
}

const POLL_MS = 20
/** A fast shutdown rolls back and writes a checkpoint: seconds at worst. Past this the server is told to drop everything, and recovers at the next start. */
const FAST_SHUTDOWN_MS = 20_000

/**
 * Starts the server and ends it when its standard input closes, which the kernel does for us when we die of
 * `kill -9`: nothing is left behind that holds the data directory. Prints the server's process id first.
 * The reader is a subshell (an asynchronous list has no standard input, hence descriptor 3), so that the shell
 * itself can wait for the server and end with it.
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
 * @param directory the cluster, PGDATA.
 * @param log an open file for what the server says.
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
    // A session of its own: Ctrl-C in the terminal is for us, who stop the server last.
    detached: true,
    stdio: ['pipe', 'pipe', log],
    env: serverEnvironment(),
  })
  let hasExited = false
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve())).then(() => {
    hasExited = true
  })
  const pid = processIdOf(child)
  // A watchdog that could not be started, or is gone, shows in `exited`.
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
          letGo(child)
          return true
        }
        await Promise.race([delay(POLL_MS), exited])
      }
      return false
    },
    async stop() {
      child.ref()
      child.stdin?.end()
      if (await endsWithin(FAST_SHUTDOWN_MS, exited)) return
      signal(await pid, 'SIGQUIT')
      await exited
    },
  }
}

/**
 * Makes sure that no server of an earlier start runs in `directory`: its watchdog is stopping it, or was killed too.
 * Called under the lock of the directory, so nobody who is alive owns that server. Stopping it is as safe as a
 * crash, and having it anew under our own watchdog is simpler than adopting it.
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

/** What the server inherits: nothing of ours that could carry a secret or change how it behaves (PGOPTIONS and the like). */
export function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' }
}

interface PidFile {
  readonly pid: number
  readonly status: string | undefined
}

/** `postmaster.pid`: line 1 the process, line 8 its state (PostgreSQL's `pidfile.h`). */
async function readPidFile(directory: string): Promise<PidFile | undefined> {
  const text = await readFile(join(directory, 'postmaster.pid'), 'utf8').catch(() => '')
  const lines = text.split('\n')
  const pid = Number(lines[0])
  return Number.isInteger(pid) && pid > 1 ? { pid, status: lines[7]?.trim() } : undefined
}

/** Whether `pid` is a server at work in `directory`, and not a stranger who was given the number later. */
async function isServerOf(pid: number, directory: string) {
  const real = await realpath(directory)
  if (process.platform === 'linux') return (await readlink(`/proc/${pid}/cwd`).catch(() => undefined)) === real
  const ps = await promisify(execFile)('ps', ['-o', 'command=', '-p', String(pid)]).catch(() => undefined)
  return ps?.stdout.includes(`-D ${real} `) ?? false
}

/** A server that runs is no reason for us to: it ends with us. */
function letGo(child: ChildProcess) {
  child.unref()
  for (const stream of [child.stdin, child.stdout]) if (stream instanceof Socket) stream.unref()
}

function signal(pid: number | undefined, name: NodeJS.Signals) {
  if (pid === undefined) return
  try {
    process.kill(pid, name)
  } catch {
    // It has just ended, which is what the signal was for.
  }
}

function processIdOf(child: ChildProcess) {
  return new Promise<number | undefined>((resolve) => {
    child.once('close', () => resolve(undefined))
    if (child.stdout) createInterface(child.stdout).once('line', (line) => resolve(Number(line)))
  })
}

async function endsWithin(ms: number, exited: Promise<void>) {
  const timer = new AbortController()
  const inTime = await Promise.race([
    exited.then(() => true),
    delay(ms, false, { signal: timer.signal }).catch(() => false),
  ])
  timer.abort()
  return inTime
}
