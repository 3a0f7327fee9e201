import { and, asc, eq, or, sql } from 'drizzle-orm'
import type { AuditedTx } from './audit.ts'
import type { Queryable } from './client.ts'
import { matchesEmail } from './email-address.ts'
import { type EndedKey, endKeys } from './ended-keys.ts'
import type { ApiKeyId, OrganizationId, RoleId, UserId } from './id.ts'
import { byMoment, type Page, type PageRequest, pageOf } from './keyset.ts'
import type { RoleRow } from './roles.ts'
import { memberRoles, organizationMembers, roles } from './schema/organizations.ts'
import { users } from './schema/users.ts'

export interface MemberRow {
  readonly organizationId: OrganizationId
  readonly userId: UserId
  readonly name: string
  readonly email: string
  /** An owner holds every permission, a member those of its assigned roles. */
  readonly role: 'owner' | 'member'
  readonly assignedRoles: readonly RoleRow[]
  readonly createdAt: Date
  readonly updatedAt: Date
}

const columns = {
  organizationId: organizationMembers.organizationId,
  userId: organizationMembers.userId,
  name: users.name,
  email: users.email,
  role: organizationMembers.role,
  createdAt: organizationMembers.createdAt,
  updatedAt: organizationMembers.updatedAt,
}

/** A page of the organization's members, those who joined first at the front. */
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
  members: readonly Omit<MemberRow, 'assignedRoles'>[],
): Promise<MemberRow[]> {
  if (members.length === 0) return []
  const assigned = await db
    .select({ userId: memberRoles.userId, role: roles })
    .from(memberRoles)
    .innerJoin(roles, eq(roles.id, memberRoles.roleId))
    .where(
      and(
        eq(memberRoles.organizationId, organizationId),
        sql`${memberRoles.userId} = ANY (${sql.param(members.map(({ userId }) => userId))}::text[])`,
        // Another organization's role counts nowhere, whoever wrote the assignment.
        or(sql`${roles.organizationId} IS NULL`, eq(roles.organizationId, organizationId)),
      ),
    )
    .orderBy(asc(roles.name), asc(roles.id))
  const byUser = Map.groupBy(assigned, (one) => one.userId)
  return members.map((member) => ({
    ...member,
    assignedRoles: (byUser.get(member.userId) ?? []).map(({ role }) => role),
  }))
}

/** Makes somebody a member with these roles. False when they are one already. */
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
  await assign(tx, organizationId, userId, access.roleIds)
  return true
}

export interface MemberAccess {
  readonly role: 'owner' | 'member'
  /** Of the organization's roles or the built-in ones: for the caller to have made sure of. */
  readonly roleIds: readonly RoleId[]
}

/** Replaces what a member is and has. Whether an owner is left is for the caller to see to. */
export async function setMemberAccess(
  tx: AuditedTx,
  organizationId: OrganizationId,
  userId: UserId,
  { role, roleIds }: MemberAccess,
): Promise<void> {
  const theOne = and(eq(organizationMembers.organizationId, organizationId), eq(organizationMembers.userId, userId))
  await tx.update(organizationMembers).set({ role, updatedAt: sql`now()` }).where(theOne)
  await tx
    .delete(memberRoles)
    .where(and(eq(memberRoles.organizationId, organizationId), eq(memberRoles.userId, userId)))
  await assign(tx, organizationId, userId, roleIds)
}

async function assign(tx: AuditedTx, organizationId: OrganizationId, userId: UserId, roleIds: readonly RoleId[]) {
  if (roleIds.length === 0) return
  await tx.insert(memberRoles).values([...new Set(roleIds)].map((roleId) => ({ organizationId, userId, roleId })))
}

/** How many owners the organization has: a number that holds while its lock is held. */
export async function countOwners(db: Queryable, organizationId: OrganizationId): Promise<number> {
  return db.$count(
    organizationMembers,
    and(eq(organizationMembers.organizationId, organizationId), eq(organizationMembers.role, 'owner')),
  )
}

/** What ended with a membership. */
export interface MembershipEnd {
  /** Keys that lived in the organization, and those made with them wherever they live. */
  readonly ended: readonly EndedKey[]
  /** Keys that live elsewhere and no longer reach the organization. */
  readonly narrowed: readonly { readonly id: ApiKeyId; readonly name: string }[]
}

/**
 * Ends a membership. Were its keys and consents only out of reach, they would come back to life with a later
 * membership: so keys that live in the organization are revoked, others lose it, and so do the grants of apps.
 */
export async function removeMember(
  tx: AuditedTx,
  organizationId: OrganizationId,
  userId: UserId,
): Promise<MembershipEnd> {
  // A user who is removed from two organizations at once has keys that act in both: one removal comes after the other.
  await tx.select({ id: users.id }).from(users).where(eq(users.id, userId)).for('no key update')
  // A grant that is being inserted for this membership is waited for, and narrowed with the others.
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
  await tx
    .delete(organizationMembers)
    .where(and(eq(organizationMembers.organizationId, organizationId), eq(organizationMembers.userId, userId)))
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
