import { hash } from 'node:crypto'
import type { Language } from '@daytona-auth/accounts/language/language'
import { createSecretToken } from '@daytona-auth/accounts/secret-token'
import { type AuditAction, type AuditActor, type AuditEntry, auditEntry, inAudit } from '@daytona-auth/db/audit'
import { newId, normalizeEmail, type Page, type PageRequest } from '@daytona-auth/db/core'
import {
  findInvitation,
  findOpenInvitation,
  type InvitationRow,
  insertInvitation,
  isMemberByEmail,
  listInvitations,
  renewInvitation,
  settleInvitation,
} from '@daytona-auth/db/organizations'
import { conflict, forbidden, notFound } from '@daytona-auth/service'
import type { CallerInOrganization } from '../../http/caller.ts'
import { requireFuture } from '../../http/schemas.ts'
import type { MailDelivery } from '../../mail/delivery.ts'
import {
  lockCallerOrganization,
  type MemberRole,
  type OrganizationDependencies,
  requireOwner,
  requireOwnerStepUp,
  takeAssignableRoles,
} from './authority.ts'
import { deliverInvitation } from './invitation-mail.ts'

export interface InvitationContent {
  readonly role: MemberRole
  readonly assignedRoleIds: readonly string[]
  readonly expiresAt?: string | null | undefined
}

/** An invitation and the outcome of its mail. */
export interface InvitationWithDelivery {
  readonly row: InvitationRow
  readonly delivery: MailDelivery
}

/** Reads a page of the pending invitations of the caller's organization. */
export const readInvitationPage = (
  { database }: OrganizationDependencies,
  { organization }: CallerInOrganization,
  page: PageRequest<number>,
): Promise<Page<InvitationRow, number>> => listInvitations(database, organization.organizationId, page)

/**
 * Invites an address to the caller's organization and mails the invitation.
 * @throws Denial 403 unless the caller's own address is verified, for more than the caller holds, and for an owner
 * unless an owner acts in person; 429 past a limit on mails; 409 for a personal organization, a member's address or an
 * address invited already
 */
export async function createInvitation(
  dependencies: OrganizationDependencies,
  caller: CallerInOrganization,
  { email, ...invite }: InvitationContent & { readonly email: string },
  language: Language,
): Promise<InvitationWithDelivery> {
  requireVerifiedAddress(caller)
  const { organizationId } = caller.organization
  const id = newId('inv')
  const { token, digest: tokenDigest } = createSecretToken()
  const expiresAt = endOf(dependencies, invite)
  const entry = (row: InvitationRow) => entryOf(caller.actor, row, 'invitation.create', 201)
  const row = await inAudit<InvitationRow, CallerInOrganization>(
    dependencies.database,
    caller.authority('administer'),
    entry,
    async (tx, confirmed) => {
      const { organization, callerRole } = await lockCallerOrganization(tx, confirmed)
      if (organization.personal)
        throw conflict('personal_organization', 'A personal organization cannot be shared: create another organization')
      if (invite.role === 'owner') await requireOwnerStepUp(tx, confirmed, callerRole)
      const roles = await takeAssignableRoles(tx, confirmed, invite.assignedRoleIds)
      if (await isMemberByEmail(tx, organizationId, email))
        throw conflict('already_member', 'A user with that address is a member already')
      if (await findOpenInvitation(tx, organizationId, email)) {
        throw conflict('already_invited', 'That address is invited already: send that invitation again, or cancel it')
      }
      const invitedBy = caller.principal.userId
      const content = { role: invite.role, roleIds: roles.map((role) => role.id), invitedBy, tokenDigest, expiresAt }
      spend(dependencies, organizationId, email)
      await insertInvitation(tx, organizationId, id, { email, ...content })
      return requireInvitation(await findInvitation(tx, organizationId, id))
    },
  )
  return { row, delivery: await deliverInvitation(dependencies, row, token, language) }
}

/**
 * Sends an invitation again, with new content. The previous token becomes invalid.
 * @throws Denial as `createInvitation`, 404, 409 for an answered or cancelled invitation
 */
