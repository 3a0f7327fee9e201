import type { Change } from './cache.ts'
import type { Verifier } from './verifier.ts'

/** The caches of one process that invalidate each other. */
export interface InvalidationGroup {
  /**
   * Adds a verifier. What the returned one is told to invalidate, every member invalidates before the call returns; its
   * `close` leaves the group.
   */
  join(verifier: Verifier): Verifier
  /** Calls `invalidate` for each change. @returns a function that ends it */
  subscribe(invalidate: (change: Change) => void): () => void
}

/**
 * Makes a group for servers that share a process: a revocation through one is in effect at the others before it is
 * answered, and not only once the database's notification has arrived.
 */
export function invalidationGroup(): InvalidationGroup {
  const subscribers = new Set<(change: Change) => void>()

  function subscribe(invalidate: (change: Change) => void): () => void {
    subscribers.add(invalidate)
    return () => void subscribers.delete(invalidate)
  }

  return {
    subscribe,
    join(verifier) {
      const leave = subscribe(verifier.invalidate)
      return {
        ...verifier,
        invalidate(change) {
          for (const invalidate of subscribers) invalidate(change)
        },
        close() {
          leave()
          verifier.close()
        },
      }
    },
  }
}
