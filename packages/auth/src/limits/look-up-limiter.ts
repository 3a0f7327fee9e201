import { networkOf } from '@daytona-auth/service'
import { LRUCache } from 'lru-cache'
import { entries } from './lru-options.ts'

export interface LookUpLimiterOptions {
  /** Well-formed but unknown credentials per minute and address. */
  readonly perMinute: number
  /** Look-ups per second for an address over `perMinute`. */
  readonly lookUpsPerSecond: number
  /** The most addresses in memory. */
  readonly size: number
  /** A monotonic clock in milliseconds. */
  readonly now: () => number
}

/** A permit to look up a credential that is not cached. `release` must be called when the look-up has ended. */
export interface LookUp {
  release(wasUnknown: boolean): void
}

/** Bounds the database work that an address can cause with invented keys. */
export interface LookUpLimiter {
  /** `undefined`: over the limit. A promise while it depends on running look-ups of the same address. */
  acquire(address: string): LookUp | undefined | Promise<LookUp | undefined>
}

const MINUTE_MS = 60_000

interface Caller {
  /** When the minute began in which unknown credentials are counted. */
  since: number
  unknown: number
  running: number
  readonly waiting: ((lookUp: LookUp | undefined) => void)[]
  /** Look-ups still allowed while over the limit, refilled with time. */
  allowance: number
  refilledAt: number
}

const FREE: LookUp = Object.freeze({ release() {} })

/**
 * Allows `perMinute` unknown credentials a minute, then `lookUpsPerSecond`.
 *
 * Each look-up may turn out unknown, so at most as many run as are left in the minute, and the others wait for them, for
 * milliseconds. A thousand invented keys at once get no more look-ups than one after another, and a thousand valid
 * credentials at once are all served.
 */
export function lookUpLimiter({ perMinute, lookUpsPerSecond, size, now }: LookUpLimiterOptions): LookUpLimiter {
  const callers = new LRUCache<string, Caller>(entries(size))

  function callerAt(address: string): Caller {
    const network = networkOf(address)
    let caller = callers.get(network)
    if (!caller) {
      caller = { since: now(), unknown: 0, running: 0, waiting: [], allowance: lookUpsPerSecond, refilledAt: now() }
      callers.set(network, caller)
    }
    return caller
  }

  /** `null`: it depends on the results of the running look-ups. */
  function decide(caller: Caller): LookUp | undefined | null {
    if (now() - caller.since >= MINUTE_MS) {
      caller.since = now()
      caller.unknown = 0
    }
    if (caller.unknown >= perMinute) return trickle(caller)
    return caller.unknown + caller.running < perMinute ? begin(caller) : null
  }

  function begin(caller: Caller): LookUp {
    caller.running += 1
    return {
      release(wasUnknown) {
        caller.running -= 1
        if (wasUnknown) caller.unknown += 1
        serve(caller)
      },
    }
  }

  function trickle(caller: Caller): LookUp | undefined {
    const elapsed = now() - caller.refilledAt
    caller.refilledAt = now()
    caller.allowance = Math.min(lookUpsPerSecond, caller.allowance + (elapsed / 1000) * lookUpsPerSecond)
    if (caller.allowance < 1) return undefined
    caller.allowance -= 1
    return FREE
  }

  function serve(caller: Caller): void {
    while (caller.waiting.length > 0) {
      const decision = decide(caller)
      if (decision === null) return
      caller.waiting.shift()?.(decision)
    }
  }

  return {
    acquire(address) {
      const caller = callerAt(address)
      const decision = caller.waiting.length > 0 ? null : decide(caller)
      if (decision !== null) return decision
      const { promise, resolve } = Promise.withResolvers<LookUp | undefined>()
      caller.waiting.push(resolve)
      return promise
    },
  }
}
