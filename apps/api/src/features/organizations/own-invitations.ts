import { type PermissionSet, parsePermissions, permissionsBeyond, permits } from '@daytona-auth/auth'
import { type AuditedTx, type Authority, inAudit } from '@daytona-auth/db/audit'
import type { Database, Page, PageRequest } from '@daytona-auth/db/core'
import {
  countInvitationsTo,
  findInvitationTo,
  findMember,
  type InvitationRow,
  insertMember,
  listInvitationsTo,
  lockOrganization,
  settleInvitation,
} from '@daytona-auth/db/organizations'
import { conflict, forbidden, notFound } from '@daytona-auth/service'
import type { Caller } from '../../http/caller.ts'
import type { OrganizationDependencies } from './authority.ts'
import { entryOf, requireInvitation, requirePending } from './invitations.ts'
import { denyTooManyOrganizations } from './organizations.ts'

/** Reads a page of the caller's invitations. Empty unless the address is verified: it may belong to another person. */
export const readOwnInvitationPage = async (
  { database }: OrganizationDependencies,
  { principal }: Caller,
  page: PageRequest<number>,
): Promise<Page<InvitationRow, number>> =>
  principal.emailVerified ? listInvitationsTo(database, principal.email, page) : { rows: [], next: null }

/** Counts the caller's invitations. 0 unless the address is verified. */
export const countOwnInvitations = async (
  { database }: OrganizationDependencies,
  { principal }: Caller,
): Promise<number> => (principal.emailVerified ? countInvitationsTo(database, principal.email) : 0)

/**
 * Makes the caller a member of the invitation's organization. The caller's tokens have access to it at once.
 * @throws Denial 403 unless the address is verified, 404 unless it is an invitation of the caller, 409 for one that has
 * ended, that its sender could no longer give, or that exceeds the organizations per user
 */
export async function acceptInvitation(
  { database, invalidate, limits }: OrganizationDependencies,
  caller: Caller,
  invitationId: string,
): Promise<InvitationRow> {
  const { userId } = caller.principal
  const entry = (row: InvitationRow) => entryOf(caller.actor, row, 'invitation.accept', 200)
  const authority = await authorityFor(database, caller, invitationId)
  const row = await inAudit<InvitationRow, Caller>(database, authority, entry, async (tx, confirmed) => {
    const invitation = await lockOwnInvitation(tx, confirmed, invitationId)
    if (invitation.isExpired) throw conflict('invitation_ended', 'The invitation has expired: ask for a new one')
    if (!(await canInviterStillGrant(tx, invitation)))
      throw conflict('invitation_ended', 'The invitation is no longer valid: ask for a new one')
    const { organizationId, role, assignedRoles } = invitation
    const roleIds = assignedRoles.map(({ id }) => id)
    if (!(await insertMember(tx, organizationId, userId, { role, roleIds })))
      throw conflict('already_member', 'You are a member already')
    await denyTooManyOrganizations(tx, userId, limits)
    await settleInvitation(tx, organizationId, invitation.id, 'accepted')
    return requireInvitation(await findInvitationTo(tx, caller.principal.email, invitationId))
  })
  invalidate({ kind: 'user', id: userId })
  return row
}

/**
 * Declines an invitation.
 * @throws Denial 403 unless the address is verified, 404 unless it is an invitation of the caller, 409 for an ended one
 */
export async function declineInvitation(
  { database }: OrganizationDependencies,
  caller: Caller,
  invitationId: string,
): Promise<void> {
  const entry = (row: InvitationRow) => entryOf(caller.actor, row, 'invitation.decline', 204)
  const authority = await authorityFor(database, caller, invitationId)
  await inAudit<InvitationRow, Caller>(database, authority, entry, async (tx, confirmed) => {
    const invitation = await lockOwnInvitation(tx, confirmed, invitationId)
    await settleInvitation(tx, invitation.organizationId, invitation.id, 'declined')
    return invitation
  })
}

/** Returns the authority for an answer. Organizations are locked before users, so the invitation is found first. */
async function authorityFor(database: Database, caller: Caller, invitationId: string): Promise<Authority<Caller>> {
  const found = await findInvitationTo(database, caller.principal.email, invitationId)
  return caller.authority('administer', found ? [found.organizationId] : [])
}

const VERIFY_FIRST =
  'Verify your e-mail address first: open the link of the invitation mail, or request a mail by POST /users/me/email-verification'

/** Returns the caller's pending invitation after locking its organization. */
async function lockOwnInvitation(tx: AuditedTx, { principal }: Caller, invitationId: string): Promise<InvitationRow> {
  const found = requireInvitation(await findInvitationTo(tx, principal.email, invitationId))
  if (!principal.emailVerified) {
    throw forbidden('Your e-mail address is not verified', { error: VERIFY_FIRST, code: 'email_not_verified' })
  }
  if (!(await lockOrganization(tx, found.organizationId))) throw notFound('Invitation')
  return requirePending(await findInvitationTo(tx, principal.email, invitationId))
}

/**
 * Whether the inviter could send the same invitation now. Otherwise a removed or demoted member could come back through
 * an invitation sent earlier.
 */
async function canInviterStillGrant(tx: AuditedTx, invitation: InvitationRow): Promise<boolean> {
  const inviter = await findMember(tx, invitation.organizationId, invitation.invitedBy)
  if (!inviter || inviter.role === 'owner') return inviter !== undefined
  if (invitation.role === 'owner') return false
  const held = permissionsOf(inviter.assignedRoles)
  return (
    permits(held, 'admin:organization') && permissionsBeyond(permissionsOf(invitation.assignedRoles), held).length === 0
  )
}

const permissionsOf = (roles: InvitationRow['assignedRoles']): PermissionSet =>
  parsePermissions(roles.flatMap(({ permissions }) => permissions))
