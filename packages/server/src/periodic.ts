import type { TaskRan } from '@daytona-auth/service'
import type { Logger } from 'pino'

export interface Periodic {
  /** Starts no further run and aborts the signal of the current one, which ends after its batch. */
  stop(): void
  /** Stops and waits for the current run. */
  close(): Promise<void>
}

/** Work that a server repeats in the background. */
export interface Task {
  /** Its name in logs and metrics: `expire keys`. */
  readonly name: string
  readonly everyMs: number
  /** Runs once. Long work is done in batches and ends between two of them once the signal is aborted. */
  readonly run: (signal: AbortSignal) => Promise<unknown>
}

/** Runs a task immediately and then every `everyMs`, never concurrently. A failed run is logged; the next one follows. */
export function startTask(
  { name, everyMs, run: runOnce }: Task,
  { logger, ran }: { readonly logger: Pick<Logger, 'warn'>; readonly ran: TaskRan },
): Periodic {
  const stopping = new AbortController()
  let running: Promise<void> | undefined
  const run = () => {
    running ??= runOnce(stopping.signal)
      .then(
        () => ran(name, 'ok'),
        (error: unknown) => {
          ran(name, 'failed')
          logger.warn({ err: error, task: name }, 'periodic task failed')
        },
      )
      .finally(() => {
        running = undefined
      })
  }
  const timer = setInterval(run, everyMs)
  run()
  const stop = () => {
    clearInterval(timer)
    stopping.abort()
  }
  return {
    stop,
    async close() {
      stop()
      await running
    },
  }
}
