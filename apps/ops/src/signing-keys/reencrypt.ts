import { rewrapSigningKeys } from '@daytona-auth/db/signing-keys'
import type { Environment } from '@daytona-auth/service'
import { keyWrapping } from '@daytona-auth/signing-keys/wrap'
import { withDatabase } from '../database.ts'
import { OPERATIONS } from '../operations.ts'
import type { Output } from '../output.ts'
import { loadKeyConfig } from './config.ts'
import { unopened } from './opened.ts'

/**
 * Encrypts every private key under the first secret, in one transaction.
 * @throws StartupError, without a change, if no secret decrypts a key
 */
export async function reencryptKeys(env: Environment, output: Output): Promise<void> {
  const config = loadKeyConfig(env)
  const wrapping = keyWrapping(config.SIGNING_KEYS_SECRET)
  const changes = await withDatabase(config, output, (database) =>
    rewrapSigningKeys(
      database,
      async ({ kid, privateJwk }) => {
        const opened = await wrapping.open(privateJwk)
        if (!opened) throw unopened(kid)
        return opened.isCurrent ? undefined : wrapping.wrap(opened.jwk)
      },
      OPERATIONS,
    ),
  )
  const kids = changes.map(({ kid }) => kid)
  const lines = kids.map((kid) => `re-encrypted ${kid}`)
  await output.answer(
    { reencrypted: kids },
    lines.length > 0 ? lines.join('\n') : 'nothing to do: every key is encrypted under the first secret',
  )
}
