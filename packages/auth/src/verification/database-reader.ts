import type { Database } from '@daytona-auth/db'

type Sql = Database['$client']

export interface ReaderOptions {
  readonly database: Database
  /** How long an answer may take, in milliseconds. */
  readonly timeoutMs: number
}

/** Asks the database, and does not wait for ever. */
export interface Reader {
  /** @throws what `ask` does, or an error when there is no answer in time. */
  read<T>(ask: (sql: Sql) => Promise<T>): Promise<T>
}

/** More than this many without an answer, and the database is not there: waiting in line would only add to it. */
const MAX_PENDING = 5000

/**
 * Reads with an end. The pool closes a connection that has gone silent (`silenceTimeoutSeconds`) and opens another, so
 * that no more connections are open than it may have, however long a table is locked or a network is away.
 */
export function boundedReader({ database: { $client }, timeoutMs }: ReaderOptions): Reader {
  let pending = 0
  return {
    async read(ask) {
      if (pending >= MAX_PENDING) throw new Error('too many reads of the database are waiting')
      pending += 1
      const answer = ask($client).finally(() => {
        pending -= 1
      })
      answer.catch(() => {}) // it may fail long after nobody waits for it any more
      return within(timeoutMs, answer, () => {})
    },
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
