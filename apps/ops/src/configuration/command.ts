import type { Command } from '@commander-js/extra-typings'
import { Option } from '@commander-js/extra-typings'
import type { Host } from '../host.ts'
import { outputOf } from '../output.ts'
import { SERVERS, type Server } from './servers.ts'

export function configCommand(program: Command, host: Host): void {
  program
    .command('config')
    .description(
      'every variable of the servers: what holds and where it is from, secrets masked, and all that is wrong',
    )
    .addOption(
      new Option('-s, --server <name...>', 'only what this server reads; api and oidc unless it is given').choices(
        SERVERS,
      ),
    )
    .action(async ({ server = ['api', 'oidc'] }, command) => {
      const { showConfiguration } = await import('./show.ts')
      await showConfiguration(host, outputOf(host, command), server as Server[]) // one of the choices
    })
}
