import { hasSqlState } from '@daytona-auth/service/sql-state'
import { and, eq, inArray, not, sql } from 'drizzle-orm'
import { type AuditActor, type AuditEntry, type AuditedTx, auditEntry, inSavepoint } from '../audit/entries.ts'
import type { OrganizationId, RoleId, UserId } from '../core/id.ts'
import { memberRoles, organizationMembers, roles } from '../schema/organizations.ts'
import { users } from '../schema/users.ts'
import { isProvisionable } from './group-roles.ts'
import { findMember, insertMember, type MemberRow } from './members.ts'
import { groupDigest, readProvisioning } from './provisioning.ts'
import { wasRemoved } from './removed-members.ts'
import { rolesWithin } from './roles.ts'

/** The identity that a user has signed in with. Its provider is locked with the user: see `useIdentity`. */
export interface ProvisionedIdentity {
  readonly issuer: string
  /** The organization whose identity provider it is. Another provider changes no organization. */
  readonly organizationId?: OrganizationId | undefined
  /** The digests of the person's groups, as from `findMappedGroups`. Absent: none, which withdraws the roles of groups. */
  readonly mappedGroups?: readonly string[] | undefined
}

/** What a sign-in changed in the organization. `refused`: the person could not become a member. */
export type ProvisioningOutcome = { readonly organizationId: OrganizationId; readonly issuer: string } & (
  | { readonly kind: 'joined'; readonly member: MemberRow }
  | { readonly kind: 'refused'; readonly why: 'removed' | 'quota'; readonly userId: UserId; readonly email: string }
  | { readonly kind: 'changed'; readonly before: MemberRow; readonly member: MemberRow }
)

/**
 * Makes a user who signs in with the identity provider of an organization its member, if the provider adds members, and gives
 * and withdraws the roles of groups. Undefined if nothing changed. It reads everything that decides in the transaction, which
 * has locked the provider and the user. Another change of the member's roles waits.
 */
export async function provisionMember(
  tx: AuditedTx,
  userId: UserId,
  { organizationId, issuer, mappedGroups = [] }: ProvisionedIdentity,
): Promise<ProvisioningOutcome | undefined> {
  if (organizationId === undefined) return undefined
  const provisioning = await readProvisioning(tx, organizationId)
  if (!provisioning) return undefined
  const { newMemberRoleIds, groupsClaim, groupRoles } = provisioning
  const facts = { organizationId, issuer }
  const before = await lockMember(tx, organizationId, userId)
  if (!before) {
    if (newMemberRoleIds === null) return undefined
    const why = await addMember(tx, organizationId, userId, await provisionable(tx, organizationId, newMemberRoleIds))
    if (why !== undefined) {
      const [user] = await tx.select({ email: users.email }).from(users).where(eq(users.id, userId))
      return user && { ...facts, kind: 'refused', why, userId, email: user.email }
    }
  }
  const groups = new Set(groupsClaim === null ? [] : mappedGroups)
  const given = groupRoles.filter(({ group }) => groups.has(groupDigest(group))).flatMap(({ roleIds }) => roleIds)
  await setGroupRoles(tx, organizationId, userId, await provisionable(tx, organizationId, given))
  const member = await findMember(tx, organizationId, userId)
  if (!member) throw new Error(`the member ${userId} of ${organizationId} was not stored`)
  if (!before) return { ...facts, kind: 'joined', member }
  return isSame(before, member) ? undefined : { ...facts, kind: 'changed', before, member }
}

/** The audit events of what a sign-in changed in an organization. */
export function provisioningEntries(outcome: ProvisioningOutcome | undefined, actor: AuditActor): AuditEntry[] {
  if (!outcome) return []
  const { organizationId, issuer } = outcome
  if (outcome.kind === 'refused') {
    const { why, userId, email } = outcome
    return [
      auditEntry('member.join', {
        ...actor,
        organizationId,
        targetId: userId,
        statusCode: why === 'quota' ? 409 : 403,
        errorMessage: REFUSALS[why],
        metadata: { email, issuer },
      }),
    ]
  }
  const { member } = outcome
  const facts = { ...actor, organizationId, targetId: member.userId, statusCode: 200 }
  const after = accessOf(member)
  return outcome.kind === 'joined'
    ? [auditEntry('member.join', { ...facts, metadata: { ...after, issuer } })]
    : [auditEntry('member.update_access', { ...facts, metadata: { before: accessOf(outcome.before), after, issuer } })]
}

