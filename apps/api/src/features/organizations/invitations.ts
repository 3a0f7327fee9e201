import { hash, randomBytes } from 'node:crypto'
import {
  type AuditActor,
  type AuditEntry,
  findInvitation,
  findOpenInvitation,
  type InvitationRow,
  inAudit,
  insertInvitation,
  isMemberByEmail,
  listInvitations,
  newId,
  normalizeEmail,
  type Page,
  type PageRequest,
  renewInvitation,
  settleInvitation,
} from '@daytona-auth/db'
import { conflict, forbidden, notFound } from '@daytona-auth/service'
import type { CallerInOrganization } from '../../http/caller.ts'
import { requireFuture } from '../../http/schemas.ts'
import type { MailDelivery } from '../../mail/delivery.ts'
import { hold, type MemberRole, type OrganizationDependencies, requireOwner, takeAssignable } from './authority.ts'
import { deliver } from './invitation-mail.ts'

export interface Invite {
  readonly role: MemberRole
  readonly assignedRoleIds: readonly string[]
  readonly expiresAt?: string | null | undefined
}

/** An invitation and what became of its mail. */
export interface Sent {
  readonly row: InvitationRow
  readonly delivery: MailDelivery
}

const TOKEN_BYTES = 32

/** A page of the pending ones of the caller's organization. */
export const list = (
  { database }: OrganizationDependencies,
  { organization }: CallerInOrganization,
  page: PageRequest<number>,
): Promise<Page<InvitationRow, number>> => listInvitations(database, organization.organizationId, page)

/**
 * Invites an address to the caller's organization, and mails it.
 * @throws Refusal 403 for a caller whose own address is not verified, for more than the caller holds, and for an owner
 * unless an owner acts in person; 429 beyond a budget; 409 for a personal
 * organization, a member's address, or one that is invited already.
 */
export async function create(
  dependencies: OrganizationDependencies,
  caller: CallerInOrganization,
  { email, ...invite }: Invite & { readonly email: string },
): Promise<Sent> {
  requireVerifiedAddress(caller)
  const { organizationId } = caller.organization
  const id = newId('inv')
  const { token, tokenDigest } = mintToken()
  const expiresAt = endOf(dependencies, invite)
  const entry = (row: InvitationRow) => entryOf(caller.actor, row, 'invitation.create', 201)
  const row = await inAudit<InvitationRow, CallerInOrganization>(
    dependencies.database,
    caller.authority('administer'),
    entry,
    async (tx, confirmed) => {
      const { organization, callerRole } = await hold(tx, confirmed)
      if (organization.personal)
        throw conflict(
          'personal_organization',
          'A personal organization cannot be shared: create an organization for that',
        )
      if (invite.role === 'owner') requireOwner(confirmed, callerRole)
      const roles = await takeAssignable(tx, confirmed, invite.assignedRoleIds)
      if (await isMemberByEmail(tx, organizationId, email))
        throw conflict('already_member', 'Somebody with that address is a member already')
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
  return { row, delivery: await deliver(dependencies, row, token) }
}

/**
 * Sends an invitation again, with what it is to give from now on. The token that was mailed before opens nothing any
 * more.
 * @throws Refusal as `create`, 404 for none of that id, 409 for one that was answered or cancelled.
 */
export async function renew(
  dependencies: OrganizationDependencies,
  caller: CallerInOrganization,
  invitationId: string,
  invite: Invite,
): Promise<Sent> {
  requireVerifiedAddress(caller)
  const { organizationId } = caller.organization
  const { token, tokenDigest } = mintToken()
  const expiresAt = endOf(dependencies, invite)
  const entry = (row: InvitationRow) => entryOf(caller.actor, row, 'invitation.update', 200)
  const row = await inAudit<InvitationRow, CallerInOrganization>(
    dependencies.database,
    caller.authority('administer'),
    entry,
    async (tx, confirmed) => {
      const { callerRole } = await hold(tx, confirmed)
      const before = requirePending(await findInvitation(tx, organizationId, invitationId))
      if (before.role === 'owner' || invite.role === 'owner') requireOwner(confirmed, callerRole)
      const roles = await takeAssignable(tx, confirmed, invite.assignedRoleIds)
      const invitedBy = caller.principal.userId
      const content = { role: invite.role, roleIds: roles.map((role) => role.id), invitedBy, tokenDigest, expiresAt }
      spend(dependencies, organizationId, before.email)
      await renewInvitation(tx, organizationId, before.id, content)
      return requireInvitation(await findInvitation(tx, organizationId, before.id))
    },
  )
  return { row, delivery: await deliver(dependencies, row, token) }
}

/**
 * Takes an invitation back.
 * @throws Refusal 403 for an owner's unless an owner acts in person, 404 for none of that id, 409 for one that was
 * answered or cancelled.
 */
export async function cancel(
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
      const { callerRole } = await hold(tx, confirmed)
      const row = requirePending(await findInvitation(tx, organizationId, invitationId))
      if (row.role === 'owner') requireOwner(confirmed, callerRole)
      await settleInvitation(tx, organizationId, row.id, 'cancelled')
      return row
    },
  )
}

/** Who invites lets us mail text of theirs to strangers. @throws Refusal 403 */
function requireVerifiedAddress({ principal }: CallerInOrganization): void {
  if (principal.emailVerified) return
  throw forbidden('the inviter’s address is not verified', {
    code: 'email_not_verified',
    error: 'Confirm your own e-mail address before you invite others',
  })
}

/** The last check before the mail: what is refused for another reason spends nothing. @throws Refusal 429 */
function spend(
  { spendOnAddress, spendOnOrganization }: OrganizationDependencies,
  organizationId: string,
  email: string,
): void {
  // The names of limits are in Redis, where addresses of people must not be.
  spendOnAddress(hash('sha256', normalizeEmail(email), 'base64url'))
  spendOnOrganization(organizationId)
}

/** @throws Refusal 404 for none, 409 for one that has its last state. */
export function requirePending(found: InvitationRow | undefined): InvitationRow {
  const row = requireInvitation(found)
  if (row.status !== 'pending') throw conflict('invitation_ended', `The invitation is ${row.status} already`)
  return row
}

export function requireInvitation(row: InvitationRow | undefined): InvitationRow {
  if (!row) throw notFound('Invitation')
  return row
}

/** How the organization's trail tells of an invitation. */
export const entryOf = (actor: AuditActor, row: InvitationRow, action: string, statusCode: number): AuditEntry => ({
  ...actor,
  organizationId: row.organizationId,
  action,
  targetType: 'invitation',
  targetId: row.id,
  statusCode,
  metadata: {
    email: row.email,
    role: row.role,
    assignedRoles: row.assignedRoles.map(({ id, name }) => ({ id, name })),
    expiresAt: row.expiresAt.toISOString(),
  },
})

/** 256 random bits: one round of SHA-256 is enough, as for API keys. */
function mintToken() {
  const token = randomBytes(TOKEN_BYTES).toString('base64url')
  return { token, tokenDigest: hash('sha256', token, 'buffer') }
}

function endOf({ now, invitationTtlMs }: OrganizationDependencies, { expiresAt }: Invite): Date {
  requireFuture('expiresAt', expiresAt, now())
  return expiresAt == null ? new Date(now() + invitationTtlMs) : new Date(expiresAt)
}
