import type { FastifyReply } from 'fastify'
import { type RateLimiter, secondsLeft } from '../limits/rate-limiter.ts'

/** The headers with the state of a limit: its maximum, what remains of it, and the seconds until all of it is available. */
export const RATE_LIMIT_HEADERS = ['X-RateLimit-Limit', 'X-RateLimit-Remaining', 'X-RateLimit-Reset'] as const

const [LIMIT, REMAINING, RESET] = RATE_LIMIT_HEADERS.map((name) => name.toLowerCase()) as [string, string, string]

/**
 * Takes one of what an id has left in the window of `instant`, and sets the headers.
 * @returns undefined, or the seconds until the next window if none was left
 */
export function takeFromLimit(
  reply: FastifyReply,
  limiter: RateLimiter,
  id: string,
  instant: number,
): number | undefined {
  const remaining = limiter.take(id, instant)
  const reset = secondsLeft(instant, limiter.windowMs)
  reply.header(LIMIT, limiter.limit)
  reply.header(REMAINING, Math.max(0, remaining))
  reply.header(RESET, reset)
  return remaining < 0 ? reset : undefined
}
