import type { ResourceScope, ResourceServer } from '@daytona-auth/sdk'
import { withApi } from '../../api.ts'
import type { CommandContext } from '../../command-context.ts'
import { openDashboard, organizationPage } from '../../dashboard.ts'
import { UsageError } from '../../failure.ts'
import { type Confirmation, requireConfirmation } from '../../prompts.ts'
import { type Column, instantCell, type View } from '../../view.ts'
import type { WebOption } from '../../web-option.ts'

interface ScopeOptions {
  readonly scope?: ResourceScope[] | undefined
}

export interface UpdateResourceServerOptions extends ScopeOptions {
  readonly name?: string | undefined
  readonly enable?: true | undefined
  readonly disable?: true | undefined
}

const COLUMNS: readonly Column<ResourceServer>[] = [
  ['Name', ({ name }) => name],
  ['ID', ({ id }) => id, { isWhole: true }],
  ['Identifier', ({ identifier }) => identifier],
  ['Scopes', ({ scopes }) => scopes.map(({ name }) => name), { omit: 1 }],
  ['Enabled', ({ enabled }) => enabled],
]
const LISTED: View<ResourceServer> = { columns: COLUMNS, value: ({ id }) => id }
const DETAIL_VIEW: View<ResourceServer> = {
  columns: [
    ...COLUMNS,
    ['Descriptions', ({ scopes }) => scopes.map(({ name, description }) => `${name}: ${description}`)],
    ['Created', ({ createdAt }) => instantCell(createdAt)],
  ],
  value: ({ id }) => id,
}

export async function createResourceServer(
  context: CommandContext,
  identifier: string,
  name: string,
  { scope: scopes = [] }: ScopeOptions,
): Promise<void> {
  const server = await withApi(context, ({ client }) => client.resourceServers.create({ identifier, name, scopes }))
  await context.output.item(server, DETAIL_VIEW)
}

export async function listResourceServers(context: CommandContext, { web }: WebOption): Promise<void> {
  if (web) return openDashboard(context, organizationPage('apis'))
  const servers = await withApi(context, ({ client }) => client.resourceServers.list())
  await context.output.list(servers, LISTED, 'There are no resource servers.')
}

export async function getResourceServer(context: CommandContext, id: string, { web }: WebOption): Promise<void> {
  if (web) return openDashboard(context, organizationPage(`apis/${id}`))
  await context.output.item(await withApi(context, ({ client }) => client.resourceServers.get(id)), DETAIL_VIEW)
}

/** Changes an API; what no option names stays. */
export async function updateResourceServer(
  context: CommandContext,
  id: string,
  { name, scope: scopes, enable, disable }: UpdateResourceServerOptions,
): Promise<void> {
  if (enable && disable) throw new UsageError('Specify either --enable or --disable.')
  const isEnabled = enable ?? (disable ? false : undefined)
  if (name === undefined && scopes === undefined && isEnabled === undefined) {
    throw new UsageError('Specify what to change.')
  }
  const server = await withApi(context, ({ client }) =>
    client.resourceServers.update(id, {
      ...(name !== undefined && { name }),
      ...(scopes !== undefined && { scopes }),
      ...(isEnabled !== undefined && { enabled: isEnabled }),
    }),
  )
  await context.output.item(server, DETAIL_VIEW)
}

export async function deleteResourceServer(context: CommandContext, id: string, options: Confirmation): Promise<void> {
  await requireConfirmation(context.terminal, `Delete ${id}? Its tokens end, and its identifier is free.`, options)
  await withApi(context, ({ client }) => client.resourceServers.delete(id))
  context.output.note(`The resource server ${id} is deleted.`)
}
