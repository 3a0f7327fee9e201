import type { OrganizationRole, OrganizationUser } from '@daytona-auth/sdk'
import { ask } from '../../api.ts'
import type { Call } from '../../cli.ts'
import { Failure, UsageError } from '../../failure.ts'
import { instant, type View } from '../../view.ts'

const MEMBERS: View<OrganizationUser> = {
  columns: [
    ['Name', ({ name }) => name],
    ['E-mail', ({ email }) => email],
    ['Role', ({ role }) => role],
    ['Roles', ({ assignedRoles }) => assignedRoles.map(({ name }) => name)],
    ['User ID', ({ userId }) => userId],
    ['Since', ({ createdAt }) => instant(createdAt)],
  ],
  value: ({ userId }) => userId,
}

const ROLES: View<OrganizationRole> = {
  columns: [
    ['Name', ({ name }) => name],
    ['ID', ({ id }) => id],
    ['Built in', ({ isGlobal }) => isGlobal],
    ['Permissions', ({ permissions }) => permissions],
    ['Description', ({ description }) => description],
  ],
  value: ({ id }) => id,
}

export interface InviteOptions {
  readonly role: 'member' | 'owner'
  readonly roles?: string[] | undefined
}

export async function listMembers(call: Call): Promise<void> {
  const members = await ask(call, async ({ client, organizationId }) =>
    client.organizations.members.list(await organizationId()),
  )
  await call.output.list(members, MEMBERS, 'Nobody is in the organization.')
}

export async function listRoles(call: Call): Promise<void> {
  const roles = await ask(call, async ({ client, organizationId }) =>
    client.organizations.roles.list(await organizationId()),
  )
  await call.output.list(roles, ROLES, 'There are no roles.')
}

export async function invite(call: Call, email: string, { role, roles = [] }: InviteOptions): Promise<void> {
  if (!/^[^\s@]+@[^\s@]+$/.test(email)) throw new UsageError(`"${email}" is no e-mail address.`)
  if (role === 'owner' && roles.length > 0) {
    throw new UsageError('An owner may do everything: --roles is for members.')
  }
  const invitation = await ask(call, async ({ client, organizationId }) => {
    const id = await organizationId()
    const known = roles.length === 0 ? [] : await client.organizations.roles.list(id)
    return client.organizations.invitations.create(id, {
      email,
      role,
      assignedRoleIds: roles.map((wanted) => roleNamed(known, wanted)),
    })
  })
  await call.output.one(invitation, {
    columns: [
      ['Invited', ({ email }) => email],
      ['Role', ({ role }) => role],
      ['Roles', ({ assignedRoles }) => assignedRoles.map(({ name }) => name)],
      ['Until', ({ expiresAt }) => instant(expiresAt)],
      ['Mail', ({ delivery }) => delivery.status],
      ['ID', ({ id }) => id],
    ],
    value: ({ id }) => id,
  })
}

function roleNamed(roles: readonly OrganizationRole[], wanted: string): string {
  const found = roles.filter(({ id, name }) => id === wanted || name === wanted)
  const [role] = found
  if (role !== undefined && found.length === 1) return role.id
  throw new Failure(role === undefined ? `There is no role "${wanted}".` : `Several roles are called "${wanted}".`, {
    hint: 'See which there are: daytona organization roles',
  })
}
