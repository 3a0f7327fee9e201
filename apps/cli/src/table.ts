import { stripVTControlCharacters, styleText } from 'node:util'
import Table from 'cli-table3'
import { escapeUnprintable } from './escape.ts'
import type { Cell, Column } from './view.ts'

export interface Layout {
  readonly hasColours: boolean
  /** Width of the terminal; undefined if output is not a terminal. */
  readonly columns: number | undefined
}

/** Formats items as a table, or as a block for each item if the terminal is too narrow. */
export function formatTable<T>(items: readonly T[], columns: readonly Column<T>[], layout: Layout): string {
  const titles = columns.map(([title]) => title.toUpperCase())
  // The library's colours depend on the environment, not on the layout.
  const bold = (title: string) => styleText('bold', title, { validateStream: false })
  const table = createBorderlessTable(layout.hasColours ? titles.map(bold) : titles)
  for (const item of items) table.push(columns.map(([, cell]) => formatText(cell(item))))
  const text = trimLines(table.toString())
  if (layout.columns === undefined || measureWidth(text) <= layout.columns) return text
  return items.map((item) => formatRecord(item, columns)).join('\n')
}

/** Formats one item with a line for each column. */
export function formatRecord<T>(item: T, columns: readonly Column<T>[]): string {
  const table = createBorderlessTable([])
  for (const [title, cell] of columns) {
    if (title !== '') table.push([title, formatText(cell(item))])
  }
  return trimLines(table.toString())
}

function createBorderlessTable(head: string[]) {
  const none = Object.fromEntries(
    ['top', 'bottom', 'mid', 'left', 'right'].flatMap((side) =>
      [side, `${side}-mid`, `${side}-left`, `${side}-right`].map((name) => [name, '']),
    ),
  )
  return new Table({
    head,
    chars: { ...none, 'left-mid': '', 'mid-mid': '', 'right-mid': '', middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  })
}

const trimLines = (text: string): string => `${text.replaceAll(/ +$/gm, '')}\n`

const measureWidth = (text: string): number =>
  Math.max(
    ...stripVTControlCharacters(text)
      .split('\n')
      .map((line) => line.length),
  )

function formatText(cell: Cell): string {
  if (cell === null || cell === undefined || cell === '') return '-'
  if (typeof cell === 'object') return cell.length === 0 ? '-' : cell.map(escapeUnprintable).join(',')
  return typeof cell === 'boolean' ? (cell ? 'yes' : 'no') : escapeUnprintable(String(cell))
}
