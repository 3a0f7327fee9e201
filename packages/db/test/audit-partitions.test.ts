import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { verifyAuditChain } from '../src/audit/chain.ts'
import { ensureAuditPartitions, recordAudit } from '../src/audit/entries.ts'
import { createAnchorSigner, dropAuditMonths } from '../src/audit/retention.ts'
import { newId } from '../src/core/id.ts'

const signer = createAnchorSigner(['a key of thirty-two characters…'])

async function scene(t: TestContext) {
  const { database } = await testDatabase(t)
  const sql = database.$client
  const months = async () =>
    (
      await sql`SELECT right(relname, 7) AS month FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
        WHERE inhparent = 'audit_events'::regclass AND relname <> 'audit_events_default' ORDER BY relname`
    ).map((row) => row['month'])
  /** Returns the names of the months that are `ahead` months from this one. */
  const named = async (...ahead: readonly number[]) =>
    (
      await sql`SELECT to_char(date_trunc('month', now()) + make_interval(months => ahead), 'YYYY_MM') AS month
        FROM unnest(${`{${ahead}}`}::int[]) AS ahead ORDER BY ahead`
    ).map((row) => row['month'])
  const organization = newId('org')
  async function event(ahead: number) {
    await sql`INSERT INTO audit_events (id, organization_id, action, source, created_at)
      VALUES (${newId('evt')}, ${organization}, 'thing.make', 'test', date_trunc('month', now()) + make_interval(months => ${ahead}) + interval '1 hour')`
  }
  const caught = async () => (await sql`SELECT count(*)::int AS events FROM audit_events_default`)[0]?.['events']
  return { database, sql, months, named, organization, event, caught }
}

describe('the months of the audit trail', () => {
  it('are created in advance, each once, by several processes at once', async (t) => {
    const { database, months, named } = await scene(t)
    assert.deepEqual(await months(), await named(0, 1, 2, 3))
    await Promise.all([1, 2, 3].map(() => ensureAuditPartitions(database, 5)))
    await ensureAuditPartitions(database, 5)
    assert.deepEqual(await months(), await named(0, 1, 2, 3, 4, 5))
  })

  it('take over earlier events of the default partition, so that the chain is complete and they can be dropped', async (t) => {
    const { database, sql, months, named, organization, event, caught } = await scene(t)
    for (const ahead of [-8, 4, 0, 4, 6]) await event(ahead)
    assert.equal(await caught(), 4)
    await ensureAuditPartitions(database, 4)
    assert.equal(await caught(), 0)
    assert.deepEqual(await months(), await named(-8, 0, 1, 2, 3, 4, 6))
    assert.deepEqual(await verifyAuditChain(database, organization, signer), { events: 5, brokenAt: null })

    await recordAudit(database, {
      organizationId: organization,
      actorId: null,
      actorEmail: null,
      source: 'test',
      action: 'api_key.create',
    })
    assert.deepEqual(await dropAuditMonths(database, { keepMonths: 7, signer }), [
      `audit_events_${(await named(-8))[0]}`,
    ])
    assert.deepEqual(await verifyAuditChain(database, organization, signer), { events: 5, brokenAt: null })
    await event(7)
    for (const statement of ['UPDATE', 'DELETE FROM', 'TRUNCATE']) {
      for (const table of [`audit_events_${(await named(4))[0]}`, 'audit_events_default']) {
        const change = `${statement} ${table}${statement === 'UPDATE' ? " SET action = 'y'" : ''}`
        await assert.rejects(sql.unsafe(change).execute(), { code: 'DA004' }, change)
      }
    }
  })

  it('wait for a reader only as long as a change may wait behind them', async (t) => {
    const { database, sql, months, named } = await scene(t)
    await sql.begin(async (reader) => {
      await reader`SELECT FROM audit_events`
      await assert.rejects(ensureAuditPartitions(database, 4), (error: Error) =>
        /lock timeout/.test(String(error.cause)),
      )
    })
    await ensureAuditPartitions(database, 4)
    assert.deepEqual(await months(), await named(0, 1, 2, 3, 4))
  })
})
