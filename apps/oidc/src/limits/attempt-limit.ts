import { entries } from '@daytona-auth/auth'
import { LRUCache } from 'lru-cache'
import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import type { Message } from '../pages/language.ts'

export interface AttemptLimit {
  /** Counts an attempt before it is made. Returns undefined if it is allowed, otherwise the seconds to wait. */
  take(key: string): Promise<number | undefined>
  /** Uncounts an attempt. */
  giveBack(key: string): void
  /** Resets all attempts of a key. */
  reset(key: string): void
}

export interface AttemptLimitOptions {
  readonly limit: number
  readonly windowMs: number
  /** The maximum number of keys; the least recently used one is evicted. */
  readonly maxKeys?: number
  /** A clock in milliseconds. */
  readonly now?: () => number
}

/**
 * Allows at most `limit` attempts in a window that starts with the first. An attempt counts before its outcome is
 * known, so that concurrent ones cannot exceed the limit. Refused attempts do not extend the wait.
 */
export const createAttemptLimit = (limiter: RateLimiterAbstract): AttemptLimit => ({
  async take(key) {
    try {
      await limiter.consume(key)
      return undefined
    } catch (refused) {
      if (refused instanceof RateLimiterRes) return Math.ceil(refused.msBeforeNext / 1000)
      throw refused
    }
  },
  giveBack: (key) => void limiter.reward(key),
  reset: (key) => void limiter.delete(key),
})

interface Count {
  attempts: number
  readonly endsAt: number
}

/**
 * Counts in memory of one process. The library's own memory has no maximum of keys. It counts refused attempts, counts
 * below zero if an attempt is uncounted after its window, and loses windows longer than a timer.
 */
export class AttemptsInMemory extends RateLimiterMemory {
  readonly #counts: LRUCache<string, Count>
  readonly #now: () => number

  constructor({ limit, windowMs, maxKeys = 100_000, now = Date.now }: AttemptLimitOptions) {
    super({ points: limit, duration: windowMs / 1000, keyPrefix: '' })
    this.#counts = new LRUCache(entries(maxKeys))
    this.#now = now
  }

  override async consume(key: string): Promise<RateLimiterRes> {
    const count = this.#current(key) ?? { attempts: 0, endsAt: this.#now() + this.duration * 1000 }
    if (count.attempts >= this.points) throw this.#stateOf(count)
    count.attempts += 1
    this.#counts.set(key, count)
    return this.#stateOf(count)
  }

  override async reward(key: string): Promise<RateLimiterRes> {
    const count = this.#current(key)
    if (count && count.attempts > 0) count.attempts -= 1
    return this.#stateOf(count)
  }

  override async delete(key: string): Promise<boolean> {
    return this.#counts.delete(key)
  }

  #current(key: string): Count | undefined {
    const count = this.#counts.get(key)
    return count && count.endsAt > this.#now() ? count : undefined
  }

  #stateOf({ attempts, endsAt }: Count = { attempts: 0, endsAt: this.#now() }): RateLimiterRes {
    return new RateLimiterRes(this.points - attempts, endsAt - this.#now(), attempts)
  }
}

/** Returns the message for too many attempts, with the wait in minutes, rounded up. */
export const tooManyAttempts = (seconds: number): Message => ({
  sentence: 'Too many attempts. Try again in {minutes, plural, one {# minute} other {# minutes}}.',
  values: { minutes: Math.ceil(seconds / 60) },
})
