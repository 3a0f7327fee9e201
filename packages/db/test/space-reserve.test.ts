import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type TestDatabase, testDatabase } from '@daytona-auth/testing'
import { connect } from '../src/core/client.ts'
import { isDiskFullError, isReserveReleasedError, releaseSpaceReserve } from '../src/core/space-reserve.ts'
import { fillSpaceReserve } from '../src/operations/space-reserve.ts'
import { rowsOf } from './rows.ts'

const BYTES = 1024 * 1024

/** Tables that are written while the reserve is released, with the reason. */
const WRITTEN: Readonly<Record<string, string>> = {
  api_key_secrets: 'a rotation ends the previous secret; a new key is refused by api_keys',
  app_decisions: 'a block ends the access of an app; at most 500 for each organization',
  audit_anchors: 'retention, which frees space, adds one before it drops a month',
  audit_chain_heads: 'one row for each organization, with its first event',
  audit_events: 'the event of a revocation',
  backchannel_logouts: 'the end of a session is reported to its apps',
  grants: 'a person may have to sign in before revoking something',
  mailed_tokens: 'a recovery ends the sessions and grants of a stranger; one row for each account and purpose',
  member_roles: 'a member with fewer permissions is given other roles',
  oidc_client_secrets: 'a rotation ends the previous secret; a new app is refused by oidc_clients',
  oidc_artifacts: 'as for grants; anonymous ones are limited and expire within minutes',
  second_factor_attempts: 'as for grants; one row for each account with a second factor',
  signing_keys: 'a rotation ends a leaked key',
  space_reserve: 'the reserve itself',
  trusted_browsers: 'as for grants; ten for each account with a second factor',
}

/** A database whose reserve is filled and then released. */
async function released(made: TestDatabase): Promise<void> {
  assert.equal(await fillSpaceReserve(made.database, BYTES), true)
  assert.equal(await releaseSpaceReserve(made.database.$client), true)
}

describe('the space reserve', () => {
  it('is declared for every table: either nothing is inserted while it is released, or there is a reason', async (t) => {
    const made = await testDatabase(t)
    const { $client: sql } = made.database
    const tables = await sql<{ name: string; isRefused: boolean }[]>`
      SELECT relname AS name, EXISTS (
        SELECT FROM pg_trigger WHERE tgrelid = pg_class.oid AND tgname = 'refuse_without_reserve') AS "isRefused"
      FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition`
    const written = tables.filter(({ isRefused }) => !isRefused).map(({ name }) => name)
    assert.deepEqual(written.toSorted(), Object.keys(WRITTEN).toSorted())
    await released(made)
    for (const { name, isRefused } of tables) {
      if (!isRefused) continue
      await assert.rejects(async () => await sql.unsafe(`INSERT INTO ${name} DEFAULT VALUES`), {
        code: '53100',
        constraint_name: 'space_reserve',
      })
    }
    t.diagnostic(`${tables.length} tables`)
  })

  it('is filled and released by the roles of servers, and takes space on the disk until then', async (t) => {
    const made = await testDatabase(t)
    const { $client: sql } = made.database
    const [api, provider] = [made.serverUrls.api, made.serverUrls.provider].map((url) => connect(url, { max: 1 }))
    assert.ok(api && provider)
    t.after(() => Promise.all([api.$client.end({ timeout: 1 }), provider.$client.end({ timeout: 1 })]))
    const bytes = async () => {
      const [row] = await sql`SELECT pg_relation_size(to_regclass('public.space_reserve'))::int AS bytes`
      return row?.['bytes'] as number | null
    }
    assert.equal(await bytes(), 0)
    assert.equal(await fillSpaceReserve(api, BYTES), true)
    const filled = (await bytes()) ?? 0
    assert.ok(filled >= BYTES && filled < 2 * BYTES, String(filled))
    assert.equal(await fillSpaceReserve(api, BYTES), true)
    assert.equal(await bytes(), filled)
    assert.equal(await releaseSpaceReserve(provider.$client), true)
    assert.equal(await bytes(), null)
    assert.equal(await releaseSpaceReserve(api.$client), true)
    assert.equal(await fillSpaceReserve(api, BYTES), true)
    assert.equal(await bytes(), filled)
  })

  it('is not released while it is empty, which would refuse creations and free nothing', async (t) => {
    const made = await testDatabase(t)
    assert.equal(await releaseSpaceReserve(made.database.$client), false)
    await rowsOf(made.database).user()
  })

  it('is filled to a gigabyte at most', async (t) => {
    const { database } = await testDatabase(t)
    const [row] = await database.$client`
      SELECT prosrc LIKE '%least(bytes, 1073741824)%' AS "isLimited" FROM pg_proc WHERE proname = 'fill_space_reserve'`
    assert.equal(row?.['isLimited'], true)
  })

  it('is released by a transaction on a full disk, which then runs again', async (t) => {
    const made = await testDatabase(t)
    const { database, url } = made
    const user = await rowsOf(database).user()
    // Raises what PostgreSQL raises on a full disk, for as long as the reserve has the space.
    await database.$client.unsafe(`CREATE FUNCTION fill_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF to_regclass('public.space_reserve') IS NOT NULL THEN
          RAISE 'could not extend file' USING ERRCODE = 'disk_full';
        END IF;
        RETURN NEW;
      END $$;
      CREATE TRIGGER fill_disk BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION fill_disk()`)
    const pool = connect(url, { max: 2 })
    t.after(() => pool.$client.end({ timeout: 1 }))
    const disable = () => pool.$client.begin((tx) => tx`UPDATE users SET disabled_at = now() WHERE id = ${user}`)
    await assert.rejects(disable, isDiskFullError)
    await fillSpaceReserve(database, BYTES)
    assert.equal((await disable()).count, 1)
    const create = () => pool.$client.begin((tx) => tx`INSERT INTO organizations DEFAULT VALUES`)
    await assert.rejects(create, (error) => isReserveReleasedError(error) && !isDiskFullError(error))
  })
})
