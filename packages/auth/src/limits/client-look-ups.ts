import { LRUCache } from 'lru-cache'
import type { LookUp, LookUpLimiter } from './look-up-limiter.ts'
import { entries } from './lru-options.ts'

export interface ClientLookUpsOptions {
  /** Concurrent look-ups of one client. Those of one turn of the event loop share a statement. */
  readonly concurrency?: number
  /** The most look-ups of one client that wait. */
  readonly maxQueued?: number
  /** The most clients in memory. */
  readonly size?: number
}

interface Client {
  running: number
  readonly waiting: ((lookUp: LookUp) => void)[]
}

/**
 * Limits the concurrent look-ups of each authenticated client, by client id, and not its unknown credentials a minute. Any
 * user can send a resource server unknown credentials, which must not stop it from introspecting valid ones: an unknown
 * credential delays others by its look-up, and causes no denial. `undefined`: too many are waiting.
 */
export function clientLookUps({
  concurrency = 20,
  maxQueued = 1000,
  size = 10_000,
}: ClientLookUpsOptions = {}): LookUpLimiter {
  const clients = new LRUCache<string, Client>(entries(size))

  function clientOf(id: string): Client {
    const known = clients.get(id)
    if (known) return known
    const client: Client = { running: 0, waiting: [] }
    clients.set(id, client)
    return client
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
