import { type RateLimiter, secondsLeft } from '@daytona-auth/auth'
import { tooManyRequests } from '@daytona-auth/service'
import type { FastifyReply } from 'fastify'

/** Counts one more for a name, tells the client how it stands, and refuses what is too much. @throws Refusal 429 */
export type Admit = (name: string, reply: FastifyReply) => void

/** Admits so many of something in a minute for each name, counted as a credential's requests are. */
export function creationLimit(limiter: RateLimiter, now: () => number): Admit {
  return (name, reply) => {
    const instant = now()
    const remaining = limiter.take(name, instant)
    const reset = secondsLeft(instant)
    reply.headers({
      'x-ratelimit-limit': limiter.perMinute,
      'x-ratelimit-remaining': Math.max(0, remaining),
      'x-ratelimit-reset': reset,
    })
    if (remaining < 0) throw tooManyRequests('too many creations', reset)
  }
}
