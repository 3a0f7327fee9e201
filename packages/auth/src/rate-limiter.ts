const MINUTE_MS = 60_000

export interface RateLimiter {
  /** Requests per minute and credential. */
  readonly perMinute: number
  /**
   * Takes one of the requests that a credential has left in the minute of `instant` (milliseconds since the epoch). Returns
   * how many remain; negative: none was left.
   */
  take(credentialId: string, instant: number): number
  /** What `take` has decided since the process began. */
  readonly decisions: { readonly admitted: number; readonly refused: number }
}

/** From `instant` (milliseconds since the epoch) until its minute ends and everything is there again, in whole seconds: 1 to 60. */
export const secondsLeft = (instant: number): number => Math.ceil((minuteOf(instant) + MINUTE_MS - instant) / 1000)

/** The beginning of its minute. Not by `%`, which for numbers of this size is a call out of compiled code. */
const minuteOf = (instant: number): number => Math.floor(instant / MINUTE_MS) * MINUTE_MS

/** How many were taken with an id in one minute. */
export interface Count {
  readonly id: string
  /** The end of the minute, in milliseconds since the epoch. */
  readonly endsAt: number
  /** Taken here. */
  own: number
  /** Taken by other processes, as far as we know. */
  others: number
  /** Whether others are still to be told of `own`. */
  isPending: boolean
}

/** Is handed each count that other processes are to be told of: once, until it clears `isPending`. */
export type Tell = (count: Count) => void

/**
 * Counts requests by credential, in minutes of the wall clock, in this process; with `tell` also what others counted.
 *
 * By the id of the key or grant and not by the principal: that is read anew whenever something about it changes, and a
 * client must not be able to start its minute over by renaming its key. All minutes end together, so that the memory of one is
 * dropped at once. Beyond `size` credentials in one minute the count that was begun first is forgotten.
 */
export function rateLimiter({
  perMinute,
  size = 100_000,
  tell,
}: {
  perMinute: number
  size?: number
  tell?: Tell | undefined
}): RateLimiter {
  let startedAt = Number.NaN
  let counts = new Map<string, Count>()
  const decisions = { admitted: 0, refused: 0 }

  function begin(id: string): Count {
    for (const oldest of counts.keys()) {
      if (counts.size < size) break
      counts.delete(oldest)
    }
    const none = { id, endsAt: startedAt + MINUTE_MS, own: 0, others: 0, isPending: false }
    counts.set(id, none)
    return none
  }

  return {
    perMinute,
    decisions,
    take(credentialId, instant) {
      const minute = minuteOf(instant)
      if (minute !== startedAt) {
        startedAt = minute
        counts = new Map()
      }
      const count = counts.get(credentialId) ?? begin(credentialId)
      const left = perMinute - count.own - count.others
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
