import type { Command } from '@commander-js/extra-typings'
import type { JsonSelection } from './json-selection.ts'
import { createOutput, type Format, type Output } from './output.ts'
import type { Selection } from './settings.ts'
import type { Terminal } from './terminal.ts'

/** Options that every command accepts. */
export interface GlobalOptions extends Selection {
  readonly format?: Format | undefined
  readonly quiet?: true | undefined
  /** Members of JSON results. */
  readonly json?: string[] | undefined
  /** A jq program over JSON results. */
  readonly jq?: string | undefined
  /** False with `--no-input`. */
  readonly input?: boolean | undefined
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
  const {
    format,
    quiet = false,
    json,
    jq,
    input = true,
    ...selection
  } = command.optsWithGlobals() as unknown as GlobalOptions
  const hasSelection = json !== undefined || jq !== undefined
  const output = createOutput(terminal, {
    format,
    quiet,
    selection: hasSelection ? () => selectJson(json, jq) : undefined,
  })
  return { terminal: input ? terminal : { ...terminal, isInputDisabled: true }, output, selection }
}

/** Compiles the selection of `--json` and `--jq`. */
export async function selectJson(json: readonly string[] | undefined, jq: string | undefined): Promise<JsonSelection> {
  const { createJsonSelection } = await import('./json-selection.ts')
  return createJsonSelection(json, jq)
}
