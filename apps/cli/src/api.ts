import { type DaytonaAuth, DaytonaAuthError, type Organization } from '@daytona-auth/sdk'
import type { Call } from './cli.ts'
import { clientOf } from './client.ts'
import { Failure } from './failure.ts'
import { withProgress } from './progress.ts'
import { accessTokenOf } from './session.ts'
import { type Settings, settingsFor } from './settings.ts'

/** What a command asks the server with. */
export interface Api {
  readonly client: DaytonaAuth
  readonly settings: Settings
  /** Those that the credential has access to, asked for once. */
  readonly organizations: () => Promise<readonly Organization[]>
  /** The one of that id or name. */
  readonly organizationNamed: (idOrName: string) => Promise<Organization>
  /** The id of the one that was chosen, if one was. */
  readonly chosenId: string | undefined
  /** The id of the one that is meant: chosen, or the only one. */
  readonly organizationId: () => Promise<string>
}

const ORGANIZATION_ID = /^org_/

/** Asks the server that is meant, as whoever is logged in there; a person who waits is told so. */
export async function ask<T>({ terminal, selection }: Call, work: (api: Api) => Promise<T>): Promise<T> {
  const settings = await settingsFor(terminal, selection)
  const { apiUrl, credential, profileName, organization } = settings
  const secret =
    credential.kind === 'api-key'
      ? { apiKey: credential.key }
      : { accessToken: oneAtATime(() => accessTokenOf(terminal, profileName)) }
  let all: Promise<readonly Organization[]> | undefined
  const organizations = () => {
    all ??= clientOf({ apiUrl, ...secret }).organizations.list()
    return all
  }
  const organizationNamed = async (idOrName: string) => theOne(await organizations(), idOrName)
  const isName = organization !== undefined && !ORGANIZATION_ID.test(organization)

  const worked = async () => {
    const chosenId = isName ? (await organizationNamed(organization)).id : organization
    return work({
      client: clientOf({ apiUrl, ...secret, ...(chosenId !== undefined && { organizationId: chosenId }) }),
      settings,
      organizations,
      organizationNamed,
      chosenId,
      organizationId: async () => chosenId ?? theOnly(await organizations()),
    })
  }
  try {
    return await withProgress(terminal, `Waiting for ${apiUrl}`, worked())
  } catch (error) {
    throw error instanceof DaytonaAuthError && error.statusCode === 401 ? refused(settings, error) : error
  }
}

/** What to do about a credential depends on where it came from. */
function refused({ credential, profileName }: Settings, cause: DaytonaAuthError): Failure {
  const by = (whose: string, hint: string) =>
    new Failure(`${cause.error}: the server refuses ${whose}.`, { hint, cause })
  if (credential.kind === 'session') return by('your session', 'Log in again: daytona login')
  return credential.source === 'environment'
    ? by('DAYTONA_API_KEY', 'Set another key, or unset it and log in: daytona login')
    : by(`the key of the profile "${profileName}"`, 'Log in again: daytona login, or daytona login --api-key')
}

/** Requests that go out together share what one of them asked for. */
function oneAtATime<T>(work: () => Promise<T>): () => Promise<T> {
  let current: Promise<T> | undefined
  return () => {
    current ??= work().finally(() => {
      current = undefined
    })
    return current
  }
}

function theOne(organizations: readonly Organization[], idOrName: string): Organization {
  const found = organizations.filter(({ id, name }) => id === idOrName || name === idOrName)
  const [organization] = found
  if (organization !== undefined && found.length === 1) return organization
  throw new Failure(
    organization === undefined
      ? `You are in no organization "${idOrName}".`
      : `You are in ${found.length} organizations called "${idOrName}": say which by its id.`,
    { hint: 'See which there are: daytona organization list' },
  )
}

function theOnly(organizations: readonly Organization[]): string {
  const [organization] = organizations
  if (organization === undefined) throw new Failure('You are in no organization.')
  if (organizations.length > 1) throw severalOrganizations(organizations.length)
  return organization.id
}

export const severalOrganizations = (number?: number): Failure =>
  new Failure(`You have access to ${number ?? 'several'} organizations: say which one is meant.`, {
    hint: 'Choose one for all commands (daytona organization use), or for this one: --organization <id-or-name>',
  })
