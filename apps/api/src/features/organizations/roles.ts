import { countRoles } from '@daytona-auth/db/api-keys'
import { type AuditAction, type AuditEntry, type AuditMetadata, auditEntry, inAudit } from '@daytona-auth/db/audit'
import { newId, type Page, type PageRequest, type Queryable, type RoleId } from '@daytona-auth/db/core'
import {
  deleteRole,
  findRole,
  insertRole,
  listRoles,
  type RoleContent,
  type RoleRow,
  updateRole,
} from '@daytona-auth/db/organizations'
import { conflict, notFound } from '@daytona-auth/service'
import type { CallerInOrganization } from '../../http/caller.ts'
import { counted, limitReached } from '../../limits/creation-limits.ts'
import { denyEscalation, lockCallerOrganization, type OrganizationDependencies } from './authority.ts'
import { requireInsider } from './members.ts'

/** Reads a page of the roles of the caller's organization: built-in ones first, then its own. */
export function readRolePage(
  { database }: OrganizationDependencies,
  caller: CallerInOrganization,
  page: PageRequest<string>,
): Promise<Page<RoleRow, string>> {
  requireInsider(caller)
  return listRoles(database, caller.organization.organizationId, page)
}

/**
 * Creates a role of the caller's organization.
 * @throws Denial 403 for more than the caller holds, 409 for a taken name or at the limit on roles
 */
export function createRole(
  { database, limits }: OrganizationDependencies,
  caller: CallerInOrganization,
  content: RoleContent,
): Promise<RoleRow> {
  denyEscalation(caller, content.permissions)
  const id = newId('role')
  const normalized = withUniquePermissions(content)
  const entry = entryOf(caller, 'role.create', id, 201, normalized)
  return inAudit(database, caller.authority('administer'), entry, async (tx, confirmed) => {
    await lockCallerOrganization(tx, confirmed)
    denyEscalation(confirmed, content.permissions)
    const row = await insertRole(tx, caller.organization.organizationId, id, normalized)
    if (!row) throw nameTaken()
    if ((await countRoles(tx, caller.organization.organizationId)) > limits.rolesPerOrganization) {
      throw limitReached(
        `${counted(limits.rolesPerOrganization, 'role')} per organization`,
        'delete one that you do not need any more',
      )
    }
    return row
  })
}

/**
 * Replaces a role of the caller's organization, effective at once for its members.
 * @throws Denial 403 for more than the caller holds, 404, 409 for a built-in role or a taken name
 */
export async function replaceRole(
  { database, invalidate }: OrganizationDependencies,
  caller: CallerInOrganization,
  roleId: string,
  content: RoleContent,
): Promise<RoleRow> {
  const { organizationId } = caller.organization
  const normalized = withUniquePermissions(content)
  denyEscalation(caller, content.permissions)
  const { row } = await inAudit<{ readonly row: RoleRow; readonly before: RoleRow }, CallerInOrganization>(
    database,
    caller.authority('administer'),
    (change) =>
      entryOf(caller, 'role.update', change.row.id, 200, {
        before: contentOf(change.before),
        after: contentOf(change.row),
      }),
    async (tx, confirmed) => {
      await lockCallerOrganization(tx, confirmed)
      denyEscalation(confirmed, content.permissions)
      const before = await requireOwnRole(tx, caller, roleId)
      const changed = await updateRole(tx, organizationId, before.id, normalized)
      if (!changed) throw nameTaken()
      return { row: changed, before }
    },
  )
  invalidate({ kind: 'organization', id: organizationId })
  return row
}

/**
 * Deletes a role of the caller's organization. Its members lose its permissions at once.
 * @throws Denial 404, 409 for a built-in role
 */
export async function removeRole(
  { database, invalidate }: OrganizationDependencies,
  caller: CallerInOrganization,
  roleId: string,
): Promise<void> {
  const { organizationId } = caller.organization
  await inAudit<RoleRow, CallerInOrganization>(
    database,
    caller.authority('administer'),
    (row) => entryOf(caller, 'role.delete', row.id, 204, contentOf(row)),
    async (tx, confirmed) => {
      await lockCallerOrganization(tx, confirmed)
      const row = await requireOwnRole(tx, caller, roleId)
      await deleteRole(tx, organizationId, row.id)
      return row
    },
  )
  invalidate({ kind: 'organization', id: organizationId })
}

async function requireOwnRole(db: Queryable, caller: CallerInOrganization, roleId: string): Promise<RoleRow> {
  const row = await findRole(db, caller.organization.organizationId, roleId)
  if (!row) throw notFound('Role')
  if (row.organizationId === null) throw conflict('builtin_role', 'A built-in role cannot be changed or deleted')
  return row
}

const nameTaken = () => conflict('role_name_taken', 'A role of that name exists already: choose another name')

const withUniquePermissions = (content: RoleContent): RoleContent => ({
  ...content,
  permissions: [...new Set(content.permissions)],
})

const contentOf = ({ name, description, permissions }: RoleContent) => ({ name, description, permissions })

const entryOf = <Action extends AuditAction & `role.${string}`>(
  { actor, organization: { organizationId } }: CallerInOrganization,
  action: Action,
  targetId: RoleId,
  statusCode: number,
  metadata: AuditMetadata<Action>,
): AuditEntry => auditEntry(action, { ...actor, organizationId, targetId, statusCode, metadata })
