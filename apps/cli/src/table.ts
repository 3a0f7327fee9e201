import { stripVTControlCharacters, styleText } from 'node:util'
import Table from 'cli-table3'
import { printable } from './printable.ts'
import type { Cell, Column } from './view.ts'

export interface Layout {
  readonly hasColours: boolean
  /** Of the terminal; undefined where there is none, and lines may be of any length. */
  readonly columns: number | undefined
}

/** A line for each; a paragraph for each where the terminal is too narrow for that, so that nothing is cut or broken. */
export function tableOf<T>(items: readonly T[], columns: readonly Column<T>[], layout: Layout): string {
  const titles = columns.map(([title]) => title.toUpperCase())
  // By ourselves: the table's own colours go by the environment, whatever the layout says.
  const bold = (title: string) => styleText('bold', title, { validateStream: false })
  const table = borderless(layout.hasColours ? titles.map(bold) : titles)
  for (const item of items) table.push(columns.map(([, cell]) => textOf(cell(item))))
  const text = trimmed(table.toString())
  if (layout.columns === undefined || widthOf(text) <= layout.columns) return text
  return items.map((item) => recordOf(item, columns)).join('\n')
}

/** A line for each column. */
export function recordOf<T>(item: T, columns: readonly Column<T>[]): string {
  const table = borderless([])
  for (const [title, cell] of columns) {
    if (title !== '') table.push([title, textOf(cell(item))])
  }
  return trimmed(table.toString())
}

function borderless(head: string[]) {
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

const trimmed = (text: string): string => `${text.replaceAll(/ +$/gm, '')}\n`

const widthOf = (text: string): number =>
  Math.max(
    ...stripVTControlCharacters(text)
      .split('\n')
      .map((line) => line.length),
  )

function textOf(cell: Cell): string {
  if (cell === null || cell === undefined || cell === '') return '-'
  if (typeof cell === 'object') return cell.length === 0 ? '-' : cell.map(printable).join(',')
  return typeof cell === 'boolean' ? (cell ? 'yes' : 'no') : printable(String(cell))
}
