import { eq, sql } from 'drizzle-orm'
import type { AuditedTx } from '../audit/entries.ts'
import type { UserId } from '../core/id.ts'
import { users } from '../schema/users.ts'

/** The version of the sign-ins of a new account. */
export const FIRST_SIGN_IN_VERSION = 0

/**
 * Ends the sign-ins of a locked account that have not stored a session yet, and those that wait for a second factor. A sign-in
 * carries the version that was read with the password, factor or identity that it was checked by. Its session is stored, and
 * its grant inserted, under a lock of the account and only with the current version (`isCurrentSignInSql`). So a sign-in does
 * not outlive what it was made with, however late its browser continues.
 *
 * Sessions that are stored now continue: call this after those that end were deleted.
 */
export async function endPendingSignIns(tx: AuditedTx, userId: UserId): Promise<void> {
  const [raised] = await tx
    .update(users)
    .set({ signInVersion: sql`${users.signInVersion} + 1` })
    .where(eq(users.id, userId))
    .returning({ signInVersion: users.signInVersion })
  if (!raised) return
  await tx.execute(sql`
    UPDATE oidc_artifacts SET payload = payload || ${JSON.stringify(raised)}::jsonb
    WHERE model = 'Session' AND account_id = ${userId}
      AND coalesce((payload ->> 'signInVersion')::integer, 0) = ${raised.signInVersion - 1}`)
}
