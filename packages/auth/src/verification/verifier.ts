import { hash } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import type { Channel, Database } from '@daytona-auth/db'
import type { FastifyBaseLogger } from 'fastify'
import type { Registry } from 'prom-client'
import { isKey, looksLikeKey } from '../credential/api-key.ts'
import { seenKeys } from '../credential/seen-keys.ts'
import { clientLookUps } from '../limits/client-look-ups.ts'
import { type LookUp, type LookUpLimiter, lookUpLimiter } from '../limits/look-up-limiter.ts'
import { isExpired } from '../principal/principal.ts'
import { type Answer, isRefused, type Refused, refused } from '../principal/result.ts'
import { answerCache, type Change } from './cache.ts'
import { defaultCacheBytes } from './cache-size.ts'
import { boundedReader, within } from './database-reader.ts'
import { tokenKeys } from './token-keys.ts'
import { verifierMetrics } from './verifier-metrics.ts'
import { keyReader } from './verify-key.ts'
import { checkToken, findToken, isTooLong, looksLikeToken } from './verify-token.ts'

export interface VerifierOptions {
  /** Of the primary: what decides is never read from a replica. */
  readonly database: Database
  readonly channel: Channel
  readonly logger: Pick<FastifyBaseLogger, 'info' | 'warn'>
  /** The `iss` and the `aud` that a token must have, exactly. */
  readonly issuer: string
  readonly audience: string
  readonly registry?: Registry
  /** Wall clock in milliseconds: what expiry is compared with. */
  readonly now?: () => number
  /** A monotonic clock in milliseconds: what limits and short memories go by. */
  readonly monotonicNow?: () => number
  /** Cached credentials at most. */
  readonly cacheSize?: number
  /** Bytes of heap that they may take: a fifth of the memory limit unless given. */
  readonly cacheBytes?: number | undefined
  /** Unknown keys per minute and address, after which its look-ups are slowed to `lookUpsPerSecond`. */
  readonly unknownPerMinute?: number
  readonly lookUpsPerSecond?: number
  /** How long the database may take before a request is answered 503, in milliseconds. */
  readonly timeoutMs?: number
}

/** Says who a credential is. */
export interface Verifier {
  /**
   * Verifies a credential as it stood in the header, presented from `address`. Answers at once if it is known or malformed,
   * and with a promise, which never rejects, if the database has to be asked.
   */
  verify(credential: string, address: string): Answer | Promise<Answer>
  /** Verifies as `verify` does, on the budget of the authenticated client that presents the credential to be judged. */
  verifyForClient(credential: string, clientId: string): Answer | Promise<Answer>
  /**
   * Verifies again a credential that was verified earlier in the same request. Returns `earlier` itself, at once, while that
   * answer is the cached one, the channel is fresh and the credential has not expired; otherwise as `verify`.
   */
  reverify(credential: string, earlier: Answer, address: string): Answer | Promise<Answer>
  /**
   * Makes this process invalidate whatever depends on something that has been changed. Call it after the commit and
   * before the answer; every other process hears it on the channel.
   */
  invalidate(change: Change): void
  /** Whether tokens can be verified: their keys have been read. */
  isReady(): boolean
  /** Resolves after the first attempt to read the token keys, successful or not. */
  start(): Promise<void>
  close(): void
}

const MALFORMED_KEY = refused('api-key', 'malformed')
const MALFORMED_TOKEN = refused('token', 'malformed')
const MALFORMED = refused('other', 'malformed')

const UNKNOWN_TTL_MS = 10_000
const REREAD_KEYS_MS = 5000
const ADDRESSES = 10_000

/** Waits for a permit to look up. `undefined`: refused. */
type Admit = () => Promise<LookUp | undefined>

const malformed = (credential: string): Refused =>
  looksLikeKey(credential) ? MALFORMED_KEY : looksLikeToken(credential) ? MALFORMED_TOKEN : MALFORMED

