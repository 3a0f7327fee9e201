import type { OrganizationRole, RequestBody } from '@daytona-auth/sdk'
import { api } from './client.ts'
import { queryClient } from './query-client.ts'

/** Name, description and permissions of a role. */
export type RoleContent = RequestBody<'createOrganizationRole'>

/** Creates a role, or replaces the content of one. Its members have the new permissions at once. */
export async function saveRole(
  organizationId: string,
  roleId: string | undefined,
  content: RoleContent,
): Promise<OrganizationRole> {
  const saved = await (roleId === undefined
    ? api.organizations.roles.create(organizationId, content)
    : api.organizations.roles.update(organizationId, roleId, content))
  await invalidateRoles(organizationId)
  return saved
}

/** Deletes a role. Its members lose its permissions at once. */
export async function deleteRole(organizationId: string, roleId: string): Promise<void> {
  await api.organizations.roles.delete(organizationId, roleId)
  await invalidateRoles(organizationId)
}

/** Members and invitations contain their roles. */
const invalidateRoles = (organizationId: string): Promise<void> =>
  queryClient.invalidateQueries({ queryKey: ['organization', organizationId] })
