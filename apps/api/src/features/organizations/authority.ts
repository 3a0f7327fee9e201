import type { Language } from '@daytona-auth/accounts/language/language'
import type { MailTranslation } from '@daytona-auth/accounts/mail/mail-translations'
import { type Change, insufficientScope, isPerson, parsePermissions, permissionsBeyond } from '@daytona-auth/auth'
import type { AuditedTx } from '@daytona-auth/db/audit'
import type { Database } from '@daytona-auth/db/core'
import {
  findMember,
  lockOrganization,
  lockRoles,
  type OrganizationRow,
  type RoleRow,
} from '@daytona-auth/db/organizations'
import { badRequest, forbidden, type Mailer, notFound } from '@daytona-auth/service'
import type { FastifyBaseLogger } from 'fastify'
import type { CallerInOrganization } from '../../http/caller.ts'
import type { Admit, Spend } from '../../http/creation-limit.ts'
import { requireStepUp } from '../../http/step-up.ts'
import type { CreationLimits } from '../../limits/creation-limits.ts'

export interface OrganizationDependencies {
  readonly database: Database
  readonly limits: CreationLimits
  /** Invalidates cached verifications in this process that depend on the changed row. */
  readonly invalidate: (change: Change) => void
  /** Absent: no mail is sent. */
  readonly mailer?: Mailer | undefined
  /** The texts of mails in a language. */
  readonly mailsIn: (language: Language) => MailTranslation
  /** The public origin, for the links in mails. */
  readonly issuer: string
  readonly invitationTtlMs: number
  /** Counts by inviting user, not by organization: any user may create organizations and mail strangers from each. */
  readonly admitInvitation: Admit
  /** Counts the mails to one address, by its digest. */
  readonly spendOnAddress: Spend
  /** Counts the mails for one organization. */
  readonly spendOnOrganization: Spend
  readonly logger: Pick<FastifyBaseLogger, 'warn'>
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** Allows for ending many keys, each with its own event: 4,000 took 4 s on two busy cores. */
export const ENDING_MS = 30_000

export type MemberRole = 'owner' | 'member'

/** An organization whose row is locked, and the caller's role in it under the lock. */
export interface LockedOrganization {
  readonly organization: OrganizationRow
  readonly callerRole: MemberRole
}

/**
 * Locks the caller's organization for a change of access. Such changes are serialized, and each reads the caller's role
 * under the lock: of two owners who demote each other concurrently, the second is no longer an owner.
 * @throws Denial 404 if the caller has lost the organization in the meantime
 */
export async function lockCallerOrganization(
  tx: AuditedTx,
  { principal, organization }: CallerInOrganization,
): Promise<LockedOrganization> {
  const row = await lockOrganization(tx, organization.organizationId)
  const member = row && (await findMember(tx, row.id, principal.userId))
  if (!row || !member) throw notFound('Organization')
  return { organization: row, callerRole: member.role }
}

/** @throws Denial 403 unless an owner acts in person: a key never does, with any permissions */
export function requireOwner({ principal }: CallerInOrganization, callerRole: MemberRole): void {
  if (!isPerson(principal) || callerRole !== 'owner')
    throw forbidden('This needs an owner who is signed in to the dashboard or the CLI')
}

/**
 * Requires an owner in person who signed in a short time ago: for changes of owners and the end of the organization.
 * @throws Denial 403 as `requireOwner`, 401 as `requireStepUp`
 */
export async function requireOwnerStepUp(
  tx: AuditedTx,
  caller: CallerInOrganization,
  callerRole: MemberRole,
): Promise<void> {
  requireOwner(caller, callerRole)
  await requireStepUp(tx, caller)
}

/** @throws Denial 403 for permissions that the caller does not hold: a caller grants only its own permissions */
export function denyEscalation({ organization }: CallerInOrganization, permissions: Iterable<string>): void {
  const missing = permissionsBeyond(parsePermissions(permissions), organization.permissions)
  if (missing.length > 0) throw insufficientScope(...missing)
}

/**
 * Returns the roles with these ids for an assignment.
 * @throws Denial 400 for a role that the organization does not have, 403 if they hold more than the caller
 */
export const takeAssignableRoles = (
  tx: AuditedTx,
  caller: CallerInOrganization,
  ids: readonly string[],
): Promise<readonly RoleRow[]> =>
  takeRoles(
    tx,
    caller,
    ids.map((id, index) => ({ id, path: `assignedRoleIds.${index}` })),
  )

/** As `takeAssignableRoles`, for ids in any place of a body. */
export async function takeRoles(
  tx: AuditedTx,
  caller: CallerInOrganization,
  given: readonly { readonly id: string; readonly path: string }[],
): Promise<readonly RoleRow[]> {
  const ids = given.map(({ id }) => id)
  const roles = await lockRoles(tx, caller.organization.organizationId, ids)
  const found = new Set<string>(roles.map(({ id }) => id))
  const details = given.flatMap(({ id, path }) =>
    found.has(id) ? [] : [{ path, message: 'is not a role of the organization' }],
  )
  const [first] = details
  if (first) throw badRequest(`${first.path}: ${first.message}`, details)
  denyEscalation(
    caller,
    roles.flatMap(({ permissions }) => permissions),
  )
  return roles
}
