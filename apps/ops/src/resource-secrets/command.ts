import type { Command } from '@commander-js/extra-typings'
import type { Host } from '../host.ts'
import { outputOf } from '../output.ts'

export function resourceSecretsCommand(program: Command, host: Host): void {
  const resourceSecrets = program
    .command('resource-secrets')
    .alias('registries') // its name while there were only passwords of registries
    .description('Manage the passwords of registries and the client secrets of identity providers')

  resourceSecrets
    .command('reencrypt')
    .description('Encrypt all of them again under the first secret of RESOURCE_SECRETS_KEY=new,old; safe to repeat')
    .action(async (_options, command) => {
      const { reencryptResourceSecrets } = await import('./reencrypt.ts')
      await reencryptResourceSecrets(host.env, outputOf(host, command))
    })
}
