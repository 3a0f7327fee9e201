import { createPublicFetch } from '@daytona-auth/service'
import { LRUCache } from 'lru-cache'

export interface KeyFetchOptions {
  readonly allowedNetworks: readonly string[]
  readonly maxBytes: number
}

/** Half of what the library waits, so that a token request ends well within its own time limit. */
const TIMEOUT_MS = 2000
/** A key that an app withdraws is accepted at most this long, regardless of the headers of its server. */
const MAX_AGE_SECONDS = 600
/** How long a URL that failed is not fetched again. Otherwise anyone could have it fetched by invalid assertions. */
const FAILED_MS = 30_000
const FAILED = 1000

/**
 * Creates the library's `fetch`, which it uses for the `jwks_uri` of clients: public addresses only, without redirects. The
 * library keeps the keys as long as the response's headers say, and at least a minute.
 */
export function createKeyFetch({ allowedNetworks, maxBytes }: KeyFetchOptions) {
  const fetchPublic = createPublicFetch({ allowedNetworks, timeoutMs: TIMEOUT_MS, maxBytes })
  const failed = new LRUCache<string, true>({ max: FAILED, ttl: FAILED_MS })

  return async (given: string | URL | Request): Promise<Response> => {
    const url = given instanceof Request ? given.url : String(given)
    if (failed.has(url)) throw new Error('keys could not be fetched a moment ago')
    try {
      const response = await fetchPublic(url, { accept: 'application/jwk-set+json, application/json' })
      if (response.status !== 200) throw new Error(`keys were answered with the status ${response.status}`)
      response.headers.delete('expires')
      response.headers.set('cache-control', `max-age=${maxAgeOf(response)}`)
      return response
    } catch (error) {
      failed.set(url, true)
      throw error
    }
  }
}

function maxAgeOf({ headers }: Response): number {
  const [, seconds = '0'] = /(?:^|[\s,])max-age=(\d{1,9})/.exec(headers.get('cache-control') ?? '') ?? []
  return Math.min(Number(seconds), MAX_AGE_SECONDS)
}
