import { and, count, eq, lt, sql } from 'drizzle-orm'
import type { AuditedTx } from '../audit/entries.ts'
import type { Queryable } from '../core/client.ts'
import type { UserId } from '../core/id.ts'
import { hasSecondFactorSql, recoveryCodes, secondFactorAttempts, totpFactors } from '../schema/second-factors.ts'
import { cancelFactorReset } from './factor-resets.ts'
import { deleteTrustedBrowsers } from './trusted-browsers.ts'

/** The second factors of an account. */
export interface SecondFactors {
  /** The authenticator app; null without one. */
  readonly totp: { readonly secret: string; readonly createdAt: Date } | null
  /** The number of recovery codes that are left. */
  readonly recoveryCodes: number
}

export async function findSecondFactors(db: Queryable, userId: UserId): Promise<SecondFactors> {
  const [totp] = await db
    .select({ secret: totpFactors.secret, createdAt: totpFactors.createdAt })
    .from(totpFactors)
    .where(eq(totpFactors.userId, userId))
  const [codes] = await db.select({ left: count() }).from(recoveryCodes).where(eq(recoveryCodes.userId, userId))
  return { totp: totp ?? null, recoveryCodes: codes?.left ?? 0 }
}

/** Whether a person can sign in with a second factor: with an authenticator app or a passkey. */
export async function canUseSecondFactor(db: Queryable, userId: UserId): Promise<boolean> {
  const [found] = await db.execute<{ isPossible: boolean }>(sql`
    SELECT ${sql.raw(hasSecondFactorSql('users.id'))} AS "isPossible" FROM users WHERE id = ${userId}`)
  return found?.isPossible === true
}

/**
 * Adds an authenticator app, with the time step of the code that confirmed it. Returns false if the account has one.
 * @param secret encrypted
 */
export async function insertTotpFactor(
  tx: AuditedTx,
  userId: UserId,
  { secret, step }: { readonly secret: string; readonly step: number },
): Promise<boolean> {
  const inserted = await tx
    .insert(totpFactors)
    .values({ userId, secret, lastStep: step })
    .onConflictDoNothing()
    .returning({ userId: totpFactors.userId })
  return inserted.length > 0
}

/**
 * Accepts a code by its time step. Returns false if that code or a later one was accepted before, or the account has another
 * authenticator app than the one that was read.
 */
export async function acceptTotpStep(
  tx: AuditedTx,
  userId: UserId,
  { secret, step }: { readonly secret: string; readonly step: number },
): Promise<boolean> {
  const accepted = await tx
    .update(totpFactors)
    .set({ lastStep: step })
    .where(and(eq(totpFactors.userId, userId), eq(totpFactors.secret, secret), lt(totpFactors.lastStep, step)))
    .returning({ userId: totpFactors.userId })
  return accepted.length > 0
}

/** Replaces the recovery codes of an account. */
export async function replaceRecoveryCodes(
  tx: AuditedTx,
  userId: UserId,
  digests: readonly Uint8Array[],
): Promise<void> {
  await tx.delete(recoveryCodes).where(eq(recoveryCodes.userId, userId))
  await tx.insert(recoveryCodes).values(digests.map((digest) => ({ userId, digest })))
}

/** Consumes a recovery code. Returns the number of those that are left; undefined if it is none of the account. */
export async function redeemRecoveryCode(
  tx: AuditedTx,
  userId: UserId,
  digest: Uint8Array,
): Promise<number | undefined> {
  const redeemed = await tx
    .delete(recoveryCodes)
    .where(and(eq(recoveryCodes.userId, userId), eq(recoveryCodes.digest, digest)))
    .returning({ userId: recoveryCodes.userId })
  if (redeemed.length === 0) return undefined
  return tx.$count(recoveryCodes, eq(recoveryCodes.userId, userId))
}

/**
 * Removes the authenticator app of an account, and what ends with a second factor: see `endWithRemovedFactor`. Returns false if
 * it had none.
 */
export async function deleteTotpFactor(tx: AuditedTx, userId: UserId): Promise<boolean> {
  const deleted = await tx.delete(totpFactors).where(eq(totpFactors.userId, userId)).returning()
  await endWithRemovedFactor(tx, userId)
  return deleted.length > 0
}

/**
 * Ends the trust in browsers, a pending removal and the counted attempts, after a second factor was removed; after the last
 * one, also the recovery codes.
 */
export async function endWithRemovedFactor(tx: AuditedTx, userId: UserId): Promise<void> {
  await resetSecondFactorAttempts(tx, userId)
  await deleteTrustedBrowsers(tx, userId)
  await cancelFactorReset(tx, userId)
  if (!(await canUseSecondFactor(tx, userId))) {
    await tx.delete(recoveryCodes).where(eq(recoveryCodes.userId, userId))
  }
}

/**
 * Counts an attempt to enter a code, before it is checked. Returns undefined if it is allowed, otherwise the seconds to wait.
 * The count is of all processes and addresses: a guesser who knows the password must not get more attempts by changing them.
 */
export async function countSecondFactorAttempt(
  db: Queryable,
  userId: UserId,
  { limit, windowMs }: { readonly limit: number; readonly windowMs: number },
): Promise<number | undefined> {
  const [row] = await db.execute<{ isAllowed: boolean; waitSeconds: number }>(sql`
    WITH counted AS (
      INSERT INTO second_factor_attempts AS had (user_id, attempts, since) VALUES (${userId}, 1, now())
      ON CONFLICT (user_id) DO UPDATE SET
        attempts = CASE WHEN had.since <= ${windowStart(windowMs)} THEN 1 ELSE had.attempts + 1 END,
        since = CASE WHEN had.since <= ${windowStart(windowMs)} THEN now() ELSE had.since END
      WHERE had.since <= ${windowStart(windowMs)} OR had.attempts < ${limit}
      RETURNING user_id
    )
    SELECT EXISTS (SELECT FROM counted) AS "isAllowed", greatest(1, ceil(coalesce((
      SELECT extract(epoch FROM since - ${windowStart(windowMs)}) FROM second_factor_attempts WHERE user_id = ${userId}
    ), ${windowMs / 1000}::float8)))::int AS "waitSeconds"`)
  if (!row) throw new Error('a query without FROM returned no row')
  return row.isAllowed ? undefined : row.waitSeconds
}

/** Resets the attempts of an account after an accepted code. */
export async function resetSecondFactorAttempts(tx: AuditedTx, userId: UserId): Promise<void> {
  await tx.delete(secondFactorAttempts).where(eq(secondFactorAttempts.userId, userId))
}

const windowStart = (windowMs: number) => sql`(now() - make_interval(secs => ${windowMs / 1000}::float8))`
