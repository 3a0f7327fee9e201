import { Command, Option } from '@commander-js/extra-typings'
import packageJson from '../package.json' with { type: 'json' }
import { auditCommand } from './audit/command.ts'
import { clientCommand } from './client/command.ts'
import { configCommand } from './configuration/command.ts'
import { createOwnerCommand } from './create-owner/command.ts'
import { doctorCommand } from './doctor/command.ts'
import type { Host } from './host.ts'
import { migrateCommand } from './migrate/command.ts'
import { organizationCommand } from './organization/command.ts'
import { FORMATS } from './output.ts'
import { registrationTokenCommand } from './registration-token/command.ts'
import { resourceSecretsCommand } from './resource-secrets/command.ts'
import { signingKeysCommand } from './signing-keys/command.ts'
import { userCommand } from './user/command.ts'

/** Builds the command table. The implementation of a command is loaded when it is called. */
export function programFor(host: Host): Command {
  const program = new Command('daytona-auth')
    .description(
      'Operate a deployment of Daytona Auth. Every command reads its configuration from the environment, as the servers do. Secrets are never arguments.',
    )
    .version(packageJson.version)
    .addOption(new Option('-f, --format <format>', 'The format of the answer').choices(FORMATS).default('text'))
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .configureOutput({
      writeOut: (text) => host.stdout.write(text),
      writeErr: (text) => host.stderr.write(text),
    })
    .addHelpText('after', EXIT_CODES)
    .showHelpAfterError('(Add --help to a command to see its options.)')
    .exitOverride() as unknown as Command // only `outputOf` knows the type of its options

  migrateCommand(program, host)
  createOwnerCommand(program, host)
  userCommand(program, host)
  organizationCommand(program, host)
  clientCommand(program, host)
  registrationTokenCommand(program, host)
  signingKeysCommand(program, host)
  resourceSecretsCommand(program, host)
  auditCommand(program, host)
  configCommand(program, host)
  doctorCommand(program, host)
  return program
}

const EXIT_CODES = `
Exit codes: 0 success; 1 negative result (a broken chain, an account that already exists); 2 failure.`
