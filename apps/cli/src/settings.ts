import { faultOfKey } from '@daytona-auth/sdk'
import { type Config, type Profile, profileOf, readConfig } from './config-file.ts'
import { Failure, UsageError } from './failure.ts'
import { profileName, serverUrl } from './spelling.ts'
import { type Terminal, variable } from './terminal.ts'

/** What may be said on every command line, before the environment and the profile. */
export interface Selection {
  readonly profile?: string | undefined
  /** In the spelling of `parseServerUrl`. */
  readonly apiUrl?: string | undefined
  readonly organization?: string | undefined
}

/** Which server is meant, in which profile it is kept, and what is known of it. */
export interface Place {
  readonly apiUrl: string
  /** Where it is kept, or would be. */
  readonly profileName: string
  readonly profile: Profile | undefined
}

/** How to be known: by a key, or by the session that the profile keeps. */
export type Credential =
  | { readonly kind: 'api-key'; readonly key: string; readonly source: 'environment' | 'profile' }
  | { readonly kind: 'session' }

export interface Settings extends Place {
  readonly credential: Credential
  /** An id or a name. */
  readonly organization: string | undefined
}

/**
 * What to use for a request: the command line, then the environment, then the profile. A credential or an organization
 * of a profile is used at that profile's server only.
 * @throws Failure if no server is known, or if there is no credential for it.
 */
export async function settingsFor(terminal: Terminal, selection: Selection): Promise<Settings> {
  const place = placeFor(terminal, selection, await configFor(terminal, selection))
  if (place === undefined) throw noServer('No server is known yet.')
  const { profile } = place
  const key = variable(terminal, 'DAYTONA_API_KEY')
  const organization = selection.organization ?? variable(terminal, 'DAYTONA_ORGANIZATION_ID')
  if (key !== undefined) {
    const fault = faultOfKey(key)
    if (fault) throw new Failure(`DAYTONA_API_KEY is no API key: ${fault}.`, { hint: 'Copy it again, or unset it.' })
    return { ...place, credential: { kind: 'api-key', key, source: 'environment' }, organization }
  }
  const kept = profile?.credential
  if (kept === undefined) throw notLoggedIn(place)
  return {
    ...place,
    credential: kept.kind === 'api-key' ? { ...kept, source: 'profile' } : { kind: 'session' },
    organization: organization ?? profile?.organizationId,
  }
}

/**
 * The configuration, which is not needed where the environment names both the server and the key: a file that cannot be
 * read does not stop such a command.
 */
async function configFor(terminal: Terminal, { apiUrl, profile }: Selection): Promise<Config> {
  const isNamed = (profile ?? variable(terminal, 'DAYTONA_PROFILE')) !== undefined
  const hasServer = (apiUrl ?? variable(terminal, 'DAYTONA_API_URL')) !== undefined
  const isComplete = hasServer && variable(terminal, 'DAYTONA_API_KEY') !== undefined && !isNamed
  return isComplete ? NO_CONFIG : readConfig(terminal)
}

const NO_CONFIG: Config = Object.freeze({ version: 1, profiles: {} })

/** The server and profile that are meant; undefined if no server is known. */
export function placeFor(terminal: Terminal, selection: Selection, config: Config): Place | undefined {
  const named = selection.profile ?? variable(terminal, 'DAYTONA_PROFILE')
  const fromEnvironment = variable(terminal, 'DAYTONA_API_URL')
  const url =
    selection.apiUrl ?? (fromEnvironment === undefined ? undefined : serverUrl(fromEnvironment, 'DAYTONA_API_URL'))
  if (named !== undefined) {
    const profile = profileOf(config, profileName(named))
    if (url === undefined) {
      if (profile === undefined) throw noSuchProfile(named)
      return { apiUrl: profile.apiUrl, profileName: named, profile }
    }
    if (profile !== undefined && profile.apiUrl !== url) {
      throw new UsageError(`The profile "${named}" is for ${profile.apiUrl}, not for ${url}.`)
    }
    return { apiUrl: url, profileName: named, profile }
  }
  const current = config.current === undefined ? undefined : profileOf(config, config.current)
  if (url === undefined) {
    if (current === undefined || config.current === undefined) return undefined
    return { apiUrl: current.apiUrl, profileName: config.current, profile: current }
  }
  const names = [config.current, ...Object.keys(config.profiles)].filter((name) => name !== undefined)
  const known = names.find((name) => profileOf(config, name)?.apiUrl === url)
  if (known !== undefined) return { apiUrl: url, profileName: known, profile: profileOf(config, known) }
  return { apiUrl: url, profileName: newProfileName(config, url), profile: undefined }
}

export const noServer = (message: string): Failure =>
  new Failure(message, {
    hint: 'Log in to one (daytona login --api-url https://auth.example.com), or set DAYTONA_API_URL.',
  })

export const noSuchProfile = (name: string): Failure =>
  new Failure(`There is no profile "${name}".`, { hint: 'See which there are: daytona config list' })

export const notLoggedIn = ({ apiUrl }: Pick<Place, 'apiUrl'>): Failure =>
  new Failure(`You are not logged in to ${apiUrl}.`, {
    hint: `Log in (daytona login --api-url ${apiUrl}), or set DAYTONA_API_KEY.`,
  })

/** The first profile is the default one; others are called after their hosts. */
function newProfileName(config: Config, url: string): string {
  if (Object.keys(config.profiles).length === 0) return 'default'
  const host = new URL(url).host.replaceAll(/[^A-Za-z0-9.-]/g, '-').replace(/^[^A-Za-z0-9]+/, '') || 'server'
  const taken = (name: string) => profileOf(config, name) !== undefined
  if (!taken(host)) return host
  let number = 2
  while (taken(`${host}-${number}`)) number += 1
  return `${host}-${number}`
}
