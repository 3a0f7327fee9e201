import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import journal from '../migrations/meta/_journal.json' with { type: 'json' }
import { isMigrated, migrate } from '../src/operations/migrate.ts'
import { runMigrations } from '../src/operations/run-migrations.ts'
import { FOLDER, LOCKS, MIGRATIONS } from './migration-load.ts'

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

  it('continue in a database whose indexes an earlier version of a file has built', async (t) => {
    const { url, database } = await testDatabase(t, { isMigrated: false })
    const { $client: sql } = database
    const built = MIGRATIONS.findIndex(({ tag }) => tag === '0008_pending_invitations')
    await runMigrations(sql, MIGRATIONS.slice(0, built), { folder: FOLDER, locks: LOCKS })
    for (const [name, column] of Object.entries({
      action: 'action',
      email: 'actor_email',
      type: 'target_type',
      status: 'status_code',
    })) {
      await sql.unsafe(
        `CREATE INDEX audit_events_${name}_idx ON audit_events (organization_id, ${column}, created_at DESC)`,
      )
    }
    assert.deepEqual(
      await migrate(url),
      MIGRATIONS.slice(built).map(({ tag }) => tag),
    )
    const [row] = await sql`
      SELECT count(*)::int AS count FROM pg_index WHERE indrelid = 'audit_events_default'::regclass
        AND pg_get_indexdef(indexrelid) LIKE '%(organization_id, action, created_at DESC)'`
    assert.equal(row?.['count'], 1)
  })

  it('do nothing in a database of the newest schema, also if its files have changed since', async (t) => {
    const { url, database } = await testDatabase(t)
    await database.$client`UPDATE drizzle.__drizzle_migrations SET hash = 'of an earlier version of the file'`
    assert.deepEqual(await migrate(url), [])
    assert.equal(await isMigrated(database), true)
  })
})
