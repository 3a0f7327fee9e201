import { type Command, Option } from '@commander-js/extra-typings'
import { createContext } from '../command-context.ts'
import { UsageError } from '../failure.ts'
import { timeoutOption } from '../parse.ts'
import type { Terminal } from '../terminal.ts'

const FIVE_MINUTES_MS = 300_000

/** Adds `login`, `logout` and `whoami`. */
export function loginCommands(program: Command, terminal: Terminal): void {
  program
    .command('login')
    .description('Log in with your browser and store the session in the profile.')
    .addOption(
      new Option(
        '--device',
        'sign in on another device with a one-time code; the default over SSH or without a browser',
      ).conflicts('apiKey'),
    )
    .option('--api-key', 'store an API key instead, read from a prompt or standard input')
    .addOption(
      new Option(
        '--step-up',
        'sign in again even if your browser is signed in, with your second factor if you have one',
      ).conflicts('apiKey'),
    )
    .option('--no-browser', 'print the URL without opening it')
    .addOption(
      new Option('--timeout <duration>', 'how long to wait for the sign-in')
        .default(FIVE_MINUTES_MS, '5m')
        .argParser(timeoutOption),
    )
    .allowExcessArguments()
    .action(async (options, command) => {
      if (command.args.length > 0) {
        throw new UsageError('login takes no arguments.', {
          hint: 'A key on the command line is visible to other users and stays in the history of your shell. If you passed one, rotate it. daytona login --api-key prompts for it.',
        })
      }
      const { login } = await import('./login/login.ts')
      await login(createContext(terminal, command), options)
    })

  program
    .command('logout')
    .description('End the session at the server and remove the stored credential.')
    .option('--local', 'remove it here only, if the server cannot be reached')
    .action(async (options, command) => {
      const { logout } = await import('./login/logout.ts')
      await logout(createContext(terminal, command), options)
    })

  program
    .command('whoami')
    .description('Show your user, server and credential.')
    .action(async (_options, command) => {
      const { whoami } = await import('./login/whoami.ts')
      await whoami(createContext(terminal, command))
    })
}
