import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { digestOf } from '@daytona-auth/api'
import type { Database } from '@daytona-auth/db/core'
import { testDatabase } from '@daytona-auth/testing'
import { readCredentials } from './credentials.ts'
import { ensureFirstAccount } from './first-run.ts'

const ISSUER = 'http://localhost:3000'

describe('ensureFirstAccount', () => {
  it('refuses a credentials file that it did not write', async (t) => {
    const { database, file } = await installation(t)
    for (const text of ['', '{', '{}', '{"user":{}}']) {
      await writeFile(file, text)
      await assert.rejects(ensureFirstAccount(database, file, ISSUER), {
        name: 'StartupError',
        message: `${file} was changed or damaged: restore it, or move it away`,
      })
    }
  })

  it('creates an owner with a personal and a shared organization, and a key in the shared one', async (t) => {
    const { database, file } = await installation(t)
    const outcome = await ensureFirstAccount(database, file, ISSUER)
    assert.equal(outcome.kind, 'created')
    const credentials = await readCredentials(file)
    assert.deepEqual(outcome, { kind: 'created', credentials })
    assert.deepEqual(await stateOf(database), {
      users: [{ id: credentials?.user.id, email: 'owner@localhost.localdomain' }],
      organizations: [
        { name: 'Personal', personal: true, role: 'owner', reported: false },
        { name: 'Shared', personal: false, role: 'owner', reported: true },
      ],
      keys: [{ permissions: ['admin:organization'], digest: digestOf(String(credentials?.apiKey)).toString('hex') }],
      audit: ['api_key.create', 'organization.create', 'user.create'],
    })

    async function stateOf({ $client: sql }: Database) {
      const reported = credentials?.organizationId ?? ''
      const rows = {
        users: await sql`SELECT id, email FROM users`,
        organizations: await sql`SELECT name, personal, role, id = ${reported} AS reported FROM organizations
          JOIN organization_members ON organization_id = id ORDER BY name`,
        keys: await sql`SELECT permissions, encode(digest, 'hex') AS digest FROM api_keys
          JOIN api_key_secrets ON key_id = id WHERE organization_id = ${reported}`,
      }
      const audit = await sql`SELECT action FROM audit_events ORDER BY action`
      const plain = Object.entries(rows).map(([name, found]) => [name, [...found]])
      return { ...Object.fromEntries(plain), audit: audit.map((row) => row['action']) }
    }
  })

  it('changes nothing the second time, except an origin that has changed', async (t) => {
    const { database, file } = await installation(t)
    await ensureFirstAccount(database, file, ISSUER)
    const before = await readCredentials(file)
    const elsewhere = 'http://localhost:4000'
    const outcome = await ensureFirstAccount(database, file, elsewhere)
    const moved = { ...before, issuer: elsewhere, apiUrl: elsewhere }
    assert.deepEqual(outcome, { kind: 'existing', credentials: moved })
    assert.deepEqual(await readCredentials(file), moved)
  })

  it('reuses the written credentials when the database did not commit', async (t) => {
    const { database, file } = await installation(t)
    const sql = database.$client
    await sql`CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''struck by lightning''; END'`
    await sql`CREATE CONSTRAINT TRIGGER last AFTER INSERT ON api_keys INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fail()`
    await assert.rejects(ensureFirstAccount(database, file, ISSUER))
    const written = await readCredentials(file)
    assert.ok(written)
    assert.deepEqual([...(await sql`SELECT id FROM users`)], [])

    await sql`DROP TRIGGER last ON api_keys`
    assert.deepEqual(await ensureFirstAccount(database, file, ISSUER), { kind: 'created', credentials: written })
    assert.deepEqual(await readCredentials(file), written)
    assert.deepEqual([...(await sql`SELECT id FROM users`)], [{ id: written.user.id }])
    const [secret] = await sql`SELECT encode(digest, 'hex') AS digest FROM api_key_secrets`
    assert.equal(secret?.['digest'], digestOf(written.apiKey).toString('hex'))
  })

  it('ignores a partial temporary file of an interrupted write', async (t) => {
    const { database, file } = await installation(t)
    await writeFile(`${file}.new`, '{"issuer": "http')
    assert.equal((await ensureFirstAccount(database, file, ISSUER)).kind, 'created')
    assert.deepEqual(await readdir(join(file, '..')), ['credentials.json'])
  })

  it('creates one account when two installations start on one database', async (t) => {
    const { database, file } = await installation(t)
    const other = (await installation(t)).file
    const outcomes = await Promise.all([
      ensureFirstAccount(database, file, ISSUER),
      ensureFirstAccount(database, other, ISSUER),
    ])
    assert.deepEqual(outcomes.map(({ kind }) => kind).sort(), ['created', 'foreign'])
    const loser = outcomes[0].kind === 'foreign' ? file : other
    assert.equal(await readCredentials(loser), undefined)
    const [count] = await database.$client`SELECT count(*)::int FROM users`
    assert.deepEqual(count, { count: 1 })
  })

  it('does not report the credentials of another database as those of this one', async (t) => {
    const { database, file } = await installation(t)
    const other = await installation(t)
    await ensureFirstAccount(other.database, other.file, ISSUER)
    await ensureFirstAccount(database, file, ISSUER)
    const before = await readCredentials(file)
    assert.deepEqual(await ensureFirstAccount(other.database, file, ISSUER), { kind: 'foreign' })
    assert.deepEqual(await readCredentials(file), before)
  })
})

async function installation(t: TestContext) {
  const directory = await mkdtemp(join(tmpdir(), 'daytona-auth-first-run-'))
  t.after(() => rm(directory, { recursive: true }))
  const { database } = await testDatabase(t)
  return { database, file: join(directory, 'credentials.json') }
}
