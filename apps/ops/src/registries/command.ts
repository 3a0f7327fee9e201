import type { Command } from '@commander-js/extra-typings'
import type { Host } from '../host.ts'
import { outputOf } from '../output.ts'

export function registriesCommand(program: Command, host: Host): void {
  const registries = program.command('registries').description('Manage the passwords of registries')

  registries
    .command('reencrypt')
    .description('Encrypt all passwords again under the first secret of RESOURCE_SECRETS_KEY=new,old; safe to repeat')
    .action(async (_options, command) => {
      const { reencryptRegistryPasswords } = await import('./reencrypt.ts')
      await reencryptRegistryPasswords(host.env, outputOf(host, command))
    })
}
