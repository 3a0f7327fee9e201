import { type SQL, sql } from 'drizzle-orm'
import type { AuditedTx } from '../audit/entries.ts'
import type { Queryable } from '../core/client.ts'
import type { UserId } from '../core/id.ts'
import { type DeletedAccount, deleteAccount, lockWholeAccount } from './account-deletion.ts'

/**
 * Lists accounts that were created before `keptMs` ago, whose address was never verified, and that are unused: without a
 * session, grant, key, app, record or shared organization. Their deletion loses nothing. The oldest first.
 */
export const listUnusedAccounts = (db: Queryable, keptMs: number, limit: number): Promise<UserId[]> =>
  readUnused(db, keptMs, sql`true`, limit)

/** Deletes an account if it is unused, as it is under its locks. Undefined if it was deleted, verified or used concurrently. */
export async function deleteUnusedAccount(
  tx: AuditedTx,
  userId: UserId,
  keptMs: number,
  reason: string,
): Promise<DeletedAccount | undefined> {
  // Keys, grants and memberships of a locked account cannot be created concurrently.
  if (!(await lockWholeAccount(tx, userId))) return undefined
  if ((await readUnused(tx, keptMs, sql`users.id = ${userId}`, 1)).length === 0) return undefined
  const deleted = await deleteAccount(tx, userId, reason)
  return deleted.outcome === 'deleted' ? deleted.deletion : undefined
}

async function readUnused(db: Queryable, keptMs: number, which: SQL, limit: number): Promise<UserId[]> {
  const rows = await db.execute<{ id: UserId }>(sql`
    SELECT users.id FROM users JOIN organizations home ON home.created_by = users.id AND home.personal
    WHERE ${which} AND NOT users.email_verified AND users.disabled_at IS NULL
      AND users.created_at < now() - make_interval(secs => ${keptMs / 1000}::float8)
      AND NOT EXISTS (SELECT FROM oidc_artifacts WHERE account_id = users.id AND expires_at > now())
      AND NOT EXISTS (SELECT FROM grants WHERE user_id = users.id AND revoked_at IS NULL AND expires_at > now())
      AND NOT EXISTS (SELECT FROM api_keys WHERE user_id = users.id)
      AND NOT EXISTS (SELECT FROM oidc_clients WHERE created_by = users.id OR organization_id = home.id)
      AND NOT EXISTS (SELECT FROM sandboxes WHERE organization_id = home.id)
      AND NOT EXISTS (SELECT FROM snapshots WHERE organization_id = home.id)
      AND NOT EXISTS (SELECT FROM volumes WHERE organization_id = home.id)
      AND NOT EXISTS (SELECT FROM registries WHERE organization_id = home.id)
      AND NOT EXISTS (SELECT FROM organization_members WHERE user_id = users.id AND organization_id <> home.id)
    ORDER BY users.created_at, users.id LIMIT ${limit}`)
  return rows.map(({ id }) => id)
}
