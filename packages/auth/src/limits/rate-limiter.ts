const MINUTE_MS = 60_000

export interface RateLimiter {
  /** Requests per window and credential. */
  readonly limit: number
  /** The length of a window in milliseconds. */
  readonly windowMs: number
  /**
   * Takes one of the requests that a credential has left in the window of `instant` (milliseconds since the epoch). Returns
   * how many remain; negative: none was left.
   */
  take(credentialId: string, instant: number): number
  /** What `take` has decided since the process began. */
  readonly decisions: { readonly admitted: number; readonly refused: number }
}

/** From `instant` (milliseconds since the epoch) until its window ends and everything is there again, in whole seconds: 1 to 60 for a minute. */
export const secondsLeft = (instant: number, windowMs = MINUTE_MS): number =>
  Math.ceil((startOf(instant, windowMs) + windowMs - instant) / 1000)

/** The beginning of its window. Not by `%`, which for numbers of this size is a call out of compiled code. */
const startOf = (instant: number, windowMs: number): number => Math.floor(instant / windowMs) * windowMs

/** How many were taken with an id in one minute. */
export interface Count {
  readonly id: string
  /** The end of the window, in milliseconds since the epoch. */
  readonly endsAt: number
  /** Taken here. */
  own: number
  /** Taken by other processes, as far as we know. */
  others: number
  /** Whether others are still to be told of `own`. */
  isPending: boolean
}

/** Is handed each count that other processes are to be told of: once, until it clears `isPending`. */
export type OnCount = (count: Count) => void

/**
 * Counts requests by credential, in windows of the wall clock (minutes unless `windowMs` says otherwise), in this process; with `tell` also what others counted.
 *
 * By the id of the key or grant and not by the principal: that is read anew whenever something about it changes, and a
 * client must not be able to start its minute over by renaming its key. All minutes end together, so that the memory of one is
 * dropped at once. Beyond `size` credentials in one minute the count that was begun first is forgotten.
 */
export function rateLimiter({
  limit,
  windowMs = MINUTE_MS,
  size = 100_000,
  tell,
}: {
  limit: number
  windowMs?: number
  size?: number
  tell?: OnCount | undefined
}): RateLimiter {
  let startedAt = Number.NaN
  let counts = new Map<string, Count>()
  const decisions = { admitted: 0, refused: 0 }

  function begin(id: string): Count {
    for (const oldest of counts.keys()) {
      if (counts.size < size) break
      counts.delete(oldest)
    }
    const none = { id, endsAt: startedAt + windowMs, own: 0, others: 0, isPending: false }
    counts.set(id, none)
    return none
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
        decisions.refused += 1
        return -1
      }
      decisions.admitted += 1
      count.own += 1
      if (tell && !count.isPending) {
        count.isPending = true
        tell(count)
      }
      return left - 1
    },
  }
}
