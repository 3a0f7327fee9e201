import { type Command, Option } from '@commander-js/extra-typings'
import { createContext } from '../../command-context.ts'
import { roleListOption } from '../../parse.ts'
import type { Terminal } from '../../terminal.ts'

/** Adds a command that invites a person to the organization. */
export function addInviteCommand(group: Command, name: string, terminal: Terminal): void {
  group
    .command(name)
    .description('Invite a person by e-mail.')
    .argument('<email>', 'e-mail address, which the person must verify to accept')
    .addOption(
      new Option('--role <role>', 'an owner has all permissions')
        .choices(['member', 'owner'] as const)
        .default('member' as const),
    )
    .option('--roles <list>', 'ids or names of roles for a member (see daytona role list)', roleListOption)
    .action(async (email, options, command) => {
      const { invite } = await import('./members.ts')
      await invite(createContext(terminal, command), email, options)
    })
}
