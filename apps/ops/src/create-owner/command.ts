import type { Command } from '@commander-js/extra-typings'
import type { Host } from '../host.ts'
import { outputOf } from '../output.ts'

export function createOwnerCommand(program: Command, host: Host): void {
  program
    .command('create-owner')
    .description(
      'Create an account with a verified address and a personal organization; exits with 1 if the address has an account',
    )
    .requiredOption('--email <address>', 'The address that the owner signs in with')
    .requiredOption('--name <name>', 'The name that other users see')
    .option('--organization <name>', 'Also create a shared organization with this name')
    .option(
      '--password-file <path>',
      'A file with the password, - for standard input; default: generate one and show it only once',
    )
    .action(async (options, command) => {
      const { createOwnerAccount } = await import('./create-owner.ts')
      await createOwnerAccount(host, outputOf(host, command), options)
    })
}
