import { Argument, type Command, Option } from '@commander-js/extra-typings'
import { createContext } from '../command-context.ts'
import { tagParser } from '../name-kinds.ts'
import { profileNameOption } from '../parse.ts'
import type { Terminal } from '../terminal.ts'
import { SETTINGS } from './config/setting-names.ts'

const settingValue = tagParser((text: string): string => text, { following: { profile: { isProfile: true } } })

/** Adds the `config` commands: profiles and their settings. */
export function configCommands(program: Command, terminal: Terminal): void {
  const config = program.command('config').description('Manage profiles: servers and their settings.')
  const setting = () => new Argument('<setting>', 'setting').choices(SETTINGS)

  config
    .command('list')
    .alias('ls')
    .description('List profiles, without secrets.')
    .action(async (_options, command) => {
      const { listProfiles } = await import('./config/list.ts')
      await listProfiles(createContext(terminal, command))
    })

  config
    .command('get')
    .description('Print the effective value of a setting: command line, environment, then profile.')
    .addArgument(setting())
    .action(async (name, _options, command) => {
      const { getSetting } = await import('./config/settings.ts')
      await getSetting(createContext(terminal, command), name)
    })

  config
    .command('set')
    .description('Change a setting: the current profile, or a profile’s server or organization.')
    .addArgument(setting())
    .argument('<value>', 'name of a profile, URL, or id of an organization', settingValue)
    .action(async (name, value, _options, command) => {
      const { setSetting } = await import('./config/settings.ts')
      await setSetting(createContext(terminal, command), name, value)
    })

  config
    .command('unset')
    .description('Remove the selected organization of the profile.')
    .addArgument(new Argument('<setting>', 'setting').choices(['organization'] as const))
    .action(async (_name, _options, command) => {
      const { unsetOrganization } = await import('./config/settings.ts')
      await unsetOrganization(createContext(terminal, command))
    })

  config
    .command('delete')
    .alias('rm')
    .description('Delete a profile that is logged out.')
    .addArgument(new Argument('<profile>', 'name of the profile').argParser(profileNameOption))
    .addOption(new Option('-y, --yes', 'do not ask for confirmation'))
    .action(async (name, options, command) => {
      const { deleteProfile } = await import('./config/settings.ts')
      await deleteProfile(createContext(terminal, command), name, options)
    })

  config
    .command('path')
    .description('Print the path of the configuration file.')
    .action(async (_options, command) => {
      const { printPath } = await import('./config/list.ts')
      await printPath(createContext(terminal, command))
    })
}
