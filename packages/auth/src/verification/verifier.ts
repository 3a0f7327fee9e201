import { hash } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import type { Channel, Database } from '@daytona-auth/db/core'
import type { FastifyBaseLogger } from 'fastify'
import type { Registry } from 'prom-client'
import { isKey, looksLikeKey } from '../credential/api-key.ts'
import { seenKeys } from '../credential/seen-keys.ts'
import { clientLookUps } from '../limits/client-look-ups.ts'
import { type LookUp, type LookUpLimiter, lookUpLimiter } from '../limits/look-up-limiter.ts'
import { isExpired } from '../principal/principal.ts'
import { type Answer, type CredentialDenial, denyCredential, isDenied } from '../principal/result.ts'
import { answerCache, type Change } from './cache.ts'
import { defaultCacheBytes } from './cache-size.ts'
import { boundedReader, within } from './database-reader.ts'
import { tokenKeys } from './token-keys.ts'
import { verifierMetrics } from './verifier-metrics.ts'
import { keyReader } from './verify-key.ts'
import { checkToken, findToken, isTooLong, looksLikeToken } from './verify-token.ts'

export interface VerifierOptions {
  /** The primary: decisions are never made from a replica. */
  readonly database: Database
  readonly channel: Channel
  readonly logger: Pick<FastifyBaseLogger, 'info' | 'warn'>
  /** The exact `iss` and `aud` of a token. */
  readonly issuer: string
  readonly audience: string
  readonly registry?: Registry
  /** Wall clock in milliseconds, for expiry. */
  readonly now?: () => number
  /** A monotonic clock in milliseconds, for limits and short-lived entries. */
  readonly monotonicNow?: () => number
  /** The most cached credentials. */
  readonly cacheSize?: number
  /** The most heap bytes of cached credentials. Default: a fifth of the memory limit. */
  readonly cacheBytes?: number | undefined
  /** Unknown keys per minute and address, after which its look-ups are limited to `lookUpsPerSecond`. */
  readonly unknownPerMinute?: number
  readonly lookUpsPerSecond?: number
  /** How long the database may take before a request is answered 503, in milliseconds. */
  readonly timeoutMs?: number
}

/** Verifies credentials. */
export interface Verifier {
  /**
   * Verifies a credential from the header, presented from `address`. Returns the answer if it is cached or malformed,
   * otherwise a promise, which never rejects, of a database look-up.
   */
  verify(credential: string, address: string): Answer | Promise<Answer>
  /** Verifies as `verify` does, within the limit of the authenticated client that introspects the credential. */
  verifyForClient(credential: string, clientId: string): Answer | Promise<Answer>
  /**
   * Verifies again a credential that was verified earlier in the same request. Returns `earlier` itself, synchronously, while
   * it is the cached answer, the channel is fresh and the credential has not expired. Otherwise as `verify`.
   */
  reverify(credential: string, earlier: Answer, address: string): Answer | Promise<Answer>
  /**
   * Invalidates the answers of this process that depend on a change. Call it after the commit and before the response. Other
   * processes are notified by the database.
   */
  invalidate(change: Change): void
  /** Whether the token keys have been read, so that tokens can be verified. */
  isReady(): boolean
  /** Resolves after the first attempt to read the token keys, successful or not. */
  start(): Promise<void>
  close(): void
}

const MALFORMED_KEY = denyCredential('api-key', 'malformed')
const MALFORMED_TOKEN = denyCredential('token', 'malformed')
const MALFORMED = denyCredential('other', 'malformed')

const UNKNOWN_TTL_MS = 10_000
const REREAD_KEYS_MS = 5000
const ADDRESSES = 10_000

/** Waits for a permit to look up. `undefined`: refused. */
type AcquirePermit = () => Promise<LookUp | undefined>

const malformed = (credential: string): CredentialDenial =>
  looksLikeKey(credential) ? MALFORMED_KEY : looksLikeToken(credential) ? MALFORMED_TOKEN : MALFORMED

