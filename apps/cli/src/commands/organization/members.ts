import type { OrganizationRole, OrganizationUser } from '@daytona-auth/sdk'
import { withApi } from '../../api.ts'
import type { CommandContext } from '../../command-context.ts'
import { openDashboard, organizationPage } from '../../dashboard.ts'
import { Failure, UsageError } from '../../failure.ts'
import { instantCell, type View } from '../../view.ts'
import type { WebOption } from '../../web-option.ts'

export const MEMBER_VIEW: View<OrganizationUser> = {
  columns: [
    ['Name', ({ name }) => name],
    ['E-mail', ({ email }) => email],
    ['Role', ({ role }) => role],
    ['Roles', ({ assignedRoles }) => assignedRoles.map(({ name }) => name)],
    ['User ID', ({ userId }) => userId, { omit: 2 }],
    ['Since', ({ createdAt }) => instantCell(createdAt), { omit: 1 }],
  ],
  value: ({ userId }) => userId,
}

export const ROLE_VIEW: View<OrganizationRole> = {
  columns: [
    ['Name', ({ name }) => name],
    ['ID', ({ id }) => id, { omit: 2 }],
    ['Built in', ({ isGlobal }) => isGlobal, { omit: 1 }],
    ['Permissions', ({ permissions }) => permissions],
    ['Description', ({ description }) => description],
  ],
  value: ({ id }) => id,
}

export interface InviteOptions {
  readonly role: 'member' | 'owner'
  readonly roles?: string[] | undefined
}

export async function listMembers(context: CommandContext, { web }: WebOption): Promise<void> {
  if (web) return openDashboard(context, organizationPage('members'))
  const members = await withApi(context, async ({ client, organizationId }) =>
    client.organizations.members.list(await organizationId()),
  )
  await context.output.list(members, MEMBER_VIEW, 'The organization has no members.')
}

export async function listRoles(context: CommandContext, { web }: WebOption): Promise<void> {
  if (web) return openDashboard(context, organizationPage('roles'))
  const roles = await withApi(context, async ({ client, organizationId }) =>
    client.organizations.roles.list(await organizationId()),
  )
  await context.output.list(roles, ROLE_VIEW, 'There are no roles.')
}

export async function invite(
  context: CommandContext,
  email: string,
  { role, roles = [] }: InviteOptions,
): Promise<void> {
  if (!/^[^\s@]+@[^\s@]+$/.test(email)) throw new UsageError(`"${email}" is not an e-mail address.`)
  if (role === 'owner' && roles.length > 0) {
    throw new UsageError('An owner has all permissions: --roles is for members.')
  }
  const invitation = await withApi(context, async ({ client, organizationId }) => {
    const id = await organizationId()
    const known = roles.length === 0 ? [] : await client.organizations.roles.list(id)
    return client.organizations.invitations.create(id, {
      email,
      role,
      assignedRoleIds: roles.map((wanted) => findRole(known, wanted)),
    })
  })
  await context.output.item(invitation, {
    columns: [
      ['Invited', ({ email }) => email],
      ['Role', ({ role }) => role],
      ['Roles', ({ assignedRoles }) => assignedRoles.map(({ name }) => name)],
      ['Until', ({ expiresAt }) => instantCell(expiresAt)],
      ['Mail', ({ delivery }) => delivery.status],
      ['ID', ({ id }) => id],
    ],
    value: ({ id }) => id,
  })
}

/** Finds the id of a role by id or name. */
export function findRole(roles: readonly OrganizationRole[], wanted: string): string {
  const found = roles.filter(({ id, name }) => id === wanted || name === wanted)
  const [role] = found
  if (role !== undefined && found.length === 1) return role.id
  throw new Failure(role === undefined ? `There is no role "${wanted}".` : `Several roles are called "${wanted}".`, {
    hint: 'List them: daytona role list',
  })
}
