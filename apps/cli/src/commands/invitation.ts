import type { Command } from '@commander-js/extra-typings'
import { createContext } from '../command-context.ts'
import { type NameKind, tagParser } from '../name-kinds.ts'
import { idOption } from '../parse.ts'
import type { Terminal } from '../terminal.ts'
import { webOption } from '../web-option.ts'
import { addInviteCommand } from './organization/invite-command.ts'

/** Adds the `invitation` commands: those of the organization, and those that you received. */
export function invitationCommands(program: Command, terminal: Terminal): void {
  const group = program.command('invitation').description('Send, answer and cancel invitations.')

  group
    .command('list')
    .alias('ls')
    .description('List invitations of the organization, or those that you received.')
    .option('--received', 'those that you received')
    .addOption(webOption())
    .action(async (options, command) => {
      const { listInvitations } = await import('./invitation/invitations.ts')
      await listInvitations(createContext(terminal, command), options)
    })

  addInviteCommand(group, 'create', terminal)

  for (const [name, description, kind] of [
    ['accept', 'Accept an invitation that you received.', 'received-invitation'],
    ['decline', 'Decline an invitation that you received.', 'received-invitation'],
    ['cancel', 'Cancel an invitation of the organization.', 'invitation'],
    ['resend', 'Send an invitation of the organization again, with a new expiry.', 'invitation'],
  ] as const) {
    group
      .command(name)
      .description(description)
      .argument('<id>', 'id of the invitation', invitationIdOption(kind))
      .action(async (id, _options, command) => {
        const { answerInvitation } = await import('./invitation/invitations.ts')
        await answerInvitation(createContext(terminal, command), name, id)
      })
  }
}

const invitationIdOption = (kind: NameKind) => tagParser(idOption('inv_', 'an invitation'), { kind })
