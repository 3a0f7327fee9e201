import { styleText } from 'node:util'
import Table from 'cli-table3'
import stringWidth from 'string-width'
import { escapeUnprintable } from './escape.ts'
import { formatRelative } from './relative-time.ts'
import { type Cell, type Column, type Fit, formatInstant } from './view.ts'

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
/** A longer value does not cause other columns to be omitted: it is truncated. */
const USUAL_COLUMN_WIDTH = 32

/**
 * Formats items as a table. If it is wider than the terminal, columns that may be omitted are, and the widest of the others
 * are truncated. A terminal that is too narrow for that gets a block for each item.
 */
export function formatTable<T>(items: readonly T[], columns: readonly Column<T>[], layout: Layout): string {
  const visible = columns.filter(([, , fit]) => !fit?.isHidden)
  const all = visible.map((column) => measureColumn(items, column, layout))
  const shown = layout.columns === undefined ? all : omitColumns(all, layout.columns)
  const widths = layout.columns === undefined ? shown.map(({ width }) => width) : fitWidths(shown, layout.columns)
  if (widths === undefined) return items.map((item) => formatRecord(item, columns, layout)).join('\n')
  const titles = shown.map(({ title }) => title)
  // The library's colours depend on the environment, not on the layout.
  const bold = (title: string) => styleText('bold', title, { validateStream: false })
  const table = createBorderlessTable(layout.hasColours ? titles.map(bold) : titles, widths)
  table.push(...items.map((_item, row) => shown.map(({ cells }) => cells[row] ?? '')))
  return trimLines(table.toString())
}

interface MeasuredColumn extends Fit {
  readonly title: string
  readonly cells: readonly string[]
  /** Width without truncation. */
  readonly width: number
}

function measureColumn<T>(items: readonly T[], [name, cell, fit]: Column<T>, layout: Layout): MeasuredColumn {
  const title = name.toUpperCase()
  const cells = items.map((item) => formatShort(cell(item), layout))
  return { title, cells, width: Math.max(...[title, ...cells].map(widthOf)), ...fit }
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

/** Omits columns until the others fit in their usual width, or until none is left that may be omitted. */
function omitColumns(columns: readonly MeasuredColumn[], available: number): readonly MeasuredColumn[] {
  const order = Math.max(0, ...columns.map(({ omit = 0 }) => omit))
  const usual = columns.map(({ width, isWhole }) => (isWhole ? width : Math.min(width, USUAL_COLUMN_WIDTH)))
  if (order === 0 || excessOf(usual, available) <= 0) return columns
  const rest = columns.filter(({ omit }) => omit !== order)
  return omitColumns(rest, available)
}

/** Reduces the widest columns until all fit; undefined if they cannot. */
function fitWidths(columns: readonly MeasuredColumn[], available: number): number[] | undefined {
  const widths = columns.map(({ width }) => width)
  const reducible = columns.map(({ isWhole }) => !isWhole)
  for (let excess = excessOf(widths, available); excess > 0; excess -= 1) {
    const widest = Math.max(0, ...widths.filter((_width, index) => reducible[index]))
    if (widest <= MIN_COLUMN_WIDTH) return undefined
    const index = widths.findLastIndex((width, at) => reducible[at] && width === widest)
    widths[index] = widest - 1
  }
  return widths
}

const excessOf = (widths: readonly number[], available: number): number =>
  widths.reduce((sum, width) => sum + width, 0) + GAP.length * (widths.length - 1) - available

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
