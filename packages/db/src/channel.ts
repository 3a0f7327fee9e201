import { randomUUID } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import postgres from 'postgres'
import { connectionOptions } from './connection.ts'
import { isFullError, notifyPrimary, readServerId } from './server-state.ts'

const CHANNEL = 'daytona_auth'
const HEARTBEAT = 'beat:'
/** How long a new connection may take to prove itself, in milliseconds: a busy server is slow to let one in. */
const CONNECT_MS = 5000
/** How far the wall clock may be adjusted between two heartbeats without being called a jump. */
const CLOCK_JUMP_MS = 1000

/** What a change in the database may have made untrue. `reset`: everything. */
export type ChannelEvent =
  | { readonly kind: ChangeKind; readonly id: string }
  | { readonly kind: 'reset'; readonly reason: string }

const CHANGE_KINDS = ['key', 'user', 'organization', 'grant', 'client', 'signing-keys'] as const
type ChangeKind = (typeof CHANGE_KINDS)[number]

export interface ChannelOptions {
  /** A direct connection to the primary: LISTEN does not survive a transaction pooler. */
  readonly url: string
  /** Connects once this has resolved, and never if it rejects; by default at once. */
  readonly after?: Promise<unknown>
  /** How often this process proves to itself that it hears what is said, in milliseconds. */
  readonly heartbeatMs?: number
  /** How old the last proof may be while caches are trusted, in milliseconds: the published bound. */
  readonly staleAfterMs?: number
  /** A monotonic clock in milliseconds. */
  readonly now?: () => number
  /** Told of each (re)connection and each failure; for the log and metrics. */
  readonly onState?: (state: 'listening' | 'lost', error?: unknown) => void
  /** How long from sending a heartbeat to hearing it, in milliseconds. */
  readonly onLag?: (ms: number) => void
  /** Milliseconds since the epoch. */
  readonly wallNow?: () => number
  /** Called when the wall clock has moved by `ms` more than the monotonic one since the last heartbeat. */
  readonly onClockJump?: (ms: number) => void
}

/** The stream of changes, as one process hears it. */
export interface Channel {
  /** Grows by one with each event. Equal before and after a read of the database: nothing was heard in between. */
  position(): number
  /** False when this process cannot know whether it has missed something: then no cache may be trusted. */
  isFresh(): boolean
  /** Milliseconds since the sending of the last heartbeat that was heard; Infinity before the first. */
  heartbeatAgeMs(): number
  /** The server that the channel was last connected to: system identifier and timeline. Undefined before the first. */
  server(): string | undefined
  /** How far this machine's clock is ahead of the server's, in milliseconds, as of the last heartbeat. NaN before. */
  clockSkewMs(): number
  /** How much of the server's queue of notifications is taken, from 0 to 1, as of the last heartbeat. NaN before. */
  queueUsage(): number
  /** Replaces the connection, which may lead to a server that is no longer the primary. */
  reconnect(): void
  /** Calls `listener` with each event, in order, synchronously. Returns how to stop that. */
  subscribe(listener: (event: ChannelEvent) => void): () => void
  close(): Promise<void>
}

/**
 * Listens for changes on a connection of its own and goes on doing so for ever: a connection that stops hearing its
 * own heartbeats is thrown away and made anew, since a half-open socket does not announce itself. Returns at once; the
 * channel is fresh when it first has heard itself (see `waitUntilFresh`), so that a database that is down does not keep a
 * process from starting.
 *
 * Freshness counts from the *sending* of the last heartbeat heard: what was committed before that has been heard, for
 * notifications arrive in the order of commits. Arrival times would lie after a stall.
 *
 * @throws ConnectionStringError
 */
