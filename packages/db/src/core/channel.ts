import { randomUUID } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import postgres from 'postgres'
import { connectionOptions } from './connection.ts'
import { EVENT_CHANNEL, type EventNotice, parseEventNotice } from './event-notice.ts'
import { isFullError, notifyPrimary, readServerId } from './server-state.ts'

const CHANNEL = 'daytona_auth'
const HEARTBEAT = 'beat:'
/** How long a new connection may take until its first heartbeat, in milliseconds: a busy server accepts slowly. */
const CONNECT_MS = 5000
/** How far the wall clock may be adjusted between two heartbeats without being called a jump. */
const CLOCK_JUMP_MS = 1000

/** A change in the database, which invalidates what was cached about it. `reset` invalidates everything. */
export type ChannelEvent =
  | { readonly kind: ChangeKind; readonly id: string }
  | { readonly kind: 'reset'; readonly reason: string }

const CHANGE_KINDS = ['key', 'user', 'organization', 'grant', 'client', 'domain', 'signing-keys'] as const
type ChangeKind = (typeof CHANGE_KINDS)[number]

export interface ChannelOptions {
  /** A direct connection to the primary: LISTEN does not survive a transaction pooler. */
  readonly url: string
  /** Connects once this has resolved, and never if it rejects; by default at once. */
  readonly after?: Promise<unknown>
  /** Interval of the heartbeats by which this process verifies that it receives notifications, in milliseconds. */
  readonly heartbeatMs?: number
  /** How old the last heartbeat may be while caches are trusted, in milliseconds: the documented bound. */
  readonly staleAfterMs?: number
  /** A monotonic clock in milliseconds. */
  readonly now?: () => number
  /** Called after each (re)connection and each failure; for the log and metrics. */
  readonly onState?: (state: 'listening' | 'lost', error?: unknown) => void
  /** Called with the time from sending a heartbeat to receiving it, in milliseconds. */
  readonly onLag?: (ms: number) => void
  /** Milliseconds since the epoch. */
  readonly wallNow?: () => number
  /** Called when the wall clock has moved by `ms` more than the monotonic one since the last heartbeat. */
  readonly onClockJump?: (ms: number) => void
}

/** The stream of changes, as one process receives it. */
export interface Channel {
  /** Grows by one with each event. Equal before and after a read of the database: no event was received in between. */
  position(): number
  /** False when this process may have missed notifications: then no cache may be trusted. */
  isFresh(): boolean
  /** Milliseconds since the last received heartbeat was sent; Infinity before the first. */
  heartbeatAgeMs(): number
  /** The server that the channel was last connected to: system identifier and timeline. Undefined before the first. */
  server(): string | undefined
  /** How far this machine's clock is ahead of the server's, in milliseconds, as of the last heartbeat. NaN before. */
  clockSkewMs(): number
  /** How much of the server's queue of notifications is taken, from 0 to 1, as of the last heartbeat. NaN before. */
  queueUsage(): number
  /** Whether the disk is so full that creations are refused, as of the last heartbeat. */
  isReserveReleased(): boolean
  /** Replaces the connection, which may lead to a server that is no longer the primary. */
  reconnect(): void
  /** Calls `listener` with each event, in order, synchronously. Returns a function that unsubscribes it. */
  subscribe(listener: (event: ChannelEvent) => void): () => void
  /**
   * Calls `listener` with each notice for event streams, in order, synchronously. Notices that were sent while the connection
   * was lost are missing; `subscribe` receives a `reset` after it. Returns a function that unsubscribes it.
   */
  subscribeToNotices(listener: (notice: EventNotice) => void): () => void
  close(): Promise<void>
}

