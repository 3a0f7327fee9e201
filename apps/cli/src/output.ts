import { Failure } from './failure.ts'
import { printable, printableLines } from './printable.ts'
import type { Terminal } from './terminal.ts'
import type { View } from './view.ts'

export const FORMATS = ['table', 'json', 'yaml'] as const

export type Format = (typeof FORMATS)[number]

/** The two channels to whoever called: answers on standard output, everything else on standard error. */
export interface Output {
  one<T>(item: T, view: View<T>): Promise<void>
  /** `none` is said where there are none; a program gets `whole` where there is more to it than the items. */
  list<T>(items: readonly T[], view: View<T>, none: string, whole?: unknown): Promise<void>
  /** A sentence for the person, left out where only the value is wanted. */
  note(text: string): void
  /** As `note`, and never left out. */
  warn(text: string): void
}

export function outputTo(terminal: Terminal, { format, quiet }: { format: Format; quiet: boolean }): Output {
  const { stdout, stderr } = terminal
  const print = (text: string) => write(stdout, text)
  const layout = { hasColours: hasColours(stdout, terminal), columns: stdout.isTTY ? stdout.columns : undefined }
  const say = (text: string) => void stderr.write(`${printableLines(text)}\n`)

  /** A terminal is protected; a program gets what the server said. */
  const line = (value: string) => `${stdout.isTTY ? printable(value) : value}\n`

  async function printed<T>(items: readonly T[], view: View<T>, whole: unknown, asTable: () => Promise<string>) {
    if (quiet) return print(items.flatMap(view.value).map(line).join(''))
    if (format === 'json') return print(`${printableLines(JSON.stringify(whole, null, 2))}\n`)
    if (format === 'yaml') return print((await import('./yaml.ts')).yamlOf(whole))
    return print(await asTable())
  }

  return {
    one: (item, view) =>
      printed([item], view, item, async () => (await import('./table.ts')).recordOf(item, view.columns)),
    async list(items, view, none, whole = items) {
      if (items.length === 0 && format === 'table' && !quiet) return say(none)
      await printed(items, view, whole, async () => (await import('./table.ts')).tableOf(items, view.columns, layout))
    },
    note(text) {
      if (!quiet) say(text)
    },
    warn: say,
  }
}

/** Whether colours are wanted there: by a person at a terminal who has not said otherwise (no-color.org). */
export const hasColours = (stream: { readonly isTTY?: boolean }, { env }: Terminal): boolean =>
  stream.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb'

/** Standard output did not take what was printed. */
export class OutputError extends Failure {
  override readonly name = 'OutputError'
  /** The system's code, such as `ENOSPC`. */
  readonly code: string

  constructor(cause: NodeJS.ErrnoException) {
    super(`Cannot write to standard output: ${cause.code ?? cause.message}.`, { cause })
    this.code = cause.code ?? ''
  }
}

/** Resolves when the reader has taken it, so that nothing is cut off by the end of the process. */
function write(stream: NodeJS.WritableStream, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => (error ? reject(new OutputError(error)) : resolve()))
  })
}
