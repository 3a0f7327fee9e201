import { ask } from '../../api.ts'
import type { Call } from '../../cli.ts'
import { listed, SHOWN } from './view.ts'

export async function listKeys(call: Call, { all }: { all?: true | undefined }): Promise<void> {
  const keys = await ask(call, ({ client }) => client.apiKeys.list(all ? { status: 'all' } : {}))
  await call.output.list(keys, listed(keys), 'There are no API keys.')
}

export async function getKey(call: Call, name: string): Promise<void> {
  await call.output.one(await ask(call, ({ client }) => client.apiKeys.get(name)), SHOWN)
}

export async function currentKey(call: Call): Promise<void> {
  await call.output.one(await ask(call, ({ client }) => client.apiKeys.current()), SHOWN)
}
