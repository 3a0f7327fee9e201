import type { Argument, Command, Option } from '@commander-js/extra-typings'
import { findSubcommand, listOptions } from '../command-line.ts'
import { type NameKind, tagOf } from '../name-kinds.ts'

/** A completion at the cursor. */
export interface Candidate {
  readonly value: string
  readonly description: string
}

/** Reads the names of a kind that exist at the server, or those of the profiles. */
export type ReadNames = (kind: NameKind | 'profile') => Promise<readonly Candidate[]>

/** Finds completions. `words` follow `daytona`, up to the cursor; the last is being typed and may be empty. */
export async function findCandidates(
  program: Command,
  words: readonly string[],
  readNames: ReadNames,
): Promise<readonly Candidate[]> {
  const typed = words.at(-1) ?? ''
  const { command, pending, position, preceding } = parseWords(program, words.slice(0, -1))
  if (pending !== undefined) return listValues(pending, typed, readNames)
  const [, name, given] = /^(--[^=]+)=(.*)$/.exec(typed) ?? []
  if (name !== undefined) {
    const option = listOptions(command).find(({ long }) => long === name)
    const values = option === undefined ? [] : await listValues(option, given ?? '', readNames)
    return values.map(({ value, description }) => ({ value: `${name}=${value}`, description }))
  }
  if (typed.startsWith('-')) return filterByPrefix(typed, listOptions(command).map(describeOption))
  const argument = command.registeredArguments[position]
  return [
    ...filterByPrefix(typed, listSubcommands(command)),
    ...(argument === undefined ? [] : await listValues(argument, typed, readNames, preceding)),
  ]
}

/** Finds the command, the option whose value is next, the position of the argument, and the argument before it. */
function parseWords(program: Command, words: readonly string[]) {
  let command = program
  let pending: Option | undefined
  let position = 0
  let preceding = ''
  for (const word of words) {
    if (pending !== undefined) {
      pending = undefined
    } else if (word.startsWith('-')) {
      const option = listOptions(command).find(({ long, short }) => long === word || short === word)
      pending = option?.required || option?.optional ? option : undefined
    } else {
      const child = findSubcommand(command, word)
      if (child === undefined) position += 1
      else [command, position] = [child, 0]
      preceding = word
    }
  }
  return { command, pending, position, preceding }
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
async function listValues(
  { argChoices, parseArg }: Option | Argument,
  typed: string,
  readNames: ReadNames,
  preceding = '',
) {
  const tag = tagOf(parseArg)
  const { names, isList, isProfile, kind = isProfile ? 'profile' : undefined } = tag.following?.[preceding] ?? tag
  const all = kind === undefined ? (names ?? argChoices ?? []).map(withoutDescription) : await readNames(kind)
  const before = isList ? typed.slice(0, typed.lastIndexOf(',') + 1) : ''
  const given = before.split(',')
  const rest = all.filter(({ value }) => !isList || !given.includes(value))
  return filterByPrefix(
    typed,
    rest.map(({ value, description }) => ({ value: before + value, description })),
  )
}

const withoutDescription = (value: string): Candidate => ({ value, description: '' })

const filterByPrefix = (typed: string, all: readonly Candidate[]): Candidate[] =>
  all.filter(({ value }) => value.startsWith(typed))
