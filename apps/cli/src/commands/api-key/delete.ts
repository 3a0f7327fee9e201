import { ask } from '../../api.ts'
import type { Call } from '../../cli.ts'
import { type Confirmation, confirmed } from '../../question.ts'

export interface DeleteOptions extends Confirmation {
  readonly user?: string | undefined
}

export async function deleteKey(call: Call, name: string, { user, yes }: DeleteOptions): Promise<void> {
  const whose = user === undefined ? '' : ` of ${user}`
  await confirmed(call.terminal, `Delete the key "${name}"${whose}? Whatever uses it stops working.`, { yes })
  await ask(call, ({ client }) =>
    user === undefined ? client.apiKeys.delete(name) : client.apiKeys.deleteForUser(user, name),
  )
  call.output.note(`The key "${name}"${whose} is deleted.`)
}
