import { once } from 'node:events'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { waitFor } from '@daytona-auth/testing/wait-for'
import type { Buildah, RunOptions } from './buildah.ts'

/** A server that was started by the command of its image. */
export interface Running {
  /** The time from the start of its Node process to the first successful readiness check, in milliseconds. */
  readonly startMs: number
  /** Measures the resident memory of all its processes without requests, in MiB. */
  idleMiB(): Promise<number>
  /** Returns the peak resident memory of its Node process, in MiB. */
  peakMiB(): number
  /** Sends SIGTERM to its Node process. @returns the exit code and the duration */
  stop(): Promise<{ readonly code: number | null; readonly ms: number }>
}

/** Long enough for garbage of the startup to be collected, and for timers to run. */
const IDLE_MS = 4000

/** Starts the command of the image as its user, and waits until `readyUrl` answers 200. */
export async function startContainer(
  buildah: Buildah,
  opened: AsyncDisposableStack,
  { container, readyUrl, ...options }: RunOptions & { readonly container: string; readonly readyUrl: string },
): Promise<Running> {
  const config = JSON.parse(await buildah.run('inspect', container))
  const command: string[] = config.Docker.config.Cmd
  const child = buildah.start(container, command, options)
  const exited = once(child, 'exit')
  let log = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (log += text))
  // A signal to buildah does not reach the process in the chroot.
  const nodeOf = () => descendantsOf(Number(child.pid)).find((pid) => exeOf(pid).endsWith('/usr/local/bin/node'))
  opened.defer(async () => {
    if (child.exitCode !== null) return
    const pid = nodeOf()
    if (pid !== undefined) process.kill(pid, 'SIGKILL')
    await exited
  })

  const isUp = async () => child.exitCode !== null || (await fetch(readyUrl)).ok
  await waitFor(isUp, 60_000).catch((cause) => {
    throw new Error(`${container} was not ready: ${log}`, { cause })
  })
  if (child.exitCode !== null) throw new Error(`${container} ended with ${child.exitCode}: ${log}`)
  const pid = nodeOf()
  if (pid === undefined) throw new Error(`${container} runs no Node`)
  return {
    startMs: ageMs(pid),
    async idleMiB() {
      await delay(IDLE_MS)
      return [pid, ...descendantsOf(pid)].reduce((sum, each) => sum + residentMiB(each), 0)
    },
    peakMiB: () => kiBIn(`/proc/${pid}/status`, /^VmHWM:\s+(\d+)/m) / 1024,
    async stop() {
      const begun = performance.now()
      process.kill(pid, 'SIGTERM')
      const [code] = await exited
      return { code, ms: performance.now() - begun }
    },
  }
}

/** Returns the descendants of `ancestor`, the nearest first. */
function descendantsOf(ancestor: number): number[] {
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc')) {
    const fields = /^\d+$/.test(name) ? statOf(Number(name)) : undefined
    if (fields) parents.set(Number(name), Number(fields[1]))
  }
  const found = [ancestor]
  for (const pid of found) found.push(...[...parents].filter(([, parent]) => parent === pid).map(([child]) => child))
  return found.slice(1)
}

/** Returns the fields of /proc/pid/stat after the name: state, parent … (proc_pid_stat(5)). */
function statOf(pid: number): string[] | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
  } catch {
    return undefined
  }
}

function exeOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/exe`)
  } catch {
    return ''
  }
}

/** Returns the age of a process. The kernel's clock has 100 ticks per second. */
function ageMs(pid: number): number {
  const started = Number(statOf(pid)?.[19]) * 10
  return Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1000 - started
}

/** Returns the proportional set size, in which shared pages are divided, so that sums are correct. */
const residentMiB = (pid: number): number => kiBIn(`/proc/${pid}/smaps_rollup`, /^Pss:\s+(\d+)/m) / 1024

const kiBIn = (file: string, line: RegExp): number => Number(line.exec(readFileSync(file, 'utf8'))?.[1])
