import type { Command } from '@commander-js/extra-typings'
import { createContext } from '../command-context.ts'
import type { Terminal } from '../terminal.ts'

/** Adds the `auth` commands: the credential in use. */
export function authCommands(program: Command, terminal: Terminal): void {
  const group = program.command('auth').description('Inspect the credential in use.')

  group
    .command('status')
    .description('Show the credential in use: its source, user, permissions and expiry.')
    .action(async (_options, command) => {
      const { showStatus } = await import('./auth/status.ts')
      await showStatus(createContext(terminal, command))
    })

  group
    .command('token')
    .description('Print the credential in use, for other programs. An access token is refreshed first.')
    .action(async (_options, command) => {
      const { printToken } = await import('./auth/token.ts')
      await printToken(createContext(terminal, command))
    })
}
