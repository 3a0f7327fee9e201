import { Failure, UsageError } from './failure.ts'
import { printable } from './printable.ts'
import { isInteractive, type Terminal } from './terminal.ts'

/** One of several, chosen by a person. */
export interface Choice {
  readonly value: string
  readonly label: string
  readonly hint?: string
}

/** What a command that cannot be undone may be told. */
export interface Confirmation {
  readonly yes?: true | undefined
}

/** Refuses where nobody can confirm it: said before any server is asked for what the question is about. */
export function requireConfirmable(terminal: Terminal, { yes }: Confirmation): void {
  if (yes || isInteractive(terminal)) return
  throw new UsageError('Nobody is there to confirm it.', { hint: 'Say so with --yes.' })
}

/** Whether to go on with what cannot be undone: a person is asked, a program has to have said `--yes`. */
export async function confirmed(terminal: Terminal, message: string, confirmation: Confirmation): Promise<void> {
  requireConfirmable(terminal, confirmation)
  if (confirmation.yes) return
  const { confirm } = await import('@clack/prompts')
  // The name of what it is about may be somebody else's choice.
  const answer = await confirm({ ...at(terminal), message: printable(message), initialValue: false })
  if (answer !== true) throw cancelled()
}

/** A secret, typed or pasted without being shown, or else all of standard input. */
export async function secret(terminal: Terminal, message: string): Promise<string> {
  if (!isInteractive(terminal)) return wholeInput(terminal)
  const { password } = await import('@clack/prompts')
  const answer = await password({ ...at(terminal), message })
  if (typeof answer === 'symbol') throw cancelled()
  return answer.trim()
}

/** One of `choices`. */
export async function chosen(terminal: Terminal, message: string, choices: readonly Choice[]): Promise<string> {
  const { select } = await import('@clack/prompts')
  const options = choices.map(({ value, label, hint }) => ({
    value,
    label: printable(label),
    ...(hint !== undefined && { hint: printable(hint) }),
  }))
  const answer = await select({ ...at(terminal), message, options })
  if (typeof answer === 'symbol') throw cancelled()
  return answer
}

/** At most this much is read where a key is expected. */
const INPUT_LIMIT = 4096

async function wholeInput({ stdin }: Terminal): Promise<string> {
  let text = ''
  for await (const chunk of stdin) {
    text += String(chunk)
    if (text.length > INPUT_LIMIT) throw new Failure('Standard input is too long for a key.')
  }
  return text.trim()
}

/** Questions stand on standard error: standard output has the answer of the command and nothing else. */
const at = ({ stdin, stderr }: Terminal) => ({ input: stdin, output: stderr, withGuide: false })

const cancelled = () => new Failure('Cancelled: nothing was changed.')
