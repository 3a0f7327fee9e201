import { findKeyFault } from '@daytona-auth/sdk'
import { type Config, getProfile, type Profile, readConfig } from './config-file.ts'
import { Failure, UsageError } from './failure.ts'
import { getVariable, type Terminal } from './terminal.ts'
import { requireProfileName, requireServerUrl } from './validate.ts'

/** Global options that select a server. They take precedence over the environment and the profile. */
export interface Selection {
  readonly profile?: string | undefined
  /** As normalized by `parseServerUrl`. */
  readonly apiUrl?: string | undefined
  readonly organization?: string | undefined
}

/** The selected server and its profile. */
export interface Target {
  readonly apiUrl: string
  /** Name of the profile, also of one that is not stored yet. */
  readonly profileName: string
  readonly profile: Profile | undefined
}

/** The credential: an API key, or the profile's session. */
export type Credential =
  | { readonly kind: 'api-key'; readonly key: string; readonly source: 'environment' | 'profile' }
  | { readonly kind: 'session' }

export interface Settings extends Target {
  readonly credential: Credential
  /** An id or a name. */
  readonly organization: string | undefined
}

/**
 * Resolves server, credential and organization: command line, then environment, then profile. A profile's credential
 * and organization are used for that profile's server only.
 * @throws Failure if no server is configured, or if there is no credential for it.
 */
export async function resolveSettings(terminal: Terminal, selection: Selection): Promise<Settings> {
  const place = resolveTarget(terminal, selection, await readNeededConfig(terminal, selection))
  if (place === undefined) throw noServerFailure('No server is configured.')
  const { profile } = place
  const key = getVariable(terminal, 'DAYTONA_API_KEY')
  const organization = selection.organization ?? getVariable(terminal, 'DAYTONA_ORGANIZATION_ID')
  if (key !== undefined) {
    const fault = findKeyFault(key)
    if (fault)
      throw new Failure(`DAYTONA_API_KEY is not an API key: ${fault}.`, { hint: 'Copy it again, or unset it.' })
    return { ...place, credential: { kind: 'api-key', key, source: 'environment' }, organization }
  }
  const kept = profile?.credential
  if (kept === undefined) throw notLoggedInFailure(place)
  return {
    ...place,
    credential: kept.kind === 'api-key' ? { ...kept, source: 'profile' } : { kind: 'session' },
    organization: organization ?? profile?.organizationId,
  }
}

/**
 * Reads the configuration, unless the environment names both server and key: such a command runs without a readable
 * file.
 */
async function readNeededConfig(terminal: Terminal, { apiUrl, profile }: Selection): Promise<Config> {
  const isNamed = (profile ?? getVariable(terminal, 'DAYTONA_PROFILE')) !== undefined
  const hasServer = (apiUrl ?? getVariable(terminal, 'DAYTONA_API_URL')) !== undefined
  const isComplete = hasServer && getVariable(terminal, 'DAYTONA_API_KEY') !== undefined && !isNamed
  return isComplete ? NO_CONFIG : readConfig(terminal)
}

const NO_CONFIG: Config = Object.freeze({ version: 1, profiles: {} })

/** Resolves server and profile; undefined if no server is configured. */
export function resolveTarget(terminal: Terminal, selection: Selection, config: Config): Target | undefined {
  const named = selection.profile ?? getVariable(terminal, 'DAYTONA_PROFILE')
  const fromEnvironment = getVariable(terminal, 'DAYTONA_API_URL')
  const url =
    selection.apiUrl ??
    (fromEnvironment === undefined ? undefined : requireServerUrl(fromEnvironment, 'DAYTONA_API_URL'))
  if (named !== undefined) {
    const profile = getProfile(config, requireProfileName(named))
    if (url === undefined) {
      if (profile === undefined) throw unknownProfileFailure(named)
      return { apiUrl: profile.apiUrl, profileName: named, profile }
    }
    if (profile !== undefined && profile.apiUrl !== url) {
      throw new UsageError(`The profile "${named}" is for ${profile.apiUrl}, not for ${url}.`)
    }
    return { apiUrl: url, profileName: named, profile }
  }
  const current = config.current === undefined ? undefined : getProfile(config, config.current)
  if (url === undefined) {
    if (current === undefined || config.current === undefined) return undefined
    return { apiUrl: current.apiUrl, profileName: config.current, profile: current }
  }
  const names = [config.current, ...Object.keys(config.profiles)].filter((name) => name !== undefined)
  const known = names.find((name) => getProfile(config, name)?.apiUrl === url)
  if (known !== undefined) return { apiUrl: url, profileName: known, profile: getProfile(config, known) }
  return { apiUrl: url, profileName: newProfileName(config, url), profile: undefined }
}

export const noServerFailure = (message: string): Failure =>
  new Failure(message, {
    hint: 'Log in to one (daytona login --api-url https://auth.example.com), or set DAYTONA_API_URL.',
  })

export const unknownProfileFailure = (name: string): Failure =>
  new Failure(`There is no profile "${name}".`, { hint: 'List them: daytona config list' })

export const notLoggedInFailure = ({ apiUrl }: Pick<Target, 'apiUrl'>): Failure =>
  new Failure(`You are not logged in to ${apiUrl}.`, {
    hint: `Log in (daytona login --api-url ${apiUrl}), or set DAYTONA_API_KEY.`,
  })

/** Names a new profile: `default` for the first one, otherwise after the host. */
function newProfileName(config: Config, url: string): string {
  if (Object.keys(config.profiles).length === 0) return 'default'
  const host = new URL(url).host.replaceAll(/[^A-Za-z0-9.-]/g, '-').replace(/^[^A-Za-z0-9]+/, '') || 'server'
  const taken = (name: string) => getProfile(config, name) !== undefined
  if (!taken(host)) return host
  let number = 2
  while (taken(`${host}-${number}`)) number += 1
  return `${host}-${number}`
}
