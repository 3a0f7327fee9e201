import type { Channel, ChannelEvent } from '@daytona-auth/db'
import { LRUCache } from 'lru-cache'
import { estimateSize } from '../cache-size.ts'
import { entries } from '../limits/lru-options.ts'
import type { Answer } from '../principal/result.ts'
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
  /** The read that is under way for this credential, unless a change has been heard since it began. */
  joinable(digest: string): Promise<Answer> | undefined
  /** Joins the read that is under way, or starts one, and keeps what it finds unless a change was heard meanwhile. */
  fill(digest: string, read: () => Promise<Found>): Promise<Answer>
  /** As if the change had been heard on the channel: what depended on it is gone when this returns. */
  forget(change: Change): void
  size(): number
  /** The bytes of the known credentials, as they are charged to the budget. */
  bytes(): number
}

interface Kept {
  readonly answer: Answer
  readonly dependsOn: readonly Subject[]
  /** It is in the cache no more: whoever still has it must not believe it. */
  isDropped: boolean
}

interface Flight {
  answer: Promise<Answer> | undefined
  /** What has changed since it began. */
  readonly heard: Set<string>
  isVoid: boolean
}

/**
 * The cache of answers, kept true by the channel.
 *
 * A read of the database may be overtaken by a change to what it reads. So a flight remembers what is heard while it is
 * under way. Whatever it is, later arrivals start a read of their own, since nobody knows yet what this one will turn out
 * to depend on; and the result is kept only if nothing that it depends on was heard. A late read can therefore never
 * bring back a revoked key.
 */
export function answerCache({ channel, size, bytes, unknownSize, unknownTtlMs, now }: CacheOptions): Cache {
  const dependents = new Map<string, Set<string>>()
  // Each entry is charged at least its share of the budget, so that neither `bytes` nor `size` is exceeded.
  const leastCharge = Math.ceil(bytes / size)
  const known = new LRUCache<string, Kept>({ maxSize: bytes, dispose: (kept, digest) => unlink(digest, kept) })
  const unknown = new LRUCache<string, { readonly answer: Answer; readonly until: number }>(entries(unknownSize))
  const recent = recentCredentials<Kept>()
  const joinable = new Map<string, Flight>()
  const underWay = new Set<Flight>()

  channel.subscribe((event) => (event.kind === 'reset' ? clear() : forget(event)))

  function clear(): void {
    joinable.clear()
    for (const flight of underWay) flight.isVoid = true
    dependents.clear()
    known.clear()
    unknown.clear()
    recent.clear()
  }

  function forget({ kind, id }: Change): void {
    const subject = `${kind}:${id}`
    joinable.clear()
    for (const flight of underWay) {
      flight.heard.add(subject)
      if (kind === 'key') flight.heard.add(ANY_KEY)
    }
    if (kind === 'key') unknown.clear()
    const digests = dependents.get(subject)
    if (digests) for (const digest of [...digests]) known.delete(digest)
  }

  function keep(digest: string, { answer, dependsOn, repeatMs = 0 }: Found, flight: Flight): void {
    if (dependsOn === null) {
      if (repeatMs > 0 && !flight.isVoid) unknown.set(digest, { answer, until: now() + repeatMs })
      return
    }
    if (flight.isVoid || dependsOn.some((subject) => flight.heard.has(subject))) return
    if (dependsOn.includes(ANY_KEY)) {
      unknown.set(digest, { answer, until: now() + unknownTtlMs })
      return
    }
    known.delete(digest)
    const charge = Math.max(leastCharge, estimateSize(answer, dependsOn))
    if (charge > bytes) return // it would push out all the others, and itself
    known.set(digest, { answer, dependsOn, isDropped: false }, { size: charge })
    for (const subject of dependsOn) {
      const digests = dependents.get(subject)
      if (digests) digests.add(digest)
      else dependents.set(subject, new Set([digest]))
    }
  }

  function unlink(digest: string, kept: Kept): void {
    kept.isDropped = true
    for (const subject of kept.dependsOn) {
      const digests = dependents.get(subject)
      digests?.delete(digest)
      if (digests?.size === 0) dependents.delete(subject)
    }
  }

  async function fly(digest: string, read: () => Promise<Found>, flight: Flight): Promise<Answer> {
    try {
      const found = await read()
      keep(digest, found, flight)
      return found.answer
    } finally {
      underWay.delete(flight)
      if (joinable.get(digest) === flight) joinable.delete(digest)
    }
  }

  return {
    recent(credential) {
      const kept = recent.get(credential)
      return kept === undefined || kept.isDropped ? undefined : kept.answer
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
    joinable: (digest) => joinable.get(digest)?.answer,
    fill(digest, read) {
      const current = joinable.get(digest)?.answer
      if (current) return current
      const flight: Flight = { answer: undefined, heard: new Set(), isVoid: false }
      joinable.set(digest, flight)
      underWay.add(flight)
      flight.answer = fly(digest, read, flight)
      return flight.answer
    },
    forget,
    size: () => known.size,
    bytes: () => known.calculatedSize,
  }
}
