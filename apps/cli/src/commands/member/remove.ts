import type { StoppedApiKey } from '@daytona-auth/sdk'
import { withApi } from '../../api.ts'
import type { CommandContext } from '../../command-context.ts'
import { type Confirmation, requireConfirmation, requireConfirmationPossible } from '../../prompts.ts'
import { instantCell, maskedKeyCell, type View } from '../../view.ts'
import { findMember } from './find-member.ts'

export interface RemoveOptions extends Confirmation {
  readonly dryRun?: true | undefined
}

const STOPPED: View<StoppedApiKey> = {
  columns: [
    ['Name', ({ name }) => name],
    ['Value', ({ value }) => maskedKeyCell(value)],
    ['Permissions', ({ permissions }) => permissions],
    ['Last used', ({ lastUsedAt }) => instantCell(lastUsedAt, 'never')],
  ],
  value: ({ name }) => name,
}

/** Removes a member. The confirmation states how many API keys stop working. */
export async function removeMember(context: CommandContext, idOrEmail: string, options: RemoveOptions): Promise<void> {
  if (!options.dryRun) requireConfirmationPossible(context.terminal, options)
  const { organization, member, keys } = await withApi(context, async (api) => {
    const organization = await api.organizationId()
    const member = await findMember(api, idOrEmail)
    const keys = await api.client.organizations.members.keysStoppedByRemoval(organization, member.userId)
    return { organization, member, keys }
  })
  if (options.dryRun) return context.output.list(keys, STOPPED, 'No API key would stop working.')
  const consequence =
    keys.length === 0 ? '' : ` ${keys.length} API ${keys.length === 1 ? 'key stops' : 'keys stop'} working.`
  await requireConfirmation(context.terminal, `Remove ${member.email} from the organization?${consequence}`, options)
  await withApi(context, ({ client }) => client.organizations.members.remove(organization, member.userId))
  context.output.note(`Removed ${member.email}.${consequence.replace('stops', 'stopped').replace('stop ', 'stopped ')}`)
}
