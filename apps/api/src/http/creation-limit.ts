import { type RateLimiter, secondsLeft } from '@daytona-auth/auth'
import { tooManyRequests } from '@daytona-auth/service'
import type { FastifyReply } from 'fastify'

/** Counts one more for a name, sets the rate-limit headers, and refuses what is too much. @throws Refusal 429 */
export type Admit = (name: string, reply: FastifyReply) => void

/** Counts one more for a name without setting headers. @throws Refusal 429 */
export type Spend = (name: string) => void

/** Admits so many of something in a window for each name, counted as a credential's requests are. */
export function creationLimit(limiter: RateLimiter, now: () => number): Admit {
  return (name, reply) => {
    const instant = now()
    const remaining = limiter.take(name, instant)
    const reset = secondsLeft(instant, limiter.windowMs)
    reply.headers({
      'x-ratelimit-limit': limiter.limit,
      'x-ratelimit-remaining': Math.max(0, remaining),
      'x-ratelimit-reset': reset,
    })
    if (remaining < 0) throw tooManyRequests('too many creations', reset)
  }
}

/** As `creationLimit`, for a second limit of a request: its headers tell of the first one. */
export function budget(limiter: RateLimiter, what: string, now: () => number): Spend {
  return (name) => {
    const instant = now()
    if (limiter.take(name, instant) < 0) throw tooManyRequests(what, secondsLeft(instant, limiter.windowMs))
  }
}
