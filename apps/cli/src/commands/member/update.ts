import { withApi } from '../../api.ts'
import type { CommandContext } from '../../command-context.ts'
import { UsageError } from '../../failure.ts'
import { findRole, MEMBER_VIEW } from '../organization/members.ts'
import { findMember } from './find-member.ts'

export interface UpdateOptions {
  readonly role?: 'member' | 'owner' | undefined
  readonly roles?: readonly string[] | undefined
}

/** Changes a member's access; what no option names stays. */
export async function updateMember(context: CommandContext, idOrEmail: string, { role, roles }: UpdateOptions) {
  if (role === undefined && roles === undefined) throw new UsageError('Specify --role or --roles.')
  if (role === 'owner' && roles !== undefined) {
    throw new UsageError('An owner has all permissions: --roles is for members.')
  }
  const updated = await withApi(context, async (api) => {
    const organization = await api.organizationId()
    const member = await findMember(api, idOrEmail)
    const known = roles === undefined ? [] : await api.client.organizations.roles.list(organization)
    const newRole = role ?? (roles === undefined ? member.role : 'member')
    return api.client.organizations.members.setAccess(organization, member.userId, {
      role: newRole,
      assignedRoleIds:
        newRole === 'owner'
          ? []
          : (roles?.map((wanted) => findRole(known, wanted)) ?? member.assignedRoles.map(({ id }) => id)),
    })
  })
  await context.output.item(updated, MEMBER_VIEW)
}
