import { withApi } from '../../api.ts'
import type { CommandContext } from '../../command-context.ts'
import { createListView, SHOWN } from './view.ts'

export async function listKeys(context: CommandContext, { all }: { all?: true | undefined }): Promise<void> {
  const keys = await withApi(context, ({ client }) => client.apiKeys.list(all ? { status: 'all' } : {}))
  await context.output.list(keys, createListView(keys), 'There are no API keys.')
}

export async function getKey(context: CommandContext, name: string): Promise<void> {
  await context.output.item(await withApi(context, ({ client }) => client.apiKeys.get(name)), SHOWN)
}

export async function currentKey(context: CommandContext): Promise<void> {
  await context.output.item(await withApi(context, ({ client }) => client.apiKeys.current()), SHOWN)
}
