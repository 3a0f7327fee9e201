import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import journal from '../migrations/meta/_journal.json' with { type: 'json' }
import { isMigrated, migrate } from '../src/operations/migrate.ts'

describe('migrations', () => {
  it('are applied once by several processes, and a second run is a no-op', async (t) => {
    const { url, database } = await testDatabase(t, { isMigrated: false })
    assert.equal(await isMigrated(database), false)
    const applied = await Promise.all([migrate(url), migrate(url), migrate(url)])
    assert.equal(await isMigrated(database), true)
    // The first one migrates, the others have nothing to do.
    assert.deepEqual(
      applied.flat(),
      journal.entries.map((entry) => entry.tag),
    )
    const count = () => database.$client`SELECT count(*)::int AS n FROM drizzle.__drizzle_migrations`
    const [before] = await count()
    assert.deepEqual(await migrate(url), [])
    assert.deepEqual(await count().then(([after]) => after), before)
  })
})