/** Makes the verifier of a process. It goes on following the channel until it is closed. */
export function createVerifier({
  database,
  channel,
  logger,
  issuer,
  audience,
  registry,
  now = Date.now,
  monotonicNow = () => performance.now(),
  cacheSize = 50_000,
  cacheBytes = defaultCacheBytes(),
  unknownPerMinute = 60,
  lookUpsPerSecond = 10,
  timeoutMs = 2000,
}: VerifierOptions): Verifier {
  const cache = answerCache({
    channel,
    size: cacheSize,
    bytes: cacheBytes,
    unknownSize: Math.max(1, Math.ceil(cacheSize / 10)),
    unknownTtlMs: UNKNOWN_TTL_MS,
    now: monotonicNow,
  })
  const reader = boundedReader({ database, timeoutMs })
  const keys = tokenKeys({ reader, channel, logger, issuer, audience, now: monotonicNow, rereadMs: REREAD_KEYS_MS })
  const findKey = keyReader(reader)
  const addresses = lookUpLimiter({
    perMinute: unknownPerMinute,
    lookUpsPerSecond,
    size: ADDRESSES,
    now: monotonicNow,
  })
  const clients = clientLookUps()
  const seen = seenKeys()
  const metrics = verifierMetrics({ registry, channel, cache })
  let complainedAt = Number.NEGATIVE_INFINITY

  function verify(credential: string, requester: string, limiter: LookUpLimiter): Answer | Promise<Answer> {
    const isFresh = channel.isFresh()
    const recent = isFresh ? cache.recent(credential) : undefined
    if (recent !== undefined) return metrics.count(current(recent), 'hit')
    if (isTooLong(credential)) return metrics.count(malformed(credential), 'offline')
    const isApiKey = looksLikeKey(credential)
    if (isApiKey && !seen.mayHave(credential) && !isKey(credential)) return metrics.count(MALFORMED_KEY, 'offline')
    const digest = hash('sha256', credential, 'latin1')
    if (isFresh) {
      const answer = cache.get(digest, credential)
      if (answer !== undefined) return metrics.count(current(answer), 'hit')
    }
    if (isApiKey ? !isKey(credential) : !looksLikeToken(credential)) {
      return metrics.count(isApiKey ? MALFORMED_KEY : MALFORMED, 'offline')
    }
    return ask(credential, digest, () => admitted(limiter, requester), isFresh ? 'miss' : 'stale')
  }

  function reverify(credential: string, earlier: Answer, address: string): Answer | Promise<Answer> {
    if (channel.isFresh() && cache.recent(credential) === earlier) return current(earlier)
    return verify(credential, address, addresses)
  }

  /** An answer holds while its credential has not ended: asked on every request, for a cached one ends too. */
  function current(answer: Answer): Answer {
    if (isRefused(answer) || answer.expiresAt === null || !isExpired(answer, now())) return answer
    return answer.kind === 'api-key' ? refused('api-key', 'expired', { key: answer }) : refused('token', 'expired')
  }

  async function ask(credential: string, digest: string, acquire: Admit, outcome: 'miss' | 'stale'): Promise<Answer> {
    const startedAt = monotonicNow()
    let answer: Answer
    try {
      answer = await (cache.pending(digest) ?? lookUp(credential, digest, acquire))
    } catch (error) {
      complain(error)
      answer = refused(looksLikeKey(credential) ? 'api-key' : 'token', 'unavailable', { retryAfterSeconds: 1 })
    }
    metrics.asked(monotonicNow() - startedAt)
    return metrics.count(current(answer), outcome)
  }

  async function lookUp(credential: string, digest: string, acquire: Admit): Promise<Answer> {
    const isApiKey = looksLikeKey(credential)
    const claims = isApiKey ? undefined : await checkToken(keys, credential)
    if (claims && 'kind' in claims) return claims
    // A credential that we know is no invention, also while the channel is stale and it is asked for again.
    const permit = cache.has(digest) ? undefined : await acquire()
    if (!permit && !cache.has(digest)) {
      return refused(isApiKey ? 'api-key' : 'token', 'rate-limited', { retryAfterSeconds: 1 })
    }
    // Who joins another's read learns what it finds, and has asked nothing.
    const joins = cache.pending(digest) !== undefined
    let isUnknown = false
    try {
      if (isApiKey) seen.add(credential)
      const answer = await cache.getOrLoad(digest, () =>
        claims ? findToken(reader, claims) : findKey(Buffer.from(digest, 'latin1')),
      )
      isUnknown = !joins && isRefused(answer) && answer.reason === 'unknown'
      return answer
    } finally {
      permit?.release(isUnknown)
    }
  }

  /** Leave to look up; whoever has to wait for it waits no longer than for the database. */
  async function admitted(limiter: LookUpLimiter, requester: string): Promise<LookUp | undefined> {
    const permit = limiter.acquire(requester)
    if (!(permit instanceof Promise)) return permit
    return within(timeoutMs, permit, () => void permit.then((late) => late?.release(false)))
  }

  /** Once a second is enough to know that the database is down. */
  function complain(error: unknown): void {
    if (monotonicNow() - complainedAt < 1000) return
    complainedAt = monotonicNow()
    logger.warn({ err: error }, 'credentials could not be checked')
  }

  return {
    verify: (credential, address) => verify(credential, address, addresses),
    verifyForClient: (credential, clientId) => verify(credential, clientId, clients),
    reverify,
    invalidate: cache.invalidate,
    isReady: keys.isLoaded,
    start: keys.load,
    close() {
      keys.close()
    },
  }
}
