import { Command, Option } from '@commander-js/extra-typings'
import { selectJson } from './command-context.ts'
import { accountCommands } from './commands/account.ts'
import { apiCommand } from './commands/api.ts'
import { apiKeyCommands } from './commands/api-key.ts'
import { appCommands } from './commands/app.ts'
import { appAccessCommands } from './commands/app-access.ts'
import { auditCommands } from './commands/audit.ts'
import { authCommands } from './commands/auth.ts'
import { completionCommands } from './commands/completion.ts'
import { configCommands } from './commands/config.ts'
import { domainCommands } from './commands/domain.ts'
import { identityProviderCommands } from './commands/identity-provider.ts'
import { invitationCommands } from './commands/invitation.ts'
import { loginCommands } from './commands/login.ts'
import { memberCommands } from './commands/member.ts'
import { organizationCommands } from './commands/organization.ts'
import { resourceServerCommands } from './commands/resource-server.ts'
import { roleCommands } from './commands/role.ts'
import { addExamples } from './examples.ts'
import { existingOption } from './name-kinds.ts'
import { FORMATS, hasColours } from './output.ts'
import { listOption, profileNameOption, serverUrlOption } from './parse.ts'
import type { Terminal } from './terminal.ts'
import { VERSION } from './version.ts'

/** Creates the command table: names, arguments and options. The code of a command is imported when it runs. */
export function createProgram(terminal: Terminal): Command {
  const program = new Command('daytona')
    .description('Manage API keys, organizations, apps and the audit trail of Daytona.')
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'Show the help of a command.')
    .addOption(
      new Option('-f, --format <format>', 'output format (default: table at a terminal, tsv for lists in a pipe)')
        .choices(FORMATS)
        .helpGroup(GLOBAL_OPTIONS),
    )
    .addOption(
      new Option('--json <fields>', 'print JSON with these fields, such as name,expiresAt')
        .argParser(listOption)
        .conflicts(['format', 'quiet'])
        .helpGroup(GLOBAL_OPTIONS),
    )
    .addOption(
      new Option('--jq <program>', 'print the results of a jq program over the JSON, such as .[].name')
        .conflicts(['format', 'quiet'])
        .helpGroup(GLOBAL_OPTIONS),
    )
    .addOption(new Option('-q, --quiet', 'print only the value').helpGroup(GLOBAL_OPTIONS))
    .addOption(
      new Option('--no-input', 'never prompt; a missing argument is an error (also with CI)').helpGroup(GLOBAL_OPTIONS),
    )
    .addOption(
      new Option('--profile <name>', 'profile to use instead of the current one (DAYTONA_PROFILE)')
        .argParser(profileNameOption)
        .helpGroup(GLOBAL_OPTIONS),
    )
    .addOption(
      new Option('--api-url <url>', 'server to use instead of the profile’s (DAYTONA_API_URL)')
        .argParser(serverUrlOption)
        .helpGroup(GLOBAL_OPTIONS),
    )
    .addOption(
      new Option(
        '--organization <id-or-name>',
        'organization to use instead of the selected one (DAYTONA_ORGANIZATION_ID)',
      )
        .argParser(existingOption('organization'))
        .helpGroup(GLOBAL_OPTIONS),
    )
    .configureHelp({
      showGlobalOptions: true,
      sortSubcommands: false,
      minWidthToWrap: MIN_DESCRIPTION_WIDTH,
      styleTitle: (title) => (title === 'Global Options:' ? GLOBAL_OPTIONS : title),
    })
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
      getOutHasColors: () => hasColours(terminal.stdout, terminal),
      getErrHasColors: () => hasColours(terminal.stderr, terminal),
    })
    .addHelpText('after', EPILOG)
    .showHelpAfterError('(Add --help for usage.)')
    .exitOverride()

  // An invalid jq program is found before any request: the result of the command may be a secret.
  program.hook('preAction', async (_program, command) => {
    const { jq } = command.optsWithGlobals() as { jq?: string }
    if (jq !== undefined) await selectJson(undefined, jq)
  })

  const root = program as unknown as Command // what its options are is known to createContext alone
  loginCommands(root, terminal)
  authCommands(root, terminal)
  apiKeyCommands(root, terminal)
  organizationCommands(root, terminal)
  memberCommands(root, terminal)
  invitationCommands(root, terminal)
  roleCommands(root, terminal)
  appCommands(root, terminal)
  resourceServerCommands(root, terminal)
  appAccessCommands(root, terminal)
  domainCommands(root, terminal)
  identityProviderCommands(root, terminal)
  auditCommands(root, terminal)
  accountCommands(root, terminal)
  apiCommand(root, terminal)
  configCommands(root, terminal)
  completionCommands(root, terminal, createProgram)
  addExamples(root)
  return root
}

const GLOBAL_OPTIONS = 'Global options:'

/** Beside the longest option, a terminal of 80 columns has this much for descriptions. */
const MIN_DESCRIPTION_WIDTH = 30

const EPILOG = `
In scripts:   set DAYTONA_API_URL and DAYTONA_API_KEY; they precede the profile
Exit codes:   0 success, 1 failure, 2 invalid command line (no request was sent)
`
