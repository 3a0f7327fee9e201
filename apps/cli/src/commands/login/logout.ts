import type { CommandContext } from '../../command-context.ts'
import { getProfile, getSession, readConfig, updateConfig, withCredential } from '../../config-file.ts'
import { Failure } from '../../failure.ts'
import { withProgress } from '../../progress.ts'
import { revokeSession } from '../../session.ts'
import { noServerFailure, notLoggedInFailure, resolveTarget } from '../../settings.ts'
import { getVariable } from '../../terminal.ts'

/** Ends the session at the server first: without its tokens it could not be ended later. */
export async function logout({ terminal, output, selection }: CommandContext, { local }: { local?: true | undefined }) {
  const place = resolveTarget(terminal, selection, await readConfig(terminal))
  if (place === undefined) throw noServerFailure('You are not logged in to any server.')
  const { profileName, apiUrl } = place
  let wasKey = false
  // Under the lock, so that no process refreshes the session in between.
  await updateConfig(terminal, async (config) => {
    const credential = getProfile(config, profileName)?.credential
    if (credential === undefined) throw notLoggedInFailure(place)
    wasKey = credential.kind === 'api-key'
    const session = getSession(config, profileName)
    if (session !== undefined && !local) {
      await withProgress(terminal, `Ending the session at ${apiUrl}`, revokeSession(session)).catch((cause) => {
        throw new Failure(`The session could not be ended at the server: ${cause.message}. It is still stored here.`, {
          hint: 'Try again, or remove it here only: daytona logout --local',
          cause,
        })
      })
    }
    return withCredential(config, profileName, undefined)
  })
  output.note(
    wasKey
      ? `The key is removed here. It still works. To revoke it: daytona api-key delete`
      : `You are logged out of ${apiUrl}${local ? ' here; at the server the session stays valid until it expires' : ''}.`,
  )
  if (getVariable(terminal, 'DAYTONA_API_KEY') !== undefined) {
    output.warn('DAYTONA_API_KEY is still set, and every command uses it.')
  }
}
