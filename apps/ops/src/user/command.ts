import { type Command, InvalidArgumentError, Option } from '@commander-js/extra-typings'
import type { Host } from '../host.ts'
import { outputOf } from '../output.ts'
import type { UserChange } from './changes.ts'

const USER = 'The id or the address of the account'
const MAX_LISTED = 1000

export function userCommand(program: Command, host: Host): void {
  const user = program.command('user').description('Manage the accounts of people')

  user
    .command('list')
    .description('List accounts, newest first')
    .option('--search <text>', 'Only accounts with this text in their name or address')
    .addOption(
      new Option('--status <status>', 'Only accounts of this status').choices(['active', 'disabled', 'deleted']),
    )
    .option('--limit <number>', `The number of accounts, at most ${MAX_LISTED}`, readLimit, 50)
    .option('--after <user>', 'Only accounts that are older than this one: the last of the previous list')
    .action(async (options, command) => {
      const { listAccounts } = await import('./list.ts')
      await listAccounts(host.env, outputOf(host, command), options)
    })

  user
    .command('show')
    .argument('<user>', USER)
    .description('Show an account: its organizations, sessions, grants and API keys')
    .action(async (user, _options, command) => {
      const { showAccount } = await import('./show.ts')
      await showAccount(host.env, outputOf(host, command), user)
    })

  for (const [name, change, description] of CHANGES) {
    user
      .command(name)
      .argument('<user>', USER)
      .option('--reason <text>', 'Recorded in the audit trail', readReason)
      .description(description)
      .action(async (user, options, command) => {
        const { changeAccount } = await import('./changes.ts')
        await changeAccount(host.env, outputOf(host, command), user, { change, ...options })
      })
  }

  user
    .command('delete')
    .argument('<user>', USER)
    .option('--reason <text>', 'Recorded in the audit trail', readReason)
    .option('--yes', 'Delete it. Without this the command only prints what it would delete')
    .description(
      'Delete an account with its personal data, its API keys and the organizations that only it is a member of',
    )
    .action(async (user, options, command) => {
      const { deleteUser } = await import('./delete.ts')
      await deleteUser(host.env, outputOf(host, command), user, options)
    })
}

const CHANGES = [
  [
    'disable',
    'user.disable',
    'Disable an account: it ends its sessions and grants, and denies its API keys until it is enabled',
  ],
  ['enable', 'user.enable', 'Enable a disabled account: its API keys are accepted again, and it must sign in again'],
  ['sign-out', 'user.sign_out', 'End every session and grant of an account: its apps must be authorized again'],
  [
    'reset-factors',
    'user.reset_factors',
    'Remove the second factors, passkeys and recovery codes of an account, and end its sessions and grants: it signs in with the password',
  ],
  ['verify-email', 'user.verify_email', 'Verify the address of an account without a mail'],
] as const satisfies readonly (readonly [string, UserChange, string])[]

function readLimit(text: string): number {
  const limit = Number(text)
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_LISTED) return limit
  throw new InvalidArgumentError(`must be a whole number from 1 to ${MAX_LISTED}`)
}

const MAX_REASON = 500

function readReason(text: string): string {
  if (text.length >= 1 && text.length <= MAX_REASON) return text
  throw new InvalidArgumentError(`must be 1 to ${MAX_REASON} characters`)
}
