import { type Command, Option } from '@commander-js/extra-typings'
import { createContext } from '../command-context.ts'
import { listOption } from '../parse.ts'
import type { Terminal } from '../terminal.ts'

/** Adds the `identity-provider` commands. Changes need an owner who signed in a short time ago. */
export function identityProviderCommands(program: Command, terminal: Terminal): void {
  const group = program
    .command('identity-provider')
    .alias('idp')
    .description('Manage the OpenID provider with which the e-mail domains of the organization sign in.')

  group
    .command('get')
    .description('Show the identity provider.')
    .action(async (_options, command) => {
      const { getIdentityProvider } = await import('./single-sign-on/identity-provider.ts')
      await getIdentityProvider(createContext(terminal, command))
    })

  group
    .command('set')
    .description('Test an identity provider and use it. You are prompted for the client secret, or pass it on stdin.')
    .requiredOption('--name <name>', 'name shown on the sign-in page')
    .requiredOption('--issuer <url>', 'issuer of the OpenID provider')
    .requiredOption('--client-id <id>', 'client that you registered there')
    .option('--scopes <list>', 'scopes to request (default: openid,email,profile)', listOption)
    .option('--keep-secret', 'keep the client secret, for the same issuer and client')
    .action(async (options, command) => {
      const { setIdentityProvider } = await import('./single-sign-on/identity-provider.ts')
      await setIdentityProvider(createContext(terminal, command), options)
    })

  group
    .command('update')
    .description('Set whether the e-mail domains of the organization sign in only with the identity provider.')
    .addOption(
      new Option('--sign-in <rule>', 'required: in no other way; optional: in other ways, too')
        .choices(['optional', 'required'] as const)
        .makeOptionMandatory(),
    )
    .option('-y, --yes', 'do not ask for confirmation')
    .action(async (options, command) => {
      const { updateIdentityProvider } = await import('./single-sign-on/identity-provider.ts')
      await updateIdentityProvider(createContext(terminal, command), options)
    })

  group
    .command('delete')
    .alias('rm')
    .description('Remove the identity provider.')
    .option('-y, --yes', 'do not ask for confirmation')
    .action(async (options, command) => {
      const { deleteIdentityProvider } = await import('./single-sign-on/identity-provider.ts')
      await deleteIdentityProvider(createContext(terminal, command), options)
    })
}