export async function resendInvitation(
  dependencies: OrganizationDependencies,
  caller: CallerInOrganization,
  invitationId: string,
  invite: InvitationContent,
  language: Language,
): Promise<InvitationWithDelivery> {
  requireVerifiedAddress(caller)
  const { organizationId } = caller.organization
  const { token, digest: tokenDigest } = createSecretToken()
  const expiresAt = endOf(dependencies, invite)
  const entry = (row: InvitationRow) => entryOf(caller.actor, row, 'invitation.update', 200)
  const row = await inAudit<InvitationRow, CallerInOrganization>(
    dependencies.database,
    caller.authority('administer'),
    entry,
    async (tx, confirmed) => {
      const { callerRole } = await lockCallerOrganization(tx, confirmed)
      const before = requirePending(await findInvitation(tx, organizationId, invitationId))
      if (before.role === 'owner' || invite.role === 'owner') await requireOwnerStepUp(tx, confirmed, callerRole)
      const roles = await takeAssignableRoles(tx, confirmed, invite.assignedRoleIds)
      const invitedBy = caller.principal.userId
      const content = { role: invite.role, roleIds: roles.map((role) => role.id), invitedBy, tokenDigest, expiresAt }
      spend(dependencies, organizationId, before.email)
      await renewInvitation(tx, organizationId, before.id, content)
      return requireInvitation(await findInvitation(tx, organizationId, before.id))
    },
  )
  return { row, delivery: await deliverInvitation(dependencies, row, token, language) }
}

/**
 * Cancels an invitation.
 * @throws Denial 403 for an owner's unless an owner acts in person, 404, 409 for an answered or cancelled invitation
 */
export async function cancelInvitation(
  { database }: OrganizationDependencies,
  caller: CallerInOrganization,
  invitationId: string,
): Promise<void> {
  const { organizationId } = caller.organization
  const entry = (row: InvitationRow) => entryOf(caller.actor, row, 'invitation.cancel', 204)
  await inAudit<InvitationRow, CallerInOrganization>(
    database,
    caller.authority('administer'),
    entry,
    async (tx, confirmed) => {
      const { callerRole } = await lockCallerOrganization(tx, confirmed)
      const row = requirePending(await findInvitation(tx, organizationId, invitationId))
      if (row.role === 'owner') requireOwner(confirmed, callerRole)
      await settleInvitation(tx, organizationId, row.id, 'cancelled')
      return row
    },
  )
}

/** Requires a verified address, since invitations mail the sender's text to strangers. @throws Denial 403 */
function requireVerifiedAddress({ principal }: CallerInOrganization): void {
  if (principal.emailVerified) return
  throw forbidden('Your e-mail address is not verified', {
    code: 'email_not_verified',
    error: 'Confirm your own e-mail address before you invite others',
  })
}

/** Counts the mail. It is the last check: a request refused for another reason is not counted. @throws Denial 429 */
function spend(
  { spendOnAddress, spendOnOrganization }: OrganizationDependencies,
  organizationId: string,
  email: string,
): void {
  // Redis stores the names of limits and must not contain addresses of users.
  spendOnAddress(hash('sha256', normalizeEmail(email), 'base64url'))
  spendOnOrganization(organizationId)
}

/** Returns a pending invitation. @throws Denial 404 for none, 409 for one in a final state */
export function requirePending(found: InvitationRow | undefined): InvitationRow {
  const row = requireInvitation(found)
  if (row.status !== 'pending') throw conflict('invitation_ended', `The invitation is ${row.status} already`)
  return row
}

/** Returns the invitation. @throws Denial 404 for none */
export function requireInvitation(row: InvitationRow | undefined): InvitationRow {
  if (!row) throw notFound('Invitation')
  return row
}

/** Creates an audit event of the invitation's organization. */
export const entryOf = (
  actor: AuditActor,
  row: InvitationRow,
  action: AuditAction & `invitation.${string}`,
  statusCode: number,
): AuditEntry =>
  auditEntry(action, {
    ...actor,
    organizationId: row.organizationId,
    targetId: row.id,
    statusCode,
    metadata: {
      email: row.email,
      role: row.role,
      assignedRoles: row.assignedRoles.map(({ id, name }) => ({ id, name })),
      expiresAt: row.expiresAt.toISOString(),
    },
  })

function endOf({ now, invitationTtlMs }: OrganizationDependencies, { expiresAt }: InvitationContent): Date {
  requireFuture('expiresAt', expiresAt, now())
  return expiresAt == null ? new Date(now() + invitationTtlMs) : new Date(expiresAt)
}
