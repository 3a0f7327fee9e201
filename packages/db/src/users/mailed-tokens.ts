import { and, eq, gt, inArray, isNull, or, sql } from 'drizzle-orm'
import type { AuditedTx } from '../audit/entries.ts'
import type { Queryable } from '../core/client.ts'
import { matchesEmail, storeSameEmail } from '../core/email-address.ts'
import type { UserId } from '../core/id.ts'
import { type MailedPurpose, mailedTokens, users } from '../schema/users.ts'

/** A mail whose token can still be redeemed. */
export interface MailedToken {
  readonly userId: UserId
  /** The recipient. */
  readonly email: string
  /** Of a change of the address: the next one. */
  readonly newEmail: string | null
  /** Of a change of the address: whether this recipient has confirmed it. */
  readonly isConfirmed: boolean
  /** Whether the account's address is verified. */
  readonly emailVerified: boolean
}

export interface NewMailedToken {
  readonly email: string
  readonly newEmail?: string
  readonly tokenDigest: Uint8Array
  readonly expiresAt: Date
}

/** Limits on mails of one purpose by the database's clock: one a minute, and `PER_WINDOW` a day. */
const PAUSE = sql.raw(`interval '1 minute'`)
const WINDOW = sql.raw(`interval '1 day'`)
const PER_WINDOW = 5

const { sent, sentAt, sentSince, tokenDigest, expiresAt, userId: ofUser, purpose: ofPurpose } = mailedTokens

/**
 * Saves the token of the next mail of a purpose and invalidates the previous one. Returns false if the user has reached the
 * limit of mails.
 */
export async function createMailedToken(
  tx: AuditedTx,
  userId: UserId,
  purpose: MailedPurpose,
  { newEmail = undefined, ...mail }: NewMailedToken,
): Promise<boolean> {
  const isNewWindow = sql`${sentSince} <= now() - ${WINDOW}`
  const stored = { ...mail, newEmail: newEmail ?? null, confirmedAt: null }
  const minted = await tx
    .insert(mailedTokens)
    .values({ userId, purpose, ...stored })
    .onConflictDoUpdate({
      target: [ofUser, ofPurpose],
      set: {
        ...stored,
        sentAt: sql`now()`,
        sent: sql`CASE WHEN ${isNewWindow} THEN 1 ELSE ${sent} + 1 END`,
        sentSince: sql`CASE WHEN ${isNewWindow} THEN now() ELSE ${sentSince} END`,
      },
      setWhere: sql`${sentAt} <= now() - ${PAUSE} AND (${sent} < ${PER_WINDOW} OR ${isNewWindow})`,
    })
    .returning({ ofUser })
  return minted.length > 0
}

/**
 * Finds a mail by its purpose and token. Undefined if it has expired, the account is disabled, or its address is not the
 * recipient any more. Only the mail to a new address has another recipient.
 */
export async function findMailedToken(
  db: Queryable,
  purpose: MailedPurpose,
  digest: Uint8Array,
): Promise<MailedToken | undefined> {
  const [row] = await db
    .select({
      userId: ofUser,
      email: mailedTokens.email,
      newEmail: mailedTokens.newEmail,
      isConfirmed: sql<boolean>`${mailedTokens.confirmedAt} IS NOT NULL`,
      emailVerified: users.emailVerified,
    })
    .from(mailedTokens)
    .innerJoin(users, and(eq(users.id, ofUser), isNull(users.disabledAt)))
    .where(and(isRedeemable(purpose, digest), or(eq(ofPurpose, 'email-change-new'), SENT_TO_ACCOUNT)))
  return row
}

/**
 * Consumes a mailed token of a locked account. Returns false if it was redeemed, replaced or has expired, is another user's,
 * or the account has another address now.
 */
export async function redeemMailedToken(
  tx: AuditedTx,
  purpose: Extract<MailedPurpose, 'recovery' | 'key-revocation' | 'factor-reset'>,
  digest: Uint8Array,
  userId: UserId,
): Promise<boolean> {
  const [account] = await tx.select({ email: users.email }).from(users).where(eq(users.id, userId))
  if (!account) return false
  const redeemed = await tx
    .delete(mailedTokens)
    .where(and(isRedeemable(purpose, digest), eq(ofUser, userId), matchesEmail(mailedTokens.email, account.email)))
    .returning({ ofUser })
  return redeemed.length > 0
}

/**
 * Invalidates the mailed links that would change the account: to choose a password, to have second factors removed, and of a
 * change of the address. They still count towards the limit of mails.
 */
export const endAccountLinks = (tx: AuditedTx, userId: UserId): Promise<void> =>
  endLinks(tx, userId, ['recovery', 'factor-reset', 'email-change-current', 'email-change-new'])

/** Invalidates both links of a change of the address. They still count towards the limit of mails. */
export const endEmailChange = (tx: AuditedTx, userId: UserId): Promise<void> =>
  endLinks(tx, userId, ['email-change-current', 'email-change-new'])

async function endLinks(tx: AuditedTx, userId: UserId, purposes: MailedPurpose[]): Promise<void> {
  await tx
    .update(mailedTokens)
    .set({ expiresAt: sql`now()` })
    .where(and(eq(ofUser, userId), inArray(ofPurpose, purposes), gt(expiresAt, sql`now()`)))
}

/** The condition that a row has this token and purpose and has not expired. */
export const isRedeemable = (purpose: MailedPurpose, digest: Uint8Array) =>
  and(eq(ofPurpose, purpose), eq(tokenDigest, digest), gt(expiresAt, sql`now()`))

/** The address is stored as the account had it when the mail was sent, so that both are one spelling. */
const SENT_TO_ACCOUNT = storeSameEmail(mailedTokens.email, users.email)
