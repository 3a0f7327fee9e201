import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'

/** Columns without an index, with the reason: `table (columns)`. */
const EXCEPTIONS: Readonly<Record<string, string>> = {}

/** The leading columns of each usable index. A partial one counts if it leaves out nulls only. */
async function indexedColumns(sql: Awaited<ReturnType<typeof testDatabase>>['database']['$client']) {
  const rows = await sql<{ table: string; columns: string[]; predicate: string | null }[]>`
    SELECT indrelid::regclass::text AS table, pg_get_expr(indpred, indrelid) AS predicate, ARRAY(
      SELECT coalesce(attname::text, '') FROM unnest(indkey::int2[]) WITH ORDINALITY AS key (number, place)
      LEFT JOIN pg_attribute ON attrelid = indrelid AND attnum = key.number AND attnum > 0 ORDER BY place) AS columns
    FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
    WHERE relnamespace = 'public'::regnamespace AND indisvalid AND NOT relispartition`
  return (table: string, columns: readonly string[]) =>
    rows.some(
      (index) =>
        index.table === table &&
        columns.every((column) => index.columns.slice(0, columns.length).includes(column)) &&
        (index.predicate === null || index.predicate === `(${columns[0]} IS NOT NULL)`),
    )
}

describe('deletions', () => {
  it('find the rows that refer to a deleted row by an index, for every foreign key', async (t) => {
    const { database } = await testDatabase(t)
    const isIndexed = await indexedColumns(database.$client)
    const keys = await database.$client<{ table: string; columns: string[] }[]>`
      SELECT conrelid::regclass::text AS table, ARRAY(
        SELECT attname::text FROM unnest(conkey) AS number JOIN pg_attribute ON attrelid = conrelid AND attnum = number) AS columns
      FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace AND conparentid = 0`
    const lacking = keys.filter(({ table, columns }) => !isIndexed(table, columns))
    assert.deepEqual(
      lacking.map(({ table, columns }) => `${table} (${columns.join()})`).toSorted(),
      Object.keys(EXCEPTIONS).toSorted(),
    )
    assert.ok(keys.length >= 30, String(keys.length))
    t.diagnostic(`${keys.length} foreign keys`)
  })

  it('and triggers find the rows that they change by an index', async (t) => {
    const { database } = await testDatabase(t)
    const isIndexed = await indexedColumns(database.$client)
    const functions = await database.$client<{ name: string; source: string }[]>`
      SELECT proname AS name, prosrc AS source FROM pg_proc
      WHERE pronamespace = 'public'::regnamespace AND prorettype = 'trigger'::regtype`
    const changes = functions.flatMap(({ name, source }) =>
      [...source.matchAll(/(?:DELETE FROM|UPDATE) (\w+) (?:SET [^;]*?)?WHERE\s+(\w+) = (?:OLD|NEW)\.\w+/g)].map(
        ([, table = '', column = '']) => ({ name, table, column }),
      ),
    )
    assert.ok(changes.some(({ table, column }) => table === 'oidc_artifacts' && column === 'client_id'))
    assert.deepEqual(
      changes.filter(({ table, column }) => !isIndexed(table, [column])),
      [],
    )
    t.diagnostic(`${changes.length} statements`)
  })
})
