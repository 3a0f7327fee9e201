import { registryPasswords } from '@daytona-auth/accounts/registry-passwords'
import { apiShape } from '@daytona-auth/configuration/api'
import { resealRegistries } from '@daytona-auth/db/resources'
import { type Environment, loadConfig, StartupError } from '@daytona-auth/service'
import { databaseShape } from '../config.ts'
import { withDatabase } from '../database.ts'
import { OPERATIONS } from '../operations.ts'
import type { Output } from '../output.ts'

/**
 * Encrypts every password under the first secret, beside servers that serve requests: each step locks a few rows. Prints how
 * many there are under the first secret only when all are.
 * @throws StartupError that names the registry whose password no secret decrypts; earlier steps stay, and it can be repeated
 */
export async function reencryptRegistryPasswords(env: Environment, output: Output): Promise<void> {
  const config = loadConfig({ ...databaseShape, RESOURCE_SECRETS_KEY: apiShape.RESOURCE_SECRETS_KEY }, env)
  const { RESOURCE_SECRETS_KEY } = config
  if (RESOURCE_SECRETS_KEY === undefined) throw new StartupError('RESOURCE_SECRETS_KEY is required, as in new,old')
  const passwords = registryPasswords(RESOURCE_SECRETS_KEY)
  const count = await withDatabase(config, output, (database) =>
    resealRegistries(
      database,
      async ({ id, sealedPassword }) => {
        const opened = await passwords.open(sealedPassword, id)
        if (!opened) throw unopened(id)
        return opened.isCurrent ? undefined : passwords.seal(opened.password, id)
      },
      OPERATIONS,
    ),
  )
  const none = 'nothing to do: every password is encrypted under the first secret'
  await output.answer({ reencrypted: count }, count > 0 ? `re-encrypted passwords: ${count}` : none)
}

const unopened = (id: string) =>
  new StartupError(
    `the password of registry ${id} cannot be opened: add the secret that it was encrypted under to RESOURCE_SECRETS_KEY, as in new,old`,
  )
