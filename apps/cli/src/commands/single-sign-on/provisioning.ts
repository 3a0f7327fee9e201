import type { OrganizationRole, Provisioning } from '@daytona-auth/sdk'
import { withApi } from '../../api.ts'
import type { CommandContext } from '../../command-context.ts'
import { UsageError } from '../../failure.ts'
import type { GroupWithRoles } from '../../parse.ts'
import type { View } from '../../view.ts'
import { findRole } from '../organization/members.ts'

export interface SetProvisioningOptions {
  readonly newMembers?: 'invited' | 'everyone' | undefined
  readonly newMemberRoles?: readonly string[] | undefined
  readonly groupsClaim?: string | undefined
  readonly groupRoles?: readonly GroupWithRoles[] | undefined
  readonly clearGroups?: true | undefined
}

/** Shows names of roles; JSON has their ids. */
function viewOf(roles: readonly OrganizationRole[]): View<Provisioning> {
  const namesOf = (ids: readonly string[]) => ids.map((id) => roles.find((role) => role.id === id)?.name ?? id)
  return {
    columns: [
      ['New members', ({ newMemberRoleIds }) => (newMemberRoleIds === null ? 'invited' : 'everyone')],
      ['Their roles', ({ newMemberRoleIds }) => namesOf(newMemberRoleIds ?? [])],
      ['Groups claim', ({ groupsClaim }) => groupsClaim],
      [
        'Roles of groups',
        ({ groupRoles }) => groupRoles.map(({ group, roleIds }) => `${group}=${namesOf(roleIds).join(',')}`),
      ],
    ],
    value: ({ groupsClaim }) => groupsClaim ?? '',
  }
}

export async function getProvisioning(context: CommandContext): Promise<void> {
  const { provisioning, roles } = await withApi(context, async ({ client, organizationId }) => {
    const organization = await organizationId()
    const provisioning = await client.organizations.identityProvider.getProvisioning(organization)
    return { provisioning, roles: await client.organizations.roles.list(organization) }
  })
  await context.output.item(provisioning, viewOf(roles))
}

/** Changes what a sign-in gives; what no option names stays. */
export async function setProvisioning(context: CommandContext, options: SetProvisioningOptions): Promise<void> {
  const { newMembers, newMemberRoles, groupsClaim, groupRoles, clearGroups } = options
  if (Object.values(options).every((value) => value === undefined)) {
    throw new UsageError('Specify what to change, such as --new-members everyone.')
  }
  if (newMembers === 'invited' && newMemberRoles !== undefined) {
    throw new UsageError('Invitations name the roles: --new-member-roles is for --new-members everyone.')
  }
  if (clearGroups && (groupsClaim !== undefined || groupRoles !== undefined)) {
    throw new UsageError('--clear-groups removes the claim and the roles of groups.')
  }
  const { changed, roles } = await withApi(context, async ({ client, organizationId }) => {
    const organization = await organizationId()
    const { identityProvider } = client.organizations
    const before = await identityProvider.getProvisioning(organization)
    const roles = await client.organizations.roles.list(organization)
    const idsOf = (wanted: readonly string[]) => wanted.map((one) => findRole(roles, one))
    const entry = newMembers ?? (newMemberRoles === undefined ? undefined : 'everyone')
    const newMemberRoleIds = newMemberRoles ? idsOf(newMemberRoles) : (before.newMemberRoleIds ?? [])
    const given = groupRoles?.map(({ group, roles: names }) => ({ group, roleIds: idsOf(names) }))
    const changed = await identityProvider.setProvisioning(organization, {
      newMemberRoleIds: entry === undefined ? before.newMemberRoleIds : entry === 'invited' ? null : newMemberRoleIds,
      groupsClaim: clearGroups ? null : (groupsClaim ?? before.groupsClaim),
      groupRoles: clearGroups ? [] : (given ?? before.groupRoles),
    })
    return { changed, roles }
  })
  await context.output.item(changed, viewOf(roles))
}
