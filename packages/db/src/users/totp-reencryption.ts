import { and, asc, eq, gt } from 'drizzle-orm'
import { OPERATOR_COMMAND } from '../audit/authority.ts'
import { auditEntry, DEPLOYMENT, inAudit } from '../audit/entries.ts'
import type { Database } from '../core/client.ts'
import type { UserId } from '../core/id.ts'
import { totpFactors } from '../schema/second-factors.ts'

/** The secret of an authenticator app, encrypted. */
export interface TotpSecretRow {
  readonly userId: UserId
  readonly secret: string
}

/** Rows in a transaction: few enough that their locks do not delay sign-ins. */
const BATCH = 100

/**
 * Replaces the encryption of every secret of an authenticator app, in batches, with an audit event for each. `reencrypt`
 * returns the next encryption of a row, or undefined to keep it. One that was replaced concurrently stays. Returns the number
 * of replaced ones.
 */
export async function reencryptTotpSecrets(
  db: Database,
  reencrypt: (row: TotpSecretRow) => Promise<string | undefined>,
  source: string,
): Promise<number> {
  let replaced = 0
  for (let after = '' as UserId, isLast = false; !isLast; ) {
    const rows = await db
      .select({ userId: totpFactors.userId, secret: totpFactors.secret })
      .from(totpFactors)
      .where(gt(totpFactors.userId, after))
      .orderBy(asc(totpFactors.userId))
      .limit(BATCH)
    replaced += await replaceBatch(db, rows, reencrypt, source)
    after = rows.at(-1)?.userId ?? after
    isLast = rows.length < BATCH
  }
  return replaced
}

async function replaceBatch(
  db: Database,
  rows: readonly TotpSecretRow[],
  reencrypt: (row: TotpSecretRow) => Promise<string | undefined>,
  source: string,
): Promise<number> {
  const next = new Map<TotpSecretRow, string>()
  for (const row of rows) {
    const secret = await reencrypt(row)
    if (secret !== undefined) next.set(row, secret)
  }
  if (next.size === 0) return 0
  const userIds = await inAudit<UserId[]>(
    db,
    OPERATOR_COMMAND,
    (done) =>
      done.map((targetId) =>
        auditEntry('user.reencrypt_factor', {
          organizationId: DEPLOYMENT,
          actorId: null,
          actorEmail: null,
          source,
          targetId,
          metadata: { factor: 'totp' },
        }),
      ),
    async (tx) => {
      const done: UserId[] = []
      for (const [{ userId, secret: before }, secret] of next) {
        const updated = await tx
          .update(totpFactors)
          .set({ secret })
          .where(and(eq(totpFactors.userId, userId), eq(totpFactors.secret, before)))
          .returning({ userId: totpFactors.userId })
        done.push(...updated.map((row) => row.userId))
      }
      return done
    },
  )
  return userIds.length
}
