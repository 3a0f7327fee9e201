import { and, desc, eq, isNull, type SQL, sql } from 'drizzle-orm'
import type { AuditedTx } from '../audit/entries.ts'
import type { Queryable } from '../core/client.ts'
import type { UserId } from '../core/id.ts'
import { passkeys } from '../schema/second-factors.ts'
import { users } from '../schema/users.ts'
import { endWithRemovedFactor } from './second-factors.ts'

export type Passkey = typeof passkeys.$inferSelect
export type NewPasskey = Omit<Passkey, 'createdAt' | 'lastUsedAt' | 'requiresPassword'>

/** The passkeys that an account may have. */
const PER_USER = 10

/** Lists the passkeys of an account, newest first. */
export const listPasskeys = (db: Queryable, userId: UserId): Promise<Passkey[]> =>
  db.select().from(passkeys).where(eq(passkeys.userId, userId)).orderBy(desc(passkeys.createdAt), passkeys.id)

/** Finds a passkey of an enabled account by the id of its credential. */
export async function findPasskey(db: Queryable, id: string): Promise<Passkey | undefined> {
  const [row] = await db
    .select({ passkey: passkeys })
    .from(passkeys)
    .innerJoin(users, and(eq(users.id, passkeys.userId), isNull(users.disabledAt)))
    .where(eq(passkeys.id, id))
  return row?.passkey
}

/**
 * Adds a passkey. The account's row must be locked, so that concurrent ones keep to the limit. Returns false if it exists, or
 * the account has as many as it may.
 */
export async function insertPasskey(tx: AuditedTx, passkey: NewPasskey): Promise<boolean> {
  if ((await tx.$count(passkeys, eq(passkeys.userId, passkey.userId))) >= PER_USER) return false
  const inserted = await tx.insert(passkeys).values(passkey).onConflictDoNothing().returning({ id: passkeys.id })
  return inserted.length > 0
}

/**
 * Records a signature of a passkey, `after` another first step or alone. Returns false if the passkey was removed, it signs in
 * after the password only, or a signature with this counter or a later one was recorded: then the key was copied.
 */
export async function recordPasskeyUse(
  tx: AuditedTx,
  { id, userId }: Pick<Passkey, 'id' | 'userId'>,
  counter: number,
  after: 'nothing' | 'first step',
): Promise<boolean> {
  const used = await tx
    .update(passkeys)
    .set({ counter, lastUsedAt: sql`now()`, requiresPassword: false })
    .where(
      and(
        eq(passkeys.id, id),
        eq(passkeys.userId, userId),
        after === 'nothing' ? eq(passkeys.requiresPassword, false) : undefined,
        sql`(${passkeys.counter} < ${counter} OR (${passkeys.counter} = 0 AND ${counter} = 0))`,
      ),
    )
    .returning({ id: passkeys.id })
  return used.length > 0
}

/**
 * Lets every passkey of an account sign in after the first step only, until it has done so: a stranger who knew the password may
 * have added it.
 */
export async function requirePasswordWithPasskeys(tx: AuditedTx, userId: UserId): Promise<void> {
  await tx.update(passkeys).set({ requiresPassword: true }).where(eq(passkeys.userId, userId))
}

/** Removes a passkey of an account, and what ends with a second factor. Returns false if it has none of that id. */
export const deletePasskey = async (tx: AuditedTx, userId: UserId, id: string): Promise<boolean> =>
  (await deleteWhere(tx, userId, eq(passkeys.id, id))) > 0

/** Removes every passkey of an account, and what ends with a second factor. Returns their number. */
export const deletePasskeys = (tx: AuditedTx, userId: UserId): Promise<number> => deleteWhere(tx, userId)

async function deleteWhere(tx: AuditedTx, userId: UserId, condition?: SQL): Promise<number> {
  const deleted = await tx
    .delete(passkeys)
    .where(and(eq(passkeys.userId, userId), condition))
    .returning({ id: passkeys.id })
  if (deleted.length > 0) await endWithRemovedFactor(tx, userId)
  return deleted.length
}
