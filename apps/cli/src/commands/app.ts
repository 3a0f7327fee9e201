import { type Command, Option } from '@commander-js/extra-typings'
import { callOf } from '../cli.ts'
import { idOption, listOption, scopesOption } from '../parse.ts'
import type { Terminal } from '../terminal.ts'

/** OAuth apps of the organization, which need `admin:organization`. */
export function appCommands(program: Command, terminal: Terminal): void {
  const group = program.command('app').description('OAuth apps of the organization.')

  group
    .command('create')
    .description('Register an app. The secret of a web app is printed once, and never again.')
    .argument('<name>', 'what people see when they are asked for consent')
    .addOption(
      new Option('--type <type>', 'web: on a server, with a secret; spa: in a browser; native: on a device')
        .choices(['web', 'spa', 'native'] as const)
        .makeOptionMandatory(),
    )
    .requiredOption('--redirect-uri <list>', 'where people are sent back to: https, or http on loopback', listOption)
    .option('--post-logout-redirect-uri <list>', 'where people are sent after signing out', listOption)
    .option('--scopes <list>', 'what it may ask for; openid,profile,email unless given', scopesOption)
    .option('--homepage <url>', 'its page')
    .option('--logo <url>', 'its picture')
    .action(async (name, options, command) => {
      const { createApp } = await import('./app/create.ts')
      await createApp(callOf(terminal, command), name, options)
    })

  group
    .command('list')
    .alias('ls')
    .description('List the apps.')
    .action(async (_options, command) => {
      const { listApps } = await import('./app/apps.ts')
      await listApps(callOf(terminal, command))
    })

  group
    .command('rotate-secret')
    .description('Give a web app a new secret, printed once; the old one ends at once.')
    .argument('<client-id>', 'which app', clientIdOption)
    .option('-y, --yes', 'do not ask')
    .action(async (clientId, options, command) => {
      const { rotateSecret } = await import('./app/apps.ts')
      await rotateSecret(callOf(terminal, command), clientId, options)
    })

  group
    .command('delete')
    .alias('rm')
    .description('Delete an app. All that people granted to it ends.')
    .argument('<client-id>', 'which app', clientIdOption)
    .option('-y, --yes', 'do not ask')
    .action(async (clientId, options, command) => {
      const { deleteApp } = await import('./app/apps.ts')
      await deleteApp(callOf(terminal, command), clientId, options)
    })
}

const clientIdOption = idOption('app_', 'an app')
