import {
  type ApiKeyId,
  type AuditEntry,
  type Database,
  expireApiKeys,
  findDueApiKeys,
  inAudit,
  type OrganizationId,
  SCHEDULED_TASK,
} from '@daytona-auth/db'
import { expiryEntry } from './expiry-entry.ts'

const BATCH = 500

/**
 * Turns the status of keys whose time is over, and records it. What a reader is told of a key does not wait for this:
 * it keeps the table, its index of active names and the trail true. Returns how many it turned.
 */
export async function expireDueApiKeys(database: Database): Promise<number> {
  let turned = 0
  for (;;) {
    const due = await findDueApiKeys(database, BATCH)
    const byHome = Map.groupBy(due, ({ organizationId }) => organizationId)
    for (const [organizationId, keys] of byHome) {
      turned += await expireOf(
        database,
        organizationId,
        keys.map(({ id }) => id),
      )
    }
    if (due.length < BATCH) return turned
  }
}

async function expireOf(database: Database, organizationId: OrganizationId, ids: readonly ApiKeyId[]): Promise<number> {
  const entriesFor = (keys: Awaited<ReturnType<typeof expireApiKeys>>): AuditEntry[] =>
    keys.map((key) => expiryEntry({ ...key, organizationId }))
  const expired = await inAudit(database, SCHEDULED_TASK, entriesFor, (tx) => expireApiKeys(tx, organizationId, ids))
  return expired.length
}
