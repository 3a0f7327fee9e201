import type { Database } from '@daytona-auth/db/core'
import {
  deleteEndedApiKeys,
  deleteEndedInvitations,
  deleteOldUsage,
  deleteSupersededSecrets,
  rollUpUsage,
} from '@daytona-auth/db/operations'
import type { ApiConfig } from '../config.ts'

/** Usage rows per statement: a few hundred milliseconds. */
const USAGE_BATCH = 20_000
/** Each deleted key or secret sends notifications when its transaction commits. */
const KEY_BATCH = 500

export type Retention = Pick<ApiConfig, 'USAGE_HOURS_RETENTION' | 'USAGE_RETENTION'>

/**
 * Rolls usage up from hours to days and deletes rows past their retention, in batches, until none is left or `signal`
 * is aborted. Several processes may run it at once. Returns the number of rows of each kind.
 */
export async function applyRetention(
  database: Database,
  { USAGE_HOURS_RETENTION: hoursMs, USAGE_RETENTION: keptMs }: Retention,
  signal?: AbortSignal,
) {
  async function drain(limit: number, batch: (limit: number) => Promise<number>): Promise<number> {
    let total = 0
    for (let done = limit; done >= limit && !signal?.aborted; total += done) done = await batch(limit)
    return total
  }
  return {
    hours: await drain(USAGE_BATCH, (limit) => rollUpUsage(database, hoursMs, limit)),
    days: await drain(USAGE_BATCH, (limit) => deleteOldUsage(database, keptMs, limit)),
    secrets: await drain(KEY_BATCH, (limit) => deleteSupersededSecrets(database, limit)),
    keys: await drain(KEY_BATCH, (limit) => deleteEndedApiKeys(database, keptMs, limit)),
    invitations: await drain(KEY_BATCH, (limit) => deleteEndedInvitations(database, limit)),
  }
}
