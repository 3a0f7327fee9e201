import { type RateLimiter, secondsLeft, takeFromLimit } from '@daytona-auth/auth'
import { tooManyRequests } from '@daytona-auth/service'
import type { FastifyReply } from 'fastify'

/** Counts one creation for a name, sets the rate-limit headers and refuses past the limit. @throws Denial 429 */
export type Admit = (name: string, reply: FastifyReply) => void

/** Counts one creation for a name without setting headers. @throws Denial 429 */
export type Spend = (name: string) => void

/** Limits creations for each name in a window, counted like a credential's requests. */
export function creationLimit(limiter: RateLimiter, now: () => number): Admit {
  return (name, reply) => {
    const retryAfterSeconds = takeFromLimit(reply, limiter, name, now())
    if (retryAfterSeconds !== undefined) throw tooManyRequests('too many creations', retryAfterSeconds)
  }
}

/** Is `creationLimit` for a second limit on a request, whose headers already describe the first. */
export function budget(limiter: RateLimiter, what: string, now: () => number): Spend {
  return (name) => {
    const instant = now()
    if (limiter.take(name, instant) < 0) throw tooManyRequests(what, secondsLeft(instant, limiter.windowMs))
  }
}
