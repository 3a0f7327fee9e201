import { listSigningKeys } from '@daytona-auth/db/signing-keys'
import type { Environment } from '@daytona-auth/service'
import { rotationPace } from '@daytona-auth/signing-keys/rotation-schedule'
import { withDatabase } from '../database.ts'
import type { Output } from '../output.ts'
import { loadPaceConfig } from './config.ts'
import { keyStates, lineOf } from './key-states.ts'

/** Prints every signing key, oldest first. Does not decrypt private keys. */
export async function listKeys(env: Environment, output: Output): Promise<void> {
  const config = loadPaceConfig(env)
  const keys = await withDatabase(config, output, async (database) =>
    keyStates(await listSigningKeys(database), rotationPace(config)),
  )
  const none = 'there are no signing keys yet: start a provider, which creates them'
  await output.answer({ keys }, keys.length > 0 ? keys.map(lineOf).join('\n') : none)
}
