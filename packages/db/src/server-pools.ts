import { connect, type Database } from './client.ts'
import type { OnStatement } from './pool-use.ts'
import type { SessionOverrides } from './session-settings.ts'

/** The pools of one server process. Each has connections of its own, so that none can occupy those of another. */
export interface ServerPools {
  /** For what requests read and change. Statements and lock waits end on the server after a few seconds. */
  readonly management: Database
  /** For credentials and health only. */
  readonly verification: Database
  /** For periodic tasks, whose statements may take longer than a request waits. */
  readonly background: Database
  close(): Promise<void>
}

export interface ServerPoolsOptions {
  /** Connections of the management pool at most. */
  readonly connections: number
  /** The part of the product, as `pg_stat_activity` shows it: `daytona-auth api`. */
  readonly applicationName: string
  readonly onStatement?: OnStatement | undefined
}

/** Connections of a process beside its management pool, at most. */
export const VERIFICATION_CONNECTIONS = 4
export const BACKGROUND_CONNECTIONS = 2

interface Limits {
  readonly settings: SessionOverrides
  /** Longer than any statement that `settings` or the pool's users allow, in seconds: what is slow is not silent. */
  readonly silenceTimeoutSeconds: number
}

/**
 * The server ends a statement of a request before the request is answered 503 without it. `lock_timeout` is shorter, so
 * that the log names the lock. Few statements set a longer time of their own, of 9 s at most.
 */
const MANAGEMENT: Limits = {
  settings: { statement_timeout: '4500ms', lock_timeout: '4s', client_connection_check_interval: '2s' },
  silenceTimeoutSeconds: 10,
}

/**
 * Less than the verifier waits for an answer (2 s): a backend that waits for a locked table is free again when the
 * verifier has given up, so that no other one is needed in its place.
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
 * Opens the pools of a server process. Connections are made when first needed.
 * @throws ConnectionStringError
 */
export function openServerPools(
  url: string,
  { connections, applicationName, onStatement }: ServerPoolsOptions,
): ServerPools {
  const open = (max: number, name: string, limits: Limits) =>
    connect(url, { max, applicationName: name, onStatement, ...limits })
  const management = open(connections, applicationName, MANAGEMENT)
  const verification = open(VERIFICATION_CONNECTIONS, `${applicationName} verification`, VERIFICATION)
  const background = open(BACKGROUND_CONNECTIONS, `${applicationName} background`, BACKGROUND)
  return {
    management,
    verification,
    background,
    async close() {
      await Promise.all([management, verification, background].map(({ $client }) => $client.end({ timeout: 5 })))
    },
  }
}
