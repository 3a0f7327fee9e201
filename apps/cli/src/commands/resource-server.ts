import type { Command } from '@commander-js/extra-typings'
import { createContext } from '../command-context.ts'
import { tagParser } from '../name-kinds.ts'
import { idOption } from '../parse.ts'
import type { Terminal } from '../terminal.ts'
import { webOption } from '../web-option.ts'
import { scopeOption } from './resource-server/scope-option.ts'

/** Adds the `resource-server` commands, which need `admin:organization`. */
export function resourceServerCommands(program: Command, terminal: Terminal): void {
  const group = program
    .command('resource-server')
    .description('Manage APIs of the organization that have their own audience and scopes.')

  group
    .command('create')
    .description('Register an API. Apps request tokens for it with its identifier, which cannot be changed.')
    .argument('<identifier>', 'URL of the API: https, or http on loopback')
    .argument('<name>', 'name shown on the consent page')
    .option(
      '--scope <name=description>',
      'scope and what it allows, as the consent page says it; repeatable',
      scopeOption,
    )
    .action(async (identifier, name, options, command) => {
      const { createResourceServer } = await import('./resource-server/resource-servers.ts')
      await createResourceServer(createContext(terminal, command), identifier, name, options)
    })

  group
    .command('list')
    .alias('ls')
    .description('List APIs.')
    .addOption(webOption())
    .action(async (options, command) => {
      const { listResourceServers } = await import('./resource-server/resource-servers.ts')
      await listResourceServers(createContext(terminal, command), options)
    })

  group
    .command('get')
    .description('Show an API with its scopes.')
    .argument('<id>', 'id of the API', resourceServerIdOption)
    .addOption(webOption())
    .action(async (id, options, command) => {
      const { getResourceServer } = await import('./resource-server/resource-servers.ts')
      await getResourceServer(createContext(terminal, command), id, options)
    })

  group
    .command('update')
    .description('Change an API. What you do not name stays. Tokens lose removed scopes.')
    .argument('<id>', 'id of the API', resourceServerIdOption)
    .option('--name <name>', 'name shown on the consent page')
    .option('--scope <name=description>', 'scopes, which replace those of the API; repeatable', scopeOption)
    .option('--enable', 'issue and accept tokens again')
    .option('--disable', 'issue no tokens, and make issued ones inactive')
    .action(async (id, options, command) => {
      const { updateResourceServer } = await import('./resource-server/resource-servers.ts')
      await updateResourceServer(createContext(terminal, command), id, options)
    })

  group
    .command('delete')
    .alias('rm')
    .description('Delete an API, which ends its tokens.')
    .argument('<id>', 'id of the API', resourceServerIdOption)
    .option('-y, --yes', 'do not ask for confirmation')
    .action(async (id, options, command) => {
      const { deleteResourceServer } = await import('./resource-server/resource-servers.ts')
      await deleteResourceServer(createContext(terminal, command), id, options)
    })
}

const resourceServerIdOption = tagParser(idOption('rs_', 'a resource server'), { kind: 'resource-server' })
