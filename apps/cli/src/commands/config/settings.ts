import type { CommandContext } from '../../command-context.ts'
import { getProfile, readConfig, updateConfig, withProfile } from '../../config-file.ts'
import { Failure, UsageError } from '../../failure.ts'
import { type Confirmation, requireConfirmation } from '../../prompts.ts'
import { noServerFailure, resolveTarget, unknownProfileFailure } from '../../settings.ts'
import { getVariable } from '../../terminal.ts'
import { requireProfileName, requireServerUrl } from '../../validate.ts'
import type { Setting } from './setting-names.ts'

const ORGANIZATION_ID = /^org_[0-9A-Za-z]+$/

export async function getSetting({ terminal, output, selection }: CommandContext, setting: Setting): Promise<void> {
  const place = resolveTarget(terminal, selection, await readConfig(terminal))
  if (place === undefined) throw noServerFailure('No server is configured.')
  const organization =
    selection.organization ?? getVariable(terminal, 'DAYTONA_ORGANIZATION_ID') ?? place.profile?.organizationId
  const values = { profile: place.profileName, 'api-url': place.apiUrl, organization }
  const value = values[setting]
  if (value === undefined) {
    throw new Failure('No organization is selected.', { hint: 'Select one: daytona organization use' })
  }
  await output.item({ setting, value }, { columns: [[setting, () => value]], value: () => value })
}

export async function setSetting({ terminal, output, selection }: CommandContext, setting: Setting, value: string) {
  await updateConfig(terminal, (config) => {
    if (setting === 'profile') {
      if (getProfile(config, requireProfileName(value)) === undefined) throw unknownProfileFailure(value)
      return { ...config, current: value }
    }
    if (setting === 'api-url') {
      const apiUrl = requireServerUrl(value, `"${value}"`)
      const name = selection.profile ?? config.current ?? 'default'
      const profile = getProfile(config, name)
      if (profile?.credential !== undefined && profile.apiUrl !== apiUrl) {
        throw new Failure(
          `The profile "${name}" is logged in to ${profile.apiUrl}, and its credential is for that server only.`,
          {
            hint: `Log out first (daytona logout), or use another profile: daytona login --api-url ${apiUrl}`,
          },
        )
      }
      // Another server has other organizations.
      return { ...withProfile(config, name, { apiUrl }), current: config.current ?? name }
    }
    if (!ORGANIZATION_ID.test(value)) {
      throw new UsageError(`"${value}" is not an organization id.`, {
        hint: 'To select an organization by name: daytona organization use',
      })
    }
    const place = resolveTarget(terminal, selection, config)
    if (place?.profile === undefined) throw noServerFailure('There is no profile to store it in.')
    return withProfile(config, place.profileName, { ...place.profile, organizationId: value })
  })
  output.note(`Set ${setting} to ${value}.`)
}

export async function unsetOrganization({ terminal, output, selection }: CommandContext): Promise<void> {
  await updateConfig(terminal, (config) => {
    const place = resolveTarget(terminal, selection, config)
    if (place?.profile === undefined) throw noServerFailure('There is no profile.')
    const { organizationId: _former, ...profile } = place.profile
    return withProfile(config, place.profileName, profile as typeof place.profile)
  })
  output.note('No organization is selected.')
}

export async function deleteProfile({ terminal, output }: CommandContext, name: string, options: Confirmation) {
  const profile = getProfile(await readConfig(terminal), name)
  if (profile === undefined) throw unknownProfileFailure(name)
  await requireConfirmation(terminal, `Delete the profile "${name}" of ${profile.apiUrl}?`, options)
  await updateConfig(terminal, (config) => {
    const kept = getProfile(config, name)
    if (kept?.credential?.kind === 'session') {
      throw new Failure(`The profile "${name}" is logged in.`, {
        hint: `End its session first: daytona logout --profile ${name}`,
      })
    }
    const { [name]: _deleted, ...profiles } = config.profiles
    const { current, ...rest } = config
    return { ...rest, profiles, ...(current !== undefined && current !== name && { current }) }
  })
  output.note(`The profile "${name}" is deleted.`)
}
