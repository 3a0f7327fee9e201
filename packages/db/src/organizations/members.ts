import { and, asc, eq, not, or, sql } from 'drizzle-orm'
import { type EndedKey, endKeys } from '../api-keys/ended-keys.ts'
import type { AuditedTx } from '../audit/entries.ts'
import type { Queryable } from '../core/client.ts'
import { matchesEmail } from '../core/email-address.ts'
import type { ApiKeyId, OrganizationId, RoleId, UserId } from '../core/id.ts'
import { byMoment, type Page, type PageRequest, pageOf } from '../core/keyset.ts'
import { memberRoles, organizationMembers, roles } from '../schema/organizations.ts'
import { users } from '../schema/users.ts'
import { endRemoval, noteRemoval } from './removed-members.ts'
import type { RoleRow } from './roles.ts'

export interface MemberRow {
  readonly organizationId: OrganizationId
  readonly userId: UserId
  readonly name: string
  readonly email: string
  /** An owner holds every permission, a member those of its assigned roles. */
  readonly role: 'owner' | 'member'
  readonly assignedRoles: readonly RoleRow[]
  /** Those of the assigned roles that the groups of the last sign-in with the identity provider give. */
  readonly groupRoleIds: readonly RoleId[]
  readonly createdAt: Date
  readonly updatedAt: Date
}

type Unassigned = Omit<MemberRow, 'assignedRoles' | 'groupRoleIds'>

const columns = {
  organizationId: organizationMembers.organizationId,
  userId: organizationMembers.userId,
  name: users.name,
  email: users.email,
  role: organizationMembers.role,
  createdAt: organizationMembers.createdAt,
  updatedAt: organizationMembers.updatedAt,
}

/** Lists a page of the organization's members, in the order in which they joined. */
export async function listMembers(
  db: Queryable,
  organizationId: OrganizationId,
  { limit, after }: PageRequest<number>,
): Promise<Page<MemberRow, number>> {
  const { createdAt, userId } = organizationMembers
  const { orderBy, behind, value } = byMoment(createdAt, userId, 'asc', after)
  const read = await db
    .select({ row: columns, value })
    .from(organizationMembers)
    .innerJoin(users, eq(users.id, userId))
    .where(and(eq(organizationMembers.organizationId, organizationId), behind))
    .orderBy(orderBy)
    .limit(limit + 1)
  const page = pageOf(read, limit, (one) => ({ value: one.value, id: one.row.userId }))
  const members = page.rows.map(({ row }) => row)
  return { rows: await withRoles(db, organizationId, members), next: page.next }
}

export async function findMember(
  db: Queryable,
  organizationId: OrganizationId,
  userId: UserId,
): Promise<MemberRow | undefined> {
  const members = await db
    .select(columns)
    .from(organizationMembers)
    .innerJoin(users, eq(users.id, organizationMembers.userId))
    .where(and(eq(organizationMembers.organizationId, organizationId), eq(organizationMembers.userId, userId)))
  const [row] = await withRoles(db, organizationId, members)
  return row
}

async function withRoles(
  db: Queryable,
  organizationId: OrganizationId,
  members: readonly Unassigned[],
): Promise<MemberRow[]> {
  if (members.length === 0) return []
  const assigned = await db
    .select({ userId: memberRoles.userId, byGroups: memberRoles.byGroups, role: roles })
    .from(memberRoles)
    .innerJoin(roles, eq(roles.id, memberRoles.roleId))
    .where(
      and(
        eq(memberRoles.organizationId, organizationId),
        sql`${memberRoles.userId} = ANY (${sql.param(members.map(({ userId }) => userId))}::text[])`,
        // A role of another organization has no effect, even if it is assigned.
        or(sql`${roles.organizationId} IS NULL`, eq(roles.organizationId, organizationId)),
      ),
    )
    .orderBy(asc(roles.name), asc(roles.id))
  const byUser = Map.groupBy(assigned, (one) => one.userId)
  return members.map((member) => {
    const ofMember = byUser.get(member.userId) ?? []
    return {
      ...member,
      assignedRoles: ofMember.map(({ role }) => role),
      groupRoleIds: ofMember.filter(({ byGroups }) => byGroups).map(({ role }) => role.id),
    }
  })
}

/** Adds a user as a member with these roles. Returns false if they are a member already. */
export async function insertMember(
  tx: AuditedTx,
  organizationId: OrganizationId,
  userId: UserId,
  access: MemberAccess,
): Promise<boolean> {
  const made = await tx
    .insert(organizationMembers)
    .values({ organizationId, userId, role: access.role })
    .onConflictDoNothing()
    .returning({ userId: organizationMembers.userId })
  if (made.length === 0) return false
  await endRemoval(tx, organizationId, userId)
  await assign(tx, organizationId, userId, access.roleIds)
  return true
}

