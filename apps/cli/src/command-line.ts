import { type Command, CommanderError, type Option } from '@commander-js/extra-typings'

/** A command of the table, with the arguments that a command line gives it. */
export interface FoundCommand {
  readonly command: Command
  readonly operands: readonly string[]
}

/**
 * Finds the command of a command line, and sets the values of its options.
 * @returns undefined if the line names no command, asks for help, or is invalid
 */
export function findCommand(program: Command, words: readonly string[]): FoundCommand | undefined {
  let command = program
  let operands: string[] = []
  let rest = [...words]
  try {
    for (;;) {
      const parsed = command.parseOptions(rest)
      operands = [...operands, ...parsed.operands]
      rest = parsed.unknown
      const [word] = operands
      const child = word === undefined ? undefined : findSubcommand(command, word)
      if (child === undefined) break
      command = child
      operands = operands.slice(1)
    }
  } catch (error) {
    // An invalid value, or --version.
    if (error instanceof CommanderError) return undefined
    throw error
  }
  // What is left is an unknown option, or --help.
  return rest.length > 0 || command.commands.length > 0 ? undefined : { command, operands }
}

/** Lists the command's own options and the global ones. */
export function listOptions(command: Command): Option[] {
  const help = command.createHelp()
  return [...help.visibleOptions(command), ...help.visibleGlobalOptions(command)] as Option[]
}

/** Finds a subcommand by name or alias. */
export const findSubcommand = (command: Command, word: string): Command | undefined =>
  command.commands.find((one) => one.name() === word || one.aliases().includes(word)) as Command | undefined
