import { type Command, Option } from '@commander-js/extra-typings'
import { callOf } from '../cli.ts'
import { UsageError } from '../failure.ts'
import { timeoutOption } from '../parse.ts'
import type { Terminal } from '../terminal.ts'

const FIVE_MINUTES_MS = 300_000

/** How a person, or a program with a key, comes to be known and ceases to be. */
export function loginCommands(program: Command, terminal: Terminal): void {
  program
    .command('login')
    .description('Log in with your browser, and keep the session in the profile.')
    .addOption(new Option('--device', 'sign in on another device, by a code shown here').conflicts('apiKey'))
    .option('--api-key', 'store an API key instead: it is asked for, or read from standard input')
    .option('--no-browser', 'print the address and open nothing')
    .addOption(
      new Option('--timeout <duration>', 'how long to wait for you')
        .default(FIVE_MINUTES_MS, '5m')
        .argParser(timeoutOption),
    )
    .allowExcessArguments()
    .action(async (options, command) => {
      if (command.args.length > 0) {
        throw new UsageError('login takes no arguments.', {
          hint: 'A key on the command line is seen by other users, and kept in the history of your shell: if it was one, rotate it. daytona login --api-key asks for it.',
        })
      }
      const { login } = await import('./login/login.ts')
      await login(callOf(terminal, command), options)
    })

  program
    .command('logout')
    .description('End the session at the server, and forget it or the key here.')
    .option('--local', 'forget it here only, for a server that cannot be reached any more')
    .action(async (options, command) => {
      const { logout } = await import('./login/logout.ts')
      await logout(callOf(terminal, command), options)
    })

  program
    .command('whoami')
    .description('Show who you are, where, and by which credential.')
    .action(async (_options, command) => {
      const { whoami } = await import('./login/whoami.ts')
      await whoami(callOf(terminal, command))
    })
}
