import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { sql as drizzle } from 'drizzle-orm'
import { byMoment, byMomentText, byText, microseconds, momentOf, pageOf, pageOfPositions } from '../src/core/keyset.ts'

const { database } = await testDatabase({ after })
const { $client: sql } = database
await sql`CREATE TABLE things (id text PRIMARY KEY, moment timestamptz NOT NULL, name text NOT NULL)`
const MOMENTS = [
  '-infinity',
  '1970-01-01Z',
  '1999-12-31T23:59:59.999999Z',
  '2026-01-01T00:00:00.000001Z',
  '2026-01-01T00:00:00.000002Z',
  '9999-12-31T23:59:59.999999Z',
  'infinity',
]
for (const [at, moment] of MOMENTS.entries()) {
  for (const copy of ['a', 'b'])
    await sql`INSERT INTO things VALUES (${`${copy}${at}`}, ${moment}, ${`name ${at}'"\\%`})`
}
const [id, moment, name] = [drizzle`id`, drizzle`moment`, drizzle`name`]
// Its positions are numbers, which are exact until the year 2255.
const near = drizzle`isfinite(moment) AND moment < '2255-01-01Z'`

describe('an instant in a position', () => {
  for (const text of MOMENTS.filter((each) => !each.endsWith('infinity'))) {
    it(`is exact to the microsecond: ${text}`, async () => {
      const [row] = await database.execute<{ value: string; back: boolean }>(drizzle`
        SELECT ${microseconds(drizzle`${text}::timestamptz`)}::text AS value`)
      assert.ok(row)
      const [compared] = await database.execute<{ isEqual: boolean }>(
        drizzle`SELECT ${momentOf(row.value)} = ${text}::timestamptz AS "isEqual"`,
      )
      assert.equal(compared?.isEqual, true)
    })
  }
})

/** Every order of rows, one page of one row after another. */
const ORDERS = {
  byMoment: { of: byMoment, column: moment, where: near, count: 8 },
  byMomentText: { of: byMomentText, column: moment, where: drizzle`true`, count: 14 },
  byText: { of: byText, column: name, where: drizzle`true`, count: 14 },
} as const

for (const [order, { of, column, where, count }] of Object.entries(ORDERS)) {
  describe(order, () => {
    for (const direction of ['asc', 'desc'] as const) {
      it(`reads each row once in both of equal values, ${direction}`, async () => {
        const seen: string[] = []
        let after: { readonly value: never; readonly id: string } | undefined
        do {
          const { orderBy, behind, value } = of(column, id, direction, after)
          const found = await database.execute<{
            id: string
            value: never
          }>(drizzle`SELECT id, ${value} AS value FROM things
            WHERE ${where} AND ${behind ?? drizzle`true`} ORDER BY ${orderBy} LIMIT 1`)
          after = found[0] && { value: found[0].value, id: found[0].id }
          if (after) seen.push(after.id)
        } while (after && seen.length <= count)
        const all = await database.execute<{ id: string }>(drizzle`SELECT id FROM things WHERE ${where}
          ORDER BY ${column} ${drizzle.raw(direction)}, id ${drizzle.raw(direction)}`)
        assert.deepEqual(
          seen,
          all.map((row) => row.id),
        )
        assert.equal(seen.length, count)
      })
    }
  })
}

describe('a page', () => {
  const rows = [1, 2, 3].map((at) => ({ row: { id: `id${at}` }, value: at }))

  for (const [read, limit, expected, next] of [
    [3, 2, ['id1', 'id2'], { value: 2, id: 'id2' }],
    [2, 2, ['id1', 'id2'], null],
    [1, 2, ['id1'], null],
    [0, 2, [], null],
  ] as const) {
    it(`of ${limit} has ${expected.length} of ${read} rows, and ${next ? 'a' : 'no'} next one`, () => {
      const given = rows.slice(0, read)
      assert.deepEqual(pageOfPositions(given, limit), { rows: expected.map((each) => ({ id: each })), next })
      const page = pageOf(given, limit, ({ row, value }) => ({ value, id: row.id }))
      assert.deepEqual([page.rows.length, page.next], [expected.length, next])
    })
  }
})
