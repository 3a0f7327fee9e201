import { randomUUID } from 'node:crypto'
import { REDIS_PREFIX, type SharedRedis } from '@daytona-auth/service'
import type { Count, OnCount } from './rate-limiter.ts'

const EXCHANGE_MS = 100
/** Counts in one script: Redis does nothing else while one runs, which is a millisecond or so. */
const BATCH = 500
/** How long a count outlives its window: by more than clocks differ. */
const MARGIN_MS = 60_000

/**
 * For each key: notes how many this process (ARGV[1]) has taken, and answers how many all have; -1 for a key that holds
 * something else. A process states its total, so that saying it twice changes nothing, and saying it again after Redis
 * has lost everything restores it.
 */
const EXCHANGE = `
local totals = {}
for i, key in ipairs(KEYS) do
  local noted = redis.pcall('HSET', key, ARGV[1], ARGV[i + 2])
  if type(noted) ~= 'table' then
    redis.call('PEXPIRE', key, ARGV[2])
    local total = 0
    for _, count in ipairs(redis.call('HVALS', key)) do total = total + (tonumber(count) or 0) end
    totals[i] = total
  elseif string.find(noted.err, 'WRONGTYPE', 1, true) then
    totals[i] = -1
  else
    return noted
  end
end
return totals`

export interface SharedLimits {
  /** For the `tell` of one rate limiter. The name is part of the keys, with the ids that it counts by: no secrets. */
  onCountOf(name: string): OnCount
  /** Tells what is left to tell, and ends. */
  close(): Promise<void>
}

/**
 * Lets the rate limiters of several processes count as one, over Redis, without a request ever waiting for it: each takes
 * from its own memory, and every 100 ms the processes tell each other what they took.
 *
 * So a process knows of the others' requests within two exchanges (200 ms and two round trips), and what they let
 * through together exceeds the limit by no more than they acquire in that time. While Redis is not up each counts for itself,
 * from what it knew: together at most the limit of each.
 */
export function sharedLimits({
  redis,
  now = Date.now,
}: {
  redis: Pick<SharedRedis, 'isUp' | 'run' | 'misread'>
  /** Milliseconds since the epoch. */
  now?: () => number
}): SharedLimits {
  const self = randomUUID()
  let pending: [key: string, count: Count][] = []
  let underWay: Promise<void> | undefined

  async function exchange(): Promise<void> {
    const [oldest] = pending
    // A minute that is over concerns nobody.
    if (oldest && oldest[1].endsAt <= now()) pending = pending.filter(([, count]) => count.endsAt > now())
    if (!redis.isUp()) return
    const telling = pending
    pending = []
    for (let at = 0; at < telling.length; at += BATCH) await tell(telling.slice(at, at + BATCH))
  }

  async function tell(batch: typeof pending): Promise<void> {
    const told = batch.map(([, count]) => count.own)
    const keys = batch.map(([key]) => key)
    const endsAt = batch.reduce((latest, [, count]) => Math.max(latest, count.endsAt), 0)
    const ttlMs = Math.max(0, endsAt - now()) + MARGIN_MS
    const totals = await redis.run(EXCHANGE, keys, [self, ttlMs, ...told])
    for (const [at, entry] of batch.entries()) {
      const [, count] = entry
      const own = told[at] ?? 0
      const total: unknown = Array.isArray(totals) ? totals[at] : undefined
      if (typeof total === 'number' && total >= own) count.others = Math.max(count.others, total - own)
      else if (total !== undefined) redis.misread('a count')
      if (total === undefined || count.own !== own) pending.push(entry)
      else count.isPending = false
    }
  }

  const timer = setInterval(() => {
    underWay ??= exchange().finally(() => {
      underWay = undefined
    })
  }, EXCHANGE_MS)

  return {
    onCountOf: (name) => (count) => {
      pending.push([`${REDIS_PREFIX}limit:${name}:${count.endsAt}:${count.id}`, count])
    },
    async close() {
      clearInterval(timer)
      await underWay
      await exchange()
    },
  }
}