/** Creates the verifier of a process. It follows the channel until it is closed. */
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
  let warnedAt = Number.NEGATIVE_INFINITY

  function verify(credential: string, requester: string, limiter: LookUpLimiter): Answer | Promise<Answer> {
    const isFresh = channel.isFresh()
    const recent = isFresh ? cache.recent(credential) : undefined
    if (recent !== undefined) return metrics.count(denyExpired(recent), 'hit')
    if (isTooLong(credential)) return metrics.count(malformed(credential), 'offline')
    const isApiKey = looksLikeKey(credential)
    if (isApiKey && !seen.mayHave(credential) && !isKey(credential)) return metrics.count(MALFORMED_KEY, 'offline')
    const digest = hash('sha256', credential, 'latin1')
    if (isFresh) {
      const answer = cache.get(digest, credential)
      if (answer !== undefined) return metrics.count(denyExpired(answer), 'hit')
    }
    if (isApiKey ? !isKey(credential) : !looksLikeToken(credential)) {
      return metrics.count(isApiKey ? MALFORMED_KEY : MALFORMED, 'offline')
    }
    return verifyInDatabase(credential, digest, () => acquirePermit(limiter, requester), isFresh ? 'miss' : 'stale')
  }

  function reverify(credential: string, earlier: Answer, address: string): Answer | Promise<Answer> {
    if (channel.isFresh() && cache.recent(credential) === earlier) return denyExpired(earlier)
    return verify(credential, address, addresses)
  }

  /** Refuses an answer whose credential has expired. Called on every request, because cached credentials expire too. */
  function denyExpired(answer: Answer): Answer {
    if (isDenied(answer) || answer.expiresAt === null || !isExpired(answer, now())) return answer
    return answer.kind === 'api-key'
      ? denyCredential('api-key', 'expired', { key: answer })
      : denyCredential('token', 'expired')
  }

  async function verifyInDatabase(
    credential: string,
    digest: string,
    acquire: AcquirePermit,
    source: 'miss' | 'stale',
  ): Promise<Answer> {
    const startedAt = monotonicNow()
    let answer: Answer
    try {
      answer = await (cache.pending(digest) ?? lookUp(credential, digest, acquire))
    } catch (error) {
      warnOfFailure(error)
      answer = denyCredential(looksLikeKey(credential) ? 'api-key' : 'token', 'unavailable', { retryAfterSeconds: 1 })
    }
    metrics.observeLookUp(monotonicNow() - startedAt)
    return metrics.count(denyExpired(answer), source)
  }

  async function lookUp(credential: string, digest: string, acquire: AcquirePermit): Promise<Answer> {
    const isApiKey = looksLikeKey(credential)
    const claims = isApiKey ? undefined : await checkToken(keys, credential)
    if (claims && 'kind' in claims) return claims
    // A cached credential exists: it needs no permit when it is looked up again because the channel is stale.
    const permit = cache.has(digest) ? undefined : await acquire()
    if (!permit && !cache.has(digest)) {
      return denyCredential(isApiKey ? 'api-key' : 'token', 'rate-limited', { retryAfterSeconds: 1 })
    }
    // A request that joins another's read makes no look-up of its own, so it is not counted.
    const joins = cache.pending(digest) !== undefined
    let isUnknown = false
    try {
      if (isApiKey) seen.add(credential)
      const answer = await cache.getOrLoad(digest, () =>
        claims ? findToken(reader, claims) : findKey(Buffer.from(digest, 'latin1')),
      )
      isUnknown = !joins && isDenied(answer) && answer.reason === 'unknown'
      return answer
    } finally {
      permit?.release(isUnknown)
    }
  }

  /** Acquires a permit to look up. The wait has the same timeout as the database. */
  async function acquirePermit(limiter: LookUpLimiter, requester: string): Promise<LookUp | undefined> {
    const permit = limiter.acquire(requester)
    if (!(permit instanceof Promise)) return permit
    return within(timeoutMs, permit, () => void permit.then((late) => late?.release(false)))
  }

  /** Logs the failure of a look-up, at most once a second. */
  function warnOfFailure(error: unknown): void {
    if (monotonicNow() - warnedAt < 1000) return
    warnedAt = monotonicNow()
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
