import type { TaskRan } from '@daytona-auth/service'
import type { FastifyBaseLogger } from 'fastify'

export interface Periodic {
  /** Starts no further run and aborts the signal of the current one, which ends after its batch. */
  stop(): void
  /** Stops and waits for the current run. */
  close(): Promise<void>
}

/** Runs `task` immediately and then every `everyMs`, never concurrently. A failed run is logged; the next one follows. */
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
