import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { verifyAuditChain } from '../src/audit/chain.ts'
import { createAnchorSigner, dropAuditMonths } from '../src/audit/retention.ts'
import { countAuditEvents } from '../src/audit/trail.ts'
import { newId, type OrganizationId } from '../src/core/id.ts'

const signer = createAnchorSigner(['a key of thirty-two characters…'])

/** Creates a trail over three months. */
async function scene(t: TestContext) {
  const { database } = await testDatabase(t)
  const sql = database.$client
  /** Returns the name of the partition of the month `ago` months ago. */
  async function month(ago: number): Promise<string> {
    const [row] =
      await sql`SELECT 'audit_events_' || to_char(date_trunc('month', now()) - make_interval(months => ${ago}), 'YYYY_MM') AS name`
    return String(row?.['name'])
  }
  for (const ago of [4, 3, 2, 1]) {
    const first = `date_trunc('month', now()) - interval '${ago} months'`
    const [bounds] = await sql.unsafe(`SELECT (${first})::text AS low, (${first} + interval '1 month')::text AS high`)
    await sql.unsafe(
      `CREATE TABLE ${await month(ago)} PARTITION OF audit_events FOR VALUES FROM ('${bounds?.['low']}') TO ('${bounds?.['high']}')`,
    )
  }
  async function event(organization: OrganizationId, ago: number) {
    await sql`INSERT INTO audit_events (id, organization_id, action, source, created_at)
      VALUES (${newId('evt')}, ${organization}, 'thing.make', 'test', date_trunc('month', now()) - make_interval(months => ${ago}) + interval '1 hour')`
  }
  const organization = newId('org')
  // The second and the third, as of two transactions around midnight, in the order of their commits.
  for (const ago of [4, 3, 4, 3, 0]) await event(organization, ago)
  const [quiet, recent] = [newId('org'), newId('org')]
  await event(quiet, 4)
  await event(recent, 1)
  const verify = (of = organization) => verifyAuditChain(database, of, signer)
  return { database, sql, month, event, organization, quiet, recent, verify }
}

describe('the retention of the audit trail', () => {
  it('refuses to drop a month without anchors, one that has not ended, and any other table', async (t) => {
    const { sql, month } = await scene(t)
    for (const name of [await month(4), await month(0), 'audit_events_default', 'users', 'audit_events_1999_01']) {
      await assert.rejects(sql`SELECT drop_audit_partition(${name})`.execute(), { code: 'DA004' }, name)
    }
  })

  it('refuses to change or remove an anchor', async (t) => {
    const { database, sql } = await scene(t)
    await dropAuditMonths(database, { keepMonths: 3, signer })
    for (const statement of [
      'UPDATE audit_anchors SET sequence = 1',
      'DELETE FROM audit_anchors',
      'TRUNCATE audit_anchors',
    ]) {
      await assert.rejects(sql.unsafe(statement).execute(), { code: 'DA004' })
    }
  })

  it('drops months past the retention, and chains continue from their anchors', async (t) => {
    const { database, month, event, organization, quiet, recent, verify } = await scene(t)
    assert.deepEqual(await verify(), { events: 5, brokenAt: null })
    assert.deepEqual(await dropAuditMonths(database, { keepMonths: 4, signer }), [])
    assert.deepEqual(await dropAuditMonths(database, { keepMonths: 3, signer }), [await month(4)])
    assert.deepEqual(await verify(), { events: 3, brokenAt: null })
    assert.deepEqual(await verify(quiet), { events: 0, brokenAt: null })
    assert.deepEqual(await verify(recent), { events: 1, brokenAt: null })
    assert.equal(await countAuditEvents(database, organization, {}, 10), 3)
    await event(organization, 0)
    assert.deepEqual(await dropAuditMonths(database, { keepMonths: 1, signer }), [await month(3), await month(2)])
    assert.deepEqual(await verify(), { events: 2, brokenAt: null })
    assert.equal(await countAuditEvents(database, organization, {}, 10), 2)
    await event(quiet, 0)
    assert.deepEqual(await verify(quiet), { events: 1, brokenAt: null })
  })

  it('drops a month once if several processes do so at once', async (t) => {
    const { database, month } = await scene(t)
    const dropped = await Promise.all([1, 2, 3].map(() => dropAuditMonths(database, { keepMonths: 3, signer })))
    assert.deepEqual(dropped.flat(), [await month(4)])
  })

  const tamperings: Record<string, readonly [string, number]> = {
    'a changed anchor': ["UPDATE audit_anchors SET hash = '\\x00'", 3],
    'an anchor of another organization': [
      'UPDATE audit_anchors SET organization_id = $1 WHERE organization_id <> $1',
      1,
    ],
    'a removed anchor': ['DELETE FROM audit_anchors WHERE organization_id = $1', 1],
    'an edited event from before the anchor': [
      "UPDATE audit_events SET action = 'x' WHERE organization_id = $1 AND sequence = 2",
      2,
    ],
    'a removed event from before the anchor': [
      'DELETE FROM audit_events WHERE organization_id = $1 AND sequence = 2',
      2,
    ],
    'an edited event from after the anchor': [
      "UPDATE audit_events SET action = 'x' WHERE organization_id = $1 AND sequence = 4",
      4,
    ],
    'the removed first event after the anchor': [
      'DELETE FROM audit_events WHERE organization_id = $1 AND sequence = 4',
      4,
    ],
  }
  for (const [what, [statement, brokenAt]] of Object.entries(tamperings)) {
    it(`finds ${what}`, async (t) => {
      const { database, sql, organization, verify } = await scene(t)
      await dropAuditMonths(database, { keepMonths: 3, signer })
      await sql.begin(async (tx) => {
        await tx.unsafe('SET LOCAL session_replication_role = replica')
        await tx.unsafe(statement, statement.includes('$1') ? [organization] : [])
      })
      assert.equal((await verify()).brokenAt, brokenAt)
    })
  }

  it('trusts an anchor that a replaced key signed, and none that an unknown key signed', async (t) => {
    const { database, organization } = await scene(t)
    await dropAuditMonths(database, { keepMonths: 3, signer })
    const replaced = createAnchorSigner(['another key', 'a key of thirty-two characters…'])
    assert.deepEqual(await verifyAuditChain(database, organization, replaced), { events: 3, brokenAt: null })
    for (const options of [createAnchorSigner(['another key']), {}]) {
      assert.deepEqual(await verifyAuditChain(database, organization, options), { events: 0, brokenAt: 3 })
    }
  })
})
