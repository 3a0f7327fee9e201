import { listSigningKeys, publishSigningKeys, replaceSigningKeys } from '@daytona-auth/db'
import type { Environment } from '@daytona-auth/service'
import { makeSigningKeys } from '@daytona-auth/signing-keys/create'
import { rotationPace } from '@daytona-auth/signing-keys/rotation-schedule'
import { keyWrapping } from '@daytona-auth/signing-keys/wrap'
import { withDatabase } from '../database.ts'
import { OPERATIONS } from '../operations.ts'
import type { Output } from '../output.ts'
import { loadKeyConfig } from './config.ts'
import { keyStates, lineOf } from './key-states.ts'
import { requireOurs } from './opened.ts'

/**
 * Begins a rotation: publishes a next key for each algorithm, unless one is under way. Running providers take the further
 * steps when they are due. `isAtOnce`, for keys that leaked, replaces every key by a new one instead.
 * @throws StartupError where `SIGNING_KEYS_SECRET` does not open the keys of now
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
    await requireOurs(before, wrapping)
    const isUnderWay = !isAtOnce && before.some(({ status }) => status === 'next')
    return {
      // Of several who begin at once one does; the others find it under way.
      rotated: !isUnderWay && (await begin()),
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
  if (!isRotated) return 'a rotation is under way, and goes on as it was begun:'
  return isAtOnce
    ? 'all keys were replaced; whatever the old ones have signed is refused:'
    : 'a rotation was begun; running providers take its steps by themselves:'
}
