/** How a thing is shown. */
export interface View<T> {
  readonly columns: readonly Column<T>[]
  /** All that `--quiet` prints of it, a line each. */
  readonly value: (item: T) => string | readonly string[]
}

/** What a person reads of it: a title, and what stands under or beside it. */
export type Column<T> = readonly [title: string, cell: (item: T) => Cell]

export type Cell = string | number | boolean | null | undefined | readonly string[]

/** An instant for people: to the second, as `--expires-at` takes it. */
export const instant = (text: string | null, none = '-'): string => text?.replace(/\.\d+Z$/, 'Z') ?? none
