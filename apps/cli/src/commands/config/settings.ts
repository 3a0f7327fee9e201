import type { Call } from '../../cli.ts'
import { profileOf, readConfig, updateConfig, withProfile } from '../../config-file.ts'
import { Failure, UsageError } from '../../failure.ts'
import { type Confirmation, confirmed } from '../../question.ts'
import { noServer, noSuchProfile, placeFor } from '../../settings.ts'
import { profileName, serverUrl } from '../../spelling.ts'
import { variable } from '../../terminal.ts'
import type { Setting } from './setting-names.ts'

const ORGANIZATION_ID = /^org_[0-9A-Za-z]+$/

export async function getSetting({ terminal, output, selection }: Call, setting: Setting): Promise<void> {
  const place = placeFor(terminal, selection, await readConfig(terminal))
  if (place === undefined) throw noServer('No server is known.')
  const organization =
    selection.organization ?? variable(terminal, 'DAYTONA_ORGANIZATION_ID') ?? place.profile?.organizationId
  const values = { profile: place.profileName, 'api-url': place.apiUrl, organization }
  const value = values[setting]
  if (value === undefined) {
    throw new Failure('No organization is chosen.', { hint: 'Choose one: daytona organization use' })
  }
  await output.one({ setting, value }, { columns: [[setting, () => value]], value: () => value })
}

export async function setSetting({ terminal, output, selection }: Call, setting: Setting, value: string) {
  await updateConfig(terminal, (config) => {
    if (setting === 'profile') {
      if (profileOf(config, profileName(value)) === undefined) throw noSuchProfile(value)
      return { ...config, current: value }
    }
    if (setting === 'api-url') {
      const apiUrl = serverUrl(value, `"${value}"`)
      const name = selection.profile ?? config.current ?? 'default'
      const profile = profileOf(config, name)
      if (profile?.credential !== undefined && profile.apiUrl !== apiUrl) {
        throw new Failure(
          `The profile "${name}" is logged in to ${profile.apiUrl}, and its credential is for nobody else.`,
          {
            hint: `Log out first (daytona logout), or use another profile: daytona login --api-url ${apiUrl}`,
          },
        )
      }
      // Another server has other organizations.
      return { ...withProfile(config, name, { apiUrl }), current: config.current ?? name }
    }
    if (!ORGANIZATION_ID.test(value)) {
      throw new UsageError(`"${value}" is no id of an organization.`, {
        hint: 'daytona organization use takes a name, too, and looks whether you are in it.',
      })
    }
    const place = placeFor(terminal, selection, config)
    if (place?.profile === undefined) throw noServer('There is no profile to keep it in.')
    return withProfile(config, place.profileName, { ...place.profile, organizationId: value })
  })
  output.note(`${setting} is ${value} now.`)
}

export async function unsetOrganization({ terminal, output, selection }: Call): Promise<void> {
  await updateConfig(terminal, (config) => {
    const place = placeFor(terminal, selection, config)
    if (place?.profile === undefined) throw noServer('There is no profile.')
    const { organizationId: _former, ...profile } = place.profile
    return withProfile(config, place.profileName, profile as typeof place.profile)
  })
  output.note('No organization is chosen now.')
}

export async function deleteProfile({ terminal, output }: Call, name: string, options: Confirmation) {
  const profile = profileOf(await readConfig(terminal), name)
  if (profile === undefined) throw noSuchProfile(name)
  await confirmed(terminal, `Forget the profile "${name}" of ${profile.apiUrl}?`, options)
  await updateConfig(terminal, (config) => {
    const kept = profileOf(config, name)
    if (kept?.credential?.kind === 'session') {
      throw new Failure(`The profile "${name}" is logged in.`, {
        hint: `End its session first: daytona logout --profile ${name}`,
      })
    }
    const { [name]: _forgotten, ...profiles } = config.profiles
    const { current, ...rest } = config
    return { ...rest, profiles, ...(current !== undefined && current !== name && { current }) }
  })
  output.note(`The profile "${name}" is forgotten.`)
}