const REFUSALS = {
  quota: 'The quota of members is reached',
  removed: 'Was removed or left before: needs an invitation',
} as const

/** What audit events state about the access of a member. */
export const accessOf = ({ role, email, assignedRoles }: MemberRow) => ({
  email,
  role,
  assignedRoles: assignedRoles.map(({ id, name }) => ({ id, name })),
})

/** Returns why the user cannot become a member. Undefined: the user is one now. */
async function addMember(
  tx: AuditedTx,
  organizationId: OrganizationId,
  userId: UserId,
  roleIds: readonly RoleId[],
): Promise<'removed' | 'quota' | undefined> {
  if (await wasRemoved(tx, organizationId, userId)) return 'removed'
  try {
    // A savepoint: the sign-in itself is valid without the membership.
    await inSavepoint(tx, (inner) => insertMember(inner, organizationId, userId, { role: 'member', roleIds }))
    return undefined
  } catch (error) {
    if (hasSqlState(error, 'quota_reached')) return 'quota'
    throw error
  }
}

/** Locks the membership, so that another change of its roles waits, and reads it. */
async function lockMember(
  tx: AuditedTx,
  organizationId: OrganizationId,
  userId: UserId,
): Promise<MemberRow | undefined> {
  await tx
    .select({ userId: organizationMembers.userId })
    .from(organizationMembers)
    .where(and(eq(organizationMembers.organizationId, organizationId), eq(organizationMembers.userId, userId)))
    .for('no key update')
  return findMember(tx, organizationId, userId)
}

/**
 * Locks those of the given roles that exist and that a provider may give, and returns them. A role that is deleted, or that gets
 * another permission, in the same moment waits for the sign-in, or the sign-in for it.
 */
async function provisionable(
  tx: AuditedTx,
  organizationId: OrganizationId,
  ids: readonly RoleId[],
): Promise<readonly RoleId[]> {
  if (ids.length === 0) return []
  const locked = await tx
    .select({ id: roles.id, permissions: roles.permissions })
    .from(roles)
    .where(and(rolesWithin(organizationId), inArray(roles.id, [...new Set(ids)])))
    .orderBy(roles.id)
    .for('share')
  return locked.filter(isProvisionable).map(({ id }) => id)
}

/** Gives a member these roles by groups, and withdraws the others of that origin. Those assigned by hand stay. */
async function setGroupRoles(tx: AuditedTx, organizationId: OrganizationId, userId: UserId, ids: readonly RoleId[]) {
  const ofMember = and(eq(memberRoles.organizationId, organizationId), eq(memberRoles.userId, userId))
  const others = and(ofMember, memberRoles.byGroups, sql`${memberRoles.roleId} <> ALL (${sql.param([...ids])}::text[])`)
  await tx.delete(memberRoles).where(and(others, not(memberRoles.byHand)))
  await tx.update(memberRoles).set({ byGroups: false }).where(others)
  if (ids.length === 0) return
  await tx
    .insert(memberRoles)
    .values(ids.map((roleId) => ({ organizationId, userId, roleId, byHand: false, byGroups: true })))
    .onConflictDoUpdate({
      target: [memberRoles.organizationId, memberRoles.userId, memberRoles.roleId],
      set: { byGroups: true },
      setWhere: not(memberRoles.byGroups), // no notification of what stays
    })
}

const isSame = (one: MemberRow, other: MemberRow): boolean =>
  one.assignedRoles.map(({ id }) => id).join() === other.assignedRoles.map(({ id }) => id).join()
