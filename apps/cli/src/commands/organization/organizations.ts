import type { Organization } from '@daytona-auth/sdk'
import { ask } from '../../api.ts'
import type { Call } from '../../cli.ts'
import { type Confirmation, confirmed, requireConfirmable } from '../../question.ts'
import { instant, type View } from '../../view.ts'

const VIEW: View<Organization> = {
  columns: [
    ['Name', ({ name }) => name],
    ['ID', ({ id }) => id],
    ['Personal', ({ personal }) => personal],
    ['Suspended', ({ suspended, suspensionReason }) => (suspended ? (suspensionReason ?? 'yes') : 'no')],
    ['Created', ({ createdAt }) => instant(createdAt)],
  ],
  value: ({ id }) => id,
}

export async function listOrganizations(call: Call): Promise<void> {
  const organizations = await ask(call, ({ organizations }) => organizations())
  await call.output.list(organizations, VIEW, 'You are in no organization.')
}

export async function createOrganization(call: Call, name: string): Promise<void> {
  const organization = await ask(call, ({ client }) => client.organizations.create({ name }))
  await call.output.one(organization, VIEW)
  call.output.note(`To work in it: daytona organization use ${organization.id}`)
}

export async function deleteOrganization(call: Call, which: string, options: Confirmation) {
  requireConfirmable(call.terminal, options)
  const { id, name } = await ask(call, ({ organizationNamed }) => organizationNamed(which))
  await confirmed(call.terminal, `Delete "${name}" (${id}) and everything in it, all of its keys included?`, options)
  await ask(call, ({ client }) => client.organizations.delete(id))
  call.output.note(`The organization "${name}" is deleted.`)
}
