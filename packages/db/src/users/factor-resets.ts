import { and, eq, sql } from 'drizzle-orm'
import type { AuditedTx } from '../audit/entries.ts'
import type { Queryable } from '../core/client.ts'
import type { UserId } from '../core/id.ts'
import { type FactorResetStage, factorResetLinks, factorResets } from '../schema/second-factors.ts'

/** A removal of second factors that waits for its time. */
export interface FactorReset {
  readonly userId: UserId
  /** The address of the account when it was requested. */
  readonly email: string
  readonly stage: FactorResetStage
  readonly startedAt: Date
  /** The second factors are not removed before. */
  readonly endsAt: Date
}

const SHOWN = {
  userId: factorResets.userId,
  email: factorResets.email,
  stage: factorResets.stage,
  startedAt: factorResets.startedAt,
  endsAt: factorResets.endsAt,
}

/** Starts the waiting time of a locked account. Returns false if one is running: it is not extended. */
export async function insertFactorReset(tx: AuditedTx, { stage: _stage, ...reset }: FactorReset): Promise<boolean> {
  const inserted = await tx
    .insert(factorResets)
    .values({ ...reset, dueAt: reset.startedAt })
    .onConflictDoNothing()
    .returning({ userId: factorResets.userId })
  return inserted.length > 0
}

/** Finds the pending removal of second factors of an account. */
export async function findFactorReset(db: Queryable, userId: UserId): Promise<FactorReset | undefined> {
  const [row] = await db.select(SHOWN).from(factorResets).where(eq(factorResets.userId, userId))
  return row
}

/** Finds the pending removal that a mailed link cancels. */
export async function findFactorResetByLink(db: Queryable, digest: Uint8Array): Promise<FactorReset | undefined> {
  const [row] = await db
    .select(SHOWN)
    .from(factorResetLinks)
    .innerJoin(factorResets, eq(factorResets.userId, factorResetLinks.userId))
    .where(eq(factorResetLinks.digest, digest))
  return row
}

/** Cancels the pending removal of an account, with the links of its mails. Returns false if there is none. */
export async function cancelFactorReset(tx: AuditedTx, userId: UserId): Promise<boolean> {
  const deleted = await tx
    .delete(factorResets)
    .where(eq(factorResets.userId, userId))
    .returning({ userId: factorResets.userId })
  return deleted.length > 0
}

/** Cancels the pending removal of the mail with this link. Returns false if the link is unknown, or another account's. */
export async function redeemFactorResetLink(tx: AuditedTx, userId: UserId, digest: Uint8Array): Promise<boolean> {
  const found = await tx.$count(
    factorResetLinks,
    and(eq(factorResetLinks.digest, digest), eq(factorResetLinks.userId, userId)),
  )
  return found > 0 && cancelFactorReset(tx, userId)
}

/**
 * Claims up to `limit` removals with a mail or a removal that is due at `now`, the oldest first. Each is claimed by one of
 * several processes, and due again after `leaseMs` if that process ends before its step is done.
 */
export async function claimFactorResets(
  db: Queryable,
  { now, leaseMs, limit }: { readonly now: Date; readonly leaseMs: number; readonly limit: number },
): Promise<FactorReset[]> {
  const leasedUntil = new Date(now.getTime() + leaseMs)
  return db
    .update(factorResets)
    .set({ dueAt: leasedUntil })
    .where(
      sql`${factorResets.userId} IN (
        SELECT user_id FROM factor_resets WHERE due_at <= ${now.toISOString()}::timestamptz
        ORDER BY due_at LIMIT ${limit} FOR UPDATE SKIP LOCKED)`,
    )
    .returning(SHOWN)
}

/** Stores the digests of the links of mails that are about to be sent. Returns false if the removal was cancelled. */
export async function insertFactorResetLinks(
  tx: AuditedTx,
  userId: UserId,
  digests: readonly Uint8Array[],
): Promise<boolean> {
  const [pending] = await tx
    .select({ userId: factorResets.userId })
    .from(factorResets)
    .where(eq(factorResets.userId, userId))
    .for('update')
  if (!pending) return false
  await tx.insert(factorResetLinks).values(digests.map((digest) => ({ digest, userId })))
  return true
}

/** Moves a removal to its next stage, after the mails of the last one were sent. */
export async function advanceFactorReset(
  tx: AuditedTx,
  userId: UserId,
  from: FactorResetStage,
  next: { readonly stage: FactorResetStage; readonly dueAt: Date; readonly endsAt: Date },
): Promise<void> {
  await tx
    .update(factorResets)
    .set(next)
    .where(and(eq(factorResets.userId, userId), eq(factorResets.stage, from)))
}
