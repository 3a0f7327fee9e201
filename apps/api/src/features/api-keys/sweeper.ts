import { type AffectedKey, expireApiKeys } from '@daytona-auth/db/api-keys'
import { inAudit, SCHEDULED_TASK } from '@daytona-auth/db/audit'
import type { Database } from '@daytona-auth/db/core'
import { expiryEntry } from './expiry-entry.ts'

/** Keys per transaction, which locks the heads of their organizations' audit chains until it commits. */
const BATCH = 500

/**
 * Marks expired keys and records an event for each, one batch per transaction, until none is left or `signal` is
 * aborted. Readers derive the status themselves. This keeps the table, its index of active names and the audit trail
 * up to date. Returns the number of keys changed.
 */
export async function expireDueApiKeys(database: Database, signal?: AbortSignal): Promise<number> {
  const entriesFor = (keys: readonly AffectedKey[]) => keys.map(expiryEntry)
  let changed = 0
  while (!signal?.aborted) {
    const expired = await inAudit(database, SCHEDULED_TASK, entriesFor, (tx) => expireApiKeys(tx, BATCH))
    changed += expired.length
    if (expired.length < BATCH) break
  }
  return changed
}
