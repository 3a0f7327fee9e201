import {
  type Database,
  deleteExpiredEmailVerifications,
  ensureAuditPartitions,
  sweepArtifacts,
  sweepConsumedRefreshTokens,
  sweepGrants,
} from '@daytona-auth/db'
import type { TaskRan } from '@daytona-auth/service'
import type { FastifyBaseLogger } from 'fastify'

const EVERY_MS = 60_000
/** Few enough that a batch holds no lock for long. */
const BATCH = 5000

export interface Sweeper {
  /** One sweep, for now: until nothing is left or `stop` is called. Returns what it removed. */
  sweep(): Promise<{ artifacts: number; grants: number }>
  /** Resolves when a sweep under way has ended its batch. */
  stop(): Promise<void>
}

/**
 * Removes what has expired, once a minute, in batches. Several processes may do so side by side: they skip each other's
 * rows. Consumed refresh tokens stay for `consumedKeptMs`, or until they expire, so that a second use of one is noticed.
 */
export function startSweeper(
  database: Database,
  logger: FastifyBaseLogger,
  { consumedKeptMs, ran = () => {} }: { readonly consumedKeptMs: number; readonly ran?: TaskRan },
): Sweeper {
  let stopped = false
  let underWay: Promise<unknown> = Promise.resolve()

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
    underWay = underWay.then(sweep).then(
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
      await underWay
    },
  }
}
