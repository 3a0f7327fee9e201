import { Argument, type Command } from '@commander-js/extra-typings'
import { APP_ACCESS_POLICIES } from '@daytona-auth/protocol/app-access'
import { createContext } from '../command-context.ts'
import type { Terminal } from '../terminal.ts'

const CLIENT_ID = 'client id of the app'

/** Adds the `app-access` commands. Changes need a person: no API key decides about apps. */
export function appAccessCommands(program: Command, terminal: Terminal): void {
  const group = program
    .command('app-access')
    .description('Decide which apps of others members may use in the organization.')

  group
    .command('list')
    .alias('ls')
    .description('List the apps that are approved or blocked.')
    .action(async (_options, command) => {
      const { listAppDecisions } = await import('./app-access/app-access.ts')
      await listAppDecisions(createContext(terminal, command))
    })

  group
    .command('requests')
    .description('List the apps that members requested.')
    .action(async (_options, command) => {
      const { listAppRequests } = await import('./app-access/app-access.ts')
      await listAppRequests(createContext(terminal, command))
    })

  group
    .command('approve')
    .description('Approve an app, and answer the requests for it.')
    .argument('<client-id>', CLIENT_ID)
    .action(async (clientId, _options, command) => {
      const { decideAboutApp } = await import('./app-access/app-access.ts')
      await decideAboutApp(createContext(terminal, command), clientId, 'approved')
    })

  group
    .command('block')
    .description('Block an app, and answer the requests for it. Its access ends at once.')
    .argument('<client-id>', CLIENT_ID)
    .option('-y, --yes', 'do not ask for confirmation')
    .action(async (clientId, options, command) => {
      const { blockApp } = await import('./app-access/app-access.ts')
      await blockApp(createContext(terminal, command), clientId, options)
    })

  group
    .command('decline')
    .description('Decline the requests for an app without a decision about it.')
    .argument('<client-id>', CLIENT_ID)
    .action(async (clientId, _options, command) => {
      const { declineAppRequests } = await import('./app-access/app-access.ts')
      await declineAppRequests(createContext(terminal, command), clientId)
    })

  group
    .command('delete')
    .alias('rm')
    .description('Delete the decision about an app. The policy applies to it again.')
    .argument('<client-id>', CLIENT_ID)
    .action(async (clientId, _options, command) => {
      const { deleteAppDecision } = await import('./app-access/app-access.ts')
      await deleteAppDecision(createContext(terminal, command), clientId)
    })

  group
    .command('policy')
    .description('Set which apps are allowed without a decision. Needs an owner who signed in a short time ago.')
    .addArgument(new Argument('<policy>', 'what to allow').choices(APP_ACCESS_POLICIES))
    .option('-y, --yes', 'do not ask for confirmation')
    .action(async (policy, options, command) => {
      const { setAppAccessPolicy } = await import('./app-access/app-access.ts')
      await setAppAccessPolicy(createContext(terminal, command), policy, options)
    })
}
