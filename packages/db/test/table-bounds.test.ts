import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'

it('names what bounds each table of the schema, in DECISIONS.md', async () => {
  const { database } = await testDatabase()
  const tables = await database.$client<{ name: string }[]>`
    SELECT relname AS name FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE relkind IN ('r', 'p') AND NOT relispartition
      AND nspname NOT IN ('pg_catalog', 'information_schema') AND nspname NOT LIKE 'pg_toast%'
    ORDER BY relname`
  const decisions = await readFile(new URL('../DECISIONS.md', import.meta.url), 'utf8')
  const section = decisions.split('## What bounds each table\n')[1]?.split('\n## ')[0] ?? ''
  const stated = [...section.matchAll(/^\| `(\w+)` *\| +(\S.*?) +\|$/gm)].map(([, name, bound]) => {
    assert.ok(bound && bound.length > 10, `${name} has no bound`)
    return name
  })
  assert.deepEqual(stated.sort(), tables.map(({ name }) => name).sort())
})
