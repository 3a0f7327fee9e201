import { LRUCache } from 'lru-cache'

export interface AttemptLimit {
  /** Counts an attempt before it is made. Returns undefined if it is allowed, otherwise the seconds to wait. */
  take(key: string): number | undefined
  /** Uncounts an attempt. */
  giveBack(key: string): void
  /** Resets all attempts of a key. */
  reset(key: string): void
}

export interface AttemptLimitOptions {
  readonly limit: number
  readonly windowMs: number
  /** The maximum number of keys; the least recently used one is evicted. */
  readonly maxKeys?: number
  /** A clock in milliseconds. */
  readonly now?: () => number
}

/**
 * Allows at most `limit` attempts in a window that starts with the first. An attempt counts before its outcome is
 * known, so that concurrent ones cannot exceed the limit. Refused attempts do not extend the wait.
 *
 * Counts in memory of one process; `shared-attempts.ts` shares the count between processes.
 */
export function createAttemptLimit({
  limit,
  windowMs,
  maxKeys = 100_000,
  now = Date.now,
}: AttemptLimitOptions): AttemptLimit {
  const attempts = new LRUCache<string, { count: number; endsAt: number }>({ max: maxKeys })

  function live(key: string) {
    const entry = attempts.get(key)
    return entry && entry.endsAt > now() ? entry : undefined
  }

  return {
    take(key) {
      const entry = live(key)
      if (!entry) {
        attempts.set(key, { count: 1, endsAt: now() + windowMs })
        return undefined
      }
      if (entry.count >= limit) return Math.ceil((entry.endsAt - now()) / 1000)
      entry.count += 1
      return undefined
    },
    giveBack(key) {
      const entry = live(key)
      if (entry && entry.count > 0) entry.count -= 1
    },
    reset(key) {
      attempts.delete(key)
    },
  }
}

/** Returns the message for too many attempts, with the wait in minutes, rounded up. */
export function tooManyAttempts(seconds: number): string {
  const minutes = Math.ceil(seconds / 60)
  return `Too many attempts. Try again in ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}.`
}
