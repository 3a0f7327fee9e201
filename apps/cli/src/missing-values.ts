import { type Argument, type Command, InvalidArgumentError, type Option } from '@commander-js/extra-typings'
import { withApi } from './api.ts'
import { type CommandContext, createContext } from './command-context.ts'
import { type FoundCommand, findCommand } from './command-line.ts'
import { Failure } from './failure.ts'
import { type NameKind, needsOrganization, tagOf } from './name-kinds.ts'
import { promptOf } from './option-prompts.ts'
import { type Choice, readText, selectChoice, selectChoices } from './prompts.ts'
import type { Terminal } from './terminal.ts'

/**
 * Prompts for required arguments and options that the command line lacks. Once it prompts, it also offers the options
 * that have a prompt of their own, such as an expiry.
 * @param probe a command table that prints nothing; the words are parsed by it first
 * @returns the words with the answers, to be parsed as if they had been typed
 */
export async function promptForMissingValues(
  terminal: Terminal,
  probe: Command,
  words: readonly string[],
): Promise<readonly string[]> {
  const found = findCommand(probe, words)
  if (found === undefined) return words
  const { command } = found
  const missing = listMissing(found)
  if (missing.arguments.length === 0 && missing.options.length === 0) return words

  const unselected = createContext(terminal, command)
  const organization = await promptForOrganization(unselected, found)
  const context = organization === undefined ? unselected : withOrganization(unselected, organization)
  const flags = organization === undefined ? [] : [`--organization=${organization}`]
  const values: string[] = []
  for (const argument of missing.arguments) values.push(await promptForValue(context, argument))
  for (const option of missing.options) flags.push(`${option.long}=${await promptForValue(context, option)}`)
  for (const option of command.options) {
    const value = isGiven(command, option.attributeName())
      ? undefined
      : await promptForOption(terminal, command, option)
    if (value !== undefined) flags.push(`${option.long}=${value}`)
  }
  return insertAnswers(words, flags, values)
}

/** Options precede `--`, and arguments follow it: an answer may begin with a dash. */
function insertAnswers(words: readonly string[], flags: readonly string[], values: readonly string[]): string[] {
  const end = words.indexOf('--')
  const before = end === -1 ? words : words.slice(0, end)
  const after = end === -1 ? values : [...words.slice(end + 1), ...values]
  return [...before, ...flags, ...(after.length === 0 ? [] : ['--', ...after])]
}

function listMissing({ command, operands }: FoundCommand) {
  return {
    arguments: command.registeredArguments.filter(({ required }, index) => required && index >= operands.length),
    options: command.options.filter(
      (option) => option.mandatory && command.getOptionValue(option.attributeName()) === undefined,
    ),
  }
}

const isGiven = (command: Command, attribute: string): boolean =>
  command.getOptionValueSource(attribute) !== undefined && command.getOptionValueSource(attribute) !== 'default'

/** Groups whose commands act in the selected organization, and single commands that do. */
const ORGANIZATION_COMMANDS: ReadonlySet<string> = new Set([
  'api-key',
  'app',
  'domain',
  'identity-provider',
  'invitation',
  'member',
  'organization invite',
  'organization rename',
  'resource-server',
  'role',
  'secret',
])

/** Returns the organization to act in, if the user has several and none is selected. */
async function promptForOrganization(context: CommandContext, { command }: FoundCommand): Promise<string | undefined> {
  const group = command.parent?.name() ?? ''
  const kinds = command.registeredArguments.map(({ parseArg }) => tagOf(parseArg).kind)
  const isPersonal = kinds.some((kind) => kind !== undefined && !needsOrganization(kind))
  const isScoped = ORGANIZATION_COMMANDS.has(group) || ORGANIZATION_COMMANDS.has(`${group} ${command.name()}`)
  if (isPersonal || !isScoped) return undefined
  const all = await withApi(context, async ({ chosenId, organizations }) =>
    chosenId === undefined ? organizations() : [],
  )
  if (all.length < 2) return undefined
  const choices = all.map(({ id, name }) => ({ value: id, label: name, hint: id }))
  return selectChoice(context.terminal, QUESTIONS.organization, choices)
}

const withOrganization = (context: CommandContext, organization: string): CommandContext => ({
  ...context,
  selection: { ...context.selection, organization },
})

async function promptForValue(context: CommandContext, what: Argument | Option): Promise<string> {
  const { terminal } = context
  const { names = what.argChoices, kind, isList } = tagOf(what.parseArg)
  if (names !== undefined) {
    const choices = names.map((name) => ({ value: name, label: name }))
    return selectValues(terminal, `${capitalize(what.name().replaceAll('-', ' '))}:`, choices, isList)
  }
  if (kind === undefined) return readText(terminal, `${capitalize(what.description)}:`, (text) => findFault(what, text))
  return selectValues(terminal, QUESTIONS[kind], await listChoices(context, kind), isList)
}

const selectValues = async (terminal: Terminal, message: string, choices: readonly Choice[], isList = false) =>
  isList ? (await selectChoices(terminal, message, choices)).join(',') : selectChoice(terminal, message, choices)

async function listChoices(context: CommandContext, kind: NameKind): Promise<readonly Choice[]> {
  const { listNames } = await import('./name-lists.ts')
  const names = await withApi(context, (api) => listNames(api, kind))
  if (names.length === 0) throw new Failure('There is nothing to choose from.')
  return names.map(({ value, label, description }) => ({ value, label, hint: description }))
}

/** Prompts for an option that has a prompt of its own, unless another option replaces it. */
async function promptForOption(terminal: Terminal, command: Command, option: Option): Promise<string | undefined> {
  const prompt = promptOf(option)
  if (prompt === undefined || prompt.unless.some((attribute) => isGiven(command, attribute))) return undefined
  const { message, choices, initial, custom } = prompt
  const all = [...choices.map(([value, label]) => ({ value, label })), { value: CUSTOM, label: custom }]
  const chosen = await selectChoice(terminal, message, all, initial)
  if (chosen !== CUSTOM) return chosen === '' ? undefined : chosen
  return readText(terminal, `${capitalize(option.description)}:`, (text) => findFault(option, text))
}

const CUSTOM = 'custom'

/** Returns what is wrong with a text, by the parser of the argument or option. */
function findFault({ parseArg }: Argument | Option, text: string): string | undefined {
  if (text.trim() === '') return 'This is required.'
  try {
    parseArg?.(text, undefined)
    return undefined
  } catch (error) {
    if (error instanceof InvalidArgumentError) return error.message
    throw error
  }
}

const QUESTIONS: Readonly<Record<NameKind, string>> = {
  'api-key': 'Which key?',
  app: 'Which app?',
  'authorized-app': 'Which app?',
  domain: 'Which domain?',
  invitation: 'Which invitation?',
  member: 'Which member?',
  organization: 'Which organization?',
  'received-invitation': 'Which invitation?',
  'resource-server': 'Which resource server?',
  role: 'Which role?',
  session: 'Which session?',
}

const capitalize = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
