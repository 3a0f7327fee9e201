import { LRUCache } from 'lru-cache'
import { ProviderFault } from './provider-fault.ts'
import { type Instant, measureAge, type ResourceServerClock, takeInstant } from './time.ts'

export interface AnswerCacheOptions<Answer> {
  /** Asks the provider; `undefined` means inactive. */
  readonly load: (credential: string) => Promise<Answer | undefined>
  /** Maximum age of an active answer in milliseconds, from the request. */
  readonly maxAgeMs: number
  /** Maximum number of active answers, and of inactive ones. Unknown credentials evict no active answer. */
  readonly size: number
  readonly clock: ResourceServerClock
}

/** Maximum age of an inactive answer: a credential can become active again, as when its owner rejoins. */
const INACTIVE_MAX_AGE_MS = 1000

/** Maximum number of concurrent requests to the provider, against floods of unknown credentials. */
const MAX_IN_FLIGHT = 256

interface Entry<Answer> {
  readonly answer: Answer
  readonly since: Instant
}

/**
 * Creates a cache of the provider's answers by SHA-256 of the credential. The age of an answer counts from its request:
 * a change after the provider's decision takes effect within `maxAgeMs`. Concurrent requests share one look-up, unless it
 * began too long ago.
 *
 * A failed look-up is not cached, and no older answer replaces it.
 */
export function createAnswerCache<Answer extends object>({ load, maxAgeMs, size, clock }: AnswerCacheOptions<Answer>) {
  const activeAnswers = new LRUCache<string, Entry<Answer>>({ max: size })
  const inactiveAnswers = new LRUCache<string, Entry<undefined>>({ max: size })
  const inFlight = new Map<string, Entry<Promise<Answer | undefined>>>()
  let loading = 0

  async function loadAnswer(digest: string, credential: string, since: Instant): Promise<Answer | undefined> {
    loading += 1
    try {
      const answer = await load(credential)
      if (answer === undefined) {
        activeAnswers.delete(digest)
        inactiveAnswers.set(digest, { answer, since })
      } else if (isFresh({ since }, maxAgeMs)) {
        activeAnswers.set(digest, { answer, since })
      }
      return answer
    } finally {
      loading -= 1
      if (inFlight.get(digest)?.since === since) inFlight.delete(digest)
    }
  }

  const isFresh = ({ since }: Pick<Entry<unknown>, 'since'>, maxMs: number) => measureAge(since, clock) < maxMs

  return async (credential: string): Promise<Answer | undefined> => {
    const digest = await computeDigest(credential)
    const active = activeAnswers.get(digest)
    if (active !== undefined && isFresh(active, maxAgeMs)) return active.answer
    const inactive = inactiveAnswers.get(digest)
    if (inactive !== undefined && isFresh(inactive, Math.min(INACTIVE_MAX_AGE_MS, maxAgeMs))) return undefined
    const pending = inFlight.get(digest)
    if (pending !== undefined && isFresh(pending, maxAgeMs)) return pending.answer
    if (loading >= MAX_IN_FLIGHT) throw new ProviderFault('too many requests to the provider are in flight')
    const since = takeInstant(clock)
    const answer = loadAnswer(digest, credential, since)
    inFlight.set(digest, { answer, since })
    return answer
  }
}

async function computeDigest(credential: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(credential))
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
