import { LRUCache } from 'lru-cache'
import { ProviderFault } from './provider-fault.ts'
import { ageOf, type Instant, instantOf, type ResourceServerClock } from './time.ts'

export interface AnswersOptions<Answer> {
  /** `undefined` is a "no". */
  readonly ask: (credential: string) => Promise<Answer | undefined>
  /** How long a "yes" is believed, in milliseconds from when it was asked for. */
  readonly maxAgeMs: number
  /** Credentials at most, good and bad ones apart: inventions push out nothing that is real. */
  readonly size: number
  readonly clock: ResourceServerClock
}

/** How long a "no" is believed: what is inactive may become active, as when its owner joins the organization again. */
const NO_MAX_AGE_MS = 1000

/** Questions under way at most: a flood of inventions is turned away here. */
const MAX_UNDER_WAY = 256

interface Kept<Answer> {
  readonly answer: Answer
  readonly since: Instant
}

/**
 * What was answered lately, by SHA-256 of the credential. An answer's age counts from the moment when the question was
 * sent, so that whatever happened after it was decided is noticed by whoever comes `maxAgeMs` later. Requests that come
 * while a question is under way wait for its answer, unless it was asked too long ago for them.
 *
 * A question that fails leaves nothing behind, and nobody is given an older answer instead.
 */
export function boundedAnswers<Answer extends object>({ ask, maxAgeMs, size, clock }: AnswersOptions<Answer>) {
  const yes = new LRUCache<string, Kept<Answer>>({ max: size })
  const no = new LRUCache<string, Kept<undefined>>({ max: size })
  const underWay = new Map<string, Kept<Promise<Answer | undefined>>>()
  let asking = 0

  async function fly(digest: string, credential: string, since: Instant): Promise<Answer | undefined> {
    asking += 1
    try {
      const answer = await ask(credential)
      if (answer === undefined) {
        yes.delete(digest)
        no.set(digest, { answer, since })
      } else if (isYoung({ since }, maxAgeMs)) {
        yes.set(digest, { answer, since })
      }
      return answer
    } finally {
      asking -= 1
      if (underWay.get(digest)?.since === since) underWay.delete(digest)
    }
  }

  const isYoung = ({ since }: Pick<Kept<unknown>, 'since'>, maxMs: number) => ageOf(since, clock) < maxMs

  return async (credential: string): Promise<Answer | undefined> => {
    const digest = await digestOf(credential)
    const good = yes.get(digest)
    if (good !== undefined && isYoung(good, maxAgeMs)) return good.answer
    const bad = no.get(digest)
    if (bad !== undefined && isYoung(bad, Math.min(NO_MAX_AGE_MS, maxAgeMs))) return undefined
    const asked = underWay.get(digest)
    if (asked !== undefined && isYoung(asked, maxAgeMs)) return asked.answer
    if (asking >= MAX_UNDER_WAY) throw new ProviderFault('too many questions to the provider are under way')
    const since = instantOf(clock)
    const answer = fly(digest, credential, since)
    underWay.set(digest, { answer, since })
    return answer
  }
}

async function digestOf(credential: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(credential))
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
