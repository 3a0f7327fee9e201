import type { Argument, Command, Option } from '@commander-js/extra-typings'
import { namesOf } from '../parse.ts'

/** What could stand where somebody pressed the tab key. */
export interface Candidate {
  readonly value: string
  readonly description: string
}

/** `words` are those behind `daytona`, as far as the cursor; the last one is what is being typed, and may be empty. */
export function candidates(program: Command, words: readonly string[]): Candidate[] {
  const typed = words.at(-1) ?? ''
  const { command, pending, position } = placeOf(program, words.slice(0, -1))
  if (pending !== undefined) return valuesOf(pending, typed)
  const [, name, given] = /^(--[^=]+)=(.*)$/.exec(typed) ?? []
  if (name !== undefined) {
    const option = optionsOf(command).find(({ long }) => long === name)
    const values = option === undefined ? [] : valuesOf(option, given ?? '')
    return values.map(({ value, description }) => ({ value: `${name}=${value}`, description }))
  }
  if (typed.startsWith('-')) return startingWith(typed, optionsOf(command).map(described))
  const argument = command.registeredArguments[position]
  return [...startingWith(typed, subcommandsOf(command)), ...(argument === undefined ? [] : valuesOf(argument, typed))]
}

/** Which command is meant by then, which option waits for its value, and how many arguments there are. */
function placeOf(program: Command, words: readonly string[]) {
  let command = program
  let pending: Option | undefined
  let position = 0
  for (const word of words) {
    if (pending !== undefined) {
      pending = undefined
    } else if (word.startsWith('-')) {
      const option = optionsOf(command).find(({ long, short }) => long === word || short === word)
      pending = option?.required || option?.optional ? option : undefined
    } else {
      const child = command.commands.find((one) => one.name() === word || one.aliases().includes(word))
      if (child === undefined) position += 1
      else [command, position] = [child as Command, 0]
    }
  }
  return { command, pending, position }
}

/** Its own, and those of every command. */
function optionsOf(command: Command): Option[] {
  const help = command.createHelp()
  return [...help.visibleOptions(command), ...help.visibleGlobalOptions(command)] as Option[]
}

const described = ({ long, short, description }: Option): Candidate => ({ value: long ?? short ?? '', description })

const subcommandsOf = (command: Command): Candidate[] =>
  command
    .createHelp()
    .visibleCommands(command)
    .map((child) => ({ value: child.name(), description: child.description() }))

/** Of a list, what could stand behind the last comma. */
function valuesOf({ argChoices, parseArg }: Option | Argument, typed: string): Candidate[] {
  const names = namesOf(parseArg)
  if (names === undefined) return startingWith(typed, (argChoices ?? []).map(bare))
  const before = typed.slice(0, typed.lastIndexOf(',') + 1)
  const given = before.split(',')
  const rest = names.filter((name) => !given.includes(name))
  return startingWith(
    typed,
    rest.map((name) => bare(before + name)),
  )
}

const bare = (value: string): Candidate => ({ value, description: '' })

const startingWith = (typed: string, all: readonly Candidate[]): Candidate[] =>
  all.filter(({ value }) => value.startsWith(typed))
