import { type Command, Option } from '@commander-js/extra-typings'
import { createContext } from '../command-context.ts'
import { existingOption } from '../name-kinds.ts'
import { roleListOption } from '../parse.ts'
import type { Terminal } from '../terminal.ts'
import { webOption } from '../web-option.ts'

/** Adds the `member` commands. */
export function memberCommands(program: Command, terminal: Terminal): void {
  const group = program.command('member').description('Manage members of the organization.')

  group
    .command('list')
    .alias('ls')
    .description('List members.')
    .addOption(webOption())
    .action(async (options, command) => {
      const { listMembers } = await import('./organization/members.ts')
      await listMembers(createContext(terminal, command), options)
    })

  group
    .command('update')
    .description('Change the access of a member.')
    .argument('<member>', 'id or e-mail address', existingOption('member'))
    .addOption(new Option('--role <role>', 'an owner has all permissions').choices(['member', 'owner'] as const))
    .option('--roles <list>', 'ids or names of roles; they replace those of the member', roleListOption)
    .action(async (member, options, command) => {
      const { updateMember } = await import('./member/update.ts')
      await updateMember(createContext(terminal, command), member, options)
    })

  group
    .command('remove')
    .alias('rm')
    .description('Remove a member, and revoke the API keys of the member in the organization.')
    .argument('<member>', 'id or e-mail address', existingOption('member'))
    .option('--dry-run', 'list the API keys that would stop working, and remove nothing')
    .option('-y, --yes', 'do not ask for confirmation')
    .action(async (member, options, command) => {
      const { removeMember } = await import('./member/remove.ts')
      await removeMember(createContext(terminal, command), member, options)
    })
}
