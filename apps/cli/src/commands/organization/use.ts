import type { Organization } from '@daytona-auth/sdk'
import { ask } from '../../api.ts'
import type { Call } from '../../cli.ts'
import { updateConfig, withProfile } from '../../config-file.ts'
import { UsageError } from '../../failure.ts'
import { chosen } from '../../question.ts'
import { noServer, placeFor } from '../../settings.ts'
import { isInteractive, variable } from '../../terminal.ts'

export async function useOrganization(call: Call, which: string | undefined): Promise<void> {
  const { terminal, output, selection } = call
  if (which === undefined && !isInteractive(terminal)) {
    throw new UsageError('Say which organization: nobody is there to be asked.', {
      hint: 'See which there are: daytona organization list',
    })
  }
  const organization = await (which === undefined
    ? chosenByPerson(call)
    : ask(call, ({ organizationNamed }) => organizationNamed(which)))
  await updateConfig(terminal, (config) => {
    const place = placeFor(terminal, selection, config)
    if (place?.profile === undefined) throw noServer('There is no profile to keep it in.')
    return withProfile(config, place.profileName, { ...place.profile, organizationId: organization.id })
  })
  output.note(`The commands of this profile are about "${organization.name}" (${organization.id}) now.`)
  if (variable(terminal, 'DAYTONA_ORGANIZATION_ID') !== undefined) {
    output.warn('DAYTONA_ORGANIZATION_ID is set, and wins.')
  }
}

async function chosenByPerson(call: Call): Promise<Organization> {
  const organizations = await ask(call, ({ organizations }) => organizations())
  const choices = organizations.map(({ id, name }) => ({ value: id, label: name, hint: id }))
  const id = await chosen(call.terminal, 'Which organization?', choices)
  const organization = organizations.find((one) => one.id === id)
  if (organization === undefined) throw new Error(`${id} was not among the choices`)
  return organization
}
