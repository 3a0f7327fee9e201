import { type SQL, type SQLWrapper, sql } from 'drizzle-orm'

/** The end of a page: the sort values of its last row. The id makes the order unique. */
export interface Position<Value> {
  readonly value: Value
  readonly id: string
}

/** A request for the page after a position, or the first page. */
export interface PageRequest<Value> {
  /** The maximum number of rows. */
  readonly limit: number
  readonly after?: Position<Value> | undefined
}

export interface Page<Row, Value> {
  readonly rows: readonly Row[]
  /** The position after which the next page begins; null after the last page. */
  readonly next: Position<Value> | null
}

/** How a statement reads one page of a list (keyset pagination): its cost does not depend on the pages before. */
export interface Keyset<Value> {
  readonly orderBy: SQL
  /** The condition for rows after the position; undefined for the first page. */
  readonly behind: SQL | undefined
  /** A column of each row: the value of its position. */
  readonly value: SQL<Value>
}

type Direction = 'asc' | 'desc'

/** Orders by a column with an id, which is unique and sorts by the time of creation. */
export function byId(id: SQLWrapper, direction: Direction, after: Position<null> | undefined): Keyset<null> {
  return {
    orderBy: sql`${id} ${sql.raw(direction)}`,
    behind: after && sql`${id} ${operator(direction)} ${after.id}`,
    value: sql<null>`NULL`,
  }
}

/** Orders by an instant and by id. The position is in microseconds, as the column: a `Date` would round it. */
export function byMoment(
  moment: SQLWrapper,
  id: SQLWrapper,
  direction: Direction,
  after: Position<number> | undefined,
): Keyset<number> {
  return {
    orderBy: sql`${moment} ${sql.raw(direction)}, ${id} ${sql.raw(direction)}`,
    behind: after && sql`(${moment}, ${id}) ${operator(direction)} (${momentOf(after.value)}, ${after.id})`,
    value: sql<number>`(${microseconds(moment)})::float8`,
  }
}

/** As `byMoment`, for an instant that may be infinite. The position is a text: those far away exceed a safe integer. */
export function byMomentText(
  moment: SQLWrapper,
  id: SQLWrapper,
  direction: Direction,
  after: Position<string> | undefined,
): Keyset<string> {
  const at = (value: string) => (value.endsWith('infinity') ? sql`${value}::timestamptz` : momentOf(value))
  return {
    orderBy: sql`${moment} ${sql.raw(direction)}, ${id} ${sql.raw(direction)}`,
    behind: after && sql`(${moment}, ${id}) ${operator(direction)} (${at(after.value)}, ${after.id})`,
    value: sql<string>`CASE WHEN isfinite(${moment}) THEN ${microseconds(moment)}::text ELSE ${moment}::text END`,
  }
}

/** Orders by a text and by id. */
export function byText(
  text: SQLWrapper,
  id: SQLWrapper,
  direction: Direction,
  after: Position<string> | undefined,
): Keyset<string> {
  return {
    orderBy: sql`${text} ${sql.raw(direction)}, ${id} ${sql.raw(direction)}`,
    behind: after && sql`(${text}, ${id}) ${operator(direction)} (${after.value}::text, ${after.id})`,
    value: sql<string>`${text}`,
  }
}

/** An instant as whole microseconds since the epoch. */
export const microseconds = (moment: SQLWrapper): SQL => sql`(extract(epoch FROM ${moment}) * 1000000)::bigint`

/** The instant for a number of microseconds since the epoch. A product of more than 2^53 microseconds would be rounded. */
export const momentOf = (value: number | string): SQL =>
  sql`'epoch'::timestamptz + ${String(value)}::bigint / 1000000 * interval '1 second' + ${String(value)}::bigint % 1000000 * interval '1 microsecond'`

/** Returns the page of `limit` rows of those that were read: one more than that if there are further ones. */
export function pageOf<Row, Value>(
  read: readonly Row[],
  limit: number,
  positionOf: (row: Row) => Position<Value>,
): Page<Row, Value> {
  const rows = read.slice(0, limit)
  const last = rows.at(-1)
  return { rows, next: read.length > limit && last !== undefined ? positionOf(last) : null }
}

/** As `pageOf`, for rows that were read with the value of their position. */
export function pageOfPositions<Row extends { readonly id: string }, Value>(
  read: readonly { readonly row: Row; readonly value: Value }[],
  limit: number,
): Page<Row, Value> {
  const { rows, next } = pageOf(read, limit, ({ row: { id }, value }) => ({ value, id }))
  return { rows: rows.map(({ row }) => row), next }
}

const operator = (direction: Direction): SQL => sql.raw(direction === 'asc' ? '>' : '<')
