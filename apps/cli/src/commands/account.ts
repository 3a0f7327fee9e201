import type { Command } from '@commander-js/extra-typings'
import { createContext } from '../command-context.ts'
import { existingOption } from '../name-kinds.ts'
import type { Terminal } from '../terminal.ts'
import { webOption } from '../web-option.ts'

/** Adds `session` and `authorized-app`: where you are signed in. */
export function accountCommands(program: Command, terminal: Terminal): void {
  const sessions = program.command('session').description('Manage your browser sessions.')

  sessions
    .command('list')
    .alias('ls')
    .description('List your sessions.')
    .addOption(webOption())
    .action(async (options, command) => {
      const { listSessions } = await import('./account/account.ts')
      await listSessions(createContext(terminal, command), options)
    })

  sessions
    .command('delete')
    .alias('rm')
    .description('End a session and the apps that are signed in through it.')
    .argument('<id>', 'id of the session', existingOption('session'))
    .option('-y, --yes', 'do not ask for confirmation')
    .action(async (id, options, command) => {
      const { deleteSession } = await import('./account/account.ts')
      await deleteSession(createContext(terminal, command), id, options)
    })

  const apps = program.command('authorized-app').description('Manage apps that can access your account.')

  apps
    .command('list')
    .alias('ls')
    .description('List apps that you authorized.')
    .addOption(webOption())
    .action(async (options, command) => {
      const { listAuthorizedApps } = await import('./account/account.ts')
      await listAuthorizedApps(createContext(terminal, command), options)
    })

  apps
    .command('delete')
    .alias('rm')
    .description('Revoke the access of an app on all your devices.')
    .argument('<client-id>', 'client id of the app', existingOption('authorized-app'))
    .option('-y, --yes', 'do not ask for confirmation')
    .action(async (clientId, options, command) => {
      const { deleteAuthorizedApp } = await import('./account/account.ts')
      await deleteAuthorizedApp(createContext(terminal, command), clientId, options)
    })
}
