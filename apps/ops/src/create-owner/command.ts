import type { Command } from '@commander-js/extra-typings'
import type { Host } from '../host.ts'
import { outputOf } from '../output.ts'

export function createOwnerCommand(program: Command, host: Host): void {
  program
    .command('create-owner')
    .description(
      'make an account with a personal organization, its address counted as verified; says no where there is one of that address',
    )
    .requiredOption('--email <address>', 'what its owner signs in with')
    .requiredOption('--name <name>', 'what others see')
    .option('--organization <name>', 'make a shared organization of that name, too')
    .option('--password-file <path>', '- for standard input; without it a password is made, and shown this once')
    .action(async (options, command) => {
      const { createOwnerAccount } = await import('./create-owner.ts')
      await createOwnerAccount(host, outputOf(host, command), options)
    })
}
