import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { runMigrations } from '../src/operations/run-migrations.ts'
import { fillTables } from './filled-tables.ts'
import { FOLDER, LOCKS, MIGRATIONS, migrateUnderLoad } from './migration-load.ts'

const NOTES = join(import.meta.dirname, '../../../docker/migration-locks.md')
const RELEASES = join(import.meta.dirname, '../releases')

/** A row of the notes: `| 0028_user_deletion | audit_events | 0.3 s | 0.02 s |`, with names as code. */
const ROW = /^\| `(\d{4}_\w+)` \| ([^|]+) \| ([\d.]+ s) \| ([\d.]+ s) \|$/gm

/** Returns when the last migration of the newest recorded release was created, as its dump states. */
function lastOfRelease(): number {
  const releases = readdirSync(RELEASES, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  const newest = releases
    .map(({ name }) => name)
    .toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .at(-1)
  const dump = readFileSync(join(RELEASES, newest ?? '', 'dump.sql'), 'utf8')
  const [, list = ''] = /INSERT INTO drizzle\.__drizzle_migrations VALUES([^;]+);/.exec(dump) ?? []
  return Math.max(...[...list.matchAll(/(\d{13})\)/g)].map(([, when]) => Number(when)))
}

it('each migration since the last release has a note, which names exactly the tables whose writers it locks out', async (t) => {
  const last = lastOfRelease()
  const later = MIGRATIONS.filter(({ when }) => when > last)
  assert.ok(later.length > 0 && later.length < MIGRATIONS.length)
  const notes = new Map([...readFileSync(NOTES, 'utf8').matchAll(ROW)].map(([, tag, locks = '']) => [tag, locks]))
  assert.deepEqual(
    [...notes.keys()],
    later.map(({ tag }) => tag),
  )

  const { url, database } = await testDatabase(t, { isMigrated: false })
  await runMigrations(database.$client, MIGRATIONS.slice(0, -later.length), { folder: FOLDER, locks: LOCKS })
  await fillTables(database, 200)
  for (const { tag, locks } of await migrateUnderLoad(database, url, later)) {
    const named = [...(notes.get(tag) ?? '').matchAll(/`(\w+)`/g)].map(([, table]) => table)
    assert.deepEqual(named, [...new Set(locks.map((lock) => lock.split(' ')[1]))], tag)
  }
})
