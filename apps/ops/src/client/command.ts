import { type Command, Option } from '@commander-js/extra-typings'
import type { Host } from '../host.ts'
import { outputOf } from '../output.ts'

export function clientCommand(program: Command, host: Host): void {
  const client = program
    .command('client')
    .description("Manage the operator's own OAuth clients, which belong to no organization")

  client
    .command('create')
    .description('Create a client; a web client gets a secret, shown only once, and may introspect every credential')
    .requiredOption('--name <name>', 'The name that users see on the consent page')
    .addOption(
      new Option('--type <type>', 'web has a secret; spa and native cannot keep one')
        .choices(['web', 'spa', 'native'] as const)
        .makeOptionMandatory(),
    )
    .requiredOption('--redirect-uri <uri...>', 'https, or http on loopback, where a native app may use any port')
    .option('--post-logout-redirect-uri <uri...>', 'Where users may be redirected after they sign out')
    .requiredOption('--scope <scope...>', 'The scopes that the client may request')
    .option('--homepage-uri <uri>')
    .option('--logo-uri <uri>')
    .option(
      '--first-party',
      'Acts with all permissions of its users, everywhere; users of a web or spa client are not asked for consent',
    )
    .action(async (options, command) => {
      const { createClient } = await import('./create.ts')
      await createClient(host.env, outputOf(host, command), options)
    })

  client
    .command('list')
    .description("List the operator's clients, including the dashboard and the CLI")
    .option('--registered', 'List the clients that registered themselves instead')
    .action(async ({ registered = false }, command) => {
      const { listClients } = await import('./list.ts')
      await listClients(host.env, outputOf(host, command), registered)
    })

  client
    .command('delete')
    .argument('<client-id>')
    .description(
      'Delete a client, also one that registered itself, and revoke its tokens and the API keys created with them',
    )
    .action(async (clientId, _options, command) => {
      const { deleteClient } = await import('./delete.ts')
      await deleteClient(host.env, outputOf(host, command), clientId)
    })
}
