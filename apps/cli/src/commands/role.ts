import type { Command } from '@commander-js/extra-typings'
import { createContext } from '../command-context.ts'
import { existingOption } from '../name-kinds.ts'
import { permissionsOption } from '../parse.ts'
import type { Terminal } from '../terminal.ts'
import { webOption } from '../web-option.ts'

/** Adds the `role` commands. */
export function roleCommands(program: Command, terminal: Terminal): void {
  const group = program.command('role').description('Manage roles of the organization.')

  group
    .command('list')
    .alias('ls')
    .description('List built-in roles and those of the organization.')
    .addOption(webOption())
    .action(async (options, command) => {
      const { listRoles } = await import('./organization/members.ts')
      await listRoles(createContext(terminal, command), options)
    })

  group
    .command('create')
    .description('Create a role.')
    .argument('<name>', 'name, unique among the roles of the organization')
    .requiredOption('--permissions <list>', 'permissions, such as write:sandboxes,read:snapshots', permissionsOption)
    .option('--description <text>', 'what the role is for')
    .action(async (name, options, command) => {
      const { createRole } = await import('./role/roles.ts')
      await createRole(createContext(terminal, command), name, options)
    })

  group
    .command('update')
    .description('Change a role. Its members get the new permissions at once.')
    .argument('<role>', 'id or name', existingOption('role'))
    .option('--name <name>', 'new name')
    .option('--permissions <list>', 'permissions, which replace those of the role', permissionsOption)
    .option('--description <text>', 'what the role is for')
    .action(async (role, options, command) => {
      const { updateRole } = await import('./role/roles.ts')
      await updateRole(createContext(terminal, command), role, options)
    })

  group
    .command('delete')
    .alias('rm')
    .description('Delete a role. Its members lose its permissions at once.')
    .argument('<role>', 'id or name', existingOption('role'))
    .option('-y, --yes', 'do not ask for confirmation')
    .action(async (role, options, command) => {
      const { deleteRole } = await import('./role/roles.ts')
      await deleteRole(createContext(terminal, command), role, options)
    })
}
