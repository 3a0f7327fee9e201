import { escapeLines, escapeUnprintable } from './escape.ts'
import { Failure } from './failure.ts'
import type { JsonSelection } from './json-selection.ts'
import type { Terminal } from './terminal.ts'
import type { View } from './view.ts'

export const FORMATS = ['table', 'tsv', 'json', 'yaml'] as const

export type Format = (typeof FORMATS)[number]

/** Prints results on standard output, and everything else on standard error. */
export interface Output {
  /** Prints one item. */
  item<T>(item: T, view: View<T>): Promise<void>
  /** Prints items, or the sentence `none`. JSON and YAML have `whole`, where a response is more than its items. */
  list<T>(items: readonly T[], view: View<T>, none: string, whole?: unknown): Promise<void>
  /** Prints one item of a list that does not end, on a line: JSON without line breaks, or columns separated by tabs. */
  line<T>(item: T, view: View<T>): Promise<void>
  /** Prints a value as JSON, within `--json` and `--jq`. */
  json(value: unknown): Promise<void>
  /** Prints text as it is; a terminal receives no control characters. */
  text(text: string): Promise<void>
  /** Writes a sentence to standard error, unless `--quiet` is set. */
  note(text: string): void
  /** Writes a sentence to standard error, with `--quiet` too. */
  warn(text: string): void
}

export interface OutputOptions {
  /** Undefined: a table at a terminal, TSV in a pipe. */
  readonly format?: Format | undefined
  readonly quiet: boolean
  /** Set if `--json` or `--jq` is given. */
  readonly selection?: (() => Promise<JsonSelection>) | undefined
}

export function createOutput(terminal: Terminal, { format, quiet, selection }: OutputOptions): Output {
  const { stdout, stderr, now } = terminal
  const print = (text: string) => write(stdout, text)
  const layout = {
    hasColours: hasColours(stdout, terminal),
    columns: stdout.isTTY ? stdout.columns : undefined,
    now: now(),
  }
  const writeNote = (text: string) => void stderr.write(`${escapeLines(text)}\n`)
  const isJson = format === 'json' || selection !== undefined

  // A terminal receives no control characters; a program receives the exact value.
  const line = (value: string) => `${stdout.isTTY ? escapeUnprintable(value) : value}\n`

  async function printJson(whole: unknown) {
    const { selectFields, createJsonSelection } = await import('./json-selection.ts')
    const { fields, format } = await (selection?.() ?? createJsonSelection(undefined, undefined))
    const text = format(fields === undefined ? whole : selectFields(whole, fields))
    return print(text === '' ? '' : `${escapeLines(text)}\n`)
  }

  async function printed<T>(items: readonly T[], view: View<T>, whole: unknown, asTable: () => Promise<string>) {
    if (quiet) return print(items.flatMap(view.value).map(line).join(''))
    if (isJson) return printJson(whole)
    if (format === 'yaml') return print((await import('./yaml.ts')).formatYaml(whole))
    if (format === 'tsv') return print((await import('./table.ts')).formatTsv(items, view.columns))
    return print(await asTable())
  }

  return {
    item: (item, view) =>
      printed([item], view, item, async () => (await import('./table.ts')).formatRecord(item, view.columns, layout)),
    async list(items, view, none, whole = items) {
      const isForPeople = !isJson && format !== 'yaml' && !quiet
      if (items.length === 0 && isForPeople) return writeNote(none)
      await printed(items, view, whole, async () => {
        const { formatTable, formatTsv } = await import('./table.ts')
        const isPiped = format === undefined && !stdout.isTTY
        return isPiped ? formatTsv(items, view.columns) : formatTable(items, view.columns, layout)
      })
    },
    async line(item, view) {
      if (quiet) return print([view.value(item)].flat().map(line).join(''))
      if (isJson && selection === undefined) return print(`${JSON.stringify(item)}\n`)
      if (isJson) return printJson(item)
      const { formatTsv } = await import('./table.ts')
      const text = formatTsv([item], view.columns)
      return print(stdout.isTTY ? escapeLines(text.replaceAll('\t', '  ')) : text)
    },
    json: printJson,
    text: (text) => print(stdout.isTTY ? escapeLines(text) : text),
    note(text) {
      if (!quiet) writeNote(text)
    },
    warn: writeNote,
  }
}

/** Returns whether to use colours: on a terminal, unless the environment disables them (no-color.org). */
export const hasColours = (stream: { readonly isTTY?: boolean }, { env }: Terminal): boolean =>
  stream.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb'

/** A failed write to standard output. */
export class OutputError extends Failure {
  override readonly name = 'OutputError'
  /** The system's code, such as `ENOSPC`. */
  readonly code: string

  constructor(cause: NodeJS.ErrnoException) {
    super(`Cannot write to standard output: ${cause.code ?? cause.message}.`, { cause })
    this.code = cause.code ?? ''
  }
}

/** Resolves when the text is written, so that the end of the process does not truncate it. */
function write(stream: NodeJS.WritableStream, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => (error ? reject(new OutputError(error)) : resolve()))
  })
}
