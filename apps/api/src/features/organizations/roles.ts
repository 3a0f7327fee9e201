import {
  type AuditEntry,
  countRoles,
  deleteRole,
  findRole,
  inAudit,
  insertRole,
  listRoles,
  newId,
  type Page,
  type PageRequest,
  type Queryable,
  type RoleContent,
  type RoleId,
  type RoleRow,
  updateRole,
} from '@daytona-auth/db'
import { conflict, notFound } from '@daytona-auth/service'
import type { CallerInOrganization } from '../../http/caller.ts'
import { counted, limitReached } from '../../limits/creation-limits.ts'
import { hold, type OrganizationDependencies, refuseExcess } from './authority.ts'
import { requireInsider } from './members.ts'

/** A page of what may be assigned in the caller's organization: the built-in roles, then its own. */
export function list(
  { database }: OrganizationDependencies,
  caller: CallerInOrganization,
  page: PageRequest<string>,
): Promise<Page<RoleRow, string>> {
  requireInsider(caller)
  return listRoles(database, caller.organization.organizationId, page)
}

/**
 * Makes a role of the caller's organization.
 * @throws Refusal 403 for more than the caller holds, 409 for a taken name or as many roles as there may be.
 */
export function create(
  { database, limits }: OrganizationDependencies,
  caller: CallerInOrganization,
  content: RoleContent,
): Promise<RoleRow> {
  refuseExcess(caller, content.permissions)
  const id = newId('role')
  const wanted = withoutRepeats(content)
  const entry = { ...entryOf(caller, 'role.create', id, 201), metadata: { ...wanted } }
  return inAudit(database, caller.authority('administer'), entry, async (tx, confirmed) => {
    await hold(tx, confirmed)
    refuseExcess(confirmed, content.permissions)
    const row = await insertRole(tx, caller.organization.organizationId, id, wanted)
    if (!row) throw nameTaken()
    if ((await countRoles(tx, caller.organization.organizationId)) > limits.rolesPerOrganization) {
      throw limitReached(
        `${counted(limits.rolesPerOrganization, 'role')} per organization`,
        'delete one that is not needed any more',
      )
    }
    return row
  })
}

/**
 * Replaces a role of the caller's organization: for those who have it, in force from now on.
 * @throws Refusal 403 for more than the caller holds, 404 for none of that id, 409 for a built-in one or a taken name.
 */
export async function replace(
  { database, invalidate }: OrganizationDependencies,
  caller: CallerInOrganization,
  roleId: string,
  content: RoleContent,
): Promise<RoleRow> {
  const { organizationId } = caller.organization
  const wanted = withoutRepeats(content)
  refuseExcess(caller, content.permissions)
  const { row } = await inAudit<{ readonly row: RoleRow; readonly before: RoleRow }, CallerInOrganization>(
    database,
    caller.authority('administer'),
    (change) => ({
      ...entryOf(caller, 'role.update', change.row.id, 200),
      metadata: { before: contentOf(change.before), after: contentOf(change.row) },
    }),
    async (tx, confirmed) => {
      await hold(tx, confirmed)
      refuseExcess(confirmed, content.permissions)
      const before = await requireOwn(tx, caller, roleId)
      const changed = await updateRole(tx, organizationId, before.id, wanted)
      if (!changed) throw nameTaken()
      return { row: changed, before }
    },
  )
  invalidate({ kind: 'organization', id: organizationId })
  return row
}

/**
 * Deletes a role of the caller's organization. Who has it loses what it gave, from now on.
 * @throws Refusal 404 for none of that id, 409 for a built-in one.
 */
export async function remove(
  { database, invalidate }: OrganizationDependencies,
  caller: CallerInOrganization,
  roleId: string,
): Promise<void> {
  const { organizationId } = caller.organization
  await inAudit<RoleRow, CallerInOrganization>(
    database,
    caller.authority('administer'),
    (row) => ({ ...entryOf(caller, 'role.delete', row.id, 204), metadata: contentOf(row) }),
    async (tx, confirmed) => {
      await hold(tx, confirmed)
      const row = await requireOwn(tx, caller, roleId)
      await deleteRole(tx, organizationId, row.id)
      return row
    },
  )
  invalidate({ kind: 'organization', id: organizationId })
}

async function requireOwn(db: Queryable, caller: CallerInOrganization, roleId: string): Promise<RoleRow> {
  const row = await findRole(db, caller.organization.organizationId, roleId)
  if (!row) throw notFound('Role')
  if (row.organizationId === null) throw conflict('builtin_role', 'A built-in role cannot be changed or deleted')
  return row
}

const nameTaken = () => conflict('role_name_taken', 'A role of that name exists already: choose another name')

const withoutRepeats = (content: RoleContent): RoleContent => ({
  ...content,
  permissions: [...new Set(content.permissions)],
})

const contentOf = ({ name, description, permissions }: RoleContent) => ({ name, description, permissions })

const entryOf = (
  { actor, organization }: CallerInOrganization,
  action: string,
  targetId: RoleId,
  statusCode: number,
): AuditEntry => ({
  ...actor,
  organizationId: organization.organizationId,
  action,
  targetType: 'role',
  targetId,
  statusCode,
})
