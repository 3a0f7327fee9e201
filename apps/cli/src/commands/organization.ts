import type { Command } from '@commander-js/extra-typings'
import { createContext } from '../command-context.ts'
import { existingOption } from '../name-kinds.ts'
import type { Terminal } from '../terminal.ts'
import { webOption } from '../web-option.ts'
import { addInviteCommand } from './organization/invite-command.ts'

/** Adds the `organization` commands. */
export function organizationCommands(program: Command, terminal: Terminal): void {
  const group = program.command('organization').alias('org').description('Manage organizations and their members.')

  group
    .command('list')
    .alias('ls')
    .description('List your organizations.')
    .addOption(webOption())
    .action(async (options, command) => {
      const { listOrganizations } = await import('./organization/organizations.ts')
      await listOrganizations(createContext(terminal, command), options)
    })

  group
    .command('use')
    .description('Select the organization for the commands of this profile.')
    .argument('[organization]', 'id or name; you are prompted if it is missing', existingOption('organization'))
    .action(async (organization, _options, command) => {
      const { useOrganization } = await import('./organization/use.ts')
      await useOrganization(createContext(terminal, command), organization)
    })

  group
    .command('create')
    .description('Create an organization that you own.')
    .argument('<name>', 'name of the organization')
    .action(async (name, _options, command) => {
      const { createOrganization } = await import('./organization/organizations.ts')
      await createOrganization(createContext(terminal, command), name)
    })

  group
    .command('rename')
    .description('Rename the selected organization.')
    .argument('<name>', 'new name')
    .action(async (name, _options, command) => {
      const { renameOrganization } = await import('./organization/rename.ts')
      await renameOrganization(createContext(terminal, command), name)
    })

  group
    .command('require-second-factor')
    .description('Refuse members who signed in without a second factor. API keys are not affected.')
    .option('--off', 'no longer require it')
    .action(async (options, command) => {
      const { requireSecondFactor } = await import('./organization/rename.ts')
      await requireSecondFactor(createContext(terminal, command), !options.off)
    })

  group
    .command('leave')
    .description('Leave an organization. Your API keys in it stop working.')
    .argument('<organization>', 'id or name', existingOption('organization'))
    .option('-y, --yes', 'do not ask for confirmation')
    .action(async (organization, options, command) => {
      const { leaveOrganization } = await import('./organization/rename.ts')
      await leaveOrganization(createContext(terminal, command), organization, options)
    })

  group
    .command('delete')
    .alias('rm')
    .description('Delete an organization that you own, with everything in it, including keys.')
    .argument('<organization>', 'id or name', existingOption('organization'))
    .option('-y, --yes', 'do not ask for confirmation')
    .action(async (organization, options, command) => {
      const { deleteOrganization } = await import('./organization/organizations.ts')
      await deleteOrganization(createContext(terminal, command), organization, options)
    })

  group
    .command('members')
    .description('List members of the organization.')
    .addOption(webOption())
    .action(async (options, command) => {
      const { listMembers } = await import('./organization/members.ts')
      await listMembers(createContext(terminal, command), options)
    })

  group
    .command('quotas')
    .description('List what the organization may have, and what it has.')
    .addOption(webOption())
    .action(async (options, command) => {
      const { listQuotas } = await import('./organization/quotas.ts')
      await listQuotas(createContext(terminal, command), options)
    })

  addInviteCommand(group, 'invite', terminal)

  group
    .command('roles')
    .description('List roles of the organization.')
    .addOption(webOption())
    .action(async (options, command) => {
      const { listRoles } = await import('./organization/members.ts')
      await listRoles(createContext(terminal, command), options)
    })
}
