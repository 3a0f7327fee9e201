import { tooManyRequests } from '@daytona-auth/service'
import type { FastifyReply } from 'fastify'

const WINDOW_MS = 60_000

/** Counts one more for a name, tells the client how it stands, and refuses what is too much. @throws Refusal 429 */
export type Admit = (name: string, reply: FastifyReply) => void

/**
 * Admits so many of something in a minute for each name, in this process. The windows start together, so that the
 * memory of a minute is dropped at once.
 */
export function creationLimit({ perMinute, now }: { perMinute: number; now: () => number }): Admit {
  let endsAt = 0
  let counts = new Map<string, number>()
  return (name, reply) => {
    if (now() >= endsAt) {
      counts = new Map()
      endsAt = now() + WINDOW_MS
    }
    const count = (counts.get(name) ?? 0) + 1
    counts.set(name, count)
    const secondsLeft = Math.ceil((endsAt - now()) / 1000)
    reply.headers({
      'x-ratelimit-limit': perMinute,
      'x-ratelimit-remaining': Math.max(0, perMinute - count),
      'x-ratelimit-reset': secondsLeft,
    })
    if (count > perMinute) throw tooManyRequests('too many creations', secondsLeft)
  }
}
