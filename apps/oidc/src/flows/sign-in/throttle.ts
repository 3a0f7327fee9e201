import { LRUCache } from 'lru-cache'

export interface AttemptLimit {
  /** Counts an attempt, before it is made. Undefined if it may be made, otherwise the seconds to wait. */
  take(key: string): number | undefined
  /** Uncounts an attempt that turned out well. */
  giveBack(key: string): void
  /** Resets all attempts of a key. */
  reset(key: string): void
}

export interface AttemptLimitOptions {
  readonly limit: number
  readonly windowMs: number
  /** Keys remembered at once; past it the one unused for longest is forgotten. */
  readonly maxKeys?: number
  /** Milliseconds of a clock. */
  readonly now?: () => number
}

/**
 * At most `limit` attempts in a window that starts with the first. An attempt is counted before its outcome is known,
 * so that many at once cannot slip through together; refused ones do not lengthen the wait.
 *
 * In memory, so for one process; `shared-attempts.ts` makes it one for several.
 */
export function attemptLimit({
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

/** In minutes, rounded up: what people count in. */
export function tooMany(seconds: number): string {
  const minutes = Math.ceil(seconds / 60)
  return `Too many attempts. Try again in ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}.`
}
