import { setTimeout as wait } from 'node:timers/promises'
import type postgres from 'postgres'

/** serialization_failure and deadlock_detected: the transaction was undone and may succeed when run again. */
const PASSING = new Set(['40001', '40P01'])
const TRIES = 4
const MAX_WAIT_MS = 20

/**
 * The same client, whose transactions are run again when PostgreSQL undid them for the sake of another one. What runs in
 * a transaction must therefore change nothing but the database.
 */
export function retryTransactions(client: postgres.Sql): postgres.Sql {
  // One overload is passed on as it is: (options?, callback).
  const begin = async (...args: [never]) => {
    for (let tried = 1; ; tried += 1) {
      try {
        return await client.begin(...args)
      } catch (error) {
        if (tried === TRIES || !isPassing(error)) throw error
        // Apart from each other, so that the same two do not meet again.
        await wait(Math.random() * MAX_WAIT_MS * tried)
      }
    }
  }
  return new Proxy(client, { get: (target, name) => (name === 'begin' ? begin : Reflect.get(target, name)) })
}

/** drizzle wraps the driver's error. */
function isPassing(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('code' in at && PASSING.has(String(at.code))) return true
  }
  return false
}
