const MINUTE_MS = 60_000

export interface RateLimiter {
  /** Requests per window and credential. */
  readonly limit: number
  /** The length of a window in milliseconds. */
  readonly windowMs: number
  /**
   * Takes one of the requests that a credential has left in the window of `instant` (milliseconds since the epoch).
   * @returns the number that remain; negative: none was left
   */
  take(credentialId: string, instant: number): number
  /** The decisions of `take` since the process started. */
  readonly decisions: { readonly admitted: number; readonly denied: number }
}

/** Returns the whole seconds from `instant` (milliseconds since the epoch) to the end of its window: 1 to 60 for a minute. */
export const secondsLeft = (instant: number, windowMs = MINUTE_MS): number =>
  Math.ceil((startOf(instant, windowMs) + windowMs - instant) / 1000)

/** Returns the start of the window. Not by `%`, which for numbers of this size is a call out of compiled code. */
const startOf = (instant: number, windowMs: number): number => Math.floor(instant / windowMs) * windowMs

/** The requests taken for one id in one window. */
export interface Count {
  readonly id: string
  /** The end of the window, in milliseconds since the epoch. */
  readonly endsAt: number
  /** Taken in this process. */
  own: number
  /** Taken by other processes, as of the last exchange. */
  others: number
  /** Whether `own` is still to be published. */
  isPending: boolean
}

/** Receives each count to publish to other processes: once, until it clears `isPending`. */
export type OnCount = (count: Count) => void

/**
 * Counts requests by credential in windows of the wall clock, in this process; with `onCount`, shared with other processes.
 *
 * Counts by the id of the key or grant, not by the principal object: that is replaced after each change, and a client must
 * not restart its window by renaming its key. All windows end together, so that their memory is dropped at once. Beyond
 * `size` credentials in one window, the oldest count is evicted.
 */
export function rateLimiter({
  limit,
  windowMs = MINUTE_MS,
  size = 100_000,
  onCount,
}: {
  limit: number
  windowMs?: number
  size?: number
  onCount?: OnCount | undefined
}): RateLimiter {
  let startedAt = Number.NaN
  let counts = new Map<string, Count>()
  const decisions = { admitted: 0, denied: 0 }

  function begin(id: string): Count {
    for (const oldest of counts.keys()) {
      if (counts.size < size) break
      counts.delete(oldest)
    }
    const count = { id, endsAt: startedAt + windowMs, own: 0, others: 0, isPending: false }
    counts.set(id, count)
    return count
  }

  return {
    limit,
    windowMs,
    decisions,
    take(credentialId, instant) {
      const start = startOf(instant, windowMs)
      if (start !== startedAt) {
        startedAt = start
        counts = new Map()
      }
      const count = counts.get(credentialId) ?? begin(credentialId)
      const left = limit - count.own - count.others
      if (left <= 0) {
        decisions.denied += 1
        return -1
      }
      decisions.admitted += 1
      count.own += 1
      if (onCount && !count.isPending) {
        count.isPending = true
        onCount(count)
      }
      return left - 1
    },
  }
}
