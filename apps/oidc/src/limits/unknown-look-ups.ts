import { entries, lookUpLimiter } from '@daytona-auth/auth'
import { tooManyRequests } from '@daytona-auth/service'
import { LRUCache } from 'lru-cache'
import Provider, { errors } from 'oidc-provider'

/** The budget of a look-up: that of the authenticated client, or that of the address. */
export type LookUpBudget = { readonly clientId: string } | { readonly address: string }

export interface UnknownLookUps {
  /**
   * Reads the item of `key`. A key that was missing moments ago returns undefined without reading; each new missing key
   * counts. @throws TooManyUnknown if the budget named too many missing keys; never for a key known to this process
   */
  find<Found>(budget: LookUpBudget, key: string, read: () => Promise<Found | undefined>): Promise<Found | undefined>
  /** Records that `key` exists, because this process just created its item. */
  note(key: string): void
  /** Evicts the missing keys, because a notification of a new item may have been lost. */
  clearMissing(): void
}

/** Too many look-ups that found nothing: 429 in the format of RFC 6749. */
export class TooManyUnknown extends errors.OIDCProviderError {
  readonly retryAfterSeconds = 1

  constructor() {
    super(429, 'slow_down')
    Object.assign(this, { error_description: 'too many unknown credentials: try again in a moment' })
  }
}

/** Converts the error to the same denial for our own routes. */
export const asDenial = (error: unknown): unknown =>
  error instanceof TooManyUnknown ? tooManyRequests('too many unknown credentials', error.retryAfterSeconds) : error

/** How long a missing key is cached. Ids are random, so none is requested before it is created. */
const MISSING_MS = 10_000
const MISSING = 10_000
const KNOWN = 50_000
const BUDGETS = 10_000
/** The factor for an authenticated client, which sends the requests of many users. */
const CLIENT_FACTOR = 10
const LOOK_UPS_PER_SECOND = 10

export interface UnknownLookUpsOptions {
  /** Unknown keys a minute for an address; ten times as many for an authenticated client. */
  readonly perMinute: number
  /** A monotonic clock in milliseconds. */
  readonly now?: () => number
}

/**
 * Limits the database load of look-ups that find nothing: clients, codes, refresh tokens, device codes and mailed
 * links. `perMinute` are allowed, then ten a second, as for credentials at the API. Keys that this process has created
 * or found use no budget, so that invented keys never block a valid one.
 */
export function createUnknownLookUps({
  perMinute,
  now = () => performance.now(),
}: UnknownLookUpsOptions): UnknownLookUps {
  const limits = { lookUpsPerSecond: LOOK_UPS_PER_SECOND, size: BUDGETS, now }
  const addresses = lookUpLimiter({ ...limits, perMinute })
  const clients = lookUpLimiter({ ...limits, perMinute: perMinute * CLIENT_FACTOR })
  const missing = new LRUCache<string, true>({ ...entries(MISSING), ttl: MISSING_MS })
  const known = new LRUCache<string, true>(entries(KNOWN))

  return {
    async find(budget, key, read) {
      if (missing.has(key)) return undefined
      if (known.has(key)) {
        const found = await read()
        if (found === undefined) {
          known.delete(key)
          missing.set(key, true)
        }
        return found
      }
      const permit = await ('clientId' in budget ? clients.acquire(budget.clientId) : addresses.acquire(budget.address))
      if (!permit) throw new TooManyUnknown()
      let isUnknown = false
      try {
        const found = await read()
        isUnknown = found === undefined
        if (isUnknown) missing.set(key, true)
        else known.set(key, true)
        return found
      } finally {
        permit.release(isUnknown)
      }
    },
    note(key) {
      missing.delete(key)
      known.set(key, true)
    },
    clearMissing: () => missing.clear(),
  }
}

/** Returns the budget of the library's current request. */
export function budgetOfRequest(ctx = Provider.ctx): LookUpBudget {
  const client = ctx?.oidc?.client
  if (client && client.clientAuthMethod !== 'none') return { clientId: client.clientId }
  return { address: ctx?.ip ?? '' }
}
