import type { Call } from '../../cli.ts'
import {
  profileOf,
  readConfig,
  type SessionCredential,
  sessionIn,
  updateConfig,
  withProfile,
} from '../../config-file.ts'
import { UsageError } from '../../failure.ts'
import { type Place, placeFor } from '../../settings.ts'
import { variable } from '../../terminal.ts'
import { byKey, bySignIn, end, type Identity, type LoginOptions, orEnd } from './identity.ts'

export async function login(call: Call, options: LoginOptions): Promise<void> {
  const { terminal, output, selection } = call
  const place = placeFor(terminal, selection, await readConfig(terminal))
  if (place === undefined) {
    throw new UsageError('Which server?', { hint: 'daytona login --api-url https://auth.example.com' })
  }
  // Nobody is to sign in for something that cannot be kept.
  await updateConfig(terminal, () => undefined)
  const identity = await (options.apiKey ? byKey(call, place) : bySignIn(call, place, options))
  const { former, organizationId } = await keep(call, place, identity)
  if (former !== undefined) await end(former, output)
  output.note(`You are logged in to ${place.apiUrl} ${identity.is}.`)
  if (identity.organizationIds.length > 1 && organizationId === undefined) {
    output.note(`${identity.organizationIds.length} organizations are in reach. Choose one: daytona organization use`)
  }
  if (variable(terminal, 'DAYTONA_API_KEY') !== undefined) {
    output.warn('DAYTONA_API_KEY is set, and wins over what you have just logged in with: unset it to use this.')
  }
}

/**
 * Keeps it, and makes the profile the current one. An organization that was chosen before stays chosen if it is in
 * reach.
 */
async function keep({ terminal, output }: Call, { profileName, apiUrl }: Place, identity: Identity) {
  const { credential } = identity
  let former: SessionCredential | undefined
  let organizationId: string | undefined
  const kept = updateConfig(terminal, (config) => {
    former = sessionIn(config, profileName)
    const { organizationId: chosen, credential: _former, ...rest } = profileOf(config, profileName) ?? { apiUrl }
    organizationId = identity.organizationIds.find((id) => id === chosen)
    const profile = { ...rest, apiUrl, credential, ...(organizationId !== undefined && { organizationId }) }
    return { ...withProfile(config, profileName, profile), current: profileName }
  })
  await (credential.kind === 'session' ? orEnd(credential, output, kept) : kept)
  return { former, organizationId }
}
