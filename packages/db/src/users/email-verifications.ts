import { and, eq, gt, isNull, sql } from 'drizzle-orm'
import type { AuditedTx } from '../audit/entries.ts'
import type { Queryable } from '../core/client.ts'
import { matchesEmail, normalizeEmail } from '../core/email-address.ts'
import type { UserId } from '../core/id.ts'
import { emailVerifications, users } from '../schema/users.ts'

/** A mail whose token can still verify an address. */
export interface EmailVerification {
  readonly userId: UserId
  readonly email: string
}

/** Limits on mails by the database's clock: one a minute, and `PER_WINDOW` a day. */
const PAUSE = sql.raw(`interval '1 minute'`)
const WINDOW = sql.raw(`interval '1 day'`)
const PER_WINDOW = 5

const { email, expiresAt, sent, sentAt, sentSince, tokenDigest, userId: ofUser } = emailVerifications

/**
 * Saves the token of the next mail and invalidates the previous one. Returns false if the user has reached the limit of
 * mails.
 */
export async function createEmailVerification(
  tx: AuditedTx,
  userId: UserId,
  mail: { readonly email: string; readonly tokenDigest: Uint8Array; readonly expiresAt: Date },
): Promise<boolean> {
  const isNewWindow = sql`${sentSince} <= now() - ${WINDOW}`
  const minted = await tx
    .insert(emailVerifications)
    .values({ userId, ...mail })
    .onConflictDoUpdate({
      target: ofUser,
      set: {
        email: mail.email,
        tokenDigest: mail.tokenDigest,
        expiresAt: mail.expiresAt,
        sentAt: sql`now()`,
        sent: sql`CASE WHEN ${isNewWindow} THEN 1 ELSE ${sent} + 1 END`,
        sentSince: sql`CASE WHEN ${isNewWindow} THEN now() ELSE ${sentSince} END`,
      },
      setWhere: sql`${sentAt} <= now() - ${PAUSE} AND (${sent} < ${PER_WINDOW} OR ${isNewWindow})`,
    })
    .returning({ ofUser })
  return minted.length > 0
}

/** Returns in how many seconds the user can be sent the next mail. */
export async function secondsToNextVerification(db: Queryable, userId: UserId): Promise<number> {
  const [row] = await db
    .select({
      seconds: sql<number>`extract(epoch FROM greatest(${sentAt} + ${PAUSE},
        CASE WHEN ${sent} >= ${PER_WINDOW} THEN ${sentSince} + ${WINDOW} END) - clock_timestamp())::float8`,
    })
    .from(emailVerifications)
    .where(eq(ofUser, userId))
  return row?.seconds ?? 0
}

/** Finds a mail by its token. Undefined if it has expired or the account has another address now. */
export async function findEmailVerification(db: Queryable, digest: Uint8Array): Promise<EmailVerification | undefined> {
  const [row] = await db
    .select({ userId: ofUser, email, accountEmail: users.email })
    .from(emailVerifications)
    .innerJoin(users, and(eq(users.id, ofUser), isNull(users.disabledAt)))
    .where(and(eq(tokenDigest, digest), gt(expiresAt, sql`now()`)))
  if (!row || normalizeEmail(row.email) !== normalizeEmail(row.accountEmail)) return undefined
  return { userId: row.userId, email: row.email }
}

/**
 * Redeems a mailed token and verifies the address that it was mailed to. Returns false if the token was redeemed, replaced
 * or has expired, or the account has another address now.
 */
export async function redeemEmailVerification(tx: AuditedTx, digest: Uint8Array, userId: UserId): Promise<boolean> {
  const [redeemed] = await tx
    .delete(emailVerifications)
    .where(and(eq(tokenDigest, digest), eq(ofUser, userId), gt(expiresAt, sql`now()`)))
    .returning({ email })
  if (!redeemed) return false
  const verified = await tx
    .update(users)
    .set({ emailVerified: true, updatedAt: sql`now()` })
    .where(and(eq(users.id, userId), isNull(users.disabledAt), matchesEmail(users.email, redeemed.email)))
    .returning({ id: users.id })
  return verified.length > 0
}
