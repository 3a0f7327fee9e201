import type { OrganizationDomain } from '@daytona-auth/sdk'
import { type Api, withApi } from '../../api.ts'
import type { CommandContext } from '../../command-context.ts'
import { Failure } from '../../failure.ts'
import { type Confirmation, requireConfirmation } from '../../prompts.ts'
import { type Column, instantCell, type View } from '../../view.ts'

const COLUMNS: readonly Column<OrganizationDomain>[] = [
  ['Domain', ({ domain }) => domain],
  ['ID', ({ id }) => id, { isWhole: true, omit: 1 }],
  ['Status', ({ status }) => status],
  ['DNS record', ({ record }) => `${record.type} ${record.name}`],
  ['Value', ({ record }) => record.value, { isWhole: true }],
]
const LISTED: View<OrganizationDomain> = { columns: COLUMNS, value: ({ id }) => id }
const DETAIL_VIEW: View<OrganizationDomain> = {
  columns: [
    ...COLUMNS,
    ['Record found', ({ confirmedAt }) => instantCell(confirmedAt)],
    ['Created', ({ createdAt }) => instantCell(createdAt)],
  ],
  value: ({ id }) => id,
}

export async function addDomain(context: CommandContext, domain: string): Promise<void> {
  const made = await withApi(context, async ({ client, organizationId }) =>
    client.organizations.domains.create(await organizationId(), { domain }),
  )
  await context.output.item(made, DETAIL_VIEW)
  context.output.note(`Publish this DNS record, and keep it. Then run: daytona domain verify ${made.domain}`)
}

export async function listDomains(context: CommandContext): Promise<void> {
  const domains = await withApi(context, async ({ client, organizationId }) =>
    client.organizations.domains.list(await organizationId()),
  )
  await context.output.list(domains, LISTED, 'There are no domains.')
}

/** Verifies a domain, given as itself or its id. */
export async function verifyDomain(context: CommandContext, which: string): Promise<void> {
  const domain = await withApi(context, async (api) =>
    api.client.organizations.domains.verify(await api.organizationId(), await findId(api, which)),
  )
  await context.output.item(domain, DETAIL_VIEW)
}

export async function deleteDomain(context: CommandContext, which: string, options: Confirmation): Promise<void> {
  await requireConfirmation(
    context.terminal,
    `Delete ${which}? Its addresses no longer sign in with your identity provider.`,
    options,
  )
  await withApi(context, async (api) =>
    api.client.organizations.domains.delete(await api.organizationId(), await findId(api, which)),
  )
  context.output.note(`The domain ${which} is deleted.`)
}

async function findId({ client, organizationId }: Api, which: string): Promise<string> {
  if (which.startsWith('dom_')) return which
  const domains = await client.organizations.domains.list(await organizationId())
  const found = domains.find(({ domain }) => domain === which.toLowerCase())
  if (!found) throw new Failure(`There is no domain "${which}".`)
  return found.id
}
