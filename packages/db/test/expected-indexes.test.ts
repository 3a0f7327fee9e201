import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { EXPECTED_INDEXES, readIndexes } from '../src/operations/expected-indexes.ts'

const file = join(import.meta.dirname, '../src/operations/expected-indexes.json')

describe('the expected indexes', () => {
  it('are those that the migrations create (UPDATE_SNAPSHOT=1 writes them)', async (t) => {
    const { database } = await testDatabase(t)
    const rows = await database.$client<{ name: string; definition: string }[]>`
      SELECT relname AS name, pg_get_indexdef(indexrelid) AS definition
      FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
      WHERE relnamespace = 'public'::regnamespace AND NOT relispartition ORDER BY relname COLLATE "C"`
    const created = Object.fromEntries(rows.map(({ name, definition }) => [name, definition]))
    if (process.env['UPDATE_SNAPSHOT']) return writeFile(file, `${JSON.stringify(created, undefined, 2)}\n`)
    assert.deepEqual(
      EXPECTED_INDEXES,
      created,
      'a migration changed the indexes: UPDATE_SNAPSHOT=1 npx pnpm@12 --filter @daytona-auth/db test test/expected-indexes.test.ts',
    )
    assert.ok(rows.length > 50)
  })

  it('are found missing and invalid, and those of other programs are ignored', async (t) => {
    const { database } = await testDatabase(t)
    const sql = database.$client
    assert.deepEqual(await readIndexes(sql), { missingIndexes: [], invalidIndexes: [] })
    const [name = ''] = Object.keys(EXPECTED_INDEXES).filter((each) => /_idx$/.test(each))
    await sql.unsafe(`DROP INDEX ${name}; CREATE TABLE others (id int); CREATE INDEX others_idx ON others (id);
      UPDATE pg_index SET indisvalid = false WHERE indexrelid IN ('others_idx'::regclass, 'users_pkey'::regclass)`)
    const { missingIndexes, invalidIndexes } = await readIndexes(sql)
    assert.deepEqual(invalidIndexes, ['users_pkey'])
    assert.equal(missingIndexes.length, 1)
    assert.match(missingIndexes[0] ?? '', new RegExp(`INDEX CONCURRENTLY ${name} ON public\\.`))
    // The statement of the finding creates it.
    await sql.unsafe(missingIndexes[0] ?? '')
    assert.deepEqual((await readIndexes(sql)).missingIndexes, [])
  })
})
