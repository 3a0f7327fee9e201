import assert from 'node:assert/strict'
import { it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { connect } from '../src/core/client.ts'
import { runMigrations } from '../src/operations/run-migrations.ts'
import { FOLDER, LOCKS, MIGRATIONS } from './migration-load.ts'
import { rowsOf } from './rows.ts'

const AT = MIGRATIONS.findIndex(({ tag }) => tag.endsWith('_last_use_backfill'))

it('the migration to copies of last uses fills one for each active key, in batches, and keeps those of uses in between', async (t) => {
  const { database, url } = await testDatabase(t, { isMigrated: false })
  const { $client: sql } = database
  // As `migrate` runs them: one connection has the position behind the last batch.
  const { $client: migrator } = connect(url, { max: 1 })
  t.after(() => migrator.end({ timeout: 1 }))
  const migrate = (from: number, to: number) =>
    runMigrations(migrator, MIGRATIONS.slice(from, to), { folder: FOLDER, locks: LOCKS })
  await migrate(0, AT - 2)
  const rows = rowsOf(database)
  const user = await rows.user()
  const [home, other] = [await rows.organization(user), await rows.organization(user)]
  const [used, unused, revoked] = [
    await rows.key(user, home, { name: 'used', reaches: [home, other] }),
    await rows.key(user, home, { name: 'unused' }),
    await rows.key(user, home, { name: 'revoked' }),
  ]
  await sql`UPDATE api_keys SET status = 'revoked' WHERE id = ${revoked}`
  const [first, second] = [await rows.secret(used), await rows.secret(used, { expiresIn: '1 day' })]
  const use = (digest: Buffer, at: string) =>
    sql`UPDATE api_key_secrets SET last_used_at = ${at} WHERE digest = ${digest}`
  await use(first, '2026-01-01T10:00Z')
  await use(second, '2026-01-02T10:00Z')
  // More than one batch.
  await sql`INSERT INTO api_keys (id, organization_id, user_id, name, permissions)
    SELECT 'key_' || n, ${home}, ${user}, 'key ' || n, '{}' FROM generate_series(1, 5001) n`
  await sql`INSERT INTO api_key_organizations (key_id, organization_id, user_id, name)
    SELECT id, ${home}, ${user}, name FROM api_keys WHERE id LIKE 'key\_%' AND name LIKE 'key %'`

  await migrate(AT - 2, AT)
  const created = await rows.key(user, home, { name: 'created after the triggers' })
  const createdSecret = await rows.secret(created)
  await use(createdSecret, '2026-01-03T10:00Z')
  await migrate(AT, AT + 1)

  const [position] = await migrator`SELECT current_setting('daytona_auth.last_copied') AS id,
    (SELECT max(key_id) FROM api_key_last_uses WHERE key_id <> ${created}) AS last`
  assert.equal(position?.['id'], position?.['last'])
  const copies =
    await sql`SELECT key_id AS key, organization_id AS place, last_used_at::text AS at FROM api_key_last_uses
    WHERE key_id NOT IN (SELECT id FROM api_keys WHERE name LIKE 'key %') ORDER BY key_id, organization_id = ${home} DESC`
  assert.deepEqual(
    copies.map(({ key, place, at }) => [key, place, at === '-infinity' ? null : new Date(at).toISOString()]),
    [
      [used, home, '2026-01-02T10:00:00.000Z'],
      [used, other, '2026-01-02T10:00:00.000Z'],
      [unused, home, null],
      [created, home, '2026-01-03T10:00:00.000Z'],
    ],
  )
  const [all] = await sql`SELECT count(*)::int AS n FROM api_key_last_uses`
  assert.equal(all?.['n'], 5001 + 4)
})
