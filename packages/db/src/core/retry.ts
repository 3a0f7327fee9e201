import { setTimeout as wait } from 'node:timers/promises'
import { hasSqlState } from '@daytona-auth/service/sql-state'
import type postgres from 'postgres'
import { isDiskFullError, releaseSpaceReserve } from './space-reserve.ts'

/** The transaction was rolled back and may succeed when run again. */
const RETRYABLE = ['serialization_failure', 'deadlock_detected'] as const
const TRIES = 4
const MAX_WAIT_MS = 20

/**
 * Wraps a client so that a transaction runs again after a serialization failure or a deadlock, and on a full disk after the
 * space reserve was released. So a transaction must have no effect outside of the database.
 */
export function retryTransactions(client: postgres.Sql): postgres.Sql {
  // One overload is passed on as it is: (options?, callback).
  const begin = async (...args: [never]) => {
    for (let tried = 1; ; tried += 1) {
      try {
        return await client.begin(...args)
      } catch (error) {
        if (tried === TRIES) throw error
        if (isDiskFullError(error)) {
          if (!(await releaseSpaceReserve(client))) throw error
        } else if (!hasSqlState(error, ...RETRYABLE)) throw error
        // A random delay, so that the same two transactions do not collide again.
        await wait(Math.random() * MAX_WAIT_MS * tried)
      }
    }
  }
  return new Proxy(client, { get: (target, name) => (name === 'begin' ? begin : Reflect.get(target, name)) })
}
