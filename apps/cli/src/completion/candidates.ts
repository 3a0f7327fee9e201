import type { Argument, Command, Option } from '@commander-js/extra-typings'
import { getNames } from '../parse.ts'

/** A completion at the cursor. */
export interface Candidate {
  readonly value: string
  readonly description: string
}

/** Finds completions. `words` follow `daytona`, up to the cursor; the last is being typed and may be empty. */
export function findCandidates(program: Command, words: readonly string[]): Candidate[] {
  const typed = words.at(-1) ?? ''
  const { command, pending, position } = parseWords(program, words.slice(0, -1))
  if (pending !== undefined) return listValues(pending, typed)
  const [, name, given] = /^(--[^=]+)=(.*)$/.exec(typed) ?? []
  if (name !== undefined) {
    const option = listOptions(command).find(({ long }) => long === name)
    const values = option === undefined ? [] : listValues(option, given ?? '')
    return values.map(({ value, description }) => ({ value: `${name}=${value}`, description }))
  }
  if (typed.startsWith('-')) return filterByPrefix(typed, listOptions(command).map(describeOption))
  const argument = command.registeredArguments[position]
  return [
    ...filterByPrefix(typed, listSubcommands(command)),
    ...(argument === undefined ? [] : listValues(argument, typed)),
  ]
}

/** Finds the command, the option whose value is next, and the position of the argument. */
function parseWords(program: Command, words: readonly string[]) {
  let command = program
  let pending: Option | undefined
  let position = 0
  for (const word of words) {
    if (pending !== undefined) {
      pending = undefined
    } else if (word.startsWith('-')) {
      const option = listOptions(command).find(({ long, short }) => long === word || short === word)
      pending = option?.required || option?.optional ? option : undefined
    } else {
      const child = command.commands.find((one) => one.name() === word || one.aliases().includes(word))
      if (child === undefined) position += 1
      else [command, position] = [child as Command, 0]
    }
  }
  return { command, pending, position }
}

/** Lists the command's own options and the global ones. */
function listOptions(command: Command): Option[] {
  const help = command.createHelp()
  return [...help.visibleOptions(command), ...help.visibleGlobalOptions(command)] as Option[]
}

const describeOption = ({ long, short, description }: Option): Candidate => ({
  value: long ?? short ?? '',
  description,
})

const listSubcommands = (command: Command): Candidate[] =>
  command
    .createHelp()
    .visibleCommands(command)
    .map((child) => ({ value: child.name(), description: child.description() }))

/** Lists values of an option or argument; of a list, those after the last comma. */
function listValues({ argChoices, parseArg }: Option | Argument, typed: string): Candidate[] {
  const names = getNames(parseArg)
  if (names === undefined) return filterByPrefix(typed, (argChoices ?? []).map(withoutDescription))
  const before = typed.slice(0, typed.lastIndexOf(',') + 1)
  const given = before.split(',')
  const rest = names.filter((name) => !given.includes(name))
  return filterByPrefix(
    typed,
    rest.map((name) => withoutDescription(before + name)),
  )
}

const withoutDescription = (value: string): Candidate => ({ value, description: '' })

const filterByPrefix = (typed: string, all: readonly Candidate[]): Candidate[] =>
  all.filter(({ value }) => value.startsWith(typed))
