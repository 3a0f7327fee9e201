import { hasSqlState } from '@daytona-auth/service/sql-state'
import { and, eq, gt, isNotNull, isNull, sql } from 'drizzle-orm'
import type { AuditedTx } from '../audit/entries.ts'
import type { Queryable } from '../core/client.ts'
import { emailSpellings, matchesEmail } from '../core/email-address.ts'
import type { UserId } from '../core/id.ts'
import { mailedTokens, users } from '../schema/users.ts'
import { lockAccount, verifyAccountEmail } from './account-changes.ts'
import { createMailedToken, endEmailChange, isRedeemable } from './mailed-tokens.ts'

/** Which of the two mails of a change of the address: to the current one or to the new one. */
export type EmailChangeSide = 'current' | 'new'

export interface NewEmailChange {
  /** The current address, as the account has it. */
  readonly email: string
  /** Normalized. */
  readonly newEmail: string
  readonly currentDigest: Uint8Array
  readonly newDigest: Uint8Array
  readonly expiresAt: Date
}

/** A change of the address that waits for an answer from one of the addresses, or from both. */
export interface PendingEmailChange {
  readonly newEmail: string
  readonly isNewConfirmed: boolean
  /** Null if the current address was never verified: then it need not approve. */
  readonly isApproved: boolean | null
}

export type EmailChangeOutcome =
  /** The token was used, replaced, cancelled or has expired, or the account has ended. */
  | { readonly kind: 'gone' }
  /** The other address has to answer as well. */
  | { readonly kind: 'waiting'; readonly newEmail: string }
  /** Another account got the new address in the meantime. */
  | { readonly kind: 'taken'; readonly newEmail: string }
  | { readonly kind: 'changed'; readonly before: string; readonly newEmail: string }

/** Thrown if a user has reached the limit of mails of a purpose. */
export class MailLimitReached extends Error {
  override readonly name = 'MailLimitReached'
}

const { purpose: ofPurpose, userId: ofUser, confirmedAt, expiresAt: expiry } = mailedTokens

/**
 * Stores the two tokens of a change of the address, and replaces a pending one. Returns whether the current address has to
 * approve: one that was never verified need not, since it may be someone else's. @throws MailLimitReached
 */
export async function createEmailChange(
  tx: AuditedTx,
  userId: UserId,
  { email, newEmail, currentDigest, newDigest, expiresAt }: NewEmailChange,
): Promise<{ readonly needsApproval: boolean }> {
  const account = await lockAccount(tx, userId)
  const needsApproval = account?.emailVerified ?? true
  await endEmailChange(tx, userId)
  const isStored =
    (await createMailedToken(tx, userId, 'email-change-new', {
      email: newEmail,
      newEmail,
      tokenDigest: newDigest,
      expiresAt,
    })) &&
    (!needsApproval ||
      (await createMailedToken(tx, userId, 'email-change-current', {
        email,
        newEmail,
        tokenDigest: currentDigest,
        expiresAt,
      })))
  if (!isStored) throw new MailLimitReached('the user has reached the limit of mails')
  return { needsApproval }
}

/** Finds the pending change of a user's address. */
export async function findPendingEmailChange(db: Queryable, userId: UserId): Promise<PendingEmailChange | undefined> {
  const rows = await db
    .select({ purpose: ofPurpose, newEmail: mailedTokens.newEmail, confirmedAt })
    .from(mailedTokens)
    .where(and(eq(ofUser, userId), gt(expiry, sql`now()`)))
  const next = rows.find(({ purpose }) => purpose === 'email-change-new')
  const current = rows.find(({ purpose }) => purpose === 'email-change-current')
  if (!next?.newEmail) return undefined
  return {
    newEmail: next.newEmail,
    isNewConfirmed: next.confirmedAt !== null,
    isApproved: current ? current.confirmedAt !== null : null,
  }
}

/**
 * Consumes the token of one of the addresses and, if the other one has confirmed as well, gives the account its new address.
 * All under the lock of the account, so that of two concurrent confirmations the later one makes the change.
 */
export async function confirmEmailChange(
  tx: AuditedTx,
  userId: UserId,
  side: EmailChangeSide,
  digest: Uint8Array,
): Promise<EmailChangeOutcome> {
  const account = await lockAccount(tx, userId)
  if (!account || account.isDisabled) return { kind: 'gone' }
  const isMailedToAccount = side === 'current' ? matchesEmail(mailedTokens.email, account.email) : undefined
  const [confirmed] = await tx
    .update(mailedTokens)
    .set({ confirmedAt: sql`now()` })
    .where(
      and(isRedeemable(`email-change-${side}`, digest), eq(ofUser, userId), isNull(confirmedAt), isMailedToAccount),
    )
    .returning({ newEmail: mailedTokens.newEmail })
  if (!confirmed?.newEmail) return { kind: 'gone' }
  const { newEmail } = confirmed
  const isOtherConfirmed = await tx.$count(
    mailedTokens,
    and(
      eq(ofUser, userId),
      eq(ofPurpose, side === 'new' ? 'email-change-current' : 'email-change-new'),
      eq(mailedTokens.newEmail, newEmail),
      isNotNull(confirmedAt),
      gt(expiry, sql`now()`),
    ),
  )
  // An address that was never verified does not approve.
  if (!isOtherConfirmed && (side === 'current' || account.emailVerified)) return { kind: 'waiting', newEmail }
  await endEmailChange(tx, userId)
  if (!(await setEmail(tx, userId, newEmail))) return { kind: 'taken', newEmail }
  await verifyAccountEmail(tx, userId)
  return { kind: 'changed', before: account.email, newEmail }
}

/** Cancels a change with the token mailed to the current address. Returns the address that it would have become. */
export async function cancelEmailChange(
  tx: AuditedTx,
  userId: UserId,
  digest: Uint8Array,
): Promise<string | undefined> {
  const account = await lockAccount(tx, userId)
  if (!account || account.isDisabled) return undefined
  const [found] = await tx
    .select({ newEmail: mailedTokens.newEmail })
    .from(mailedTokens)
    .where(
      and(
        isRedeemable('email-change-current', digest),
        eq(ofUser, userId),
        matchesEmail(mailedTokens.email, account.email),
      ),
    )
  if (!found?.newEmail) return undefined
  await endEmailChange(tx, userId)
  return found.newEmail
}

/** Gives a locked account another address; false if it is taken. The unique index decides. */
async function setEmail(tx: AuditedTx, userId: UserId, newEmail: string): Promise<boolean> {
  // The index compares one spelling. Rows with the other one are no longer inserted, so reading them is no race.
  if (emailSpellings(newEmail).length > 1 && (await tx.$count(users, matchesEmail(users.email, newEmail))) > 0)
    return false
  try {
    // A savepoint: the transaction continues if the index refuses the address.
    await tx.transaction((nested) =>
      nested.update(users).set({ email: newEmail, updatedAt: sql`now()` }).where(eq(users.id, userId)),
    )
    return true
  } catch (error) {
    if (hasSqlState(error, 'unique_violation')) return false
    throw error
  }
}
