import type { CommandContext } from '../../command-context.ts'
import {
  getProfile,
  getSession,
  readConfig,
  type SessionCredential,
  updateConfig,
  withProfile,
} from '../../config-file.ts'
import { UsageError } from '../../failure.ts'
import { readText } from '../../prompts.ts'
import { parseServerUrl } from '../../server-url.ts'
import { resolveTarget, type Target } from '../../settings.ts'
import { getVariable, isInteractive, type Terminal } from '../../terminal.ts'
import { requireServerUrl } from '../../validate.ts'
import {
  endSession,
  endSessionOnError,
  type Identity,
  identifyByKey,
  identifyBySignIn,
  type LoginOptions,
} from './identity.ts'

export async function login(context: CommandContext, options: LoginOptions): Promise<void> {
  const { terminal, output, selection } = context
  const config = await readConfig(terminal)
  const place =
    resolveTarget(terminal, selection, config) ??
    resolveTarget(terminal, { ...selection, apiUrl: await promptForServer(terminal) }, config)
  if (place === undefined) throw noServerError()
  // Fails before the sign-in if its result cannot be stored.
  await updateConfig(terminal, () => undefined)
  const identity = await (options.apiKey ? identifyByKey(context, place) : identifyBySignIn(context, place, options))
  const { former, organizationId } = await storeIdentity(context, place, identity)
  if (former !== undefined) await endSession(former, output)
  output.note(`You are logged in to ${place.apiUrl} ${identity.is}.`)
  if (identity.organizationIds.length > 1 && organizationId === undefined) {
    output.note(
      `You have access to ${identity.organizationIds.length} organizations. Select one: daytona organization use`,
    )
  }
  if (getVariable(terminal, 'DAYTONA_API_KEY') !== undefined) {
    output.warn('DAYTONA_API_KEY is set and takes precedence over this login. Unset it to use the login.')
  }
}

const noServerError = () =>
  new UsageError('No server is given.', { hint: 'daytona login --api-url https://auth.example.com' })

/** Prompts for the URL of the server. @throws UsageError without a terminal */
async function promptForServer(terminal: Terminal): Promise<string> {
  if (!isInteractive(terminal)) throw noServerError()
  const text = await readText(terminal, 'Server, such as https://auth.example.com:', (typed) => {
    const parsed = parseServerUrl(typed)
    return 'fault' in parsed ? `This is not a server URL: ${parsed.fault}.` : undefined
  })
  return requireServerUrl(text, 'The server')
}

/**
 * Stores the credential and makes the profile the current one. A selected organization stays selected if it is within
 * access.
 */
async function storeIdentity(
  { terminal, output }: CommandContext,
  { profileName, apiUrl }: Target,
  identity: Identity,
) {
  const { credential } = identity
  let former: SessionCredential | undefined
  let organizationId: string | undefined
  const kept = updateConfig(terminal, (config) => {
    former = getSession(config, profileName)
    const { organizationId: chosen, credential: _former, ...rest } = getProfile(config, profileName) ?? { apiUrl }
    organizationId = identity.organizationIds.find((id) => id === chosen)
    const profile = { ...rest, apiUrl, credential, ...(organizationId !== undefined && { organizationId }) }
    return { ...withProfile(config, profileName, profile), current: profileName }
  })
  await (credential.kind === 'session' ? endSessionOnError(credential, output, kept) : kept)
  return { former, organizationId }
}
