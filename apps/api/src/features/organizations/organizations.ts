import { countMemberships, type EndedKey, endedKeyEntries } from '@daytona-auth/db/api-keys'
import { type AuditEntry, type AuditedTx, type AuditMetadata, auditEntry, inAudit } from '@daytona-auth/db/audit'
import { newId, type UserId } from '@daytona-auth/db/core'
import {
  deleteOrganization,
  findOrganization,
  insertOrganization,
  type OrganizationRow,
  updateOrganization,
} from '@daytona-auth/db/organizations'
import { conflict, notFound } from '@daytona-auth/service'
import type * as z from 'zod'
import type { Caller, CallerInOrganization } from '../../http/caller.ts'
import { requireStepUp } from '../../http/step-up.ts'
import { type CreationLimits, counted, limitReached } from '../../limits/creation-limits.ts'
import { lockCallerOrganization, type OrganizationDependencies, requireOwner, requireOwnerStepUp } from './authority.ts'
import type { UpdateOrganization } from './schema.ts'

/**
 * Creates an organization that the caller owns. The caller's tokens have access to it at once.
 * @throws Denial 409 if the caller has reached the limit on organizations
 */
export async function createOrganization(
  { database, invalidate, limits }: OrganizationDependencies,
  caller: Caller,
  name: string,
): Promise<OrganizationRow> {
  const { principal, actor } = caller
  const id = newId('org')
  const entry = auditEntry('organization.create', {
    ...actor,
    organizationId: id,
    targetId: id,
    statusCode: 201,
    metadata: { name },
  })
  const row = await inAudit(database, caller.authority('manage'), entry, async (tx) => {
    const inserted = await insertOrganization(tx, id, { name, createdBy: principal.userId })
    await denyTooManyOrganizations(tx, principal.userId, limits)
    return inserted
  })
  invalidate({ kind: 'user', id: principal.userId })
  return row
}

/** Returns the caller's organization. @throws Denial 404 */
export async function getCallerOrganization(
  { database }: OrganizationDependencies,
  { organization }: CallerInOrganization,
): Promise<OrganizationRow> {
  const row = await findOrganization(database, organization.organizationId)
  if (!row) throw notFound('Organization')
  return row
}

/**
 * Renames the caller's organization, and sets whether its members need a second factor and which apps it allows.
 * @throws Denial 403 unless an owner in person changes the requirement or the policy, 401 unless that owner signed in a short
 *   time ago, for the requirement with a second factor
 */
export async function updateCallerOrganization(
  { database, invalidate }: OrganizationDependencies,
  caller: CallerInOrganization,
  { name, requireSecondFactor, appAccess }: z.output<typeof UpdateOrganization>,
): Promise<OrganizationRow> {
  const { organizationId } = caller.organization
  let before: OrganizationRow | undefined
  const changed = await inAudit<OrganizationRow, CallerInOrganization>(
    database,
    caller.authority('administer'),
    (row) =>
      entryOf(caller, 'organization.update', 200, {
        name: row.name,
        ...(before?.name !== row.name && { before: before?.name }),
        ...(before?.requireSecondFactor !== row.requireSecondFactor && {
          requireSecondFactor: row.requireSecondFactor,
        }),
        ...(before !== undefined &&
          before.appAccess !== row.appAccess && { appAccess: row.appAccess, appAccessBefore: before.appAccess }),
      }),
    async (tx, confirmed) => {
      const { organization, callerRole } = await lockCallerOrganization(tx, confirmed)
      before = organization
      const isOther = requireSecondFactor !== undefined && requireSecondFactor !== organization.requireSecondFactor
      if (isOther) {
        requireOwner(confirmed, callerRole)
        await requireStepUp(tx, confirmed, { needsSecondFactor: true })
      }
      const isOtherPolicy = appAccess !== undefined && appAccess !== organization.appAccess
      if (isOtherPolicy) await requireOwnerStepUp(tx, confirmed, callerRole)
      // Only what changes: an updated requirement invalidates cached tokens.
      const row = await updateOrganization(tx, organizationId, {
        ...(name !== undefined && { name }),
        ...(isOther && { requireSecondFactor }),
        ...(isOtherPolicy && { appAccess }),
      })
      if (!row) throw notFound('Organization')
      return row
    },
  )
  invalidate({ kind: 'organization', id: organizationId })
  return changed
}

/**
 * Deletes the caller's organization with everything in it and revokes its keys. Its audit trail stays.
 * @throws Denial 403 unless an owner acts in person, 401 without a recent sign-in, 409 for a personal organization
 */
export async function deleteCallerOrganization(
  { database, invalidate }: OrganizationDependencies,
  caller: CallerInOrganization,
): Promise<void> {
  const { organizationId } = caller.organization
  let name = ''
  const ended = await inAudit<EndedKey[], CallerInOrganization>(
    database,
    caller.authority('administer'),
    (keys) => [
      entryOf(caller, 'organization.delete', 204, { name, endedKeys: keys.length }),
      // Other organizations get an event for each of their keys. This one has its deletion event.
      ...endedKeyEntries(
        caller.actor,
        keys.map((key) => ({ ...key, organizationIds: key.organizationIds.filter((id) => id !== organizationId) })),
        { deletedWithOrganizationId: organizationId },
      ),
    ],
    async (tx, confirmed) => {
      const { organization, callerRole } = await lockCallerOrganization(tx, confirmed)
      await requireOwnerStepUp(tx, confirmed, callerRole)
      if (organization.personal) throw conflict('personal_organization', 'A personal organization cannot be deleted')
      name = organization.name
      return deleteOrganization(tx, organizationId)
    },
  )
  invalidate({ kind: 'organization', id: organizationId })
  for (const { id } of ended) invalidate({ kind: 'key', id })
}

const entryOf = <Action extends 'organization.update' | 'organization.delete'>(
  { actor, organization: { organizationId } }: CallerInOrganization,
  action: Action,
  statusCode: number,
  metadata: AuditMetadata<Action>,
): AuditEntry => auditEntry(action, { ...actor, organizationId, targetId: organizationId, statusCode, metadata })

/**
 * Rolls back a membership that exceeds the limit. The transaction must hold the lock on the user's row.
 * @throws Denial 409
 */
export async function denyTooManyOrganizations(
  tx: AuditedTx,
  userId: UserId,
  { organizationsPerUser }: CreationLimits,
): Promise<void> {
  if ((await countMemberships(tx, userId)) <= organizationsPerUser) return
  throw limitReached(`${counted(organizationsPerUser, 'organization')} per user`, 'leave or delete one first')
}
