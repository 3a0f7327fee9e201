import { ensureAuditPartitions } from '@daytona-auth/db/audit'
import {
  deleteExpiredAppRequests,
  deleteExpiredInitialAccessTokens,
  deleteUnusedRegistrations,
} from '@daytona-auth/db/clients'
import type { Database } from '@daytona-auth/db/core'
import {
  sweepArtifacts,
  sweepBackchannelLogouts,
  sweepConsumedRefreshTokens,
  sweepGrants,
} from '@daytona-auth/db/grants'
import {
  deleteExpiredEmailVerifications,
  deleteExpiredMailedTokens,
  deleteExpiredTrustedBrowsers,
} from '@daytona-auth/db/operations'

/** Rows in a batch: few enough that it holds locks only briefly. */
const BATCH = 5000
const REGISTRATIONS = 100

/**
 * Removes expired rows in batches, until nothing is left or the signal is aborted. Several processes may sweep
 * concurrently: they skip each other's locked rows. Consumed refresh tokens stay for `consumedKeptMs`, or until they
 * expire, so that their reuse is detected. Returns the numbers removed.
 */
export async function sweep(
  database: Database,
  {
    consumedKeptMs,
    registrationsKeptMs,
    signal,
  }: { readonly consumedKeptMs: number; readonly registrationsKeptMs: number; readonly signal?: AbortSignal },
): Promise<{ artifacts: number; grants: number }> {
  async function drain(batch: (limit: number) => Promise<number>): Promise<number> {
    let total = 0
    for (let removed = BATCH; removed === BATCH && !signal?.aborted; total += removed) removed = await batch(BATCH)
    return total
  }
  const expired = await drain((limit) => sweepArtifacts(database, limit))
  const consumed = await drain((limit) => sweepConsumedRefreshTokens(database, consumedKeptMs, limit))
  const grants = await drain((limit) => sweepGrants(database, limit))
  await drain((limit) => sweepBackchannelLogouts(database, limit))
  await drain((limit) => deleteExpiredEmailVerifications(database, limit))
  await drain((limit) => deleteExpiredMailedTokens(database, limit))
  await drain((limit) => deleteExpiredTrustedBrowsers(database, limit))
  await drain((limit) => deleteExpiredAppRequests(database, limit))
  // Each has an audit event, so fewer in a transaction.
  let unused = REGISTRATIONS
  while (unused === REGISTRATIONS && !signal?.aborted) {
    unused = await deleteUnusedRegistrations(database, registrationsKeptMs, REGISTRATIONS)
  }
  await drain((limit) => deleteExpiredInitialAccessTokens(database, limit))
  await ensureAuditPartitions(database)
  return { artifacts: expired + consumed, grants }
}
