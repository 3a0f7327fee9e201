import { Command, Option } from '@commander-js/extra-typings'
import packageJson from '../package.json' with { type: 'json' }
import { auditCommand } from './audit/command.ts'
import { clientCommand } from './client/command.ts'
import { configCommand } from './configuration/command.ts'
import { createOwnerCommand } from './create-owner/command.ts'
import { doctorCommand } from './doctor/command.ts'
import type { Host } from './host.ts'
import { migrateCommand } from './migrate/command.ts'
import { FORMATS } from './output.ts'
import { signingKeysCommand } from './signing-keys/command.ts'

/** The command table. What a command does is loaded when it is called. */
export function programFor(host: Host): Command {
  const program = new Command('daytona-auth')
    .description(
      'Operates a deployment of Daytona Auth. Every command reads its configuration from the environment, as the servers do; a secret is never an argument.',
    )
    .version(packageJson.version)
    .addOption(new Option('-f, --format <format>', 'how to print the answer').choices(FORMATS).default('text'))
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .configureOutput({
      writeOut: (text) => host.stdout.write(text),
      writeErr: (text) => host.stderr.write(text),
    })
    .addHelpText('after', EXIT_CODES)
    .showHelpAfterError('(Say --help behind a command to see what it takes.)')
    .exitOverride() as unknown as Command // what its options are is known to `outputOf` alone

  migrateCommand(program, host)
  createOwnerCommand(program, host)
  clientCommand(program, host)
  signingKeysCommand(program, host)
  auditCommand(program, host)
  configCommand(program, host)
  doctorCommand(program, host)
  return program
}

const EXIT_CODES = `
Exit codes: 0 done; 1 the answer is no (a broken chain, an account that is there already); 2 it could not be done.`
