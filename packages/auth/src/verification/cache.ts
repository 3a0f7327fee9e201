import type { Channel, ChannelEvent } from '@daytona-auth/db/core'
import { LRUCache } from 'lru-cache'
import { entries } from '../limits/lru-options.ts'
import type { Answer } from '../principal/result.ts'
import { estimateSize } from './cache-size.ts'
import { recentCredentials } from './recent-credentials.ts'

/** A dependency of an answer, as `kind:id`: the answer is valid until one of its dependencies changes. */
export type Subject = `${Change['kind']}:${string}`

/** A change in the database that invalidates answers. */
export type Change = Exclude<ChannelEvent, { kind: 'reset' }>

/** The dependency on every key: an answer about an unknown key is valid until any key changes. */
export const ANY_KEY: Subject = 'key:*'

/** The result of a read. */
export interface Found {
  readonly answer: Answer
  /** What the answer depends on. `null`: not cacheable, because no notification covers it. */
  readonly dependsOn: readonly Subject[] | null
  /** With `null`: how long a denial may be repeated nevertheless, in milliseconds. */
  readonly repeatMs?: number
}

export interface CacheOptions {
  readonly channel: Pick<Channel, 'subscribe'>
  /** The most known credentials. */
  readonly size: number
  /** The most bytes of known credentials, as `estimateSize` counts them. */
  readonly bytes: number
  /** The most unknown credentials. They are stored apart, so that invented keys cannot evict valid ones. */
  readonly unknownSize: number
  readonly unknownTtlMs: number
  /** A monotonic clock in milliseconds. */
  readonly now: () => number
}

/** Answers by the digest of the credential. The verifier, not the cache, checks whether the channel is fresh. */
export interface Cache {
  /** With `credential`, a known one is found by its text for a moment: see `recent`. */
  get(digest: string, credential?: string): Answer | undefined
  recent(credential: string): Answer | undefined
  /** Whether the credential is known. Does not count as a use. */
  has(digest: string): boolean
  /** Returns the read in progress for this credential, unless a change was notified since it began. */
  pending(digest: string): Promise<Answer> | undefined
  /** Joins the read in progress, or starts one. Stores its result unless one of its dependencies changed during the read. */
  getOrLoad(digest: string, read: () => Promise<Found>): Promise<Answer>
  /** Evicts the answers that depend on what changed, as a notification does. */
  invalidate(change: Change): void
  size(): number
  /** The bytes of known credentials that are charged to the budget. */
  bytes(): number
}

interface CachedAnswer {
  readonly answer: Answer
  readonly dependsOn: readonly Subject[]
  /** Set on eviction. Holders of a reference must discard it. */
  isEvicted: boolean
}

interface PendingRead {
  answer: Promise<Answer> | undefined
  /** The changes notified since the read began. */
  readonly changed: Set<string>
  isVoid: boolean
}

/**
 * Makes a cache of answers that the channel invalidates.
 *
 * A change may commit while a read is in flight. Each read therefore records the notifications that arrive until it ends.
 * Any of them makes later requests start a read of their own, because the dependencies of this one are not known yet. Its
 * result is stored only if none of its dependencies changed. A late read can never restore a revoked key.
 */
export function answerCache({ channel, size, bytes, unknownSize, unknownTtlMs, now }: CacheOptions): Cache {
  const dependents = new Map<string, Set<string>>()
  // Each entry is charged at least its share of the budget, so that neither `bytes` nor `size` is exceeded.
  const leastCharge = Math.ceil(bytes / size)
  const known = new LRUCache<string, CachedAnswer>({
    maxSize: bytes,
    dispose: (cached, digest) => unlink(digest, cached),
  })
  const unknown = new LRUCache<string, { readonly answer: Answer; readonly until: number }>(entries(unknownSize))
  const recent = recentCredentials<CachedAnswer>()
  const pending = new Map<string, PendingRead>()
  const running = new Set<PendingRead>()

  channel.subscribe((event) => (event.kind === 'reset' ? clear() : invalidate(event)))

  function clear(): void {
    pending.clear()
    for (const pendingRead of running) pendingRead.isVoid = true
    dependents.clear()
    known.clear()
    unknown.clear()
    recent.clear()
  }

  function invalidate({ kind, id }: Change): void {
    const subject = `${kind}:${id}`
    pending.clear()
    for (const pendingRead of running) {
      pendingRead.changed.add(subject)
      if (kind === 'key') pendingRead.changed.add(ANY_KEY)
    }
    if (kind === 'key') unknown.clear()
    const digests = dependents.get(subject)
    if (digests) for (const digest of [...digests]) known.delete(digest)
  }

  function store(digest: string, { answer, dependsOn, repeatMs = 0 }: Found, pendingRead: PendingRead): void {
    if (dependsOn === null) {
      if (repeatMs > 0 && !pendingRead.isVoid) unknown.set(digest, { answer, until: now() + repeatMs })
      return
    }
    if (pendingRead.isVoid || dependsOn.some((subject) => pendingRead.changed.has(subject))) return
    if (dependsOn.includes(ANY_KEY)) {
      unknown.set(digest, { answer, until: now() + unknownTtlMs })
      return
    }
    known.delete(digest)
    const charge = Math.max(leastCharge, estimateSize(answer, dependsOn))
    if (charge > bytes) return // storing it would evict all the others
    known.set(digest, { answer, dependsOn, isEvicted: false }, { size: charge })
    for (const subject of dependsOn) {
      const digests = dependents.get(subject)
      if (digests) digests.add(digest)
      else dependents.set(subject, new Set([digest]))
    }
  }

  function unlink(digest: string, cached: CachedAnswer): void {
    cached.isEvicted = true
    for (const subject of cached.dependsOn) {
      const digests = dependents.get(subject)
      digests?.delete(digest)
      if (digests?.size === 0) dependents.delete(subject)
    }
  }

  async function load(digest: string, read: () => Promise<Found>, pendingRead: PendingRead): Promise<Answer> {
    try {
      const found = await read()
      store(digest, found, pendingRead)
      return found.answer
    } finally {
      running.delete(pendingRead)
      if (pending.get(digest) === pendingRead) pending.delete(digest)
    }
  }

  return {
    recent(credential) {
      const cached = recent.get(credential)
      return cached === undefined || cached.isEvicted ? undefined : cached.answer
    },
    get(digest, credential) {
      const found = known.get(digest)
      if (found !== undefined) {
        if (credential !== undefined) recent.add(credential, found)
        return found.answer
      }
      const refused = unknown.get(digest)
      return refused !== undefined && now() < refused.until ? refused.answer : undefined
    },
    has: (digest) => known.has(digest),
    pending: (digest) => pending.get(digest)?.answer,
    getOrLoad(digest, read) {
      const current = pending.get(digest)?.answer
      if (current) return current
      const pendingRead: PendingRead = { answer: undefined, changed: new Set(), isVoid: false }
      pending.set(digest, pendingRead)
      running.add(pendingRead)
      pendingRead.answer = load(digest, read, pendingRead)
      return pendingRead.answer
    },
    invalidate,
    size: () => known.size,
    bytes: () => known.calculatedSize,
  }
}
