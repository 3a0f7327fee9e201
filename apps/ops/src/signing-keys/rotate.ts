import { listSigningKeys, publishSigningKeys, replaceSigningKeys } from '@daytona-auth/db/signing-keys'
import type { Environment } from '@daytona-auth/service'
import { makeSigningKeys } from '@daytona-auth/signing-keys/create'
import { rotationPace } from '@daytona-auth/signing-keys/rotation-schedule'
import { keyWrapping } from '@daytona-auth/signing-keys/wrap'
import { withDatabase } from '../database.ts'
import { OPERATIONS } from '../operations.ts'
import type { Output } from '../output.ts'
import { loadKeyConfig } from './config.ts'
import { keyStates, lineOf } from './key-states.ts'
import { requireDecryptable } from './opened.ts'

/**
 * Starts a rotation: publishes a next key for each algorithm, unless one is in progress. Running providers take the further
 * steps when they are due. `isAtOnce`, for leaked keys, replaces every key instead.
 * @throws StartupError if `SIGNING_KEYS_SECRET` does not decrypt the current keys
 */
export async function rotateKeys(
  env: Environment,
  output: Output,
  { isAtOnce }: { readonly isAtOnce: boolean },
): Promise<void> {
  const config = loadKeyConfig(env)
  const wrapping = keyWrapping(config.SIGNING_KEYS_SECRET)
  const { rotated, keys } = await withDatabase(config, output, async (database) => {
    const before = await listSigningKeys(database)
    await requireDecryptable(before, wrapping)
    const isInProgress = !isAtOnce && before.some(({ status }) => status === 'next')
    return {
      // Of several concurrent commands one starts it; the others find it in progress.
      rotated: !isInProgress && (await begin()),
      keys: keyStates(await listSigningKeys(database), rotationPace(config)),
    }

    async function begin(): Promise<boolean> {
      const next = await makeSigningKeys(wrapping)
      if (!isAtOnce) return publishSigningKeys(database, next, OPERATIONS)
      await replaceSigningKeys(database, next, OPERATIONS)
      return true
    }
  })
  await output.answer({ rotated, keys }, [headline(rotated, isAtOnce), ...keys.map(lineOf)].join('\n'))
}

function headline(isRotated: boolean, isAtOnce: boolean): string {
  if (!isRotated) return 'a rotation is already in progress; nothing was changed:'
  return isAtOnce
    ? 'replaced all keys; tokens signed with the old keys are refused:'
    : 'started a rotation; running providers complete it:'
}
