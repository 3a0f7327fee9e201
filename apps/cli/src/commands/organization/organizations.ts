import type { Organization } from '@daytona-auth/sdk'
import { withApi } from '../../api.ts'
import type { CommandContext } from '../../command-context.ts'
import { openDashboard } from '../../dashboard.ts'
import { type Confirmation, requireConfirmation, requireConfirmationPossible } from '../../prompts.ts'
import { instantCell, type View } from '../../view.ts'
import type { WebOption } from '../../web-option.ts'

const VIEW: View<Organization> = {
  columns: [
    ['Name', ({ name }) => name],
    ['ID', ({ id }) => id, { isWhole: true }],
    ['Personal', ({ personal }) => personal],
    ['Suspended', ({ suspended, suspensionReason }) => (suspended ? (suspensionReason ?? 'yes') : 'no')],
    ['Created', ({ createdAt }) => instantCell(createdAt), { omit: 1 }],
  ],
  value: ({ id }) => id,
}

export async function listOrganizations(context: CommandContext, { web }: WebOption): Promise<void> {
  if (web) return openDashboard(context, () => '/')
  const organizations = await withApi(context, ({ organizations }) => organizations())
  await context.output.list(organizations, VIEW, 'You are in no organization.')
}

export async function createOrganization(context: CommandContext, name: string): Promise<void> {
  const organization = await withApi(context, ({ client }) => client.organizations.create({ name }))
  await context.output.item(organization, VIEW)
  context.output.note(`To select it: daytona organization use ${organization.id}`)
}

export async function deleteOrganization(context: CommandContext, which: string, options: Confirmation) {
  requireConfirmationPossible(context.terminal, options)
  const { id, name } = await withApi(context, ({ organizationNamed }) => organizationNamed(which))
  await requireConfirmation(
    context.terminal,
    `Delete "${name}" (${id}) and everything in it, all of its keys included?`,
    options,
  )
  await withApi(context, ({ client }) => client.organizations.delete(id))
  context.output.note(`The organization "${name}" is deleted.`)
}
