import { type RateLimiter, secondsLeft } from '@daytona-auth/auth'
import { tooManyRequests } from '@daytona-auth/service'
import type { FastifyReply } from 'fastify'

/** Counts one creation for a name, sets the rate-limit headers and refuses past the limit. @throws Denial 429 */
export type Admit = (name: string, reply: FastifyReply) => void

/** Counts one creation for a name without setting headers. @throws Denial 429 */
export type Spend = (name: string) => void

/** Limits creations for each name in a window, counted like a credential's requests. */
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

/** Is `creationLimit` for a second limit on a request, whose headers already describe the first. */
export function budget(limiter: RateLimiter, what: string, now: () => number): Spend {
  return (name) => {
    const instant = now()
    if (limiter.take(name, instant) < 0) throw tooManyRequests(what, secondsLeft(instant, limiter.windowMs))
  }
}
