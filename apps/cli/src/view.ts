/** How items of a type are printed. */
export interface View<T> {
  readonly columns: readonly Column<T>[]
  /** What `--quiet` prints, one or more lines. */
  readonly value: (item: T) => string | readonly string[]
}

/** A column: its title and the value of an item. */
export type Column<T> = readonly [title: string, cell: (item: T) => Cell, fit?: Fit]

/** What a table does with a column if the terminal is too narrow; by default, it truncates the widest columns. */
export interface Fit {
  /** The table omits these columns first, the highest number before others. A record and TSV have them always. */
  readonly omit?: number
  /** Never truncated: a command takes the value. */
  readonly isWhole?: boolean
  /** A table omits the column at any width, because its cells would all be the same. A record and TSV have it always. */
  readonly isHidden?: boolean
}

export type Cell = string | number | boolean | null | undefined | readonly string[] | InstantCell | MaskedKeyCell

/** An instant in RFC 3339, which a terminal shows relative to now. */
export interface InstantCell {
  readonly instant: string
}

/** A masked key, which a table in a terminal abbreviates. */
export interface MaskedKeyCell {
  readonly maskedKey: string
}

export const instantCell = (text: string | null, none = '-'): Cell => (text === null ? none : { instant: text })

export const maskedKeyCell = (maskedKey: string): Cell => ({ maskedKey })

/** Formats an instant to the second, in the form of `--expires-at`. */
export const formatInstant = (text: string | null, none = '-'): string => text?.replace(/\.\d+Z$/, 'Z') ?? none
