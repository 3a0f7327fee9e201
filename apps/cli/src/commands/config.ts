import { Argument, type Command, Option } from '@commander-js/extra-typings'
import { callOf } from '../cli.ts'
import { profileNameOption } from '../parse.ts'
import type { Terminal } from '../terminal.ts'
import { SETTINGS } from './config/setting-names.ts'

/** Profiles: which servers there are, which is meant, and where all of it is kept. */
export function configCommands(program: Command, terminal: Terminal): void {
  const config = program.command('config').description('Servers and what is kept of them.')
  const setting = () => new Argument('<setting>', 'which one').choices(SETTINGS)

  config
    .command('list')
    .alias('ls')
    .description('List the profiles; never what is secret in them.')
    .action(async (_options, command) => {
      const { listProfiles } = await import('./config/list.ts')
      await listProfiles(callOf(terminal, command))
    })

  config
    .command('get')
    .description('Print what a setting is now, after the command line and the environment.')
    .addArgument(setting())
    .action(async (name, _options, command) => {
      const { getSetting } = await import('./config/settings.ts')
      await getSetting(callOf(terminal, command), name)
    })

  config
    .command('set')
    .description('Change a setting: the current profile, or the server or organization of a profile.')
    .addArgument(setting())
    .argument('<value>', 'a profile, an address, or the id of an organization')
    .action(async (name, value, _options, command) => {
      const { setSetting } = await import('./config/settings.ts')
      await setSetting(callOf(terminal, command), name, value)
    })

  config
    .command('unset')
    .description('Forget the chosen organization of the profile.')
    .addArgument(new Argument('<setting>', 'which one').choices(['organization'] as const))
    .action(async (_name, _options, command) => {
      const { unsetOrganization } = await import('./config/settings.ts')
      await unsetOrganization(callOf(terminal, command))
    })

  config
    .command('delete')
    .alias('rm')
    .description('Forget a profile that is logged out.')
    .addArgument(new Argument('<profile>', 'its name').argParser(profileNameOption))
    .addOption(new Option('-y, --yes', 'do not ask'))
    .action(async (name, options, command) => {
      const { deleteProfile } = await import('./config/settings.ts')
      await deleteProfile(callOf(terminal, command), name, options)
    })

  config
    .command('path')
    .description('Print where all of it is kept.')
    .action(async (_options, command) => {
      const { printPath } = await import('./config/list.ts')
      await printPath(callOf(terminal, command))
    })
}
