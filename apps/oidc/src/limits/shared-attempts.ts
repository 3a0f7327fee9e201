import { createHmac } from 'node:crypto'
import { REDIS_PREFIX, type SharedRedis } from '@daytona-auth/service'
import { type RateLimiterAbstract, RateLimiterRedis } from 'rate-limiter-flexible'
import { type AttemptLimit, AttemptsInMemory, createAttemptLimit } from './attempt-limit.ts'

/** Turns a limit of one process into one shared by all processes. */
export type ShareAttempts = (
  local: AttemptsInMemory,
  limit: { readonly name: string; readonly limit: number; readonly windowMs: number },
) => RateLimiterAbstract

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
}): (name: string, limit: number) => AttemptLimit {
  return (name, limit) => {
    const local = new AttemptsInMemory({ limit, windowMs, now })
    return createAttemptLimit(share(local, { name, limit, windowMs }))
  }
}

/**
 * Adds ARGV[1], 1 or -1, within 0 and ARGV[3], the limit, in a window of ARGV[4] seconds. Returns the count and the
 * milliseconds left. A refused attempt is not counted, and returns one more than the limit. Returns -1 if the key is not
 * ours. The library's own script counts refused attempts, and below zero.
 */
const COUNT = `
local held = redis.pcall('GET', KEYS[1])
if type(held) == 'table' then
  if string.find(held.err, 'WRONGTYPE', 1, true) then return -1 end
  return held
end
local count = tonumber(held or '0')
if count == nil then return -1 end
local left = redis.call('PTTL', KEYS[1])
if left == 0 then count = 0 end
if left < 1 then left = math.floor(tonumber(ARGV[4]) * 1000) end
local wanted = count + tonumber(ARGV[1])
local limit = tonumber(ARGV[3])
local stored = math.max(0, math.min(wanted, limit))
if held or stored > 0 then redis.call('SET', KEYS[1], string.format('%d', stored), 'PX', left) end
return {math.max(stored, wanted), left}`

/** A script as the library passes it to the `redis` package. */
interface Script {
  readonly keys: readonly string[]
  readonly arguments: readonly string[]
}

const RESET = `return redis.call('DEL', KEYS[1])`

/**
 * Counts attempts of all processes in Redis. Each process also counts its own attempts in `local`, the limiter's
 * insurance: it decides while Redis is down or does not respond within a second.
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
    /** The commands that the limiter calls. One that Redis did not answer throws, and the limiter asks its insurance. */
    const storeClient = {
      async eval(script: string, { keys: [key = ''], arguments: given }: Script) {
        const answer = await redis.run(script, keysOf(key), given)
        if (!Array.isArray(answer)) throw unanswered(answer)
        if (given[0] === '-1') await local.reward(key)
        // As in Redis, a refused attempt is not counted.
        else if (answer[0] <= limit) await local.consume(key).catch(() => {})
        return answer
      },
      async del(key: string) {
        const answer = await redis.run(RESET, keysOf(key), [])
        if (typeof answer !== 'number') throw unanswered(answer)
        await local.delete(key)
        return answer
      },
    }
    return new RateLimiterRedis({
      storeClient,
      points: limit,
      duration: windowMs / 1000,
      keyPrefix: '',
      useRedisPackage: true,
      customIncrTtlLuaScript: COUNT,
      insuranceLimiter: local,
    })
  }

  function unanswered(answer: unknown): Error {
    if (answer !== undefined) redis.misread('attempts')
    return new Error('Redis did not count the attempt')
  }
}
