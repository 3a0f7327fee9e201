import { ensureAuditPartitions } from '@daytona-auth/db/audit'
import type { Database } from '@daytona-auth/db/core'
import { sweepArtifacts, sweepConsumedRefreshTokens, sweepGrants } from '@daytona-auth/db/grants'
import { deleteExpiredEmailVerifications } from '@daytona-auth/db/operations'
import type { TaskRan } from '@daytona-auth/service'
import type { FastifyBaseLogger } from 'fastify'

const EVERY_MS = 60_000
/** Rows in a batch: few enough that it holds locks only briefly. */
const BATCH = 5000

export interface Sweeper {
  /** Sweeps once, until nothing is left or `stop` is called. Returns the numbers removed. */
  sweep(): Promise<{ artifacts: number; grants: number }>
  /** Resolves when a running sweep has finished its batch. */
  stop(): Promise<void>
}

/**
 * Removes expired rows once a minute, in batches. Several processes may sweep concurrently: they skip each other's
 * locked rows. Consumed refresh tokens stay for `consumedKeptMs`, or until they expire, so that their reuse is
 * detected.
 */
export function startSweeper(
  database: Database,
  logger: FastifyBaseLogger,
  { consumedKeptMs, ran = () => {} }: { readonly consumedKeptMs: number; readonly ran?: TaskRan },
): Sweeper {
  let stopped = false
  let running: Promise<unknown> = Promise.resolve()

  async function drain(batch: (limit: number) => Promise<number>): Promise<number> {
    let total = 0
    for (let removed = BATCH; removed === BATCH && !stopped; total += removed) removed = await batch(BATCH)
    return total
  }
  async function sweep() {
    const expired = await drain((limit) => sweepArtifacts(database, limit))
    const consumed = await drain((limit) => sweepConsumedRefreshTokens(database, consumedKeptMs, limit))
    const artifacts = expired + consumed
    const grants = await drain((limit) => sweepGrants(database, limit))
    await drain((limit) => deleteExpiredEmailVerifications(database, limit))
    await ensureAuditPartitions(database)
    return { artifacts, grants }
  }

  const timer = setInterval(() => {
    running = running.then(sweep).then(
      () => ran('sweep', 'ok'),
      (err: unknown) => {
        ran('sweep', 'failed')
        logger.warn({ err }, 'sweep failed')
      },
    )
  }, EVERY_MS)
  timer.unref()

  return {
    sweep,
    async stop() {
      stopped = true
      clearInterval(timer)
      await running
    },
  }
}
