import { withApi } from '../../api.ts'
import type { CommandContext } from '../../command-context.ts'

/** Prints the credential itself, also in JSON: that is the command's purpose. */
export async function printToken(context: CommandContext): Promise<void> {
  const token = await withApi(context, ({ credential }) => credential())
  await context.output.text(`${token}\n`)
}
