import { type Command, Option } from '@commander-js/extra-typings'
import { callOf } from '../cli.ts'
import { listOption } from '../parse.ts'
import type { Terminal } from '../terminal.ts'

/** Organizations, and who is in them. */
export function organizationCommands(program: Command, terminal: Terminal): void {
  const group = program.command('organization').alias('org').description('Organizations and their members.')

  group
    .command('list')
    .alias('ls')
    .description('List your organizations.')
    .action(async (_options, command) => {
      const { listOrganizations } = await import('./organization/organizations.ts')
      await listOrganizations(callOf(terminal, command))
    })

  group
    .command('use')
    .description('Choose the organization that the commands of this profile are about.')
    .argument('[organization]', 'its id or name; asked for unless given')
    .action(async (organization, _options, command) => {
      const { useOrganization } = await import('./organization/use.ts')
      await useOrganization(callOf(terminal, command), organization)
    })

  group
    .command('create')
    .description('Create an organization, with you as its owner.')
    .argument('<name>', 'what to call it')
    .action(async (name, _options, command) => {
      const { createOrganization } = await import('./organization/organizations.ts')
      await createOrganization(callOf(terminal, command), name)
    })

  group
    .command('delete')
    .alias('rm')
    .description('Delete an organization and all that is in it, keys included. For owners.')
    .argument('<organization>', 'its id or name')
    .option('-y, --yes', 'do not ask')
    .action(async (organization, options, command) => {
      const { deleteOrganization } = await import('./organization/organizations.ts')
      await deleteOrganization(callOf(terminal, command), organization, options)
    })

  group
    .command('members')
    .description('List who is in the organization.')
    .action(async (_options, command) => {
      const { listMembers } = await import('./organization/members.ts')
      await listMembers(callOf(terminal, command))
    })

  group
    .command('invite')
    .description('Invite somebody by e-mail.')
    .argument('<email>', 'the address; accepting needs it to be verified')
    .addOption(
      new Option('--role <role>', 'an owner may do everything')
        .choices(['member', 'owner'] as const)
        .default('member' as const),
    )
    .option('--roles <list>', 'ids or names of the roles of a member: daytona organization roles', listOption)
    .action(async (email, options, command) => {
      const { invite } = await import('./organization/members.ts')
      await invite(callOf(terminal, command), email, options)
    })

  group
    .command('roles')
    .description('List the roles that members can be given.')
    .action(async (_options, command) => {
      const { listRoles } = await import('./organization/members.ts')
      await listRoles(callOf(terminal, command))
    })
}
