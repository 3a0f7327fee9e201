import { and, desc, eq, gt, sql } from 'drizzle-orm'
import type { AuditedTx } from '../audit/entries.ts'
import type { Queryable } from '../core/client.ts'
import type { UserId } from '../core/id.ts'
import { trustedBrowsers } from '../schema/second-factors.ts'
import { endPendingSignIns } from './pending-sign-ins.ts'

/** A browser in which a sign-in needs no second factor. */
export interface TrustedBrowser {
  /** Identifies the browser and is no credential: its cookie has another value. */
  readonly digest: Uint8Array
  readonly userAgent: string | null
  readonly createdAt: Date
  readonly expiresAt: Date
}

/** The browsers that an account trusts at a time. Another one replaces the oldest. */
const PER_USER = 10

const { digest: ofDigest, userId: ofUser, createdAt, expiresAt, userAgent } = trustedBrowsers

/** Lists the browsers that an account trusts, newest first. */
export const listTrustedBrowsers = (db: Queryable, userId: UserId): Promise<TrustedBrowser[]> =>
  db
    .select({ digest: ofDigest, userAgent, createdAt, expiresAt })
    .from(trustedBrowsers)
    .where(and(eq(ofUser, userId), gt(expiresAt, sql`now()`)))
    .orderBy(desc(createdAt), desc(ofDigest))

/** Trusts a browser. The account's row must be locked, so that concurrent ones keep to the limit. */
export async function insertTrustedBrowser(
  tx: AuditedTx,
  userId: UserId,
  browser: Pick<TrustedBrowser, 'digest' | 'userAgent' | 'expiresAt'>,
): Promise<void> {
  await tx.insert(trustedBrowsers).values({ ...browser, userId })
  await tx.execute(sql`
    DELETE FROM trusted_browsers WHERE user_id = ${userId} AND digest NOT IN (
      SELECT digest FROM trusted_browsers WHERE user_id = ${userId} ORDER BY expires_at DESC, digest LIMIT ${PER_USER})`)
}

/** Whether an account trusts the browser of a cookie. */
export async function isTrustedBrowser(db: Queryable, userId: UserId, digest: Uint8Array): Promise<boolean> {
  const found = await db.$count(
    trustedBrowsers,
    and(eq(ofDigest, digest), eq(ofUser, userId), gt(expiresAt, sql`now()`)),
  )
  return found > 0
}

/**
 * Ends the trust in one browser of a locked account, and sign-ins by it that have no session yet. Returns false if it had ended.
 */
export async function deleteTrustedBrowser(tx: AuditedTx, userId: UserId, digest: Uint8Array): Promise<boolean> {
  const deleted = await tx
    .delete(trustedBrowsers)
    .where(and(eq(ofDigest, digest), eq(ofUser, userId)))
    .returning({ ofUser })
  if (deleted.length > 0) await endPendingSignIns(tx, userId)
  return deleted.length > 0
}

/** Ends the trust in every browser of an account. */
export async function deleteTrustedBrowsers(tx: AuditedTx, userId: UserId): Promise<void> {
  await tx.delete(trustedBrowsers).where(eq(ofUser, userId))
}
