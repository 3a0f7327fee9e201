import type { Call } from '../../cli.ts'
import { profileOf, readConfig, sessionIn, updateConfig, withCredential } from '../../config-file.ts'
import { Failure } from '../../failure.ts'
import { withProgress } from '../../progress.ts'
import { revoke } from '../../session.ts'
import { noServer, notLoggedIn, placeFor } from '../../settings.ts'
import { variable } from '../../terminal.ts'

/** Server first: what is forgotten here can be ended by nobody any more. */
export async function logout({ terminal, output, selection }: Call, { local }: { local?: true | undefined }) {
  const place = placeFor(terminal, selection, await readConfig(terminal))
  if (place === undefined) throw noServer('You are not logged in to any server.')
  const { profileName, apiUrl } = place
  let wasKey = false
  // Alone, so that nobody renews the session between its end at the server and its end here.
  await updateConfig(terminal, async (config) => {
    const credential = profileOf(config, profileName)?.credential
    if (credential === undefined) throw notLoggedIn(place)
    wasKey = credential.kind === 'api-key'
    const session = sessionIn(config, profileName)
    if (session !== undefined && !local) {
      await withProgress(terminal, `Ending the session at ${apiUrl}`, revoke(session)).catch((cause) => {
        throw new Failure(`The session could not be ended at the server: ${cause.message}. It is still kept here.`, {
          hint: 'Try again, or forget it here only, where it may be found in a backup: daytona logout --local',
          cause,
        })
      })
    }
    return withCredential(config, profileName, undefined)
  })
  output.note(
    wasKey
      ? `The key is forgotten here. It still works: to end it, daytona api-key delete.`
      : `You are logged out of ${apiUrl}${local ? ' here; at the server the session goes on until it expires' : ''}.`,
  )
  if (variable(terminal, 'DAYTONA_API_KEY') !== undefined) {
    output.warn('DAYTONA_API_KEY is still set, and is used by every command.')
  }
}
