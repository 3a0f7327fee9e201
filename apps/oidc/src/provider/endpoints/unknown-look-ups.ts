import { lookUpLimiter } from '@daytona-auth/auth'
import { tooManyRequests } from '@daytona-auth/service'
import { LRUCache } from 'lru-cache'
import Provider, { errors } from 'oidc-provider'

/** On whose budget a look-up is: an authenticated client's own, or that of the address it comes from. */
export type LookUpBudget = { readonly clientId: string } | { readonly address: string }

export interface UnknownLookUps {
  /**
   * Reads what `key` names. A key that was found missing a moment ago is answered without reading, and each new one counts.
   * @throws TooManyUnknown when the budget has named too many that do not exist; never for what is known here
   */
  find<Found>(budget: LookUpBudget, key: string, read: () => Promise<Found | undefined>): Promise<Found | undefined>
  /** Notes that `key` names something: it was just made here. */
  note(key: string): void
  /** Evicts what was found missing: a notification of something new may have been lost. */
  clearMissing(): void
}

/** Too many look-ups that found nothing: 429 in the shape of RFC 6749. */
export class TooManyUnknown extends errors.OIDCProviderError {
  readonly retryAfterSeconds = 1

  constructor() {
    super(429, 'slow_down')
    Object.assign(this, { error_description: 'too many unknown credentials: try again in a moment' })
  }
}

/** The same refusal for routes of ours. */
export const asRefusal = (error: unknown): unknown =>
  error instanceof TooManyUnknown ? tooManyRequests('too many unknown credentials', error.retryAfterSeconds) : error

/** How long what was not found is answered from memory. Ids are random: none is named before it is made. */
const MISSING_MS = 10_000
const MISSING = 10_000
const KNOWN = 50_000
const BUDGETS = 10_000
/** An authenticated client is asked by many people for one address. */
const CLIENT_FACTOR = 10
const LOOK_UPS_PER_SECOND = 10

export interface UnknownLookUpsOptions {
  /** Unknown ones a minute for an address; ten times as many for an authenticated client. */
  readonly perMinute: number
  /** A monotonic clock in milliseconds. */
  readonly now?: () => number
}

/**
 * Bounds what look-ups of things that do not exist take of the database: clients, codes, refresh tokens, device codes,
 * mailed links. So many a minute, then ten a second, as for credentials at the API. What this process has made or found is
 * read on no budget, so that inventions never keep a good one from being answered.
 */
export function unknownLookUps({ perMinute, now = () => performance.now() }: UnknownLookUpsOptions): UnknownLookUps {
  const limits = { lookUpsPerSecond: LOOK_UPS_PER_SECOND, size: BUDGETS, now }
  const addresses = lookUpLimiter({ ...limits, perMinute })
  const clients = lookUpLimiter({ ...limits, perMinute: perMinute * CLIENT_FACTOR })
  const missing = new LRUCache<string, true>({ max: MISSING, ttl: MISSING_MS })
  const known = new LRUCache<string, true>({ max: KNOWN })

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

/** The budget of the request that the library is serving. */
export function budgetOfRequest(ctx = Provider.ctx): LookUpBudget {
  const client = ctx?.oidc?.client
  if (client && client.clientAuthMethod !== 'none') return { clientId: client.clientId }
  return { address: ctx?.ip ?? '' }
}
