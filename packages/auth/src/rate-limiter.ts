const MINUTE_MS = 60_000

export interface RateLimiter {
  /** Requests per minute and credential. */
  readonly perMinute: number
  /** Takes one of the requests that a credential has left in this minute. Returns how many remain; negative: none was left. */
  take(credentialId: string): number
  /** Until the minute ends and everything is there again, in whole seconds: 1 to 60. */
  secondsLeft(): number
}

/**
 * Counts requests by credential, in minutes of the wall clock, in this process.
 *
 * By the id of the key or grant and not by the principal: that is read anew whenever something about it changes, and a
 * client must not be able to start its minute over by renaming its key. All minutes end together, so that the memory of one is
 * dropped at once. Beyond `size` credentials in one minute the count that was begun first is forgotten.
 */
export function rateLimiter({
  perMinute,
  now = Date.now,
  size = 100_000,
}: {
  perMinute: number
  /** Milliseconds since the epoch. */
  now?: () => number
  size?: number
}): RateLimiter {
  let startedAt = Number.NaN
  let remaining = new Map<string, { count: number }>()

  function begin(credentialId: string): { count: number } {
    for (const oldest of remaining.keys()) {
      if (remaining.size < size) break
      remaining.delete(oldest)
    }
    const all = { count: perMinute }
    remaining.set(credentialId, all)
    return all
  }

  return {
    perMinute,
    take(credentialId) {
      const instant = now()
      const minute = instant - (instant % MINUTE_MS)
      if (minute !== startedAt) {
        startedAt = minute
        remaining = new Map()
      }
      const left = remaining.get(credentialId) ?? begin(credentialId)
      if (left.count >= 0) left.count -= 1
      return left.count
    },
    secondsLeft: () => Math.ceil((MINUTE_MS - (now() % MINUTE_MS)) / 1000),
  }
}
