import { rewrapSigningKeys } from '@daytona-auth/db/signing-keys'
import { reencryptTotpSecrets } from '@daytona-auth/db/users'
import { type Environment, StartupError } from '@daytona-auth/service'
import { createTotpSecrets } from '@daytona-auth/signing-keys/totp-secrets'
import { keyWrapping } from '@daytona-auth/signing-keys/wrap'
import { withDatabase } from '../database.ts'
import { OPERATIONS } from '../operations.ts'
import type { Output } from '../output.ts'
import { loadKeyConfig } from './config.ts'
import { unopened } from './opened.ts'

/**
 * Encrypts every private key under the first secret, in one transaction, and then the secrets of authenticator apps.
 * @throws StartupError if no secret decrypts one of them: then no private key was changed if it is one of those
 */
export async function reencryptKeys(env: Environment, output: Output): Promise<void> {
  const config = loadKeyConfig(env)
  const wrapping = keyWrapping(config.SIGNING_KEYS_SECRET)
  const totpSecrets = createTotpSecrets(config.SIGNING_KEYS_SECRET)
  const { changes, authenticatorApps } = await withDatabase(config, output, async (database) => ({
    changes: await rewrapSigningKeys(
      database,
      async ({ kid, privateJwk }) => {
        const opened = await wrapping.open(privateJwk)
        if (!opened) throw unopened(kid)
        return opened.isCurrent ? undefined : wrapping.wrap(opened.jwk)
      },
      OPERATIONS,
    ),
    authenticatorApps: await reencryptTotpSecrets(
      database,
      async ({ userId, secret }) => {
        const opened = await totpSecrets.decrypt(userId, secret)
        if (!opened) throw unopenedApp(userId)
        return opened.isCurrent ? undefined : totpSecrets.encrypt(userId, opened.secret)
      },
      OPERATIONS,
    ),
  }))
  const kids = changes.map(({ kid }) => kid)
  const lines = [
    ...kids.map((kid) => `re-encrypted ${kid}`),
    ...(authenticatorApps > 0 ? [`re-encrypted the secrets of authenticator apps: ${authenticatorApps}`] : []),
  ]
  await output.answer(
    { reencrypted: kids, authenticatorApps },
    lines.length > 0 ? lines.join('\n') : 'nothing to do: everything is encrypted under the first secret',
  )
}

const unopenedApp = (userId: string) =>
  new StartupError(
    `the authenticator app of ${userId} cannot be opened: add the secret that it was encrypted under to SIGNING_KEYS_SECRET, as in new,old`,
  )
