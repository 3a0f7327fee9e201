import { Writable } from 'node:stream'
import { CommanderError } from '@commander-js/extra-typings'
import { escapeLines } from './escape.ts'
import { UsageError } from './failure.ts'
import { hasColours, OutputError } from './output.ts'
import { createProgram } from './program.ts'
import { isInteractive, type Terminal } from './terminal.ts'

/** 0: success. 1: failure. 2: invalid command line, no request was sent. */
export type ExitCode = 0 | 1 | 2

/** Runs one command line, without the program's name, and returns its exit code. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const program = createProgram(terminal)
  try {
    await program.parseAsync(await completeCommandLine(argv, terminal), { from: 'user' })
    return 0
  } catch (error) {
    // Help, the version or the error has been printed already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    // A closed pipe, as in `daytona audit list | head`, is not a failure.
    if (error instanceof OutputError && error.code === 'EPIPE') return 0
    await printError(error, terminal)
    return error instanceof UsageError ? 2 : 1
  }
}

/** Prompts for what the command line lacks, if both the user and the results are at a terminal. */
async function completeCommandLine(argv: readonly string[], terminal: Terminal): Promise<readonly string[]> {
  if (argv.length === 0 || !terminal.stdout.isTTY || !isInteractive(terminal) || argv.includes('--no-input'))
    return argv
  const { promptForMissingValues } = await import('./missing-values.ts')
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const probe = createProgram({ ...terminal, stdout: silent, stderr: silent })
  return promptForMissingValues(terminal, probe, argv)
}

async function printError(error: unknown, terminal: Terminal) {
  const { explainError } = await import('./explain-error.ts')
  const { message, hint } = await explainError(error)
  const { default: colours } = await import('picocolors')
  const { red } = colours.createColors(hasColours(terminal.stderr, terminal))
  terminal.stderr.write(`${red('error:')} ${escapeLines(message)}\n`)
  if (hint !== undefined) terminal.stderr.write(`${escapeLines(hint)}\n`)
}
