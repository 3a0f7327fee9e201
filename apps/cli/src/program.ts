import { Command, Option } from '@commander-js/extra-typings'
import { apiKeyCommands } from './commands/api-key.ts'
import { appCommands } from './commands/app.ts'
import { auditCommands } from './commands/audit.ts'
import { completionCommands } from './commands/completion.ts'
import { configCommands } from './commands/config.ts'
import { loginCommands } from './commands/login.ts'
import { organizationCommands } from './commands/organization.ts'
import { FORMATS, hasColours } from './output.ts'
import { profileNameOption, serverUrlOption } from './parse.ts'
import type { Terminal } from './terminal.ts'
import { VERSION } from './version.ts'

/** The command table: names, arguments and options. What a command does is loaded when it is called. */
export function programFor(terminal: Terminal): Command {
  const program = new Command('daytona')
    .description('API keys, organizations, apps and the audit trail of Daytona, from a terminal.')
    .version(VERSION)
    .addOption(
      new Option('-f, --format <format>', 'how to print the answer')
        .choices(FORMATS)
        .default('table')
        .helpGroup(SHARED),
    )
    .addOption(new Option('-q, --quiet', 'print the value and nothing else').helpGroup(SHARED))
    .addOption(
      new Option('--profile <name>', 'a server of daytona config list, instead of the current one; or DAYTONA_PROFILE')
        .argParser(profileNameOption)
        .helpGroup(SHARED),
    )
    .addOption(
      new Option('--api-url <url>', 'the server, instead of the profile’s; or DAYTONA_API_URL')
        .argParser(serverUrlOption)
        .helpGroup(SHARED),
    )
    .addOption(
      new Option(
        '--organization <id-or-name>',
        'the organization, instead of the chosen one; or DAYTONA_ORGANIZATION_ID',
      ).helpGroup(SHARED),
    )
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
      getOutHasColors: () => hasColours(terminal.stdout, terminal),
      getErrHasColors: () => hasColours(terminal.stderr, terminal),
    })
    .addHelpText('after', EPILOG)
    .showHelpAfterError('(Say --help behind a command to see what it takes.)')
    .exitOverride()

  const root = program as unknown as Command // what its options are is known to callOf alone
  loginCommands(root, terminal)
  apiKeyCommands(root, terminal)
  organizationCommands(root, terminal)
  appCommands(root, terminal)
  auditCommands(root, terminal)
  configCommands(root, terminal)
  completionCommands(root, terminal)
  return root
}

const SHARED = 'Options of every command:'

const EPILOG = `
Begin with:  daytona login --api-url https://auth.example.com
In scripts:  DAYTONA_API_URL and DAYTONA_API_KEY, which win over what is logged in
Exit codes:  0 done, 1 not done, 2 wrong command line: nothing was asked of any server
`
