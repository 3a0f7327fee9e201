import { type Api, withApi } from '../../api.ts'
import type { CommandContext } from '../../command-context.ts'
import { openDashboard, organizationPage } from '../../dashboard.ts'
import type { WebOption } from '../../web-option.ts'
import { readMemberNames } from '../member/member-names.ts'
import { createListView, haveSeveralOwners, SHOWN } from './view.ts'

export interface ListOptions extends WebOption {
  readonly all?: true | undefined
}

export async function listKeys(context: CommandContext, { all, web }: ListOptions): Promise<void> {
  if (web) return openDashboard(context, organizationPage('keys'))
  const { keys, nameOfUser } = await withApi(context, async (api) => {
    const keys = await api.client.apiKeys.list(all ? { status: 'all' } : {})
    return { keys, nameOfUser: haveSeveralOwners(keys) ? await readMemberNames(api) : (userId: string) => userId }
  })
  await context.output.list(keys, createListView(keys, nameOfUser), 'There are no API keys.')
}

export async function getKey(context: CommandContext, name: string, { web }: WebOption): Promise<void> {
  if (web) return openDashboard(context, (api) => keyPage(api, name))
  await context.output.item(await withApi(context, ({ client }) => client.apiKeys.get(name)), SHOWN)
}

async function keyPage({ client, organizationId }: Api, name: string): Promise<string> {
  const [{ id }, organization] = await Promise.all([client.apiKeys.get(name), organizationId()])
  return `/o/${organization}/keys/${id}`
}

export async function currentKey(context: CommandContext): Promise<void> {
  await context.output.item(await withApi(context, ({ client }) => client.apiKeys.current()), SHOWN)
}
