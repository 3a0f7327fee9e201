import type { Command } from '@commander-js/extra-typings'
import { Option } from '@commander-js/extra-typings'
import type { Host } from '../host.ts'
import { outputOf } from '../output.ts'
import { SERVERS, type Server } from './servers.ts'

export function configCommand(program: Command, host: Host): void {
  program
    .command('config')
    .description('Print every variable of the servers with its value and origin, secrets masked, and all problems')
    .addOption(
      new Option('-s, --server <name...>', 'Only the variables of this server; default: api and oidc').choices(SERVERS),
    )
    .action(async ({ server = ['api', 'oidc'] }, command) => {
      const { showConfiguration } = await import('./show.ts')
      await showConfiguration(host, outputOf(host, command), server as Server[]) // one of the choices
    })
}
