import { hash } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import type { Channel, Database } from '@daytona-auth/db/core'
import { type PresentedProof, proofCheck } from '@daytona-auth/protocol/token-proof'
import type { FastifyBaseLogger } from 'fastify'
import type { Registry } from 'prom-client'
import { FORM_FAULTS, type FormFault, findCredentialFault } from '../credential/form-faults.ts'
import { clientLookUps } from '../limits/client-look-ups.ts'
import { type LookUp, type LookUpLimiter, lookUpLimiter } from '../limits/look-up-limiter.ts'
import { isExpired, knownKeyOf } from '../principal/principal.ts'
import type { TokenClaims } from '../principal/resolve-principal.ts'
import { type Answer, type CredentialDenial, type DenialReason, denyCredential, isDenied } from '../principal/result.ts'
import type { Authenticator } from './authenticator.ts'
import { type MakeAuthenticators, makeAuthenticators as makeOurs } from './authenticators.ts'
import { answerCache, type Change } from './cache.ts'
import { defaultCacheBytes } from './cache-size.ts'
import { boundedReader, within } from './database-reader.ts'
import { limitedProofs } from './limited-proofs.ts'
import { tokenKeys } from './token-keys.ts'
import { verifierMetrics } from './verifier-metrics.ts'
import { checkResourceToken, checkToken, isTooLong, type ResourceTokenClaims } from './verify-token.ts'

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
  /**
   * Unknown keys and forged tokens per minute and address, after which its look-ups are limited to `lookUpsPerSecond`. As many
   * wrong proofs of a grant.
   */
  readonly unknownPerMinute?: number
  readonly lookUpsPerSecond?: number
  /** How long the database may take before a request is answered 503, in milliseconds. */
  readonly timeoutMs?: number
  /** The ways to authenticate; ours by default. */
  readonly makeAuthenticators?: MakeAuthenticators
}

/** Verifies credentials. */
export interface Verifier {
  /**
   * Verifies a credential from the header, presented from `address`. Returns the answer if it is cached or malformed,
   * otherwise a promise, which never rejects, of a database look-up.
   */
  verify(credential: string, address: string): Answer | Promise<Answer>
  /**
   * Verifies a token that is bound to a key, with the proof of it (RFC 9449). `verify` refuses such a token, and this any other
   * credential. Never rejects.
   */
  verifyBound(token: string, presented: PresentedProof, address: string): Promise<Answer>
  /**
   * Verifies as `verify` does, within the limit of the authenticated client that introspects the credential. A bound token is
   * accepted: the client checks the proof (RFC 9449 section 6.2).
   */
  verifyForClient(credential: string, clientId: string): Answer | Promise<Answer>
  /**
   * Verifies again a credential that was verified earlier in the same request, with its proof if it is bound. Returns
   * `earlier` itself, synchronously, while it is the cached answer, the channel is fresh and the credential has not expired.
   * Otherwise as `verify`.
   */
  reverify(credential: string, earlier: Answer, address: string): Answer | Promise<Answer>
  /**
   * Verifies an access token by itself: its form, signature, type, issuer, audience, expiry and claims. Its grant
   * may have ended. Never rejects.
   */
  checkToken(token: string): Promise<TokenClaims | CredentialDenial>
  /**
   * Verifies an access token for any audience as `checkToken` does otherwise. For introspection and revocation only: it
   * never authenticates a request. Never rejects.
   */
  checkResourceToken(token: string): Promise<ResourceTokenClaims | CredentialDenial>
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

type Kind = CredentialDenial['credential']

/** Makes the answers to malformed credentials of a kind, by their fault. Once, so that a malformed credential allocates none. */
const malformedAnswers = (kind: Kind): ReadonlyMap<FormFault, CredentialDenial> =>
  new Map(
    (Object.keys(FORM_FAULTS) as FormFault[]) // the keys of a const object
      .map((fault) => [fault, denyCredential(kind, 'malformed', { fault })]),
  )
const MALFORMED_OTHERS = malformedAnswers('other')
const BOUND = denyCredential('token', 'binding', { proofFault: 'tokenIsBound' })

/** Whether a bound token is accepted: its proof was checked, or is checked by who asks. */
type Bound = 'refused' | 'accepted'

const isBound = (answer: Answer): boolean => answer.kind === 'token' && answer.confirmation !== null

/** The reasons to refuse a credential that anybody can make up. */
const INVENTED: ReadonlySet<DenialReason> = new Set(['unknown', 'signature', 'unknown-signing-key'])

const UNKNOWN_TTL_MS = 10_000
const REREAD_KEYS_MS = 5000
const ADDRESSES = 10_000

/** A well-formed credential that is not in the cache. */
interface Presented {
  readonly authenticator: Authenticator
  readonly credential: string
  readonly digest: string
}

/** Waits for a permit to look up. `undefined`: refused. */
type AcquirePermit = () => Promise<LookUp | undefined>

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
  makeAuthenticators = makeOurs,
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
  const authenticators = makeAuthenticators({ reader, keys })
  const earlyRejections = authenticators.filter(({ rejectsEarly }) => rejectsEarly !== undefined)
  const malformed = new Map(authenticators.map(({ kind }) => [kind, malformedAnswers(kind)]))
  const limits = { perMinute: unknownPerMinute, lookUpsPerSecond, size: ADDRESSES, now: monotonicNow }
  const addresses = lookUpLimiter(limits)
  const clients = clientLookUps()
  const check = proofCheck({ now, monotonicNow })
  const denyProof = limitedProofs({ check, limiter: lookUpLimiter(limits), timeoutMs })
  const metrics = verifierMetrics({ registry, channel, cache })
  let warnedAt = Number.NEGATIVE_INFINITY

