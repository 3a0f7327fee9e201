import { LRUCache } from 'lru-cache'
import type { LookUp, LookUpLimiter } from './look-up-limiter.ts'

export interface ClientLookUpsOptions {
  /** Look-ups of one client at once. Those of one turn of the event loop share a statement. */
  readonly concurrency?: number
  /** Look-ups of one client that wait at most. */
  readonly maxQueued?: number
  /** Clients remembered at most. */
  readonly size?: number
}

interface Client {
  running: number
  readonly waiting: ((lookUp: LookUp) => void)[]
}

/**
 * The budget of authenticated clients, by client id: a bound on look-ups at once instead of one on unknown credentials in
 * a minute. What a resource server is sent by anybody must not keep it from learning about good credentials: an unknown
 * one delays them by its look-up, and refuses none. `undefined`: too many are waiting.
 */
export function clientLookUps({
  concurrency = 20,
  maxQueued = 1000,
  size = 10_000,
}: ClientLookUpsOptions = {}): LookUpLimiter {
  const clients = new LRUCache<string, Client>({ max: size })

  function clientOf(id: string): Client {
    const known = clients.get(id)
    if (known) return known
    const made: Client = { running: 0, waiting: [] }
    clients.set(id, made)
    return made
  }

  function begin(client: Client): LookUp {
    client.running += 1
    return {
      release() {
        client.running -= 1
        if (client.running < concurrency) client.waiting.shift()?.(begin(client))
      },
    }
  }

  return {
    acquire(id) {
      const client = clientOf(id)
      if (client.running < concurrency) return begin(client)
      if (client.waiting.length >= maxQueued) return undefined
      const { promise, resolve } = Promise.withResolvers<LookUp>()
      client.waiting.push(resolve)
      return promise
    },
  }
}
