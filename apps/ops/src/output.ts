import type { Command } from '@commander-js/extra-typings'
import type { Host } from './host.ts'

export const FORMATS = ['text', 'json'] as const

/** Thrown when the reader of standard output has closed it, as `head` does. Not a failure: writing stops. */
export class ReaderGone extends Error {
  override readonly name = 'ReaderGone'
}

/** The output of a command: the answer on standard output, everything else on standard error. */
export interface Output {
  /** Prints `text`, or `value` as JSON with `--format json`. */
  answer(value: unknown, text: string): Promise<void>
  /** Writes a piece of an answer that has a single format. Resolves when the reader has taken it. */
  text(piece: string): Promise<void>
  /** Writes a line to standard error. */
  note(text: string): void
}

/** Returns the output of a command in the chosen format. */
export function outputOf(host: Host, command: Pick<Command, 'optsWithGlobals'>): Output {
  // Declared on the root, in program.ts, with exactly this type.
  const { format } = command.optsWithGlobals() as unknown as { format: (typeof FORMATS)[number] }
  return {
    answer: (value, text) => write(host, `${format === 'json' ? JSON.stringify(value, null, 2) : text}\n`),
    text: (piece) => write(host, piece),
    note: (text) => void host.stderr.write(`${text}\n`),
  }
}

/** Resolves when the reader has taken the text, so that the end of the process truncates nothing. */
function write({ stdout }: Host, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stdout.write(text, (error) => (error ? reject(toReaderGone(error)) : resolve()))
  })
}

/** The first write after the reader has closed fails with EPIPE, later ones with ERR_STREAM_DESTROYED. */
const toReaderGone = (error: Error): Error =>
  'code' in error && (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED')
    ? new ReaderGone('standard output is closed', { cause: error })
    : error
