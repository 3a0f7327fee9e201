import { withApi } from '../../api.ts'
import type { CommandContext } from '../../command-context.ts'
import { type Confirmation, requireConfirmation } from '../../prompts.ts'

export interface DeleteOptions extends Confirmation {
  readonly user?: string | undefined
}

export async function deleteKey(context: CommandContext, name: string, { user, yes }: DeleteOptions): Promise<void> {
  const whose = user === undefined ? '' : ` of ${user}`
  await requireConfirmation(context.terminal, `Delete the key "${name}"${whose}? Programs that use it stop working.`, {
    yes,
  })
  await withApi(context, ({ client }) =>
    user === undefined ? client.apiKeys.delete(name) : client.apiKeys.deleteForUser(user, name),
  )
  context.output.note(`The key "${name}"${whose} is deleted.`)
}
