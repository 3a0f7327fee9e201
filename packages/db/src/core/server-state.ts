import { hasCause, hasSqlState, SQL_STATE } from '@daytona-auth/service/sql-state'
import type postgres from 'postgres'

/**
 * Keys, tokens and sessions end by this machine's clock and begin by the database's. With more than a minute between them,
 * an expired one is accepted for too long, or a new one is refused.
 */
export const CLOCK_ERROR_MS = 60_000

/** The session's server does not accept writes: a standby, or a read-only primary. SQLSTATE 25006. */
export class ReadOnlyServerError extends Error {
  override readonly name = 'ReadOnlyServerError'
  readonly code = SQL_STATE.read_only_sql_transaction

  constructor() {
    super('the database server is read-only or a standby')
  }
}

/** The pool's server is not that of the invalidation channel: this process receives no notification of changes there. */
export class OtherServerError extends Error {
  override readonly name = 'OtherServerError'
  readonly code = 'OTHER_SERVER'

  constructor() {
    super('the pool is connected to another server than the invalidation channel')
  }
}

/** What a heartbeat reads from the primary. */
export interface PrimaryState {
  /** The server's clock in milliseconds since the epoch. */
  readonly clockMs: number
  /** The used part of the NOTIFY queue, from 0 to 1. At 1 every change fails. */
  readonly queueUsage: number
  /** Whether the disk was so full that the space reserve was released. Creations are refused. */
  readonly isReserveReleased: boolean
}

/**
 * Sends `payload` on `channel` if the server accepts writes. A former primary continues to deliver the notifications of its
 * own sessions, so a heartbeat through it would prove nothing.
 * @throws ReadOnlyServerError
 */
export async function notifyPrimary(sql: postgres.Sql, channel: string, payload: string): Promise<PrimaryState> {
  const [row] = await sql<({ isWritable: boolean } & PrimaryState)[]>`
    SELECT is_writable AS "isWritable", CASE WHEN is_writable THEN pg_notify(${channel}, ${payload}) END,
      extract(epoch FROM clock_timestamp())::float8 * 1000 AS "clockMs",
      pg_notification_queue_usage() AS "queueUsage", to_regclass('public.space_reserve') IS NULL AS "isReserveReleased"
    FROM (
      SELECT NOT pg_is_in_recovery() AND current_setting('transaction_read_only') = 'off' AS is_writable OFFSET 0
    ) AS state`
  if (!row?.isWritable) throw new ReadOnlyServerError()
  return row
}

/**
 * Identifies the server of a connection by its system identifier and timeline, which a promotion advances. If a managed
 * service forbids these functions, it is identified by its start time.
 * @throws ReadOnlyServerError
 */
export async function readServerId(sql: postgres.Sql): Promise<string> {
  const [row] = await sql<{ isWritable: boolean; startedAt: string }[]>`
    SELECT NOT pg_is_in_recovery() AND current_setting('transaction_read_only') = 'off' AS "isWritable",
      pg_postmaster_start_time()::text AS "startedAt"`
  if (!row?.isWritable) throw new ReadOnlyServerError()
  try {
    const [identity] = await sql<{ id: string }[]>`
      SELECT system_identifier || ':' || left(pg_walfile_name(pg_current_wal_lsn()), 8) AS id FROM pg_control_system()`
    return identity?.id ?? row.startedAt
  } catch (error) {
    if (!hasSqlState(error, ...UNAVAILABLE_FUNCTION)) throw error
    return row.startedAt
  }
}

/** A managed service forbids, lacks or cannot run a function. */
const UNAVAILABLE_FUNCTION = [
  'insufficient_privilege',
  'feature_not_supported',
  'undefined_function',
  'object_not_in_prerequisite_state',
] as const

/** The server's disk is full (SQLSTATE 53100), or its queue of notifications (54000). */
export class FullServerError extends Error {
  override readonly name = 'FullServerError'
  readonly code = SQL_STATE.disk_full

  constructor() {
    super('the disk or the NOTIFY queue of the database server is full')
  }
}

/** Whether PostgreSQL refused a write because its server is read-only, however the error is wrapped. */
export const isReadOnlyError = (error: unknown): boolean => hasSqlState(error, 'read_only_sql_transaction')

/** Whether PostgreSQL refused a write because it is full. 54000 has other causes, such as a long index row. */
export const isFullError = (error: unknown): boolean =>
  hasSqlState(error, 'disk_full') ||
  hasCause(error, ({ code, file }) => code === SQL_STATE.program_limit_exceeded && file === 'async.c')

/**
 * Checks that a pool's server is the primary and, if `channel` was connected before, the server of `channel`.
 * @throws ReadOnlyServerError
 * @throws OtherServerError
 */
export async function checkServer(
  { $client }: { readonly $client: postgres.Sql },
  channel: { server(): string | undefined },
): Promise<void> {
  const id = await readServerId($client)
  const expected = channel.server()
  if (expected !== undefined && id !== expected) throw new OtherServerError()
}

/**
 * Checks that this machine's clock agrees with the database's: keys and tokens end by the former and begin by the latter.
 * @throws Error if they differ by more than a minute, as of the last heartbeat
 */
export function checkClock(channel: { clockSkewMs(): number }): void {
  const skewMs = channel.clockSkewMs()
  if (Math.abs(skewMs) > CLOCK_ERROR_MS)
    throw new Error(`the clock is ${Math.round(skewMs)} ms ahead of the database's`)
}
