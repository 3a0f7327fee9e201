import { insufficientScope, isPerson, permits } from '@daytona-auth/auth'
import { type ApiKeyRow, endedKeyEntries, listApiKeys, narrowedKeyEntries } from '@daytona-auth/db/api-keys'
import { type AuditAction, type AuditEntry, type AuditMetadata, auditEntry, inAudit } from '@daytona-auth/db/audit'
import type { Page, PageRequest, Queryable, UserId } from '@daytona-auth/db/core'
import {
  accessOf,
  countOwners,
  findMember,
  listMembers,
  type MemberRow,
  type MembershipEnd,
  removeMember,
  setMemberAccess,
} from '@daytona-auth/db/organizations'
import { conflict, notFound } from '@daytona-auth/service'
import type { CallerInOrganization } from '../../http/caller.ts'
import { requireStepUp } from '../../http/step-up.ts'
import {
  lockCallerOrganization,
  type MemberRole,
  type OrganizationDependencies,
  requireOwner,
  requireOwnerStepUp,
  takeAssignableRoles,
} from './authority.ts'

export interface GivenAccess {
  readonly role: MemberRole
  readonly assignedRoleIds: readonly string[]
}

/** @throws Denial 403 unless the caller is a signed-in member or an administrator: only they may see the members */
export function requireInsider({ principal, organization }: CallerInOrganization): void {
  if (isPerson(principal) || permits(organization.permissions, 'admin:organization')) return
  throw insufficientScope('admin:organization')
}

/** Reads a page of the members of the caller's organization. */
export function readMemberPage(
  { database }: OrganizationDependencies,
  caller: CallerInOrganization,
  page: PageRequest<number>,
): Promise<Page<MemberRow, number>> {
  requireInsider(caller)
  return listMembers(database, caller.organization.organizationId, page)
}

/**
 * Replaces a member's role and the roles assigned by hand, effective at once.
 * @throws Denial 403 for more than the caller holds, and for owners unless an owner acts in person; 404 unless the user
 * is a member; 409 for the last owner
 */
export async function updateMemberAccess(
  { database, invalidate }: OrganizationDependencies,
  caller: CallerInOrganization,
  userId: string,
  { role, assignedRoleIds }: GivenAccess,
): Promise<MemberRow> {
  const { organizationId } = caller.organization
  const { before, after } = await inAudit<
    { readonly before: MemberRow; readonly after: MemberRow },
    CallerInOrganization
  >(
    database,
    caller.authority('administer'),
    (change) =>
      entryOf(caller, 'member.update_access', change.after.userId, 200, {
        before: accessOf(change.before),
        after: accessOf(change.after),
      }),
    async (tx, confirmed) => {
      const { callerRole } = await lockCallerOrganization(tx, confirmed)
      const member = await requireMember(tx, confirmed, userId)
      if (member.role === 'owner' || role === 'owner') await requireOwnerStepUp(tx, confirmed, callerRole)
      const roles = await takeAssignableRoles(tx, confirmed, assignedRoleIds)
      if (role !== 'owner') await denyLastOwner(tx, member, 'demoted')
      await setMemberAccess(tx, organizationId, member.userId, { role, roleIds: roles.map(({ id }) => id) })
      return { before: member, after: await requireMember(tx, caller, userId) }
    },
  )
  invalidate({ kind: 'user', id: before.userId })
  return after
}

/**
 * Removes a member from the organization and ends their keys there.
 * @throws Denial 403 for an owner unless an owner acts in person, 404 for a non-member, 409 for the last owner
 */
export async function removeMemberOfCaller(
  dependencies: OrganizationDependencies,
  caller: CallerInOrganization,
  userId: string,
): Promise<void> {
  await endMembership(dependencies, caller, userId, 'member.remove')
}

/** Reads a page of the keys that a removal would stop. @throws Denial as `removeMemberOfCaller` */
export async function readStoppedKeyPage(
  { database }: OrganizationDependencies,
  caller: CallerInOrganization,
  userId: string,
  page: PageRequest<null>,
): Promise<Page<ApiKeyRow, null>> {
  const member = await requireRemovable(database, caller, caller.organization.role, userId)
  return listApiKeys(database, member.organizationId, { userId: member.userId, status: 'active' }, page)
}

/**
 * Ends the caller's own membership.
 * @throws Denial 409 for the last owner, and for a personal organization
 */
export async function leaveOrganization(
  dependencies: OrganizationDependencies,
  caller: CallerInOrganization,
): Promise<void> {
  await endMembership(dependencies, caller, caller.principal.userId, 'organization.leave')
}

async function endMembership(
  { database, invalidate }: OrganizationDependencies,
  caller: CallerInOrganization,
  userId: string,
  action: 'member.remove' | 'organization.leave',
): Promise<void> {
  const { organizationId } = caller.organization
  const entriesFor = ({ member, ended, narrowed }: MembershipEnd & { member: MemberRow }): AuditEntry[] => {
    const endedWith = { endedWithMembershipOf: member.userId }
    return [
      entryOf(caller, action, member.userId, 204, {
        ...accessOf(member),
        endedKeys: ended.length,
        narrowedKeys: narrowed.length,
      }),
      ...endedKeyEntries(caller.actor, ended, endedWith),
      ...narrowedKeyEntries(caller.actor, organizationId, narrowed, endedWith),
    ]
  }
  const { member, ended, narrowed } = await inAudit(
    database,
    caller.authority('administer'),
    entriesFor,
    async (tx, confirmed) => {
      const { organization, callerRole } = await lockCallerOrganization(tx, confirmed)
      if (organization.personal) throw conflict('personal_organization', 'A personal organization cannot be left')
      const leaver = await requireRemovable(tx, confirmed, callerRole, userId)
      if (leaver.role === 'owner') await requireStepUp(tx, confirmed)
      return { member: leaver, ...(await removeMember(tx, organizationId, leaver.userId)) }
    },
  )
  invalidate({ kind: 'user', id: member.userId })
  for (const { id } of [...ended, ...narrowed]) invalidate({ kind: 'key', id })
}

/** Returns a member that the caller may remove. @throws Denial as `removeMemberOfCaller` */
async function requireRemovable(
  db: Queryable,
  caller: CallerInOrganization,
  callerRole: MemberRole,
  userId: string,
): Promise<MemberRow> {
  const member = await requireMember(db, caller, userId)
  if (member.role === 'owner') requireOwner(caller, callerRole)
  await denyLastOwner(db, member, 'removed')
  return member
}

async function requireMember(db: Queryable, caller: CallerInOrganization, userId: string): Promise<MemberRow> {
  // Any text may be looked up: only ids of users are found.
  const member = await findMember(db, caller.organization.organizationId, userId as UserId)
  if (!member) throw notFound('Member')
  return member
}

async function denyLastOwner(db: Queryable, member: MemberRow, verb: string): Promise<void> {
  if (member.role !== 'owner' || (await countOwners(db, member.organizationId)) > 1) return
  throw conflict('last_owner', `The last owner cannot be ${verb}: make another member an owner first`)
}

const entryOf = <Action extends AuditAction & ('organization.leave' | `member.${string}`)>(
  { actor, organization: { organizationId } }: CallerInOrganization,
  action: Action,
  targetId: string,
  statusCode: number,
  metadata: AuditMetadata<Action>,
): AuditEntry => auditEntry(action, { ...actor, organizationId, targetId, statusCode, metadata })
