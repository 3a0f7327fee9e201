import { styleText } from 'node:util'
import Table from 'cli-table3'
import stringWidth from 'string-width'
import { escapeUnprintable } from './escape.ts'
import { formatRelative } from './relative-time.ts'
import { type Cell, type Column, formatInstant } from './view.ts'

export interface Layout {
  readonly hasColours: boolean
  /** Width of the terminal; undefined if output is not a terminal. */
  readonly columns: number | undefined
  /** Milliseconds since the epoch: instants at a terminal are relative to it. */
  readonly now: number
}

const GAP = '  '
/** Columns are truncated to this width at least; below it, a table is not readable. */
const MIN_COLUMN_WIDTH = 8

/**
 * Formats items as a table. The widest columns are truncated to the width of a terminal. A terminal that is too narrow
 * for that gets a block for each item.
 */
export function formatTable<T>(items: readonly T[], columns: readonly Column<T>[], layout: Layout): string {
  const titles = columns.map(([title]) => title.toUpperCase())
  const rows = items.map((item) => columns.map(([, cell]) => formatShort(cell(item), layout)))
  const natural = titles.map((title, index) =>
    Math.max(...[title, ...rows.map((row) => row[index] ?? '')].map(widthOf)),
  )
  const widths = layout.columns === undefined ? natural : fitWidths(natural, layout.columns)
  if (widths === undefined) return items.map((item) => formatRecord(item, columns, layout)).join('\n')
  // The library's colours depend on the environment, not on the layout.
  const bold = (title: string) => styleText('bold', title, { validateStream: false })
  const table = createBorderlessTable(layout.hasColours ? titles.map(bold) : titles, widths)
  table.push(...rows)
  return trimLines(table.toString())
}

/** Formats one item with a line for each column. */
export function formatRecord<T>(item: T, columns: readonly Column<T>[], layout: Layout): string {
  const table = createBorderlessTable([])
  for (const [title, cell] of columns) {
    if (title !== '') table.push([title, formatLong(cell(item), layout)])
  }
  return trimLines(table.toString())
}

/** Formats items for programs: tab-separated, without titles, complete and with absolute instants. */
export function formatTsv<T>(items: readonly T[], columns: readonly Column<T>[]): string {
  const titled = columns.filter(([title]) => title !== '')
  return items.map((item) => `${titled.map(([, cell]) => formatAbsolute(cell(item), '')).join('\t')}\n`).join('')
}

/** Reduces the widest columns until all fit; undefined if they cannot. */
function fitWidths(natural: readonly number[], available: number): number[] | undefined {
  const widths = [...natural]
  let excess = widths.reduce((sum, width) => sum + width, 0) + GAP.length * (widths.length - 1) - available
  while (excess > 0) {
    const widest = Math.max(...widths)
    if (widest <= MIN_COLUMN_WIDTH) return undefined
    const index = widths.lastIndexOf(widest)
    widths[index] = widest - 1
    excess -= 1
  }
  return widths
}

function createBorderlessTable(head: string[], colWidths: readonly number[] = []) {
  const none = Object.fromEntries(
    ['top', 'bottom', 'mid', 'left', 'right'].flatMap((side) =>
      [side, `${side}-mid`, `${side}-left`, `${side}-right`].map((name) => [name, '']),
    ),
  )
  return new Table({
    head,
    colWidths: [...colWidths],
    chars: { ...none, 'left-mid': '', 'mid-mid': '', 'right-mid': '', middle: GAP },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  })
}

const trimLines = (text: string): string => `${text.replaceAll(/ +$/gm, '')}\n`

const widthOf = (text: string): number => stringWidth(text)

/** Formats a cell of a table: at a terminal, instants are relative and keys abbreviated. */
function formatShort(cell: Cell, { columns, now }: Layout): string {
  if (columns !== undefined && isObject(cell)) {
    if ('instant' in cell) return formatRelative(cell.instant, now)
    return escapeUnprintable(cell.maskedKey.replace(/\*+/, '…'))
  }
  return formatAbsolute(cell)
}

/** Formats a cell of a record: at a terminal, an instant is also relative. */
function formatLong(cell: Cell, { columns, now }: Layout): string {
  const text = formatAbsolute(cell)
  return columns !== undefined && isObject(cell) && 'instant' in cell
    ? `${text} (${formatRelative(cell.instant, now)})`
    : text
}

function formatAbsolute(cell: Cell, none = '-'): string {
  if (cell === null || cell === undefined || cell === '') return none
  if (isObject(cell)) return escapeUnprintable('instant' in cell ? formatInstant(cell.instant) : cell.maskedKey)
  if (typeof cell === 'object') return cell.length === 0 ? none : cell.map(escapeUnprintable).join(',')
  return typeof cell === 'boolean' ? (cell ? 'yes' : 'no') : escapeUnprintable(String(cell))
}

const isObject = (cell: Cell): cell is Exclude<Extract<Cell, object>, readonly string[]> =>
  typeof cell === 'object' && cell !== null && !Array.isArray(cell)
