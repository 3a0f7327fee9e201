import type { Channel, ChannelEvent } from '@daytona-auth/db'
import { LRUCache } from 'lru-cache'
import { entries } from '../limits/lru-options.ts'
import type { Answer } from '../principal/result.ts'
import { estimateSize } from './cache-size.ts'
import { recentCredentials } from './recent-credentials.ts'

/** What an answer was made from, as `kind:id`: it holds until one of them changes. */
export type Subject = `${Change['kind']}:${string}`

/** Something in the database that has changed, or may have. */
export type Change = Exclude<ChannelEvent, { kind: 'reset' }>

/** Stands for every key: an answer about a key that does not exist holds until any key changes. */
export const ANY_KEY: Subject = 'key:*'

/** What a read found. */
export interface Found {
  readonly answer: Answer
  /** What must not change for the answer to hold; `null`: it may become another one without our hearing of it. */
  readonly dependsOn: readonly Subject[] | null
  /** With `null`: how long the answer may be repeated nevertheless, in milliseconds. Only for refusals. */
  readonly repeatMs?: number
}

export interface CacheOptions {
  readonly channel: Pick<Channel, 'subscribe'>
  /** Known credentials at most. */
  readonly size: number
  /** Bytes of known credentials at most, as `estimateSize` counts them. */
  readonly bytes: number
  /** Unknown credentials at most. They are apart, so that inventions cannot push out what is real. */
  readonly unknownSize: number
  readonly unknownTtlMs: number
  /** A monotonic clock in milliseconds. */
  readonly now: () => number
}

/** Answers by the digest of the credential. It does not ask whether the channel is fresh: that is the verifier's. */
export interface Cache {
  /** With its text, a known credential is found by that for a moment: `recent`. */
  get(digest: string, credential?: string): Answer | undefined
  recent(credential: string): Answer | undefined
  /** Whether the credential is known, without counting as a use. */
  has(digest: string): boolean
  /** The read that is under way for this credential, unless a change has been changed since it began. */
  pending(digest: string): Promise<Answer> | undefined
  /** Joins the read that is under way, or starts one, and keeps what it finds unless a change was changed meanwhile. */
  getOrLoad(digest: string, read: () => Promise<Found>): Promise<Answer>
  /** Evicts what depends on the change, as a notification on the channel does. */
  invalidate(change: Change): void
  size(): number
  /** The bytes of the known credentials, as they are charged to the budget. */
  bytes(): number
}

interface Kept {
  readonly answer: Answer
  readonly dependsOn: readonly Subject[]
  /** Set on eviction. Holders of a reference must discard it. */
  isEvicted: boolean
}

interface PendingRead {
  answer: Promise<Answer> | undefined
  /** What has changed since it began. */
  readonly changed: Set<string>
  isVoid: boolean
}

/**
 * A cache of answers that the channel invalidates.
 *
 * A change may commit while a read is in flight. Each read therefore records the notifications that arrive until it ends.
 * Any of them makes later requests start a read of their own, because the dependencies of this one are not known yet. Its
 * result is stored only if none of its dependencies changed. A late read can never restore a revoked key.
 */
export function answerCache({ channel, size, bytes, unknownSize, unknownTtlMs, now }: CacheOptions): Cache {
  const dependents = new Map<string, Set<string>>()
  // Each entry is charged at least its share of the budget, so that neither `bytes` nor `size` is exceeded.
  const leastCharge = Math.ceil(bytes / size)
  const known = new LRUCache<string, Kept>({ maxSize: bytes, dispose: (kept, digest) => unlink(digest, kept) })
  const unknown = new LRUCache<string, { readonly answer: Answer; readonly until: number }>(entries(unknownSize))
  const recent = recentCredentials<Kept>()
  const pending = new Map<string, PendingRead>()
  const underWay = new Set<PendingRead>()

  channel.subscribe((event) => (event.kind === 'reset' ? clear() : invalidate(event)))

  function clear(): void {
    pending.clear()
    for (const pendingRead of underWay) pendingRead.isVoid = true
    dependents.clear()
    known.clear()
    unknown.clear()
    recent.clear()
  }

  function invalidate({ kind, id }: Change): void {
    const subject = `${kind}:${id}`
    pending.clear()
    for (const pendingRead of underWay) {
      pendingRead.changed.add(subject)
      if (kind === 'key') pendingRead.changed.add(ANY_KEY)
    }
    if (kind === 'key') unknown.clear()
    const digests = dependents.get(subject)
    if (digests) for (const digest of [...digests]) known.delete(digest)
  }

  function keep(digest: string, { answer, dependsOn, repeatMs = 0 }: Found, pendingRead: PendingRead): void {
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
    if (charge > bytes) return // it would push out all the others, and itself
    known.set(digest, { answer, dependsOn, isEvicted: false }, { size: charge })
    for (const subject of dependsOn) {
      const digests = dependents.get(subject)
      if (digests) digests.add(digest)
      else dependents.set(subject, new Set([digest]))
    }
  }

  function unlink(digest: string, kept: Kept): void {
    kept.isEvicted = true
    for (const subject of kept.dependsOn) {
      const digests = dependents.get(subject)
      digests?.delete(digest)
      if (digests?.size === 0) dependents.delete(subject)
    }
  }

  async function load(digest: string, read: () => Promise<Found>, pendingRead: PendingRead): Promise<Answer> {
    try {
      const found = await read()
      keep(digest, found, pendingRead)
      return found.answer
    } finally {
      underWay.delete(pendingRead)
      if (pending.get(digest) === pendingRead) pending.delete(digest)
    }
  }

  return {
    recent(credential) {
      const kept = recent.get(credential)
      return kept === undefined || kept.isEvicted ? undefined : kept.answer
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
      underWay.add(pendingRead)
      pendingRead.answer = load(digest, read, pendingRead)
      return pendingRead.answer
    },
    invalidate,
    size: () => known.size,
    bytes: () => known.calculatedSize,
  }
}
