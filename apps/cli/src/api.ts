import { type DaytonaAuth, DaytonaAuthError, type Organization } from '@daytona-auth/sdk'
import { createClient } from './client.ts'
import type { CommandContext } from './command-context.ts'
import { Failure } from './failure.ts'
import { withProgress } from './progress.ts'
import { withDescription } from './sentence.ts'
import { getAccessToken } from './session.ts'
import { resolveSettings, type Settings } from './settings.ts'

/** The selected server, with the organizations of the credential. */
export interface Api {
  readonly client: DaytonaAuth
  readonly settings: Settings
  /** Returns the API key, or a valid access token. */
  readonly credential: () => Promise<string>
  /** Organizations within the credential's access, requested once. */
  readonly organizations: () => Promise<readonly Organization[]>
  /** Finds an organization by id or name. */
  readonly organizationNamed: (idOrName: string) => Promise<Organization>
  /** Returns the id of an organization, given it or the name. An id costs no request. */
  readonly organizationIdOf: (idOrName: string) => Promise<string>
  /** Id of the selected organization, if one is selected. */
  readonly chosenId: string | undefined
  /** Returns the id of the selected organization, or of the only one within access. */
  readonly organizationId: () => Promise<string>
}

const ORGANIZATION_ID = /^org_/

/** Runs `work` with a client for the selected server and credential. Shows progress at a terminal. */
export async function withApi<T>({ terminal, selection }: CommandContext, work: (api: Api) => Promise<T>): Promise<T> {
  const settings = await resolveSettings(terminal, selection)
  const { apiUrl, credential, profileName } = settings
  const getCredential =
    credential.kind === 'api-key'
      ? async () => credential.key
      : shareConcurrent(() => getAccessToken(terminal, profileName))
  try {
    return await withProgress(terminal, `Waiting for ${apiUrl}`, createApi(settings, getCredential).then(work))
  } catch (error) {
    throw error instanceof DaytonaAuthError && error.statusCode === 401 ? credentialFailure(settings, error) : error
  }
}

/**
 * Creates the client of the selected server and organization.
 * @param deadline aborts all requests, which are then not repeated
 */
export async function createApi(
  settings: Settings,
  credential: () => Promise<string>,
  deadline?: AbortSignal,
): Promise<Api> {
  const { apiUrl, organization } = settings
  const secret = settings.credential.kind === 'api-key' ? { apiKey: await credential() } : { accessToken: credential }
  let all: Promise<readonly Organization[]> | undefined
  const organizations = () => {
    all ??= createClient({ apiUrl, ...secret }, deadline).organizations.list()
    return all
  }
  const organizationNamed = async (idOrName: string) => findOrganization(await organizations(), idOrName)
  const organizationIdOf = async (idOrName: string) =>
    ORGANIZATION_ID.test(idOrName) ? idOrName : (await organizationNamed(idOrName)).id
  const chosenId = organization === undefined ? undefined : await organizationIdOf(organization)
  const chosen = chosenId !== undefined && { organizationId: chosenId }
  return {
    client: createClient({ apiUrl, ...secret, ...chosen }, deadline),
    settings,
    credential,
    organizations,
    organizationNamed,
    organizationIdOf,
    chosenId,
    organizationId: async () => chosenId ?? requireSingleOrganization(await organizations()),
  }
}

/** Explains a 401 by the source of the credential. */
function credentialFailure({ credential, profileName }: Settings, cause: DaytonaAuthError): Failure {
  if (cause.requiredSignIn !== undefined) {
    return new Failure(withDescription(`${cause.error}.`, cause.description), {
      hint: 'Sign in again, then repeat the command: daytona login --step-up',
      cause,
    })
  }
  const by = (whose: string, hint: string) =>
    new Failure(withDescription(`${cause.error}: the server refuses ${whose}.`, cause.description), { hint, cause })
  if (credential.kind === 'session') return by('your session', 'Log in again: daytona login')
  return credential.source === 'environment'
    ? by('DAYTONA_API_KEY', 'Set another key, or unset it and log in: daytona login')
    : by(`the key of the profile "${profileName}"`, 'Log in again: daytona login, or daytona login --api-key')
}

/** Shares one run of `work` among concurrent callers. */
function shareConcurrent<T>(work: () => Promise<T>): () => Promise<T> {
  let current: Promise<T> | undefined
  return () => {
    current ??= work().finally(() => {
      current = undefined
    })
    return current
  }
}

function findOrganization(organizations: readonly Organization[], idOrName: string): Organization {
  const found = organizations.filter(({ id, name }) => id === idOrName || name === idOrName)
  const [organization] = found
  if (organization !== undefined && found.length === 1) return organization
  throw new Failure(
    organization === undefined
      ? `You are in no organization "${idOrName}".`
      : `You are in ${found.length} organizations called "${idOrName}": use its id.`,
    { hint: 'List them: daytona organization list' },
  )
}

function requireSingleOrganization(organizations: readonly Organization[]): string {
  const [organization] = organizations
  if (organization === undefined) throw new Failure('You are in no organization.')
  if (organizations.length > 1) throw ambiguousOrganizationFailure(organizations.length)
  return organization.id
}

export const ambiguousOrganizationFailure = (number?: number): Failure =>
  new Failure(`You have access to ${number ?? 'several'} organizations: select one.`, {
    hint: 'For all commands: daytona organization use. For this one: --organization <id-or-name>',
  })
