import { withApi } from '../../api.ts'
import type { CommandContext } from '../../command-context.ts'
import { type Confirmation, requireConfirmation } from '../../prompts.ts'
import { SHOWN } from './view.ts'

/** Ends the values that rotations of a key left valid for a grace period. */
export async function endPreviousSecrets(context: CommandContext, name: string, options: Confirmation): Promise<void> {
  await requireConfirmation(
    context.terminal,
    `End the former values of "${name}"? Programs that still use one stop working.`,
    options,
  )
  await context.output.item(await withApi(context, ({ client }) => client.apiKeys.endPreviousSecrets(name)), SHOWN)
}
