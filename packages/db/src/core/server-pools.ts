import { performance } from 'node:perf_hooks'
import type { Channel } from './channel.ts'
import { connect, type Database, renewConnections } from './client.ts'
import type { OnStatement } from './pool-use.ts'
import {
  checkClock,
  checkServer,
  FullServerError,
  isFullError,
  isReadOnlyError,
  OtherServerError,
  ReadOnlyServerError,
} from './server-state.ts'
import type { SessionOverrides } from './session-settings.ts'
import { isDiskFullError, isReserveReleasedError, releaseSpaceReserve } from './space-reserve.ts'

/** The pools of one server process. Each has its own connections, so that none can occupy those of another. */
export interface ServerPools {
  /** For reads and changes by requests. The server ends statements and lock waits after a few seconds. */
  readonly management: Database
  /** For credentials and health only. */
  readonly verification: Database
  /** For periodic tasks, whose statements may take longer than a request waits. */
  readonly background: Database
  /** Replaces every connection, which may be connected to a former primary. */
  renew(): void
  /**
   * The same at most every 5 s: a database may stay unsuitable for long, and a connection must have the time to open. Returns
   * whether it was done.
   */
  renewIfDue(): boolean
  /** Calls `listener` when a server has refused a write as read-only, after the pools have been renewed. */
  onReadOnly(listener: () => void): void
  /**
   * Checks that no statement of the last 10 s failed because the server's disk or its NOTIFY queue was full.
   * @throws FullServerError
   */
  checkSpace(): void
  close(): Promise<void>
}

export interface ServerPoolsOptions {
  /** The maximum number of connections of the management pool. */
  readonly connections: number
  /** The `application_name` in `pg_stat_activity`: `daytona-auth api`. */
  readonly applicationName: string
  readonly onStatement?: OnStatement | undefined
}

/** The minimum interval between two renewals, in milliseconds: a database may stay read-only for long. */
const RENEWAL_MS = 5000
/** How long a failure because of a full server is reported, in milliseconds. */
const FULL_MS = 10_000

/** The maximum numbers of connections of a process besides its management pool. */
export const VERIFICATION_CONNECTIONS = 4
export const BACKGROUND_CONNECTIONS = 2

interface Limits {
  readonly settings: SessionOverrides
  /** Longer than any statement that `settings` or the pool's users allow, in seconds: a slow connection is not half-open. */
  readonly silenceTimeoutSeconds: number
}

/**
 * The database ends a statement before its request times out with 503. `lock_timeout` is shorter, so that the log names the
 * lock. A few statements set a longer timeout of their own, at most 9 s.
 */
const MANAGEMENT: Limits = {
  settings: { statement_timeout: '4500ms', lock_timeout: '4s', client_connection_check_interval: '2s' },
  silenceTimeoutSeconds: 10,
}

/**
 * Shorter than the verifier's timeout (2 s): a backend that waits for a locked table is free again when the verifier gives
 * up, so that no further backend is needed.
 */
const VERIFICATION: Limits = {
  settings: { statement_timeout: '1500ms', lock_timeout: '1200ms', client_connection_check_interval: '1s' },
  silenceTimeoutSeconds: 2,
}

const BACKGROUND: Limits = {
  settings: { statement_timeout: '5min', lock_timeout: '10s', client_connection_check_interval: '10s' },
  silenceTimeoutSeconds: 310,
}

/**
 * Opens the pools of a server process. Connections are opened on first use.
 * @throws ConnectionStringError
 */
export function openServerPools(
  url: string,
  { connections, applicationName, onStatement }: ServerPoolsOptions,
): ServerPools {
  const readOnlyListeners = new Set<() => void>()
  let fullAt = Number.NEGATIVE_INFINITY
  let renewedAt = Number.NEGATIVE_INFINITY
  const renew = () => {
    for (const pool of [management, verification, background]) renewConnections(pool)
    renewedAt = performance.now()
  }
  const renewIfDue = () => {
    const isDue = performance.now() - renewedAt >= RENEWAL_MS
    if (isDue) renew()
    return isDue
  }
  let isReleasing = false
  const onError = (error: unknown) => {
    if (isFullError(error) && !isReserveReleasedError(error)) fullAt = performance.now()
    // A statement outside of a transaction does not run again, but the next one has space. One attempt at a time: if it
    // fails, this is called again.
    if (isDiskFullError(error) && !isReleasing) {
      isReleasing = true
      void releaseSpaceReserve(background.$client).finally(() => {
        isReleasing = false
      })
    }
    if (!isReadOnlyError(error) || !renewIfDue()) return
    for (const listener of readOnlyListeners) listener()
  }
  const open = (max: number, name: string, limits: Limits) =>
    connect(url, { max, applicationName: name, onStatement, onError, ...limits })
  const management = open(connections, applicationName, MANAGEMENT)
  const verification = open(VERIFICATION_CONNECTIONS, `${applicationName} verification`, VERIFICATION)
  const background = open(BACKGROUND_CONNECTIONS, `${applicationName} background`, BACKGROUND)
  return {
    management,
    verification,
    background,
    renew,
    renewIfDue,
    onReadOnly(listener) {
      readOnlyListeners.add(listener)
    },
    checkSpace() {
      if (performance.now() - fullAt < FULL_MS) throw new FullServerError()
    },
    async close() {
      await Promise.all([management, verification, background].map(({ $client }) => $client.end({ timeout: 5 })))
    },
  }
}

/**
 * Renews the pools when the invalidation channel is connected to another server than before. Reads from a former primary
 * would miss revocations on the new one. Conversely, a write that was refused as read-only replaces the channel's
 * connection. Returns a function that stops this.
 */
export function followPrimary(
  pools: Pick<ServerPools, 'renew' | 'onReadOnly'>,
  channel: Pick<Channel, 'server' | 'subscribe' | 'reconnect'>,
): () => void {
  pools.onReadOnly(channel.reconnect)
  let server = channel.server()
  return channel.subscribe(({ kind }) => {
    const now = channel.server()
    if (kind !== 'reset' || now === undefined || now === server) return
    if (server !== undefined) pools.renew()
    server = now
  })
}

/**
 * Checks readiness: the pools' server is the primary that `channel` is connected to, is not full, and its clock agrees with
 * this machine's. Rejects otherwise, and replaces connections to other servers. Resolves with `degraded` while the space
 * reserve is released: revocations work, creations do not.
 */
export async function checkPrimary(pools: ServerPools, channel: Channel): Promise<'ok' | 'degraded'> {
  pools.checkSpace()
  checkClock(channel)
  try {
    await checkServer(pools.verification, channel)
  } catch (error) {
    if ((error instanceof OtherServerError || error instanceof ReadOnlyServerError) && pools.renewIfDue()) {
      channel.reconnect()
    }
    throw error
  }
  return channel.isReserveReleased() ? 'degraded' : 'ok'
}
