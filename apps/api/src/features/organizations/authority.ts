import type { Change } from '@daytona-auth/auth'
import { excess, isPerson, parsePermissions } from '@daytona-auth/auth'
import {
  type AuditedTx,
  type Database,
  findMember,
  lockOrganization,
  lockRoles,
  type OrganizationRow,
  type RoleRow,
} from '@daytona-auth/db'
import { badRequest, forbidden, type Mailer, notFound } from '@daytona-auth/service'
import type { FastifyBaseLogger } from 'fastify'
import type { CallerInOrganization } from '../../http/caller.ts'
import type { Admit, Spend } from '../../http/creation-limit.ts'
import { missingPermissions } from '../../http/missing-permissions.ts'
import type { CreationLimits } from '../../limits/creation-limits.ts'

export interface OrganizationDependencies {
  readonly database: Database
  readonly limits: CreationLimits
  /** Makes this process ask the database again for what depends on something. */
  readonly invalidate: (change: Change) => void
  /** Sends what is mailed; without it nothing is. */
  readonly mailer?: Mailer | undefined
  /** The public origin, for the links in mails. */
  readonly issuer: string
  readonly invitationTtlMs: number
  /** Counts by the person who invites: whoever has an account may make organizations, and mail strangers from them. */
  readonly admitInvitation: Admit
  /** Counts the mails to one address, by its digest. */
  readonly spendOnAddress: Spend
  /** Counts the mails for one organization. */
  readonly spendOnOrganization: Spend
  readonly logger: Pick<FastifyBaseLogger, 'warn'>
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** What ends a membership ends its keys, each with an event of its own: 4,000 of them took 4 s on two busy cores. */
export const ENDING_MS = 30_000

export type MemberRole = 'owner' | 'member'

/** An organization that is held, and what the caller is in it while it is. */
export interface Held {
  readonly organization: OrganizationRow
  readonly callerRole: MemberRole
}

/**
 * Begins a change of who may do what in the caller's organization. Such changes come one after the other, and each sees
 * what those before it made of the caller: of two owners who demote each other at once, the second is none any more.
 * @throws Refusal 404 where the caller has lost the organization meanwhile.
 */
export async function hold(tx: AuditedTx, { principal, organization }: CallerInOrganization): Promise<Held> {
  const row = await lockOrganization(tx, organization.organizationId)
  const member = row && (await findMember(tx, row.id, principal.userId))
  if (!row || !member) throw notFound('Organization')
  return { organization: row, callerRole: member.role }
}

/** @throws Refusal 403 unless an owner acts in person: a key never does, whatever it may. */
export function requireOwner({ principal }: CallerInOrganization, callerRole: MemberRole): void {
  if (!isPerson(principal) || callerRole !== 'owner') throw forbidden('an act of an owner in person')
}

/** @throws Refusal 403 for permissions that the caller does not hold: nobody gives what they do not have. */
export function refuseExcess({ organization }: CallerInOrganization, permissions: Iterable<string>): void {
  const missing = excess(parsePermissions(permissions), organization.permissions)
  if (missing.length > 0) throw missingPermissions(missing)
}

/**
 * The roles of these ids, for somebody to be given.
 * @throws Refusal 400 for one that the organization does not have, 403 where they hold more than the caller.
 */
export async function takeAssignable(
  tx: AuditedTx,
  caller: CallerInOrganization,
  ids: readonly string[],
): Promise<readonly RoleRow[]> {
  const roles = await lockRoles(tx, caller.organization.organizationId, ids)
  const found = new Set<string>(roles.map(({ id }) => id))
  const details = ids.flatMap((id, index) =>
    found.has(id) ? [] : [{ path: `assignedRoleIds.${index}`, message: 'is no role of the organization' }],
  )
  const [first] = details
  if (first) throw badRequest(`${first.path}: ${first.message}`, details)
  refuseExcess(
    caller,
    roles.flatMap(({ permissions }) => permissions),
  )
  return roles
}
