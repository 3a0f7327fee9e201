import { networkOf } from '@daytona-auth/service'
import { LRUCache } from 'lru-cache'
import { entries } from './lru-options.ts'

export interface LookUpLimiterOptions {
  /** Well-formed but unknown credentials per minute and address. */
  readonly perMinute: number
  /** Look-ups per second for an address that is over it. */
  readonly lookUpsPerSecond: number
  /** Addresses remembered at most. */
  readonly size: number
  /** A monotonic clock in milliseconds. */
  readonly now: () => number
}

/** Leave to ask the database about a credential that no cache knows; `done` must be called when it has answered. */
export interface LookUp {
  release(wasUnknown: boolean): void
}

/** Bounds how much of the database an address can take by inventing keys. */
export interface LookUpLimiter {
  /** `undefined`: not now. A promise where it depends on look-ups of the same address that are under way. */
  acquire(address: string): LookUp | undefined | Promise<LookUp | undefined>
}

const MINUTE_MS = 60_000

interface Caller {
  /** When the minute began whose unknown ones are counted. */
  since: number
  unknown: number
  underWay: number
  readonly waiting: ((lookUp: LookUp | undefined) => void)[]
  /** Look-ups that it may still make while over the limit, refilled with time. */
  allowance: number
  refilledAt: number
}

const FREE: LookUp = Object.freeze({ release() {} })

/**
 * So many unknown ones a minute, then a trickle.
 *
 * Each look-up might turn out unknown, so as many may be under way as are left in the minute, and the others wait for
 * those, which takes milliseconds: a thousand inventions at once get no more look-ups than one after another, and a
 * thousand good credentials at once are all served.
 */
export function lookUpLimiter({ perMinute, lookUpsPerSecond, size, now }: LookUpLimiterOptions): LookUpLimiter {
  const callers = new LRUCache<string, Caller>(entries(size))

  function callerAt(address: string): Caller {
    const network = networkOf(address)
    let caller = callers.get(network)
    if (!caller) {
      caller = { since: now(), unknown: 0, underWay: 0, waiting: [], allowance: lookUpsPerSecond, refilledAt: now() }
      callers.set(network, caller)
    }
    return caller
  }

  /** `null`: it depends on what the look-ups under way will find. */
  function decide(caller: Caller): LookUp | undefined | null {
    if (now() - caller.since >= MINUTE_MS) {
      caller.since = now()
      caller.unknown = 0
    }
    if (caller.unknown >= perMinute) return trickle(caller)
    return caller.unknown + caller.underWay < perMinute ? begin(caller) : null
  }

  function begin(caller: Caller): LookUp {
    caller.underWay += 1
    return {
      release(wasUnknown) {
        caller.underWay -= 1
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
      const verdict = decide(caller)
      if (verdict === null) return
      caller.waiting.shift()?.(verdict)
    }
  }

  return {
    acquire(address) {
      const caller = callerAt(address)
      const verdict = caller.waiting.length > 0 ? null : decide(caller)
      if (verdict !== null) return verdict
      const { promise, resolve } = Promise.withResolvers<LookUp | undefined>()
      caller.waiting.push(resolve)
      return promise
    },
  }
}
