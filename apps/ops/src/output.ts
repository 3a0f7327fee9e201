import type { Command } from '@commander-js/extra-typings'
import type { Host } from './host.ts'

export const FORMATS = ['text', 'json'] as const

/** The two channels to whoever called: the answer on standard output, everything else on standard error. */
export interface Output {
  /** `text` is for a person, `value` for a program. */
  answer(value: unknown, text: string): Promise<void>
  /** A line that is no part of the answer. */
  note(text: string): void
}

/** Where a command of the table answers, in the format that its caller chose. */
export function outputOf(host: Host, command: Pick<Command, 'optsWithGlobals'>): Output {
  // Declared on the root, in program.ts, with exactly this type.
  const { format } = command.optsWithGlobals() as unknown as { format: (typeof FORMATS)[number] }
  return {
    answer: (value, text) => write(host, format === 'json' ? JSON.stringify(value, null, 2) : text),
    note: (text) => void host.stderr.write(`${text}\n`),
  }
}

/** Resolves when the reader has taken it, so that nothing is cut off by the end of the process. */
function write({ stdout }: Host, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stdout.write(`${text}\n`, (error) => (error ? reject(error) : resolve()))
  })
}
