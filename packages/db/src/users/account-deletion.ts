import { eq, sql } from 'drizzle-orm'
import { type EndedKey, endKeys } from '../api-keys/ended-keys.ts'
import type { AuditedTx } from '../audit/entries.ts'
import type { Queryable } from '../core/client.ts'
import { newId, type OrganizationId, type UserId } from '../core/id.ts'
import { findMember, type MemberRow, type MembershipEnd, removeMember } from '../organizations/members.ts'
import { deleteOrganization, deletePersonalOrganization } from '../organizations/organizations.ts'
import { organizationIdentities } from '../schema/single-sign-on.ts'
import { userIdentities } from '../schema/user-identities.ts'
import { emailVerifications, mailedTokens, userCredentials, users } from '../schema/users.ts'
import { type EndedUserAccess, endUserAccess, type LockedAccount, lockAccount } from './account-changes.ts'
import { deletePasskeys } from './passkeys.ts'
import { deleteTotpFactor } from './second-factors.ts'

/** A shared organization of an account, and what the deletion of the account does to it. */
export interface AffectedOrganization {
  readonly id: OrganizationId
  readonly name: string
  /**
   * `delete`: the account is its only member. `leave`: it has other owners, or the account is no owner. `blocked`: the account
   * is the only owner among several members, so that no member could administer it afterwards.
   */
  readonly effect: 'delete' | 'leave' | 'blocked'
}

/** What was deleted or ended with an account. */
export interface DeletedAccount extends EndedUserAccess {
  readonly account: LockedAccount
  readonly deleted: readonly {
    readonly id: OrganizationId
    readonly name: string
    readonly keys: readonly EndedKey[]
  }[]
  readonly left: readonly (MembershipEnd & { readonly member: MemberRow })[]
  /** The keys of the personal organization, and their descendants. */
  readonly personalKeys: readonly EndedKey[]
}

/** The result of a deletion: `unknown` and `blocked` have changed nothing. */
export type AccountDeletion =
  | { readonly outcome: 'deleted'; readonly deletion: DeletedAccount }
  | { readonly outcome: 'blocked'; readonly organizations: readonly AffectedOrganization[] }
  | { readonly outcome: 'unknown' }

/** Lists what the deletion of an account would do to its shared organizations. */
export const listAffectedOrganizations = async (db: Queryable, userId: UserId): Promise<AffectedOrganization[]> => [
  ...(await db.execute<{ [K in keyof AffectedOrganization]: AffectedOrganization[K] }>(sql`
    SELECT o.id, o.name, CASE
        WHEN NOT EXISTS (
          SELECT FROM organization_members WHERE organization_id = o.id AND user_id <> ${userId}
        ) THEN 'delete'
        WHEN m.role = 'owner' AND NOT EXISTS (
          SELECT FROM organization_members WHERE organization_id = o.id AND user_id <> ${userId} AND role = 'owner'
        ) THEN 'blocked'
        ELSE 'leave' END AS effect
    FROM organization_members m JOIN organizations o ON o.id = m.organization_id
    WHERE m.user_id = ${userId} AND NOT o.personal ORDER BY o.id`)),
]

/**
 * Deletes an account: its sessions, grants, keys and credentials, the organizations of which it is the only member, its
 * other memberships, and its personal data. The row stays, without address and name, because organizations and invitations
 * refer to their creator. The address is free for a new account. Changes nothing if an organization would be left without
 * an owner.
 */
export async function deleteAccount(tx: AuditedTx, userId: UserId, reason: string): Promise<AccountDeletion> {
  const account = await lockWholeAccount(tx, userId)
  if (!account) return { outcome: 'unknown' }
  const affected = await listAffectedOrganizations(tx, userId)
  const blocked = affected.filter(({ effect }) => effect === 'blocked')
  if (blocked.length > 0) return { outcome: 'blocked', organizations: blocked }

  const access = await endUserAccess(tx, userId, reason)
  const [deleted, left] = [[], []] as [DeletedAccount['deleted'][number][], DeletedAccount['left'][number][]]
  for (const { id, name, effect } of affected) {
    if (effect === 'delete') {
      deleted.push({ id, name, keys: await deleteOrganization(tx, id) })
      continue
    }
    const member = await findMember(tx, id, userId)
    if (member) left.push({ member, ...(await removeMember(tx, id, userId)) })
  }
  const personalKeys = await endKeys(tx, sql`user_id = ${userId}`)
  await deletePersonalOrganization(tx, userId)
  await eraseUser(tx, userId)
  return { outcome: 'deleted', deletion: { ...access, account, deleted, left, personalKeys } }
}

/**
 * Locks an account with its organizations, whose members cannot change afterwards. Organizations before the user, as in
 * every transaction.
 */
export async function lockWholeAccount(tx: Queryable, userId: UserId): Promise<LockedAccount | undefined> {
  await tx.execute(sql`
    SELECT FROM organizations WHERE id IN (SELECT organization_id FROM organization_members WHERE user_id = ${userId})
    ORDER BY id FOR NO KEY UPDATE`)
  return lockAccount(tx, userId)
}

async function eraseUser(tx: AuditedTx, userId: UserId): Promise<void> {
  await tx.execute(sql`DELETE FROM oidc_artifacts WHERE account_id = ${userId}`)
  await tx.execute(sql`DELETE FROM consents WHERE user_id = ${userId}`)
  await tx.delete(userCredentials).where(eq(userCredentials.userId, userId))
  await tx.delete(emailVerifications).where(eq(emailVerifications.userId, userId))
  await tx.delete(mailedTokens).where(eq(mailedTokens.userId, userId))
  await deleteTotpFactor(tx, userId)
  await deletePasskeys(tx, userId)
  await tx.delete(userIdentities).where(eq(userIdentities.userId, userId))
  await tx.delete(organizationIdentities).where(eq(organizationIdentities.userId, userId))
  await tx
    .update(users)
    .set({
      email: `${newId('usr')}@deleted.invalid`,
      emailVerified: false,
      name: 'Deleted user',
      language: null,
      chosenLanguage: null,
      timeZone: null,
      disabledAt: sql`now()`,
      deletedAt: sql`now()`,
      updatedAt: sql`now()`,
    })
    .where(eq(users.id, userId))
}