export function openChannel({
  url,
  after,
  heartbeatMs = 1000,
  staleAfterMs = 3000,
  now = () => performance.now(),
  onState = () => {},
  onLag = () => {},
  wallNow = () => Date.now(),
  onClockJump = () => {},
}: ChannelOptions): Channel {
  const options = connectionOptions(url, { applicationName: 'daytona-auth channel' })
  const listeners = new Set<(event: ChannelEvent) => void>()
  let position = 0
  let receivedAt = Number.NEGATIVE_INFINITY
  let receivedAtWall = Number.NEGATIVE_INFINITY
  let server: string | undefined
  let clockSkewMs = Number.NaN
  let queueUsage = Number.NaN
  let wallOffsetMs = wallNow() - now()
  let closed = false
  let current: Connection | undefined

  const emit = (event: ChannelEvent) => {
    position += 1
    for (const listener of listeners) listener(event)
  }

  const link = (): Connection => {
    const sentAt = new Map<string, { readonly at: number; readonly wall: number }>()
    let isIdentified = false
    let provenAt = now() // when it last had reason to be believed alive: opened, listening again, heard
    let trusted = false
    const client = postgres({
      ...options,
      max: 1,
      idle_timeout: 0,
      max_lifetime: null,
      backoff: false,
    })

    const onNotify = (payload: string) => {
      if (current !== connection) return
      if (!payload.startsWith(HEARTBEAT)) return emit(parse(payload))
      const sent = sentAt.get(payload)
      if (sent === undefined) return // another process's
      sentAt.delete(payload)
      if (!trusted) {
        // The first proof: whatever was cached before this connection may have missed something.
        trusted = true
        emit({ kind: 'reset', reason: 'connected' })
        onState('listening')
      }
      receivedAt = sent.at
      receivedAtWall = sent.wall
      provenAt = now()
      onLag(now() - sent.at)
    }
    // postgres.js listens again by itself after a lost connection: what came in between is lost, and so is trust.
    const onListen = () => {
      if (!trusted || current !== connection) return
      trusted = false
      provenAt = now()
      sentAt.clear()
      receivedAt = Number.NEGATIVE_INFINITY
      emit({ kind: 'reset', reason: 'reconnected' })
      connection.beat()
    }

    const listening = client.listen(CHANNEL, onNotify, onListen)
    listening.catch((error: unknown) => fail(error))

    const fail = (error: unknown) => {
      if (current !== connection || closed) return
      onState('lost', error)
      replace()
    }

    const prove = async (nonce: string) => {
      if (!isIdentified) {
        server = await readServerId(client)
        isIdentified = true
      }
      const askedAt = wallNow()
      const state = await notifyPrimary(client, CHANNEL, nonce)
      clockSkewMs = (askedAt + wallNow()) / 2 - state.clockMs
      queueUsage = state.queueUsage
    }

    const connection: Connection = {
      beat() {
        const patienceMs = trusted ? staleAfterMs : Math.max(staleAfterMs, CONNECT_MS)
        if (now() - provenAt > patienceMs) return fail(new Error('no heartbeat was heard in time'))
        const nonce = HEARTBEAT + randomUUID()
        sentAt.set(nonce, { at: now(), wall: wallNow() })
        listening
          .then(({ state }) => state && prove(nonce))
          .catch((error: Error) => {
            // The statement that reads the usage fails when it is 1.
            if (isFullError(error)) queueUsage = 1
            fail(error)
          })
      },
      fail,
      async end() {
        await client.end({ timeout: 1 }).catch(() => {})
      },
    }
    return connection
  }

  const replace = () => {
    const old = current
    current = undefined
    void old?.end()
    if (closed) return
    retry = setTimeout(
      () => {
        current = link()
        current.beat()
      },
      Math.min(heartbeatMs, 250),
    )
  }

  const watchClock = () => {
    const offsetMs = wallNow() - now()
    const jumpMs = offsetMs - wallOffsetMs
    wallOffsetMs = offsetMs
    if (Math.abs(jumpMs) > CLOCK_JUMP_MS) onClockJump(jumpMs)
  }

  let retry: NodeJS.Timeout | undefined
  const begin = () => {
    if (closed) return
    current = link()
    current.beat()
  }
  const timer = setInterval(() => {
    watchClock()
    current?.beat()
  }, heartbeatMs)
  if (after) after.then(begin, () => {})
  else begin()

  return {
    position: () => position,
    // The monotonic clock stands still while the machine is suspended: by the wall clock, that time has passed.
    isFresh: () => now() - receivedAt <= staleAfterMs && wallNow() - receivedAtWall <= staleAfterMs + CLOCK_JUMP_MS,
    heartbeatAgeMs: () => now() - receivedAt,
    server: () => server,
    clockSkewMs: () => clockSkewMs,
    queueUsage: () => queueUsage,
    reconnect: () => current?.fail(new Error('the connection is replaced')),
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async close() {
      closed = true
      clearInterval(timer)
      clearTimeout(retry)
      receivedAt = Number.NEGATIVE_INFINITY
      await current?.end()
    },
  }
}

interface Connection {
  beat(): void
  fail(error: unknown): void
  end(): Promise<void>
}

/** Resolves when the channel is fresh; rejects when it is not within `timeoutMs`. For a start and for tests. */
export async function waitUntilFresh(channel: Channel, timeoutMs = 10_000): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!channel.isFresh()) {
    if (performance.now() > deadline) throw new Error('the invalidation channel was not confirmed in time')
    await delay(5)
  }
}

/** A payload that says nothing known is taken for everything: an older process must not miss what a newer one tells. */
function parse(payload: string): ChannelEvent {
  const colon = payload.indexOf(':')
  const kind = CHANGE_KINDS.find((known) => known === payload.slice(0, colon))
  return kind ? { kind, id: payload.slice(colon + 1) } : { kind: 'reset', reason: payload }
}
