import { withApi } from '../../api.ts'
import type { CommandContext } from '../../command-context.ts'
import { type Confirmation, requireConfirmation, requireConfirmationPossible } from '../../prompts.ts'

export async function renameOrganization(context: CommandContext, name: string): Promise<void> {
  const organization = await withApi(context, async ({ client, organizationId }) =>
    client.organizations.update(await organizationId(), { name }),
  )
  context.output.note(`The organization is now called "${organization.name}".`)
}

/** Sets whether the organization refuses people who signed in without a second factor. */
export async function requireSecondFactor(context: CommandContext, isRequired: boolean): Promise<void> {
  const { name } = await withApi(context, async ({ client, organizationId }) =>
    client.organizations.update(await organizationId(), { requireSecondFactor: isRequired }),
  )
  context.output.note(
    isRequired
      ? `Members of "${name}" need a second factor now. API keys are not affected.`
      : `Members of "${name}" no longer need a second factor.`,
  )
}

export async function leaveOrganization(context: CommandContext, which: string, options: Confirmation): Promise<void> {
  requireConfirmationPossible(context.terminal, options)
  const { id, name } = await withApi(context, ({ organizationNamed }) => organizationNamed(which))
  await requireConfirmation(context.terminal, `Leave "${name}" (${id})? Your API keys in it stop working.`, options)
  await withApi(context, ({ client }) => client.organizations.leave(id))
  context.output.note(`You left "${name}".`)
}
