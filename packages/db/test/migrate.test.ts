import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { connect } from '../src/client.ts'
import { isMigrated, migrate } from '../src/migrate.ts'

describe('migrations', () => {
  /** An empty database beside the migrated one. */
  async function emptyDatabase(t: Parameters<typeof testDatabase>[0], name: string) {
    const { url, database } = await testDatabase(t)
    await database.$client.unsafe(`CREATE DATABASE ${name} TEMPLATE template0`)
    const empty = new URL(url)
    empty.pathname = `/${name}`
    return { url: empty.href, drop: () => database.$client.unsafe(`DROP DATABASE ${name} WITH (FORCE)`) }
  }

  it('run by several processes at once leave one schema, and run again are a no-op', async (t) => {
    const { url, drop } = await emptyDatabase(t, `migrate_${process.pid}`)
    const database = connect(url)
    try {
      assert.equal(await isMigrated(database), false)
      await Promise.all([migrate(url), migrate(url), migrate(url)])
      assert.equal(await isMigrated(database), true)
      const count = () => database.$client`SELECT count(*)::int AS n FROM drizzle.__drizzle_migrations`
      const [before] = await count()
      await migrate(url)
      assert.deepEqual(await count().then(([after]) => after), before)
    } finally {
      await database.$client.end()
      await drop()
    }
  })
})