  function verify(
    credential: string,
    requester: string,
    limiter: LookUpLimiter,
    bound: Bound,
  ): Answer | Promise<Answer> {
    const isFresh = channel.isFresh()
    const recent = isFresh ? cache.recent(credential) : undefined
    if (recent !== undefined) return metrics.count(denyUnusable(recent, bound), 'hit')
    if (isTooLong(credential)) return metrics.count(denyMalformed(credential, findAuthenticator(credential)), 'offline')
    for (const authenticator of earlyRejections) {
      if (authenticator.rejectsEarly?.(credential)) {
        return metrics.count(denyMalformed(credential, authenticator), 'offline')
      }
    }
    const digest = hash('sha256', credential, 'latin1')
    if (isFresh) {
      const answer = cache.get(digest, credential)
      if (answer !== undefined) return metrics.count(denyUnusable(answer, bound), 'hit')
    }
    const authenticator = findAuthenticator(credential)
    if (!authenticator?.isWellFormed(credential)) {
      return metrics.count(denyMalformed(credential, authenticator), 'offline')
    }
    const presented = { authenticator, credential, digest }
    return verifyInDatabase(presented, () => acquirePermit(limiter, requester), isFresh ? 'miss' : 'stale', bound)
  }

  function findAuthenticator(credential: string): Authenticator | undefined {
    return authenticators.find((authenticator) => authenticator.recognizes(credential))
  }

  function denyMalformed(credential: string, authenticator: Authenticator | undefined): CredentialDenial {
    const answers = (authenticator && malformed.get(authenticator.kind)) ?? MALFORMED_OTHERS
    return answers.get(findCredentialFault(credential)) as CredentialDenial // it has all faults
  }

  function reverify(credential: string, earlier: Answer, address: string): Answer | Promise<Answer> {
    // A bound token has passed its proof earlier in the request.
    if (channel.isFresh() && cache.recent(credential) === earlier) return denyUnusable(earlier, 'accepted')
    return verify(credential, address, addresses, isBound(earlier) ? 'accepted' : 'refused')
  }

  async function verifyBound(token: string, presented: PresentedProof, address: string): Promise<Answer> {
    const answer = await verify(token, address, addresses, 'accepted')
    if (isDenied(answer)) return answer
    if (answer.kind !== 'token' || answer.confirmation === null) {
      return denyCredential(answer.kind, 'binding', { proofFault: 'tokenIsNotBound' })
    }
    const { confirmation, grantId } = answer
    return (await denyProof(presented, token, { confirmation, grantId }, address)) ?? answer
  }

  /**
   * Refuses an answer whose credential has expired, and a bound token without a proof. Called on every request, because cached
   * credentials expire too.
   */
  function denyUnusable(answer: Answer, bound: Bound): Answer {
    if (isDenied(answer)) return answer
    if (bound === 'refused' && isBound(answer)) return BOUND
    if (answer.expiresAt === null || !isExpired(answer, now())) return answer
    return denyCredential(answer.kind, 'expired', { key: knownKeyOf(answer) })
  }

  async function verifyInDatabase(
    presented: Presented,
    acquire: AcquirePermit,
    source: 'miss' | 'stale',
    bound: Bound,
  ): Promise<Answer> {
    const startedAt = monotonicNow()
    let answer: Answer
    try {
      answer = await (cache.pending(presented.digest) ?? lookUp(presented, acquire))
    } catch (error) {
      warnOfFailure(error)
      answer = denyCredential(presented.authenticator.kind, 'unavailable', { retryAfterSeconds: 1 })
    }
    metrics.observeLookUp(monotonicNow() - startedAt)
    return metrics.count(denyUnusable(answer, bound), source)
  }

  async function lookUp({ authenticator, credential, digest }: Presented, acquire: AcquirePermit): Promise<Answer> {
    // A cached credential exists: it needs no permit when it is looked up again because the channel is stale.
    // Before the signature of a token is checked, so that forged ones are limited as unknown keys are.
    const permit = cache.has(digest) ? undefined : await acquire()
    // Another request may have looked it up while this one waited for its permit.
    const found = channel.isFresh() ? cache.get(digest) : undefined
    if (found !== undefined) {
      permit?.release(false)
      return found
    }
    if (!permit && !cache.has(digest)) {
      return denyCredential(authenticator.kind, 'rate-limited', { retryAfterSeconds: 1 })
    }
    // A request that joins another's read makes no look-up of its own, so it is not counted.
    const joins = cache.pending(digest) !== undefined
    let isUnknown = false
    try {
      const answer = await cache.getOrLoad(digest, () => authenticator.find(credential, digest))
      isUnknown = !joins && isDenied(answer) && INVENTED.has(answer.reason)
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
    verify: (credential, address) => verify(credential, address, addresses, 'refused'),
    verifyBound,
    verifyForClient: (credential, clientId) => verify(credential, clientId, clients, 'accepted'),
    reverify,
    checkToken: async (token) => (isTooLong(token) ? denyMalformed(token, undefined) : checkToken(keys, token)),
    checkResourceToken: async (token) =>
      isTooLong(token) ? denyMalformed(token, undefined) : checkResourceToken(keys, token),
    invalidate: cache.invalidate,
    isReady: keys.isLoaded,
    start: keys.load,
    close() {
      keys.close()
    },
  }
}
