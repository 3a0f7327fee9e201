import { inAudit, SCHEDULED_TASK } from '@daytona-auth/db/audit'
import type { Database } from '@daytona-auth/db/core'
import {
  type DeletedAccount,
  deletedAccountEntries,
  deleteUnusedAccount,
  listUnusedAccounts,
} from '@daytona-auth/db/users'

const BATCH = 100
const REASON = 'the address was never verified'
const SYSTEM = { actorId: null, actorEmail: null, source: 'system' } as const

/**
 * Deletes unused accounts whose address was not verified within `keptMs`, each in its own transaction. So an address that
 * another person signed up with becomes free. Returns their number.
 */
export async function deleteUnusedAccounts(
  database: Database,
  { keptMs, signal }: { readonly keptMs: number; readonly signal?: AbortSignal },
): Promise<number> {
  let total = 0
  for (;;) {
    const found = await listUnusedAccounts(database, keptMs, BATCH)
    const before = total
    for (const userId of found) {
      if (signal?.aborted) return total
      const deletion = await inAudit<DeletedAccount | undefined>(
        database,
        SCHEDULED_TASK,
        (deleted) => (deleted ? deletedAccountEntries(SYSTEM, userId, deleted, REASON) : []),
        (tx) => deleteUnusedAccount(tx, userId, keptMs, REASON),
      )
      if (deletion) total += 1
    }
    // Another process may delete the same accounts: those are no progress, and the next run finds the others.
    if (found.length < BATCH || total === before) return total
  }
}
