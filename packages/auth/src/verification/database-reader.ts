import type { Database } from '@daytona-auth/db/core'
import pTimeout from 'p-timeout'

type Sql = Database['$client']

export interface ReaderOptions {
  readonly database: Database
  /** How long a read may take, in milliseconds. */
  readonly timeoutMs: number
}

/** Reads from the database with a timeout. */
export interface Reader {
  /** @throws what `query` does, or an error after the timeout. */
  read<T>(query: (sql: Sql) => Promise<T>): Promise<T>
}

/** With this many reads pending, the database counts as unavailable: another one waiting would only add load. */
const MAX_PENDING = 5000

/**
 * Makes a reader with a timeout. The pool closes a connection without traffic (`silenceTimeoutSeconds`) and opens another.
 * So it never exceeds its number of connections, however long a table is locked or a network is down.
 */
export function boundedReader({ database: { $client }, timeoutMs }: ReaderOptions): Reader {
  let pending = 0
  return {
    async read(query) {
      if (pending >= MAX_PENDING) throw new Error('too many reads of the database are waiting')
      pending += 1
      const answer = query($client).finally(() => {
        pending -= 1
      })
      return within(timeoutMs, answer, () => {})
    },
  }
}

/** Returns the result of `promise`, or after `ms` milliseconds calls `onTimeout` and throws. */
export const within = <T>(ms: number, promise: Promise<T>, onTimeout: () => void): Promise<T> =>
  pTimeout(promise, {
    milliseconds: ms,
    // Not `message`, which would create an error with its stack for each call.
    fallback: () => {
      onTimeout()
      throw new Error(`no answer in ${ms} ms`)
    },
  })
