import { type Command, Option } from '@commander-js/extra-typings'
import { createContext } from '../command-context.ts'
import { idOption, listOption, scopesOption } from '../parse.ts'
import type { Terminal } from '../terminal.ts'

/** Adds the `app` commands, which need `admin:organization`. */
export function appCommands(program: Command, terminal: Terminal): void {
  const group = program.command('app').description('Manage OAuth apps of the organization.')

  group
    .command('create')
    .description('Register an app. The secret of a web app is printed once.')
    .argument('<name>', 'name shown on the consent page')
    .addOption(
      new Option('--type <type>', 'web: a server, with a secret; spa: a browser; native: a device')
        .choices(['web', 'spa', 'native'] as const)
        .makeOptionMandatory(),
    )
    .requiredOption('--redirect-uri <list>', 'redirect URIs: https, or http on loopback', listOption)
    .option('--post-logout-redirect-uri <list>', 'redirect URIs after sign-out', listOption)
    .option('--scopes <list>', 'scopes that the app can request (default: openid,profile,email)', scopesOption)
    .option('--homepage <url>', 'URL of the home page')
    .option('--logo <url>', 'URL of the logo')
    .action(async (name, options, command) => {
      const { createApp } = await import('./app/create.ts')
      await createApp(createContext(terminal, command), name, options)
    })

  group
    .command('list')
    .alias('ls')
    .description('List apps.')
    .action(async (_options, command) => {
      const { listApps } = await import('./app/apps.ts')
      await listApps(createContext(terminal, command))
    })

  group
    .command('get')
    .description('Show an app.')
    .argument('<client-id>', 'client id of the app', clientIdOption)
    .action(async (clientId, _options, command) => {
      const { getApp } = await import('./app/update.ts')
      await getApp(createContext(terminal, command), clientId)
    })

  group
    .command('update')
    .description('Change an app. What you do not name stays.')
    .argument('<client-id>', 'client id of the app', clientIdOption)
    .option('--name <name>', 'name shown on the consent page')
    .option('--redirect-uri <list>', 'redirect URIs, which replace those of the app', listOption)
    .option('--post-logout-redirect-uri <list>', 'redirect URIs after sign-out', listOption)
    .option('--scopes <list>', 'scopes that the app can request', scopesOption)
    .option('--homepage <url>', 'URL of the home page')
    .option('--logo <url>', 'URL of the logo')
    .action(async (clientId, options, command) => {
      const { updateApp } = await import('./app/update.ts')
      await updateApp(createContext(terminal, command), clientId, options)
    })

  group
    .command('rotate-secret')
    .description('Replace the secret of a web app. The new one is printed once; the old one stops working at once.')
    .argument('<client-id>', 'client id of the app', clientIdOption)
    .option('-y, --yes', 'do not ask for confirmation')
    .action(async (clientId, options, command) => {
      const { rotateSecret } = await import('./app/apps.ts')
      await rotateSecret(createContext(terminal, command), clientId, options)
    })

  group
    .command('delete')
    .alias('rm')
    .description('Delete an app and revoke the grants of its users.')
    .argument('<client-id>', 'client id of the app', clientIdOption)
    .option('-y, --yes', 'do not ask for confirmation')
    .action(async (clientId, options, command) => {
      const { deleteApp } = await import('./app/apps.ts')
      await deleteApp(createContext(terminal, command), clientId, options)
    })
}

const clientIdOption = idOption('app_', 'an app')
