import type { Change } from './cache.ts'
import type { Verifier } from './verifier.ts'

/** The caches of one process that invalidate each other. */
export interface InvalidationGroup {
  /**
   * Adds a verifier. `invalidate` of the returned one invalidates in every member before it returns; `close` leaves the
   * group.
   */
  join(verifier: Verifier): Verifier
  /** Calls `invalidate` for each change. @returns a function that unsubscribes */
  subscribe(invalidate: (change: Change) => void): () => void
}

/**
 * Makes a group for servers that share a process: a revocation through one is in effect at the others before its response
 * is sent, without waiting for the database's notification.
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
