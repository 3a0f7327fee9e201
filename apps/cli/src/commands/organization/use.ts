import type { Organization } from '@daytona-auth/sdk'
import { withApi } from '../../api.ts'
import type { CommandContext } from '../../command-context.ts'
import { updateConfig, withProfile } from '../../config-file.ts'
import { UsageError } from '../../failure.ts'
import { selectChoice } from '../../prompts.ts'
import { noServerFailure, resolveTarget } from '../../settings.ts'
import { getVariable, isInteractive } from '../../terminal.ts'

export async function useOrganization(context: CommandContext, which: string | undefined): Promise<void> {
  const { terminal, output, selection } = context
  if (which === undefined && !isInteractive(terminal)) {
    throw new UsageError('Specify an organization: standard input is not a terminal.', {
      hint: 'List them: daytona organization list',
    })
  }
  const organization = await (which === undefined
    ? selectOrganization(context)
    : withApi(context, ({ organizationNamed }) => organizationNamed(which)))
  await updateConfig(terminal, (config) => {
    const place = resolveTarget(terminal, selection, config)
    if (place?.profile === undefined) throw noServerFailure('There is no profile to store it in.')
    return withProfile(config, place.profileName, { ...place.profile, organizationId: organization.id })
  })
  output.note(`Commands of this profile now use "${organization.name}" (${organization.id}).`)
  if (getVariable(terminal, 'DAYTONA_ORGANIZATION_ID') !== undefined) {
    output.warn('DAYTONA_ORGANIZATION_ID is set and takes precedence.')
  }
}

async function selectOrganization(context: CommandContext): Promise<Organization> {
  const organizations = await withApi(context, ({ organizations }) => organizations())
  const choices = organizations.map(({ id, name }) => ({ value: id, label: name, hint: id }))
  const id = await selectChoice(context.terminal, 'Which organization?', choices)
  const organization = organizations.find((one) => one.id === id)
  if (organization === undefined) throw new Error(`${id} was not among the choices`)
  return organization
}
