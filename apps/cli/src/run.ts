import { CommanderError } from '@commander-js/extra-typings'
import { UsageError } from './failure.ts'
import { hasColours, OutputError } from './output.ts'
import { printableLines } from './printable.ts'
import { programFor } from './program.ts'
import type { Terminal } from './terminal.ts'

/** 0: done. 1: it could not be done. 2: the command line is wrong, and nothing was asked of any server. */
export type ExitCode = 0 | 1 | 2

/** Runs one command line, without the name of the command, to its end. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const program = programFor(terminal)
  try {
    await program.parseAsync(argv, { from: 'user' })
    return 0
  } catch (error) {
    // It has said what there is to say: help, the version, or what is wrong with the command line.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    // A reader that has seen enough, as in `daytona audit list | head`, is no failure.
    if (error instanceof OutputError && error.code === 'EPIPE') return 0
    await complain(error, terminal)
    return error instanceof UsageError ? 2 : 1
  }
}

async function complain(error: unknown, terminal: Terminal) {
  const { explain } = await import('./explain.ts')
  const { message, hint } = await explain(error)
  const { default: colours } = await import('picocolors')
  const { red } = colours.createColors(hasColours(terminal.stderr, terminal))
  terminal.stderr.write(`${red('error:')} ${printableLines(message)}\n`)
  if (hint !== undefined) terminal.stderr.write(`${printableLines(hint)}\n`)
}
