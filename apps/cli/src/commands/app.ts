import { type Command, Option, type OptionValues } from '@commander-js/extra-typings'
import { createContext } from '../command-context.ts'
import { expiresAt, expiresIn } from '../expiry-options.ts'
import { tagParser } from '../name-kinds.ts'
import { idOption, listOption, scopesOption } from '../parse.ts'
import type { Terminal } from '../terminal.ts'
import { webOption } from '../web-option.ts'
import { secondsOption } from './app/lifetimes.ts'

/** Adds the `app` commands, which need `admin:organization`. */
export function appCommands(program: Command, terminal: Terminal): void {
  const group = program.command('app').description('Manage OAuth apps of the organization.')

  const create = group
    .command('create')
    .description('Register an app. The secret of a web app is printed once.')
    .argument('<name>', 'name shown on the consent page')
    .addOption(
      new Option('--type <type>', 'web: a server, with a secret; spa: a browser; native: a device')
        .choices(['web', 'spa', 'native'] as const)
        .makeOptionMandatory(),
    )
    .requiredOption('--redirect-uri <list>', 'redirect URIs: https, or http on loopback', listOption)
    .option('--scopes <list>', 'scopes that the app can request (default: openid,profile,email)', scopesOption)
  addAppOptions(create).action(async (name, options, command) => {
    const { createApp } = await import('./app/create.ts')
    await createApp(createContext(terminal, command), name, options)
  })

  group
    .command('list')
    .alias('ls')
    .description('List apps.')
    .addOption(webOption())
    .action(async (options, command) => {
      const { listApps } = await import('./app/apps.ts')
      await listApps(createContext(terminal, command), options)
    })

  group
    .command('get')
    .description('Show an app.')
    .argument('<client-id>', 'client id of the app', clientIdOption)
    .addOption(webOption())
    .action(async (clientId, options, command) => {
      const { getApp } = await import('./app/update.ts')
      await getApp(createContext(terminal, command), clientId, options)
    })

  const update = group
    .command('update')
    .description('Change an app. What you do not name stays.')
    .argument('<client-id>', 'client id of the app', clientIdOption)
    .option('--name <name>', 'name shown on the consent page')
    .option('--redirect-uri <list>', 'redirect URIs, which replace those of the app', listOption)
    .option('--scopes <list>', 'scopes that the app can request', scopesOption)
  addAppOptions(update)
    .option('--no-backchannel-logout-uri', 'send no logout tokens')
    .option('--no-refresh-token-ttl', 'use the default of the server')
    .option('--no-refresh-token-absolute-ttl', 'use the default of the server')
    .option('--no-max-age', 'accept sign-ins of any age')
    .option('--no-require-par', 'accept authorizations that were not pushed')
    .option('--no-require-signed-requests', 'accept authorizations that the app did not sign')
    .option('--no-request-signing-alg', 'accept authorizations signed with any algorithm that the keys can have')
    .option('--no-require-dpop', 'issue bearer tokens if the app sends no proof')
    .option('--use-secret', 'authenticate with a secret, and remove the keys')
    .action(async (clientId, options, command) => {
      const { updateApp } = await import('./app/update.ts')
      await updateApp(createContext(terminal, command), clientId, options)
    })

  group
    .command('users')
    .description('List the users who allowed an app.')
    .argument('<client-id>', 'client id of the app', clientIdOption)
    .action(async (clientId, _options, command) => {
      const { listAppUsers } = await import('./app/activity.ts')
      await listAppUsers(createContext(terminal, command), clientId)
    })

  group
    .command('denials')
    .description('List what was wrong with refused requests of an app in the last 30 days.')
    .argument('<client-id>', 'client id of the app', clientIdOption)
    .action(async (clientId, _options, command) => {
      const { listAppDenials } = await import('./app/activity.ts')
      await listAppDenials(createContext(terminal, command), clientId)
    })

  secretCommands(group, terminal)

  group
    .command('rotate-secret')
    .description(
      'Replace all secrets of a web app by a new one, which is printed once. The others stop working at once.',
    )
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

/** Adds the options that `create` and `update` share. */
const addAppOptions = <Arguments extends unknown[], Options extends OptionValues, Global extends OptionValues>(
  command: Command<Arguments, Options, Global>,
) =>
  command
    .option('--post-logout-redirect-uri <list>', 'redirect URIs after sign-out', listOption)
    .option('--homepage <url>', 'URL of the home page')
    .option('--logo <url>', 'URL of the logo')
    .option('--jwks <file>', 'authenticate with a signed assertion: file with the public keys (JWK Set)')
    .option('--jwks-uri <url>', 'authenticate with a signed assertion: where the app publishes its public keys')
    .option('--require-par', 'refuse authorizations that the app did not push first (RFC 9126)')
    .option('--require-signed-requests', 'refuse authorizations that the app did not sign with its keys (RFC 9101)')
    .addOption(
      new Option('--request-signing-alg <algorithm>', 'accept authorizations signed with this algorithm only').choices([
        'ES256',
        'ES384',
        'PS256',
        'EdDSA',
        'RS256',
      ] as const),
    )
    .option('--require-dpop', 'issue tokens only with a proof, which binds them to a key of the app (RFC 9449)')
    .option('--backchannel-logout-uri <url>', 'URL that receives a logout token when a session ends')
    .option('--refresh-token-ttl <duration>', 'how long an unused refresh token is valid, such as 30d', secondsOption)
    .option(
      '--refresh-token-absolute-ttl <duration>',
      'how long refresh tokens of one sign-in are renewed',
      secondsOption,
    )
    .option('--max-age <duration>', 'ask people to sign in again if their sign-in is older', secondsOption)

/** Adds the `secret` commands: an app may have two at once, so that it can change from one to the next. */
function secretCommands(apps: Command, terminal: Terminal): void {
  const group = apps.command('secret').description('Manage the secrets of a web app.')

  group
    .command('create')
    .description('Add a secret to a web app. It is printed once; the current one stays valid.')
    .argument('<client-id>', 'client id of the app', clientIdOption)
    .argument('<name>', 'name of the secret, such as where it is stored')
    .addOption(expiresAt())
    .addOption(expiresIn())
    .action(async (clientId, name, options, command) => {
      const { createSecret } = await import('./app/secrets.ts')
      await createSecret(createContext(terminal, command), clientId, name, options)
    })

  group
    .command('list')
    .alias('ls')
    .description('List the secrets of an app with their last use.')
    .argument('<client-id>', 'client id of the app', clientIdOption)
    .action(async (clientId, _options, command) => {
      const { listSecrets } = await import('./app/secrets.ts')
      await listSecrets(createContext(terminal, command), clientId)
    })

  group
    .command('delete')
    .alias('rm')
    .description('Delete a secret of an app. Another valid one must be left.')
    .argument('<client-id>', 'client id of the app', clientIdOption)
    .argument('<id>', 'id of the secret', idOption('sec_', 'a secret'))
    .option('-y, --yes', 'do not ask for confirmation')
    .action(async (clientId, id, options, command) => {
      const { deleteSecret } = await import('./app/secrets.ts')
      await deleteSecret(createContext(terminal, command), clientId, id, options)
    })
}

const clientIdOption = tagParser(idOption('app_', 'an app'), { kind: 'app' })
