import type { Logger } from 'pino'
import { flush } from '../observability/logger.ts'
import { describeStartupError } from './startup-error.ts'

export interface RunOptions {
  /** How long stopping may take before the process ends anyway, with exit code 1. */
  deadlineMs?: number
  /** How long after the first signal another one is still the same: Ctrl-C reaches us from the terminal and from pnpm. */
  sameSignalMs?: number
}

/** What a process is given to say how it stops. */
export interface Running {
  /** Closers run in reverse order: what was opened last is closed first. */
  readonly closers: AsyncDisposableStack
  /** Aborted when the process is to stop: what a start waits for can be given up then. */
  readonly stopping: AbortSignal
  /** From when there is a logger, what happens to the process is told through it. */
  logger?: Logger
}

const SIGNALS = { SIGINT: 2, SIGTERM: 15 } as const
type Signal = keyof typeof SIGNALS

/**
 * Runs a process from its start to its end: `start` opens things and leaves their closers;
 * SIGTERM or SIGINT (or a fault that nobody caught) closes them in reverse order and ends the process. A second
 * signal ends it at once.
 *
 * Exit code: 0 after a signal, 1 if starting, stopping or anything uncaught failed, 128 + signal after a second one.
 * A start that fails closes what it had opened and writes one line to standard error.
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

  // A signal counts while starting, too: a database that does not answer must not keep Ctrl-C waiting.
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
  const late = Promise.withResolvers<'late'>()
  const timer = setTimeout(() => late.resolve('late'), deadlineMs)
  try {
    // Closing what a start is still opening would miss what it opens next.
    const closed = started.then(() => running.closers.disposeAsync())
    if ((await Promise.race([closed, late.promise])) === 'late') {
      running.logger?.error({ deadlineMs }, 'not stopped in time')
      return false
    }
    running.logger?.info('stopped')
    return true
  } catch (error) {
    running.logger?.error({ err: error }, 'stopping failed')
    return false
  } finally {
    clearTimeout(timer)
  }
}
