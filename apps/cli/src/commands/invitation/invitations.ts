import type { OrganizationInvitation } from '@daytona-auth/sdk'
import { type Api, withApi } from '../../api.ts'
import type { CommandContext } from '../../command-context.ts'
import { openDashboard, organizationPage } from '../../dashboard.ts'
import { Failure } from '../../failure.ts'
import { instantCell, type View } from '../../view.ts'
import type { WebOption } from '../../web-option.ts'

const VIEW: View<OrganizationInvitation> = {
  columns: [
    ['E-mail', ({ email }) => email],
    ['Organization', ({ organizationName }) => organizationName, { omit: 3 }],
    ['Role', ({ role }) => role],
    ['Roles', ({ assignedRoles }) => assignedRoles.map(({ name }) => name)],
    ['Status', ({ status }) => status, { omit: 2 }],
    ['Invited by', ({ invitedBy }) => invitedBy, { omit: 4 }],
    ['Expires', ({ expiresAt }) => instantCell(expiresAt), { omit: 1 }],
    ['ID', ({ id }) => id, { isWhole: true }],
  ],
  value: ({ id }) => id,
}

export interface ListOptions extends WebOption {
  readonly received?: true | undefined
}

export async function listInvitations(context: CommandContext, { received, web }: ListOptions): Promise<void> {
  if (web) return openDashboard(context, received ? () => '/' : organizationPage('members'))
  const invitations = await withApi(context, async ({ client, organizationId }) =>
    received ? client.invitations.list() : client.organizations.invitations.list(await organizationId()),
  )
  await context.output.list(invitations, VIEW, 'There are no invitations.')
}

const ACTIONS = {
  accept: async ({ client }: Api, id: string) => {
    const { organizationName, organizationId } = await client.invitations.accept(id)
    return `You are a member of "${organizationName}". To select it: daytona organization use ${organizationId}`
  },
  decline: async ({ client }: Api, id: string) => {
    await client.invitations.decline(id)
    return 'The invitation is declined.'
  },
  cancel: async ({ client, organizationId }: Api, id: string) => {
    await client.organizations.invitations.cancel(await organizationId(), id)
    return 'The invitation is cancelled.'
  },
  resend: async ({ client, organizationId }: Api, id: string) => {
    const organization = await organizationId()
    const invitation = (await client.organizations.invitations.list(organization)).find((one) => one.id === id)
    if (invitation === undefined) {
      throw new Failure(`There is no invitation ${id}.`, { hint: 'List them: daytona invitation list' })
    }
    const { role, assignedRoles } = invitation
    const { email, delivery } = await client.organizations.invitations.update(organization, id, {
      role,
      assignedRoleIds: assignedRoles.map((assigned) => assigned.id),
    })
    return `The invitation of ${email} is sent again (mail: ${delivery.status}).`
  },
} as const

export async function answerInvitation(context: CommandContext, action: keyof typeof ACTIONS, id: string) {
  context.output.note(await withApi(context, (api) => ACTIONS[action](api, id)))
}
