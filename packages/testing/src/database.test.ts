import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isMigrated } from '@daytona-auth/db/operations'
import type { Sql } from 'postgres'
import { testDatabase } from './database.ts'
import { SERVER_VARIABLE } from './server-variable.ts'
import { waitFor } from './wait-for.ts'

describe('testDatabase', () => {
  it('is migrated and isolated from other tests', async (t) => {
    const [one, two] = await Promise.all([testDatabase(t), testDatabase(t)])
    assert.equal(await isMigrated(one.database), true)
    assert.equal(await isMigrated(two.database), true)
    await one.database.$client`CREATE TABLE marks (id int)`
    const tables = await two.database.$client`SELECT to_regclass('marks') AS found`
    assert.deepEqual([...tables], [{ found: null }])
  })

  // A server of this file alone is removed as a whole.
  const skip = process.env[SERVER_VARIABLE] === undefined
  it('is dropped after the test that created it', { skip }, async (t) => {
    let name = ''
    await t.test('uses one', async (inner) => {
      name = (await testDatabase(inner)).name
    })
    const { asAdministrator } = await testDatabase(t)
    const isGone = (sql: Sql) =>
      sql`SELECT FROM pg_database WHERE datname = ${name}`.then((found) => found.length === 0)
    await waitFor(() => asAdministrator(isGone))
  })
})
