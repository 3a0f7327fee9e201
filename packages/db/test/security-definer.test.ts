import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { rowsOf } from './rows.ts'

describe('functions and triggers of the database', () => {
  it('run as their owner only with a search_path that ends with pg_temp', async (t) => {
    const { database } = await testDatabase(t)
    const functions = await database.$client<{ name: string; path: string | null }[]>`
      SELECT proname AS name, (SELECT entry FROM unnest(proconfig) AS entry WHERE entry LIKE 'search_path=%') AS path
      FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef ORDER BY proname`
    assert.ok(functions.length >= 3)
    for (const { name, path } of functions) assert.match(path ?? '', /, pg_temp$/, name)
    t.diagnostic(`${functions.length} functions`)
  })

  it('do not depend on the nesting level of a trigger', async (t) => {
    const { database } = await testDatabase(t)
    const depths = await database.$client`
      SELECT tgname AS name FROM pg_trigger WHERE pg_get_triggerdef(oid) LIKE '%pg_trigger_depth%'
      UNION SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosrc LIKE '%pg_trigger_depth%'`
    assert.deepEqual([...depths], [])
  })

  it('refuse to set a head back from within a trigger', async (t) => {
    const { database } = await testDatabase(t)
    const { $client: sql } = database
    const rows = rowsOf(database)
    const organization = await rows.organization(await rows.user())
    await sql`INSERT INTO audit_events (id, organization_id, action, source) VALUES ('evt_1', ${organization}, 'a.b', 'test')`
    await sql.unsafe(`CREATE TABLE lever (n int);
      CREATE FUNCTION pull() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        UPDATE audit_chain_heads SET sequence = 0, hash = ''; RETURN NEW;
      END $$;
      CREATE TRIGGER pull BEFORE INSERT ON lever FOR EACH ROW EXECUTE FUNCTION pull()`)
    await assert.rejects(async () => await sql`INSERT INTO lever VALUES (1)`, { code: 'DA004' })
  })
})
