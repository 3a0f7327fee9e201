import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Scope } from './file-scope.ts'
import { type Truthy, waitFor } from './wait-for.ts'

/** A server in a process of its own. */
export interface ServerProcess {
  readonly child: ChildProcess
  /** The output so far. */
  readonly output: { stdout: string; stderr: string }
  /** Resolves with the exit code after all output was read; null if a signal ended it. */
  readonly ended: Promise<number | null>
  /**
   * Resolves with the first truthy result of `condition`. If the process ends before, or `deadlineMs` pass, it is ended and the
   * error contains what it wrote to standard error.
   */
  ready<T>(condition: () => T | Promise<T>, deadlineMs?: number): Promise<Truthy<T>>
  /** Sends SIGKILL and waits for its end. */
  end(): Promise<void>
}

/** A start takes two seconds of processor time, and more if it builds the dashboard: longer on a loaded machine. */
const READY_MS = 120_000

/** The processes that run at present: a file that fails while it is loaded runs no clean-up, and they must not outlive it. */
const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/**
 * Starts a command until the end of `scope`, where it receives SIGKILL. Its environment is `env`, PATH and the compile cache of
 * the run, which halves the duration of a start; the executed code is the same.
 */
export function startServerProcess(
  scope: Scope,
  [program = '', ...args]: readonly string[],
  { env, ...options }: Pick<SpawnOptions, 'env' | 'uid' | 'gid' | 'cwd'> = {},
): ServerProcess {
  const { PATH, NODE_COMPILE_CACHE } = process.env
  const child = spawn(program, args, {
    ...options,
    env: { PATH, NODE_COMPILE_CACHE, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  const output = { stdout: '', stderr: '' }
  child.stdout?.setEncoding('utf8').on('data', (text) => (output.stdout += text))
  child.stderr?.setEncoding('utf8').on('data', (text) => (output.stderr += text))
  const ended = once(child, 'close').then(([code]) => {
    running.delete(child)
    return code as number | null // the first argument of the event
  })
  const end = async () => {
    child.kill('SIGKILL')
    await ended
  }
  scope.after(end)

  async function ready<T>(condition: () => T | Promise<T>, deadlineMs = READY_MS): Promise<Truthy<T>> {
    let value: Truthy<T> | undefined
    try {
      await waitFor(async () => {
        // The compiler does not narrow a generic type by truthiness.
        value = running.has(child) ? (((await condition()) || undefined) as Truthy<T> | undefined) : undefined
        return value !== undefined || !running.has(child)
      }, deadlineMs)
      if (value !== undefined) return value
      throw new Error(`${program} ${args.join(' ')} ended with ${await ended}`)
    } catch (error) {
      await end()
      throw new Error(`the server is not ready: ${output.stderr}`, { cause: error })
    }
  }

  return { child, output, ended, ready, end }
}
