import { type Database, sparePool } from '@daytona-auth/db'
import type { FastifyBaseLogger } from 'fastify'

type Sql = Database['$client']

export interface ReaderOptions {
  readonly database: Database
  readonly logger: Pick<FastifyBaseLogger, 'warn'>
  /** How long an answer may take, in milliseconds. */
  readonly timeoutMs: number
  /** A monotonic clock in milliseconds. */
  readonly now: () => number
}

/** Asks the database, and does not wait for ever. */
export interface Reader {
  /** @throws what `ask` does, or an error when there is no answer in time. */
  read<T>(ask: (sql: Sql) => Promise<T>): Promise<T>
  close(): void
}

/** More than this many without an answer, and the database is not there: waiting in line would only add to it. */
const MAX_PENDING = 5000

/** New connections need time to be made; until then their silence says nothing. In timeouts. */
const PATIENCE = 5

/**
 * Reads with an end. When nothing at all has come back for the time of a read, what follows goes over new connections: a
 * network that comes back, or a standby that takes over the address, is not found through sockets that have died in
 * silence. A database that is merely slow keeps the connections that it has.
 */
export function silenceProofReader({ database, logger, timeoutMs, now }: ReaderOptions): Reader {
  let sql = database.$client
  let pending = 0
  let answeredAt = Number.NEGATIVE_INFINITY
  let renewedAt = Number.NEGATIVE_INFINITY

  function renew(askedAt: number): void {
    if (answeredAt >= askedAt || now() - renewedAt < PATIENCE * timeoutMs) return
    renewedAt = now()
    logger.warn({ timeoutMs }, 'the database did not answer in time, connected anew')
    retire(sql)
    sql = sparePool(database)
  }

  /** What is under way may still end; the pool of `database` is not ours to close. */
  function retire(old: Sql): void {
    if (old !== database.$client) old.end({ timeout: timeoutMs / 1000 }).catch(() => {})
  }

  return {
    async read(ask) {
      if (pending >= MAX_PENDING) throw new Error('too many reads of the database are waiting')
      pending += 1
      const askedAt = now()
      const answer = ask(sql).finally(() => {
        pending -= 1
        answeredAt = now()
      })
      answer.catch(() => {}) // it may fail long after nobody waits for it any more
      return within(timeoutMs, answer, () => renew(askedAt))
    },
    close: () => retire(sql),
  }
}

/** `promise`, or an error after `ms` milliseconds, which `onTimeout` is told of. */
export async function within<T>(ms: number, promise: Promise<T>, onTimeout: () => void): Promise<T> {
  const { promise: end, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    onTimeout()
    reject(new Error(`no answer in ${ms} ms`))
  }, ms)
  try {
    return await Promise.race([promise, end])
  } finally {
    clearTimeout(timer)
  }
}