/**
 * Opens a channel, which listens for changes on a connection of its own until it is closed. A connection that stops
 * receiving its own heartbeats is replaced, because a half-open socket reports no error.
 *
 * Returns at once. The channel is fresh after its first heartbeat (see `waitUntilFresh`), so that a process can start while
 * the database is down.
 *
 * Freshness counts from the *sending* of the last received heartbeat. Notifications arrive in the order of commits, so
 * every change committed before that has been received. Times of arrival would be wrong after a stall.
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
  const noticeListeners = new Set<(notice: EventNotice) => void>()
  let position = 0
  let receivedAt = Number.NEGATIVE_INFINITY
  let receivedAtWall = Number.NEGATIVE_INFINITY
  let server: string | undefined
  let clockSkewMs = Number.NaN
  let queueUsage = Number.NaN
  let isReserveReleased = false
  let wallOffsetMs = wallNow() - now()
  let closed = false
  let current: Connection | undefined

  const emit = (event: ChannelEvent) => {
    position += 1
    for (const listener of listeners) listener(event)
  }

  const openConnection = (): Connection => {
    const sentAt = new Map<string, { readonly at: number; readonly wall: number }>()
    let isIdentified = false
    let confirmedAt = now() // last sign that the connection works: opened, listening again, heartbeat received
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
      if (sent === undefined) return // the heartbeat of another process
      sentAt.delete(payload)
      if (!trusted) {
        // The first heartbeat: anything cached before this connection may be outdated.
        trusted = true
        emit({ kind: 'reset', reason: 'connected' })
        onState('listening')
      }
      receivedAt = sent.at
      receivedAtWall = sent.wall
      confirmedAt = now()
      onLag(now() - sent.at)
    }
    // postgres.js listens again by itself after a lost connection. Notifications in between are lost.
    const onListen = () => {
      // The driver may have connected to another host.
      isIdentified = false
      if (!trusted || current !== connection) return
      trusted = false
      confirmedAt = now()
      sentAt.clear()
      receivedAt = Number.NEGATIVE_INFINITY
      emit({ kind: 'reset', reason: 'reconnected' })
      onState('lost', new Error('the connection was lost and replaced'))
      connection.beat()
    }

    const onNotice = (payload: string) => {
      const notice = current === connection ? parseEventNotice(payload) : undefined
      if (notice) for (const listener of noticeListeners) listener(notice)
    }

    // Sent first on the same connection, also when the driver listens again: after the `reset`, no notice is missed.
    client.listen(EVENT_CHANNEL, onNotice).catch((error: unknown) => fail(error))
    const listening = client.listen(CHANNEL, onNotify, onListen)
    listening.catch((error: unknown) => fail(error))

    const fail = (error: unknown) => {
      if (current !== connection || closed) return
      onState('lost', error)
      replace()
    }

    const notify = async (nonce: string) => {
      if (!isIdentified) {
        server = await readServerId(client)
        isIdentified = true
      }
      const sentAtWall = wallNow()
      const state = await notifyPrimary(client, CHANNEL, nonce)
      clockSkewMs = (sentAtWall + wallNow()) / 2 - state.clockMs
      queueUsage = state.queueUsage
      isReserveReleased = state.isReserveReleased
    }

    const connection: Connection = {
      beat() {
        const timeoutMs = trusted ? staleAfterMs : Math.max(staleAfterMs, CONNECT_MS)
        if (now() - confirmedAt > timeoutMs) return fail(new Error('no heartbeat was received in time'))
        const nonce = HEARTBEAT + randomUUID()
        sentAt.set(nonce, { at: now(), wall: wallNow() })
        listening
          .then(({ state }) => state && notify(nonce))
          .catch((error: Error) => {
            // At a usage of 1 the statement that reads it fails.
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
        current = openConnection()
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
    current = openConnection()
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
    // The monotonic clock stops while the machine is suspended; the wall clock includes that time.
    isFresh: () => now() - receivedAt <= staleAfterMs && wallNow() - receivedAtWall <= staleAfterMs + CLOCK_JUMP_MS,
    heartbeatAgeMs: () => now() - receivedAt,
    server: () => server,
    clockSkewMs: () => clockSkewMs,
    queueUsage: () => queueUsage,
    isReserveReleased: () => isReserveReleased,
    reconnect: () => current?.fail(new Error('the connection is replaced')),
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    subscribeToNotices(listener) {
      noticeListeners.add(listener)
      return () => noticeListeners.delete(listener)
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

/** Resolves when the channel is fresh; rejects after `timeoutMs`. For startup and for tests. */
export async function waitUntilFresh(channel: Channel, timeoutMs = 10_000): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!channel.isFresh()) {
    if (performance.now() > deadline) throw new Error('the invalidation channel was not confirmed in time')
    await delay(5)
  }
}

/** Parses a payload. An unknown one is a `reset`: an older process must not miss the notifications of a newer one. */
function parse(payload: string): ChannelEvent {
  const colon = payload.indexOf(':')
  const kind = CHANGE_KINDS.find((known) => known === payload.slice(0, colon))
  return kind ? { kind, id: payload.slice(colon + 1) } : { kind: 'reset', reason: payload }
}
