import { and, eq, isNull, type SQL, sql } from 'drizzle-orm'
import { type EndedKey, endKeys } from '../api-keys/ended-keys.ts'
import type { AuditedTx } from '../audit/entries.ts'
import type { Queryable } from '../core/client.ts'
import type { OrganizationId, UserId } from '../core/id.ts'
import { type EndedAccess, endGrants } from '../grants/grants.ts'
import { emailVerifications, userCredentials, users } from '../schema/users.ts'
import { endAccountLinks } from './mailed-tokens.ts'
import { endPendingSignIns } from './pending-sign-ins.ts'
import { deleteTrustedBrowsers } from './trusted-browsers.ts'

/** An account that a transaction has locked. */
export interface LockedAccount {
  readonly email: string
  readonly emailVerified: boolean
  readonly isDisabled: boolean
  /** The organization whose trail records changes of the account. */
  readonly personalOrganizationId: OrganizationId
}

/**
 * Locks an account against every concurrent change, and against new memberships, grants and keys. Undefined for a deleted
 * or unknown account.
 */
export async function lockAccount(tx: Queryable, userId: UserId): Promise<LockedAccount | undefined> {
  const [row] = await tx.execute<{ [K in keyof LockedAccount]: LockedAccount[K] }>(sql`
    SELECT email, email_verified AS "emailVerified", disabled_at IS NOT NULL AS "isDisabled",
      organizations.id AS "personalOrganizationId"
    FROM users JOIN organizations ON organizations.created_by = users.id AND organizations.personal
    WHERE users.id = ${userId} AND users.deleted_at IS NULL FOR UPDATE OF users`)
  return row
}

/**
 * Disables or enables a locked account, and ends its sessions and grants either way: those of before a disabled account was
 * enabled again stay ended. API keys are denied while the account is disabled.
 */
export async function setAccountDisabled(
  tx: AuditedTx,
  userId: UserId,
  isDisabled: boolean,
  reason: string,
): Promise<EndedUserAccess> {
  const disabledAt: SQL = isDisabled ? sql`now()` : sql`NULL`
  await tx.update(users).set({ disabledAt, updatedAt: sql`now()` }).where(eq(users.id, userId))
  return endUserAccess(tx, userId, reason)
}

/** Sessions, grants and keys of a user that were ended together. */
export interface EndedUserAccess extends EndedAccess {
  readonly sessions: number
}

/**
 * Ends every browser session and sign-in of a user, the trust in browsers, and revokes every grant, with its tokens and the keys created
 * with them, and ends the mailed links that would change the account. Keys that the user created in person stay.
 */
export async function endUserAccess(tx: AuditedTx, userId: UserId, reason: string): Promise<EndedUserAccess> {
  // The sessions first: this waits for a concurrent insertion of a grant in one, which is then revoked with the others.
  const { count: sessions } = await tx.execute(sql`
    DELETE FROM oidc_artifacts WHERE model = 'Session' AND account_id = ${userId}`)
  await endPendingSignIns(tx, userId)
  await endAccountLinks(tx, userId)
  await deleteTrustedBrowsers(tx, userId)
  const ended = await endGrants(tx, sql`user_id = ${userId}`, reason)
  return { ...ended, sessions }
}

/**
 * Ends every browser session of a user but one, the trust in browsers, and revokes every grant that was not made in it, also
 * those of the CLI and of devices, and ends the mailed links that would change the account. Keys that the user created in
 * person stay.
 */
export async function endOtherUserAccess(
  tx: AuditedTx,
  userId: UserId,
  keptSessionUid: string,
  reason: string,
): Promise<EndedUserAccess> {
  const { count: sessions } = await tx.execute(sql`
    DELETE FROM oidc_artifacts
    WHERE model = 'Session' AND account_id = ${userId} AND uid IS DISTINCT FROM ${keptSessionUid}`)
  await endPendingSignIns(tx, userId)
  await endAccountLinks(tx, userId)
  await deleteTrustedBrowsers(tx, userId)
  const ended = await endGrants(tx, sql`user_id = ${userId} AND session_uid IS DISTINCT FROM ${keptSessionUid}`, reason)
  return { ...ended, sessions }
}

/**
 * Ends the browser sessions that an identity has signed in, and revokes the grants made in them or with such a sign-in. Ends the
 * mailed links that would change the account, too.
 */
export async function endIdentityAccess(
  tx: AuditedTx,
  userId: UserId,
  identity: { readonly organizationId: OrganizationId } | { readonly issuer: string },
  reason: string,
): Promise<EndedUserAccess> {
  const isOfIdentity =
    'organizationId' in identity
      ? sql`payload #>> '{identity,organizationId}' = ${identity.organizationId}`
      : sql`payload #>> '{identity,issuer}' = ${identity.issuer} AND payload #>> '{identity,organizationId}' IS NULL`
  const sessions = await tx.execute<{ uid: string }>(sql`
    DELETE FROM oidc_artifacts WHERE model = 'Session' AND account_id = ${userId} AND ${isOfIdentity} RETURNING uid`)
  await endPendingSignIns(tx, userId)
  await endAccountLinks(tx, userId)
  const uids = sql`${sql.param(sessions.map(({ uid }) => uid))}::text[]`
  const ended = await endGrants(
    tx,
    sql`user_id = ${userId} AND ((${isOfIdentity}) OR session_uid = ANY (${uids}))`,
    reason,
  )
  return { ...ended, sessions: sessions.length }
}

/** Revokes every API key that a user created, and the keys made with them. */
export const endUserKeys = (tx: AuditedTx, userId: UserId): Promise<EndedKey[]> => endKeys(tx, sql`user_id = ${userId}`)

/** Replaces the password of a locked account by another one, or gives it the first. */
export async function setPasswordHash(tx: AuditedTx, userId: UserId, passwordHash: string): Promise<void> {
  await tx
    .insert(userCredentials)
    .values({ userId, kind: 'password', secret: passwordHash })
    .onConflictDoUpdate({
      target: userCredentials.userId,
      targetWhere: sql`kind = 'password'`,
      set: { secret: passwordHash, updatedAt: sql`now()` },
    })
}

/** Verifies the address of a locked account and invalidates the mail that would have done so. */
export async function verifyAccountEmail(tx: AuditedTx, userId: UserId): Promise<void> {
  await tx.delete(emailVerifications).where(eq(emailVerifications.userId, userId))
  await tx
    .update(users)
    .set({ emailVerified: true, updatedAt: sql`now()` })
    .where(and(eq(users.id, userId), isNull(users.deletedAt)))
}
