import {
  type AuditedTx,
  countMemberships,
  deleteOrganization,
  type EndedKey,
  endedKeyEntries,
  findOrganization,
  inAudit,
  insertOrganization,
  newId,
  type OrganizationRow,
  renameOrganization,
  type UserId,
} from '@daytona-auth/db'
import { conflict, notFound } from '@daytona-auth/service'
import type { Caller, CallerInOrganization } from '../../http/caller.ts'
import { type CreationLimits, counted, limitReached } from '../../limits/creation-limits.ts'
import { hold, type OrganizationDependencies, requireOwner } from './authority.ts'

/**
 * Creates an organization that the caller owns. The caller's tokens reach it from now on.
 * @throws Refusal 409 where the caller is in as many organizations as one may be.
 */
export async function create(
  { database, invalidate, limits }: OrganizationDependencies,
  caller: Caller,
  name: string,
): Promise<OrganizationRow> {
  const { principal, actor } = caller
  const id = newId('org')
  const entry = {
    ...actor,
    organizationId: id,
    action: 'organization.create',
    targetType: 'organization',
    targetId: id,
    statusCode: 201,
    metadata: { name },
  }
  const row = await inAudit(database, caller.authority('manage'), entry, async (tx) => {
    const inserted = await insertOrganization(tx, id, { name, createdBy: principal.userId })
    await refuseTooManyOrganizations(tx, principal.userId, limits)
    return inserted
  })
  invalidate({ kind: 'user', id: principal.userId })
  return row
}

/** The caller's organization. */
export async function find(
  { database }: OrganizationDependencies,
  { organization }: CallerInOrganization,
): Promise<OrganizationRow> {
  const row = await findOrganization(database, organization.organizationId)
  if (!row) throw notFound('Organization')
  return row
}

/** Gives the caller's organization another name. */
export function rename(
  { database }: OrganizationDependencies,
  caller: CallerInOrganization,
  name: string | undefined,
): Promise<OrganizationRow> {
  const { organizationId } = caller.organization
  let before = ''
  return inAudit(
    database,
    caller.authority('administer'),
    (row) => ({
      ...entryOf(caller, 'organization.update', 200),
      metadata: { name: row.name, ...(row.name !== before && { before }) },
    }),
    async (tx, confirmed) => {
      const { organization } = await hold(tx, confirmed)
      before = organization.name
      const row = await renameOrganization(tx, organizationId, name ?? before)
      if (!row) throw notFound('Organization')
      return row
    },
  )
}

/**
 * Deletes the caller's organization with everything in it. Its keys are refused from now on; its trail stays.
 * @throws Refusal 403 unless an owner acts in person, 409 for a personal one.
 */
export async function remove(
  { database, invalidate }: OrganizationDependencies,
  caller: CallerInOrganization,
): Promise<void> {
  const { organizationId } = caller.organization
  let name = ''
  const ended = await inAudit<EndedKey[], CallerInOrganization>(
    database,
    caller.authority('administer'),
    (keys) => [
      { ...entryOf(caller, 'organization.delete', 204), metadata: { name, endedKeys: keys.length } },
      // Its own trail has told it; those of others are told of the keys that acted there too.
      ...endedKeyEntries(
        caller.actor,
        keys.map((key) => ({ ...key, organizationIds: key.organizationIds.filter((id) => id !== organizationId) })),
        { deletedWithOrganizationId: organizationId },
      ),
    ],
    async (tx, confirmed) => {
      const { organization, callerRole } = await hold(tx, confirmed)
      requireOwner(confirmed, callerRole)
      if (organization.personal) throw conflict('personal_organization', 'A personal organization cannot be deleted')
      name = organization.name
      return deleteOrganization(tx, organizationId)
    },
  )
  invalidate({ kind: 'organization', id: organizationId })
  for (const { id } of ended) invalidate({ kind: 'key', id })
}

const entryOf = (
  { actor, organization: { organizationId } }: CallerInOrganization,
  action: string,
  status: number,
) => ({
  ...actor,
  organizationId,
  action,
  targetType: 'organization',
  targetId: organizationId,
  statusCode: status,
})

/**
 * Rolls back a membership that exceeds the limit. The transaction holds the user's row.
 * @throws Refusal 409
 */
export async function refuseTooManyOrganizations(
  tx: AuditedTx,
  userId: UserId,
  { organizationsPerUser }: CreationLimits,
): Promise<void> {
  if ((await countMemberships(tx, userId)) <= organizationsPerUser) return
  throw limitReached(`${counted(organizationsPerUser, 'organization')} per user`, 'leave or delete one first')
}
