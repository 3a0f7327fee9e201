import type { Command } from '@commander-js/extra-typings'
import { type Format, type Output, outputTo } from './output.ts'
import type { Selection } from './settings.ts'
import type { Terminal } from './terminal.ts'

/** What every command may be told. */
export interface GlobalOptions extends Selection {
  readonly format: Format
  readonly quiet?: true | undefined
}

/** One run of one command: where it runs and what it was told besides its own options. */
export interface Call {
  readonly terminal: Terminal
  readonly output: Output
  readonly selection: Selection
}

/** The call of a command of the table. */
export function callOf(terminal: Terminal, command: Pick<Command, 'optsWithGlobals'>): Call {
  // The options are declared on the root, in program.ts, with exactly this type.
  const { format, quiet = false, ...selection } = command.optsWithGlobals() as unknown as GlobalOptions
  return { terminal, output: outputTo(terminal, { format, quiet }), selection }
}
