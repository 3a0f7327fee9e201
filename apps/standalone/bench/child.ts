import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** A measured server in its own process. */
export interface Child {
  readonly url: string
  /** From its creation to its first 200, in milliseconds. */
  readonly startMs: number
  /** Processor time of its threads so far, in milliseconds; NaN where the system does not report it. */
  cpuMs(): number
  /** Resident memory, in MiB; NaN where the system does not report it. */
  residentMiB(): number
  stop(): Promise<void>
}

export interface ChildOptions {
  readonly env?: NodeJS.ProcessEnv
  /** Where Node writes a CPU profile when the child stops. */
  readonly profileDir?: string | undefined
  /** The path that answers 200 once the server is up. */
  readonly ready: string
  /** The port to listen on; a free one unless given. */
  readonly port?: number
  /** Prefixes a command line so that it runs on the server's core. */
  readonly place: (command: readonly string[]) => readonly string[]
}

const START_TIMEOUT_MS = 30_000
/** Characters of standard error that are kept for the error of a failed start. */
const MAX_STDERR = 4000

/** Starts the bundle `file` and waits for its first 200. Its log is discarded. */
export async function startChild(file: string, options: ChildOptions): Promise<Child> {
  const { env = {}, profileDir, ready, place } = options
  const port = options.port ?? (await freePort())
  const profiling = profileDir ? ['--cpu-prof', `--cpu-prof-dir=${profileDir}`] : []
  const [command = '', ...args] = place([process.execPath, ...profiling, file])
  const createdAt = performance.now()
  const child = spawn(command, args, {
    env: {
      PATH: process.env['PATH'],
      NODE_DISABLE_COMPILE_CACHE: process.env['NODE_DISABLE_COMPILE_CACHE'],
      HOST: '127.0.0.1',
      PORT: String(port),
      ...env,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-MAX_STDERR)
  })
  const terminate = () => child.kill('SIGKILL')
  process.once('exit', terminate)
  const url = `http://127.0.0.1:${port}`
  while (!(await answers200(url + ready))) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`${file} ended: ${stderr}`)
    if (performance.now() - createdAt > START_TIMEOUT_MS) throw new Error(`${file} did not start: ${stderr}`)
    await delay(1)
  }
  const startMs = performance.now() - createdAt
  const processDir = `/proc/${child.pid}`
  return {
    url,
    startMs,
    cpuMs: () => readCpuMs(processDir),
    residentMiB: () => readResidentMiB(processDir),
    async stop() {
      process.off('exit', terminate)
      if (child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      await exited
    },
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // listens on TCP
  server.close()
  await once(server, 'close')
  return port
}

const answers200 = (url: string): Promise<boolean> =>
  fetch(url).then(
    async (response) => {
      await response.arrayBuffer()
      return response.status === 200
    },
    () => false,
  )

/** Reads the nanoseconds of each thread; `/proc/…/stat` has hundredths of a second, too coarse for a slot. */
function readCpuMs(processDir: string): number {
  try {
    return readdirSync(`${processDir}/task`)
      .map((thread) => Number(readFileSync(`${processDir}/task/${thread}/schedstat`, 'utf8').split(' ')[0]) / 1e6)
      .reduce((sum, ms) => sum + ms, 0)
  } catch {
    return Number.NaN
  }
}

function readResidentMiB(processDir: string): number {
  try {
    const [, kib] = /VmRSS:\s+(\d+)/.exec(readFileSync(`${processDir}/status`, 'utf8')) ?? []
    return Number(kib) / 1024
  } catch {
    return Number.NaN
  }
}
