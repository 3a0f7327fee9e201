import { type Command, Option } from '@commander-js/extra-typings'
import type { Host } from '../host.ts'
import { outputOf } from '../output.ts'

export function clientCommand(program: Command, host: Host): void {
  const client = program
    .command('client')
    .description("the operator's own OAuth clients, which belong to no organization")

  client
    .command('create')
    .description('make a client; a web one gets a secret, shown this once, and may introspect every credential')
    .requiredOption('--name <name>', 'shown to people who are asked for their consent')
    .addOption(
      new Option('--type <type>', 'web has a secret; spa and native cannot keep one')
        .choices(['web', 'spa', 'native'] as const)
        .makeOptionMandatory(),
    )
    .requiredOption('--redirect-uri <uri...>', 'https, or http on loopback, where a native app may use any port')
    .option('--post-logout-redirect-uri <uri...>', 'where people may go after they have signed out')
    .requiredOption('--scope <scope...>', 'the most that it may ask for')
    .option('--homepage-uri <uri>')
    .option('--logo-uri <uri>')
    .option('--first-party', 'it may do all that its users may, everywhere; a web or spa one asks for no consent')
    .action(async (options, command) => {
      const { createClient } = await import('./create.ts')
      await createClient(host.env, outputOf(host, command), options)
    })

  client
    .command('list')
    .description("every client of the operator's, the dashboard and the CLI among them")
    .action(async (_options, command) => {
      const { listClients } = await import('./list.ts')
      await listClients(host.env, outputOf(host, command))
    })

  client
    .command('delete')
    .argument('<client-id>')
    .description('delete a client; its tokens, and the API keys made with them, are refused from then on')
    .action(async (clientId, _options, command) => {
      const { deleteClient } = await import('./delete.ts')
      await deleteClient(host.env, outputOf(host, command), clientId)
    })
}