export interface MemberAccess {
  readonly role: 'owner' | 'member'
  /** Built-in roles or roles of the organization. The caller has checked that. */
  readonly roleIds: readonly RoleId[]
}

/**
 * Replaces the role and the roles assigned by hand of a member. Roles by groups stay: a sign-in decides about them. The caller
 * checks that an owner remains.
 */
export async function setMemberAccess(
  tx: AuditedTx,
  organizationId: OrganizationId,
  userId: UserId,
  { role, roleIds }: MemberAccess,
): Promise<void> {
  const theOne = and(eq(organizationMembers.organizationId, organizationId), eq(organizationMembers.userId, userId))
  await tx.update(organizationMembers).set({ role, updatedAt: sql`now()` }).where(theOne)
  const ofMember = and(eq(memberRoles.organizationId, organizationId), eq(memberRoles.userId, userId))
  await tx.delete(memberRoles).where(and(ofMember, not(memberRoles.byGroups)))
  await tx
    .update(memberRoles)
    .set({ byHand: false })
    .where(and(ofMember, memberRoles.byHand, sql`${memberRoles.roleId} <> ALL (${sql.param([...roleIds])}::text[])`))
  await assign(tx, organizationId, userId, roleIds)
}

async function assign(tx: AuditedTx, organizationId: OrganizationId, userId: UserId, roleIds: readonly RoleId[]) {
  if (roleIds.length === 0) return
  // A role by groups that is given again stays one by groups only: a client writes back what it has read.
  await tx
    .insert(memberRoles)
    .values([...new Set(roleIds)].map((roleId) => ({ organizationId, userId, roleId })))
    .onConflictDoNothing()
}

/** Counts the owners of the organization. The number stays valid while the organization is locked. */
export async function countOwners(db: Queryable, organizationId: OrganizationId): Promise<number> {
  return db.$count(
    organizationMembers,
    and(eq(organizationMembers.organizationId, organizationId), eq(organizationMembers.role, 'owner')),
  )
}

/** The keys that a removed membership affects. */
export interface MembershipEnd {
  /** Revoked keys: those with this home organization, and their descendants in any organization. */
  readonly ended: readonly EndedKey[]
  /** Keys with another home that can no longer act in the organization. */
  readonly narrowed: readonly { readonly id: ApiKeyId; readonly name: string }[]
}

/**
 * Removes a membership. Keys with this home organization are revoked; other keys, grants and consents lose the organization.
 * If they were only unusable, a later membership would restore them. The identity provider does not add the user again.
 */
export async function removeMember(
  tx: AuditedTx,
  organizationId: OrganizationId,
  userId: UserId,
): Promise<MembershipEnd> {
  // Serializes the removals of one user from two organizations: the user's keys may act in both.
  await tx.select({ id: users.id }).from(users).where(eq(users.id, userId)).for('no key update')
  // Waits for a concurrent insertion of a grant for this membership, which is then narrowed with the others.
  await tx.execute(sql`
    SELECT FROM organization_members WHERE organization_id = ${organizationId} AND user_id = ${userId} FOR UPDATE`)
  const ended = await endKeys(tx, sql`organization_id = ${organizationId} AND user_id = ${userId}`)
  const narrowed = await tx.execute<{ id: ApiKeyId; name: string }>(sql`
    DELETE FROM api_key_organizations WHERE organization_id = ${organizationId} AND user_id = ${userId} AND active
    RETURNING key_id AS id, name`)
  await tx.execute(sql`
    UPDATE grants SET organization_ids = array_remove(organization_ids, ${organizationId})
    WHERE user_id = ${userId} AND ${organizationId} = ANY (organization_ids)`)
  await tx.execute(sql`
    DELETE FROM consent_organizations WHERE user_id = ${userId} AND organization_id = ${organizationId}`)
  const removed = await tx
    .delete(organizationMembers)
    .where(and(eq(organizationMembers.organizationId, organizationId), eq(organizationMembers.userId, userId)))
    .returning({ userId: organizationMembers.userId })
  if (removed.length > 0) await noteRemoval(tx, organizationId, userId)
  return { ended, narrowed: [...narrowed] }
}

/** Whether an address, in any case and either spelling of its domain, is a member's. */
export async function isMemberByEmail(db: Queryable, organizationId: OrganizationId, email: string): Promise<boolean> {
  const found = await db
    .select({ userId: organizationMembers.userId })
    .from(organizationMembers)
    .innerJoin(users, eq(users.id, organizationMembers.userId))
    .where(and(eq(organizationMembers.organizationId, organizationId), matchesEmail(users.email, email)))
    .limit(1)
  return found.length > 0
}
