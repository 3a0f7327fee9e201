import { type Command, Option } from '@commander-js/extra-typings'
import { createContext } from '../command-context.ts'
import { idOption, listOption } from '../parse.ts'
import type { Terminal } from '../terminal.ts'

/** Adds the `invitation` commands: those of the organization, and those that you received. */
export function invitationCommands(program: Command, terminal: Terminal): void {
  const group = program.command('invitation').description('Send, answer and cancel invitations.')

  group
    .command('list')
    .alias('ls')
    .description('List invitations of the organization, or those that you received.')
    .option('--received', 'those that you received')
    .action(async (options, command) => {
      const { listInvitations } = await import('./invitation/invitations.ts')
      await listInvitations(createContext(terminal, command), options)
    })

  group
    .command('create')
    .description('Invite a person by e-mail.')
    .argument('<email>', 'e-mail address, which the person must verify to accept')
    .addOption(
      new Option('--role <role>', 'an owner has all permissions')
        .choices(['member', 'owner'] as const)
        .default('member' as const),
    )
    .option('--roles <list>', 'ids or names of roles for a member (see daytona role list)', listOption)
    .action(async (email, options, command) => {
      const { invite } = await import('./organization/members.ts')
      await invite(createContext(terminal, command), email, options)
    })

  for (const [name, description] of [
    ['accept', 'Accept an invitation that you received.'],
    ['decline', 'Decline an invitation that you received.'],
    ['cancel', 'Cancel an invitation of the organization.'],
    ['resend', 'Send an invitation of the organization again, with a new expiry.'],
  ] as const) {
    group
      .command(name)
      .description(description)
      .argument('<id>', 'id of the invitation', invitationIdOption)
      .action(async (id, _options, command) => {
        const { answerInvitation } = await import('./invitation/invitations.ts')
        await answerInvitation(createContext(terminal, command), name, id)
      })
  }
}

const invitationIdOption = idOption('inv_', 'an invitation')
