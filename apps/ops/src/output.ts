import type { Command } from '@commander-js/extra-typings'
import type { Host } from './host.ts'

export const FORMATS = ['text', 'json'] as const

/** Whoever read our standard output has seen enough, as `head` has: no failure, and nothing more is written. */
export class ReaderGone extends Error {
  override readonly name = 'ReaderGone'
}

/** The two channels to whoever called: the answer on standard output, everything else on standard error. */
export interface Output {
  /** `text` is for a person, `value` for a program. */
  answer(value: unknown, text: string): Promise<void>
  /** A piece of an answer that has one form, written as it is. Resolves when the reader has taken it. */
  text(piece: string): Promise<void>
  /** A line that is no part of the answer. */
  note(text: string): void
}

/** Where a command of the table answers, in the format that its caller chose. */
export function outputOf(host: Host, command: Pick<Command, 'optsWithGlobals'>): Output {
  // Declared on the root, in program.ts, with exactly this type.
  const { format } = command.optsWithGlobals() as unknown as { format: (typeof FORMATS)[number] }
  return {
    answer: (value, text) => write(host, `${format === 'json' ? JSON.stringify(value, null, 2) : text}\n`),
    text: (piece) => write(host, piece),
    note: (text) => void host.stderr.write(`${text}\n`),
  }
}

/** Resolves when the reader has taken it, so that nothing is cut off by the end of the process. */
function write({ stdout }: Host, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stdout.write(text, (error) => (error ? reject(asGone(error)) : resolve()))
  })
}

/** The write that finds out says EPIPE, and those after it that there is no stream any more. */
const asGone = (error: Error): Error =>
  'code' in error && (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED')
    ? new ReaderGone('nobody reads any more', { cause: error })
    : error
