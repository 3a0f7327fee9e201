import pTimeout from 'p-timeout'
import type { Logger } from 'pino'
import { flush } from '../observability/logger.ts'
import { describeStartupError } from './startup-error.ts'

export interface RunOptions {
  /** How long shutdown may take before the process exits with code 1. */
  deadlineMs?: number
  /** How long further signals count as the first one: pnpm forwards the Ctrl-C that the terminal also sends. */
  sameSignalMs?: number
}

/** What `start` uses to register the steps of shutdown. */
export interface Running {
  /** Run in reverse order: the resource opened last is closed first. */
  readonly closers: AsyncDisposableStack
  /** Aborted at the first signal, so that `start` can stop waiting. */
  readonly stopping: AbortSignal
  /** Once set, receives the events of the process. */
  logger?: Logger
}

const SIGNALS = { SIGINT: 2, SIGTERM: 15 } as const
type Signal = keyof typeof SIGNALS

/**
 * Runs a process until SIGTERM, SIGINT or an uncaught error. `start` opens resources and registers their closers, which
 * then run in reverse order. A second signal exits immediately.
 *
 * Exit code: 0 after a signal, 1 after an uncaught error or a failed startup or shutdown, 128 + signal after a second one.
 * If `start` fails, the resources it opened are closed and one line is written to standard error.
 */
export async function runUntilSignal(
  start: (running: Running) => Promise<void>,
  { deadlineMs = 10_000, sameSignalMs = 500 }: RunOptions = {},
): Promise<never> {
  const stopping = new AbortController()
  const running: Running = { closers: new AsyncDisposableStack(), stopping: stopping.signal }
  const ended = Promise.withResolvers<{ signal?: Signal; fault?: unknown }>()

  let signalledAt: number | undefined
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      const now = performance.now()
      if (signalledAt !== undefined && now - signalledAt >= sameSignalMs) process.exit(128 + SIGNALS[signal])
      signalledAt ??= now
      ended.resolve({ signal })
      stopping.abort()
    })
  }
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (fault: unknown) => {
      if (running.logger) running.logger.fatal({ err: fault }, 'uncaught error')
      else process.stderr.write(`${describeStartupError(fault)}\n`)
      ended.resolve({ fault })
    })
  }

  // Signals also apply during startup: a database that does not answer must not block Ctrl-C.
  const started = start(running).catch((fault: unknown) => {
    if (stopping.signal.aborted) return
    process.stderr.write(`${describeStartupError(fault)}\n`)
    ended.resolve({ fault })
  })
  const { signal } = await ended.promise
  if (signal) running.logger?.info({ signal }, 'stopping')
  const isClean = await closeWithin(deadlineMs, started, running)
  if (running.logger) await flush(running.logger)
  process.exit(signal && isClean ? 0 : 1)
}

async function closeWithin(deadlineMs: number, started: Promise<void>, running: Running): Promise<boolean> {
  try {
    // Waits for `start`: closing earlier would miss the resources that it opens next.
    const closed = started.then(() => running.closers.disposeAsync()).then(() => true)
    if (!(await pTimeout(closed, { milliseconds: deadlineMs, fallback: () => false }))) {
      running.logger?.error({ deadlineMs }, 'not stopped in time')
      return false
    }
    running.logger?.info('stopped')
    return true
  } catch (error) {
    running.logger?.error({ err: error }, 'stopping failed')
    return false
  }
}
