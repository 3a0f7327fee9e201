import { isPerson, permits } from '@daytona-auth/auth'
import {
  type ApiKeyRow,
  type AuditEntry,
  countOwners,
  endedKeyEntries,
  findMember,
  inAudit,
  listApiKeys,
  listMembers,
  type MemberRow,
  type MembershipEnd,
  narrowedKeyEntries,
  type Page,
  type PageRequest,
  type Queryable,
  removeMember,
  setMemberAccess,
  type UserId,
} from '@daytona-auth/db'
import { conflict, notFound } from '@daytona-auth/service'
import type { CallerInOrganization } from '../../http/caller.ts'
import { missingPermissions } from '../../http/missing-permissions.ts'
import { hold, type MemberRole, type OrganizationDependencies, requireOwner, takeAssignable } from './authority.ts'

export interface GivenAccess {
  readonly role: MemberRole
  readonly assignedRoleIds: readonly string[]
}

/** @throws Refusal 403 for who is neither a person of the organization nor its administrator: its people are theirs. */
export function requireInsider({ principal, organization }: CallerInOrganization): void {
  if (isPerson(principal) || permits(organization.permissions, 'admin:organization')) return
  throw missingPermissions(['admin:organization'])
}

/** A page of the members of the caller's organization. */
export function list(
  { database }: OrganizationDependencies,
  caller: CallerInOrganization,
  page: PageRequest<number>,
): Promise<Page<MemberRow, number>> {
  requireInsider(caller)
  return listMembers(database, caller.organization.organizationId, page)
}

/**
 * Replaces what a member is and may do, in force for every request from now on.
 * @throws Refusal 403 for more than the caller holds, or for owners unless an owner acts in person; 404 for who is no
 * member; 409 for the last owner.
 */
export async function updateAccess(
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
    (change) => ({
      ...entryOf(caller, 'member.update_access', change.after.userId, 200),
      metadata: { before: accessOf(change.before), after: accessOf(change.after) },
    }),
    async (tx, confirmed) => {
      const { callerRole } = await hold(tx, confirmed)
      const member = await requireMember(tx, confirmed, userId)
      if (member.role === 'owner' || role === 'owner') requireOwner(confirmed, callerRole)
      const roles = await takeAssignable(tx, confirmed, assignedRoleIds)
      if (role !== 'owner') await refuseLastOwner(tx, member, 'demoted')
      await setMemberAccess(tx, organizationId, member.userId, { role, roleIds: roles.map(({ id }) => id) })
      return { before: member, after: await requireMember(tx, caller, userId) }
    },
  )
  invalidate({ kind: 'user', id: before.userId })
  return after
}

/**
 * Takes somebody out of the organization, and their keys with them.
 * @throws Refusal 403 for an owner unless an owner acts in person, 404 for who is no member, 409 for the last owner.
 */
export async function remove(
  dependencies: OrganizationDependencies,
  caller: CallerInOrganization,
  userId: string,
): Promise<void> {
  await end(dependencies, caller, userId, 'member.remove')
}

/** A page of the keys that a removal would stop, refused as the removal would be. */
export async function keysOf(
  { database }: OrganizationDependencies,
  caller: CallerInOrganization,
  userId: string,
  page: PageRequest<null>,
): Promise<Page<ApiKeyRow, null>> {
  const member = await requireRemovable(database, caller, caller.organization.role, userId)
  return listApiKeys(database, member.organizationId, { userId: member.userId, status: 'active' }, page)
}

/**
 * The caller leaves.
 * @throws Refusal 409 for the last owner, and for a personal organization.
 */
export async function leave(dependencies: OrganizationDependencies, caller: CallerInOrganization): Promise<void> {
  await end(dependencies, caller, caller.principal.userId, 'organization.leave')
}

async function end(
  { database, invalidate }: OrganizationDependencies,
  caller: CallerInOrganization,
  userId: string,
  action: 'member.remove' | 'organization.leave',
): Promise<void> {
  const { organizationId } = caller.organization
  const entriesFor = ({ member, ended, narrowed }: MembershipEnd & { member: MemberRow }): AuditEntry[] => {
    const endedWith = { endedWithMembershipOf: member.userId }
    return [
      {
        ...entryOf(caller, action, member.userId, 204),
        metadata: { ...accessOf(member), endedKeys: ended.length, narrowedKeys: narrowed.length },
      },
      ...endedKeyEntries(caller.actor, ended, endedWith),
      ...narrowedKeyEntries(caller.actor, organizationId, narrowed, endedWith),
    ]
  }
  const { member, ended, narrowed } = await inAudit(
    database,
    caller.authority('administer'),
    entriesFor,
    async (tx, confirmed) => {
      const { organization, callerRole } = await hold(tx, confirmed)
      if (organization.personal) throw conflict('personal_organization', 'A personal organization cannot be left')
      const leaver = await requireRemovable(tx, confirmed, callerRole, userId)
      return { member: leaver, ...(await removeMember(tx, organizationId, leaver.userId)) }
    },
  )
  invalidate({ kind: 'user', id: member.userId })
  for (const { id } of [...ended, ...narrowed]) invalidate({ kind: 'key', id })
}

/** Who may go by this caller's word, as things stand. */
async function requireRemovable(
  db: Queryable,
  caller: CallerInOrganization,
  callerRole: MemberRole,
  userId: string,
): Promise<MemberRow> {
  const member = await requireMember(db, caller, userId)
  if (member.role === 'owner') requireOwner(caller, callerRole)
  await refuseLastOwner(db, member, 'removed')
  return member
}

async function requireMember(db: Queryable, caller: CallerInOrganization, userId: string): Promise<MemberRow> {
  // Any text may be looked up: only ids of users are found.
  const member = await findMember(db, caller.organization.organizationId, userId as UserId)
  if (!member) throw notFound('Member')
  return member
}

async function refuseLastOwner(db: Queryable, member: MemberRow, verb: string): Promise<void> {
  if (member.role !== 'owner' || (await countOwners(db, member.organizationId)) > 1) return
  throw conflict('last_owner', `The last owner cannot be ${verb}: make another member an owner first`)
}

const accessOf = ({ role, email, assignedRoles }: MemberRow) => ({
  email,
  role,
  assignedRoles: assignedRoles.map(({ id, name }) => ({ id, name })),
})

const entryOf = (
  { actor, organization }: CallerInOrganization,
  action: string,
  targetId: string,
  statusCode: number,
) => ({ ...actor, organizationId: organization.organizationId, action, targetType: 'user', targetId, statusCode })
