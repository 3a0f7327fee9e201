import { type Command, Option } from '@commander-js/extra-typings'
import { createContext } from '../command-context.ts'
import { groupRolesOption, listOption, roleListOption } from '../parse.ts'
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
    .command('provisioning')
    .description('Show whether a sign-in makes people members, and the roles of their groups.')
    .action(async (_options, command) => {
      const { getProvisioning } = await import('./single-sign-on/provisioning.ts')
      await getProvisioning(createContext(terminal, command))
    })

  group
    .command('provision')
    .description('Set whether a sign-in makes people members, and the roles of their groups.')
    .addOption(
      new Option('--new-members <who>', 'who becomes a member: those you invited, or everyone who signs in').choices([
        'invited',
        'everyone',
      ] as const),
    )
    .option('--new-member-roles <list>', 'ids or names of the roles of new members', roleListOption)
    .option('--groups-claim <name>', 'claim with the groups of a person')
    .option(
      '--group-roles <group=roles>',
      'a group and its roles; replaces the groups before; repeatable',
      groupRolesOption,
    )
    .option('--clear-groups', 'groups give no roles')
    .action(async (options, command) => {
      const { setProvisioning } = await import('./single-sign-on/provisioning.ts')
      await setProvisioning(createContext(terminal, command), options)
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
