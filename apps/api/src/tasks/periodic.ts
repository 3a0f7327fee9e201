import type { TaskRan } from '@daytona-auth/service'
import type { FastifyBaseLogger } from 'fastify'

export interface Periodic {
  /** Starts no further run, and aborts the signal of one that is under way: it ends after its batch. */
  stop(): void
  /** Stops, and waits for a run that is under way. */
  close(): Promise<void>
}

/** Runs `task` now and then every `everyMs`, never twice at once. A run that fails is logged, and the next one comes. */
export function periodically(
  {
    everyMs,
    logger,
    name,
    ran,
  }: { everyMs: number; logger: Pick<FastifyBaseLogger, 'warn'>; name: string; ran: TaskRan },
  task: (signal: AbortSignal) => Promise<unknown>,
): Periodic {
  const stopping = new AbortController()
  let running: Promise<void> | undefined
  const run = () => {
    running ??= task(stopping.signal)
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
