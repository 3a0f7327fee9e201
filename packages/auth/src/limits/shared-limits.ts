import { randomUUID } from 'node:crypto'
import { REDIS_PREFIX, type SharedRedis } from '@daytona-auth/service'
import type { Count, OnCount } from './rate-limiter.ts'

const EXCHANGE_MS = 100
/** Counts in one script. Redis serves no other client while a script runs, about a millisecond. */
const BATCH = 500
/** How long a count is kept after its window: longer than clocks differ. */
const MARGIN_MS = 60_000

/**
 * For each key: stores how many this process (ARGV[1]) has taken and returns the total of all processes, or -1 for a key of
 * another type. A process writes its own total, so that repeating it is idempotent and restores it after a loss of data in
 * Redis.
 */
const EXCHANGE = `
local totals = {}
for i, key in ipairs(KEYS) do
  local stored = redis.pcall('HSET', key, ARGV[1], ARGV[i + 2])
  if type(stored) ~= 'table' then
    redis.call('PEXPIRE', key, ARGV[2])
    local total = 0
    for _, count in ipairs(redis.call('HVALS', key)) do total = total + (tonumber(count) or 0) end
    totals[i] = total
  elseif string.find(stored.err, 'WRONGTYPE', 1, true) then
    totals[i] = -1
  else
    return stored
  end
end
return totals`

export interface SharedLimits {
  /** Returns the `onCount` of one rate limiter. Keys contain its name and the ids that it counts by: no secrets. */
  onCountOf(name: string): OnCount
  /** Publishes the pending counts and stops. */
  close(): Promise<void>
}

/**
 * Shares the counts of the rate limiters of several processes over Redis. No request waits for it: each process takes from
 * its own memory, and every 100 ms the processes exchange their totals.
 *
 * A process receives the others' counts within two exchanges (200 ms and two round trips). Together they exceed the limit by
 * at most what they take in that time. While Redis is unavailable each process counts alone, from the last known totals:
 * each admits at most the limit.
 */
export function sharedLimits({
  redis,
  now = Date.now,
}: {
  redis: Pick<SharedRedis, 'isUp' | 'run' | 'misread'>
  /** Milliseconds since the epoch. */
  now?: () => number
}): SharedLimits {
  const processId = randomUUID()
  let pending: [key: string, count: Count][] = []
  let running: Promise<void> | undefined

  async function exchange(): Promise<void> {
    const [oldest] = pending
    // Counts of a window that has ended are not published.
    if (oldest && oldest[1].endsAt <= now()) pending = pending.filter(([, count]) => count.endsAt > now())
    if (!redis.isUp()) return
    const counts = pending
    pending = []
    for (let at = 0; at < counts.length; at += BATCH) await publish(counts.slice(at, at + BATCH))
  }

  async function publish(batch: typeof pending): Promise<void> {
    const published = batch.map(([, count]) => count.own)
    const keys = batch.map(([key]) => key)
    const endsAt = batch.reduce((latest, [, count]) => Math.max(latest, count.endsAt), 0)
    const ttlMs = Math.max(0, endsAt - now()) + MARGIN_MS
    const totals = await redis.run(EXCHANGE, keys, [processId, ttlMs, ...published])
    for (const [at, entry] of batch.entries()) {
      const [, count] = entry
      const own = published[at] ?? 0
      const total: unknown = Array.isArray(totals) ? totals[at] : undefined
      if (typeof total === 'number' && total >= own) count.others = Math.max(count.others, total - own)
      else if (total !== undefined) redis.misread('a count')
      if (total === undefined || count.own !== own) pending.push(entry)
      else count.isPending = false
    }
  }

  const timer = setInterval(() => {
    running ??= exchange().finally(() => {
      running = undefined
    })
  }, EXCHANGE_MS)

  return {
    onCountOf: (name) => (count) => {
      pending.push([`${REDIS_PREFIX}limit:${name}:${count.endsAt}:${count.id}`, count])
    },
    async close() {
      clearInterval(timer)
      await running
      await exchange()
    },
  }
}
