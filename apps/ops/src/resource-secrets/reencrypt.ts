import { registryPasswords } from '@daytona-auth/accounts/registry-passwords'
import { upstreamClientSecrets } from '@daytona-auth/accounts/upstream-client-secrets'
import { apiShape } from '@daytona-auth/configuration/api'
import type { Database } from '@daytona-auth/db/core'
import { resealIdentityProviders } from '@daytona-auth/db/organizations'
import { resealRegistries } from '@daytona-auth/db/resources'
import { type Environment, loadConfig, StartupError } from '@daytona-auth/service'
import { databaseShape } from '../config.ts'
import { withDatabase } from '../database.ts'
import { OPERATIONS } from '../operations.ts'
import type { Output } from '../output.ts'

/**
 * Encrypts every password of a registry and every client secret of an identity provider under the first secret, beside
 * servers that serve requests: each step locks a few rows. Prints how many it encrypted only when all are under the first one.
 * @throws StartupError that names the row that no secret decrypts; earlier steps stay, and it can be repeated
 */
export async function reencryptResourceSecrets(env: Environment, output: Output): Promise<void> {
  const config = loadConfig({ ...databaseShape, RESOURCE_SECRETS_KEY: apiShape.RESOURCE_SECRETS_KEY }, env)
  const { RESOURCE_SECRETS_KEY } = config
  if (RESOURCE_SECRETS_KEY === undefined) throw new StartupError('RESOURCE_SECRETS_KEY is required, as in new,old')
  const { registries, identityProviders } = await withDatabase(config, output, async (database) => ({
    registries: await reencryptRegistries(database, RESOURCE_SECRETS_KEY),
    identityProviders: await reencryptIdentityProviders(database, RESOURCE_SECRETS_KEY),
  }))
  const reencrypted = registries + identityProviders
  const none = 'nothing to do: every secret is encrypted under the first secret of RESOURCE_SECRETS_KEY'
  const done = `re-encrypted passwords of registries: ${registries}, client secrets of identity providers: ${identityProviders}`
  await output.answer({ reencrypted, registries, identityProviders }, reencrypted > 0 ? done : none)
}

function reencryptRegistries(database: Database, secrets: readonly [string, ...string[]]): Promise<number> {
  const passwords = registryPasswords(secrets)
  return resealRegistries(
    database,
    async ({ id, sealedPassword }) => {
      const opened = await passwords.open(sealedPassword, id)
      if (!opened) throw unopened(`the password of registry ${id}`)
      return opened.isCurrent ? undefined : passwords.seal(opened.password, id)
    },
    OPERATIONS,
  )
}

function reencryptIdentityProviders(database: Database, secrets: readonly [string, ...string[]]): Promise<number> {
  const clientSecrets = upstreamClientSecrets(secrets)
  return resealIdentityProviders(
    database,
    async ({ id, sealedClientSecret }) => {
      const opened = await clientSecrets.open(sealedClientSecret, id)
      if (!opened) throw unopened(`the client secret of the identity provider of organization ${id}`)
      return opened.isCurrent ? undefined : clientSecrets.seal(opened.secret, id)
    },
    OPERATIONS,
  )
}

const unopened = (what: string) =>
  new StartupError(
    `${what} cannot be opened: add the secret that it was encrypted under to RESOURCE_SECRETS_KEY, as in new,old`,
  )
