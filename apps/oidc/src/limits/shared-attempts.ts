import { createHmac } from 'node:crypto'
import { REDIS_PREFIX, type SharedRedis } from '@daytona-auth/service'
import { type AttemptLimit, createAttemptLimit } from './attempt-limit.ts'

/** An `AttemptLimit` that may be asynchronous. */
export interface SharedAttemptLimit {
  take(key: string): number | undefined | Promise<number | undefined>
  giveBack(key: string): void
  reset(key: string): void
}

/** Turns a limit of one process into one shared by all processes. */
export type ShareAttempts = (
  local: AttemptLimit,
  limit: { readonly name: string; readonly limit: number; readonly windowMs: number },
) => SharedAttemptLimit

/**
 * Creates limits with the same window, each counted under its name. Without `share`, each process counts separately.
 */
export function createNamedAttemptLimits({
  windowMs,
  now,
  share = (local) => local,
}: {
  readonly windowMs: number
  readonly now: () => number
  readonly share?: ShareAttempts | undefined
}): (name: string, limit: number) => SharedAttemptLimit {
  return (name, limit) => share(createAttemptLimit({ limit, windowMs, now }), { name, limit, windowMs })
}

/** Returns 0 if it counted one more, the milliseconds to wait above the limit, or -1 if the key is not ours. */
const TAKE = `
local count = redis.pcall('INCR', KEYS[1])
if type(count) == 'table' then
  if string.find(count.err, 'WRONGTYPE', 1, true) or string.find(count.err, 'not an integer', 1, true) then return -1 end
  return count
end
local left = redis.call('PTTL', KEYS[1])
if left < 1 then
  left = tonumber(ARGV[2])
  redis.call('PEXPIRE', KEYS[1], left)
end
if count <= tonumber(ARGV[1]) then return 0 end
redis.call('DECR', KEYS[1])
return left`

const GIVE_BACK = `
local count = redis.pcall('GET', KEYS[1])
if type(count) == 'string' and (tonumber(count) or 0) > 0 then return redis.pcall('DECR', KEYS[1]) end
return 0`

const RESET = `return redis.call('DEL', KEYS[1])`

/**
 * Counts attempts of all processes in Redis. Each process also counts its own attempts. It uses that count while Redis
 * is down or does not respond within a second.
 *
 * Redis stores neither e-mail nor IP addresses: its keys are HMACs under a key derived from `secret`.
 */
export function shareAttempts({
  redis,
  secret,
}: {
  redis: Pick<SharedRedis, 'run' | 'misread'>
  secret: string
}): ShareAttempts {
  const macKey = createHmac('sha256', secret).update('daytona-auth: keys of counted attempts').digest()

  return (local, { name, limit, windowMs }) => {
    const keysOf = (key: string) => [
      `${REDIS_PREFIX}attempts:${name}:${createHmac('sha256', macKey).update(key).digest('base64url')}`,
    ]
    return {
      async take(key) {
        const localWait = local.take(key)
        const waitMs = await redis.run(TAKE, keysOf(key), [limit, windowMs])
        if (typeof waitMs !== 'number' || waitMs < 0) {
          if (waitMs !== undefined) redis.misread('attempts')
          return localWait
        }
        if (waitMs === 0) return undefined
        // The attempt is refused, and so not counted.
        if (localWait === undefined) local.giveBack(key)
        return Math.ceil(waitMs / 1000)
      },
      giveBack(key) {
        local.giveBack(key)
        void redis.run(GIVE_BACK, keysOf(key), [])
      },
      reset(key) {
        local.reset(key)
        void redis.run(RESET, keysOf(key), [])
      },
    }
  }
}
