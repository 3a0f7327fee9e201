import type { Command } from '@commander-js/extra-typings'
import { createOutput, type Format, type Output } from './output.ts'
import type { Selection } from './settings.ts'
import type { Terminal } from './terminal.ts'

/** Options that every command accepts. */
export interface GlobalOptions extends Selection {
  readonly format: Format
  readonly quiet?: true | undefined
}

/** Terminal, output and server selection of one run of a command. */
export interface CommandContext {
  readonly terminal: Terminal
  readonly output: Output
  readonly selection: Selection
}

/** Creates the context of a command from the global options. */
export function createContext(terminal: Terminal, command: Pick<Command, 'optsWithGlobals'>): CommandContext {
  // The options are declared on the root, in program.ts, with exactly this type.
  const { format, quiet = false, ...selection } = command.optsWithGlobals() as unknown as GlobalOptions
  return { terminal, output: createOutput(terminal, { format, quiet }), selection }
}
