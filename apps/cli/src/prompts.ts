import { escapeUnprintable } from './escape.ts'
import { Failure, UsageError } from './failure.ts'
import { isInteractive, type Terminal, whyNotInteractive } from './terminal.ts'

/** An option of a selection. */
export interface Choice {
  readonly value: string
  readonly label: string
  readonly hint?: string
}

/** Options of commands that cannot be undone. */
export interface Confirmation {
  readonly yes?: true | undefined
}

/** Throws a UsageError if there is neither a terminal nor `--yes`. Call it before any request. */
export function requireConfirmationPossible(terminal: Terminal, { yes }: Confirmation): void {
  if (yes || isInteractive(terminal)) return
  throw new UsageError(`Cannot ask for confirmation: ${whyNotInteractive(terminal)}.`, { hint: 'Pass --yes.' })
}

/** Asks for confirmation, unless `--yes` is set. */
export async function requireConfirmation(
  terminal: Terminal,
  message: string,
  confirmation: Confirmation,
): Promise<void> {
  requireConfirmationPossible(terminal, confirmation)
  if (confirmation.yes) return
  const { confirm } = await import('@clack/prompts')
  // Names in the message are untrusted.
  const answer = await confirm({ ...promptStreams(terminal), message: escapeUnprintable(message), initialValue: false })
  if (answer !== true) throw cancelledFailure()
}

/** Reads a secret from a hidden prompt at a terminal, otherwise from standard input. */
export async function readSecret(terminal: Terminal, message: string): Promise<string> {
  if (!isInteractive(terminal)) {
    if (terminal.stdin.isTTY) throw new UsageError(`Cannot prompt for it: ${whyNotInteractive(terminal)}.`)
    return readStandardInput(terminal)
  }
  const { password } = await import('@clack/prompts')
  const answer = await password({ ...promptStreams(terminal), message })
  if (typeof answer === 'symbol') throw cancelledFailure()
  return answer.trim()
}

/** Longest list that is shown without a search. */
const MAX_UNSEARCHED = 10

/** Prompts for one of `choices`. A long list can be searched by typing. */
export async function selectChoice(
  terminal: Terminal,
  message: string,
  choices: readonly Choice[],
  initialValue?: string,
): Promise<string> {
  const { autocomplete, select } = await import('@clack/prompts')
  const options = choices.map(toOption)
  const prompt = { ...promptStreams(terminal), message, options, ...(initialValue !== undefined && { initialValue }) }
  const answer = await (options.length > MAX_UNSEARCHED
    ? autocomplete({ ...prompt, maxItems: MAX_UNSEARCHED })
    : select(prompt))
  if (typeof answer !== 'string') throw cancelledFailure()
  return answer
}

/** Prompts for one or more of `choices`. */
export async function selectChoices(
  terminal: Terminal,
  message: string,
  choices: readonly Choice[],
): Promise<readonly string[]> {
  const { multiselect } = await import('@clack/prompts')
  const answer = await multiselect({ ...promptStreams(terminal), message, options: choices.map(toOption) })
  if (typeof answer === 'symbol') throw cancelledFailure()
  return answer
}

/** Prompts for a text. `findFault` returns what is wrong with it. */
export async function readText(
  terminal: Terminal,
  message: string,
  findFault: (text: string) => string | undefined,
): Promise<string> {
  const { text } = await import('@clack/prompts')
  const answer = await text({
    ...promptStreams(terminal),
    message,
    validate: (typed) => findFault(typed ?? ''),
  })
  if (typeof answer === 'symbol') throw cancelledFailure()
  return answer
}

/** Names are untrusted. */
const toOption = ({ value, label, hint }: Choice) => ({
  value,
  label: escapeUnprintable(label),
  ...(hint && { hint: escapeUnprintable(hint) }),
})

/** Maximum length of a key on standard input. */
const INPUT_LIMIT = 4096

async function readStandardInput({ stdin }: Terminal): Promise<string> {
  let text = ''
  for await (const chunk of stdin) {
    text += String(chunk)
    if (text.length > INPUT_LIMIT) throw new Failure('Standard input is too long for a key.')
  }
  return text.trim()
}

/** Prompts use standard error, because standard output carries results only. */
const promptStreams = ({ stdin, stderr }: Terminal) => ({ input: stdin, output: stderr, withGuide: false })

const cancelledFailure = () => new Failure('Cancelled: nothing was changed.')
