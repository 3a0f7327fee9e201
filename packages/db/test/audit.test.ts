import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { type AuditAction, auditActions } from '../src/audit/actions.ts'
import { systemAuthority } from '../src/audit/authority.ts'
import { verifyAuditChain } from '../src/audit/chain.ts'
import { inAudit, recordAudit } from '../src/audit/entries.ts'
import { newId, type OrganizationId } from '../src/core/id.ts'

const TEST_AUTHORITY = systemAuthority('test')

const entry = (organizationId: OrganizationId, action: AuditAction = 'api_key.create') => ({
  organizationId,
  actorId: null,
  actorEmail: null,
  source: 'test',
  action,
  metadata: { keyId: 'key_1', nothing: null },
})

const { database } = await testDatabase({ after })

describe('the audit trail', () => {
  /** Creates a trail of five events. */
  async function trail(): Promise<OrganizationId> {
    const organization = newId('org')
    for (const action of auditActions().slice(0, 5)) await recordAudit(database, entry(organization, action))
    return organization
  }

  /** Runs a statement as a user with every privilege on the table could. */
  async function tamper(statement: string) {
    await database.$client.begin(async (tx) => {
      await tx.unsafe('SET LOCAL session_replication_role = replica')
      await tx.unsafe(statement)
    })
  }

  for (const statement of [
    'UPDATE audit_events SET action = $$x$$',
    'DELETE FROM audit_events',
    'TRUNCATE audit_events',
  ]) {
    it(`refuses ${statement}`, async () => {
      await trail()
      await assert.rejects(database.$client.unsafe(statement).execute(), { code: 'DA004' })
    })
  }

  it('refuses to move or drop the head of a chain by hand', async () => {
    const organization = await trail()
    const { $client: sql } = database
    await assert.rejects(
      sql`UPDATE audit_chain_heads SET sequence = 1 WHERE organization_id = ${organization}`.execute(),
      { code: 'DA004' },
    )
    await assert.rejects(sql`DELETE FROM audit_chain_heads WHERE organization_id = ${organization}`.execute(), {
      code: 'DA004',
    })
  })

  it('refuses to empty a single partition', async () => {
    const partitions =
      await database.$client`SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'audit_events'::regclass`
    assert.ok(partitions.length >= 5, 'this month, three to come, and a default')
    for (const { name } of partitions) {
      await assert.rejects(database.$client.unsafe(`TRUNCATE ${name}`).execute(), { code: 'DA004' }, name)
    }
  })

  it('commits a change and its event together, and neither when the change fails', async () => {
    const organization = newId('org')
    await assert.rejects(
      inAudit(database, TEST_AUTHORITY, entry(organization), async () => {
        throw new Error('refused')
      }),
      /refused/,
    )
    assert.deepEqual(await verifyAuditChain(database, organization), { events: 0, brokenAt: null })
    assert.equal(await inAudit(database, TEST_AUTHORITY, entry(organization), async () => 'done'), 'done')
    assert.deepEqual(await verifyAuditChain(database, organization), { events: 1, brokenAt: null })
  })

  it('numbers events without a gap under concurrent writes', async () => {
    const [one, two] = [newId('org'), newId('org')]
    await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        inAudit(database, TEST_AUTHORITY, i % 2 ? [entry(one), entry(two)] : [entry(two), entry(one)], async () => i),
      ),
    )
    assert.deepEqual(await verifyAuditChain(database, one), { events: 40, brokenAt: null })
    assert.deepEqual(await verifyAuditChain(database, two), { events: 40, brokenAt: null })
  })

  const where = (organization: OrganizationId, sequence: number) =>
    `WHERE organization_id = '${organization}' AND sequence = ${sequence}`
  const tamperings: Record<string, [(organization: OrganizationId) => string, number]> = {
    'an edited event': [(o) => `UPDATE audit_events SET action = 'other' ${where(o, 3)}`, 3],
    'an event with its hash recomputed': [
      (o) =>
        `UPDATE audit_events e SET action = 'other', hash = audit_event_hash(previous_hash, jsonb_set(to_jsonb(e), '{action}', '"other"')) ${where(o, 3)}`,
      4,
    ],
    'a removed event': [(o) => `DELETE FROM audit_events ${where(o, 3)}`, 3],
    'a removed last event': [(o) => `DELETE FROM audit_events ${where(o, 5)}`, 5],
    'a removed chain': [(o) => `DELETE FROM audit_events WHERE organization_id = '${o}'`, 1],
    'reordered events': [
      (o) =>
        `UPDATE audit_events SET sequence = CASE sequence WHEN 2 THEN 3 ELSE 2 END WHERE organization_id = '${o}' AND sequence IN (2, 3)`,
      2,
    ],
  }
  for (const [what, [statement, brokenAt]] of Object.entries(tamperings)) {
    it(`finds ${what}`, async () => {
      const organization = await trail()
      assert.deepEqual(await verifyAuditChain(database, organization), { events: 5, brokenAt: null })
      await tamper(statement(organization))
      assert.equal((await verifyAuditChain(database, organization)).brokenAt, brokenAt)
    })
  }

  it('verifies from a connection in another time zone', async () => {
    const organization = newId('org')
    await database.$client.begin(async (tx) => {
      await tx.unsafe("SET LOCAL timezone = 'Asia/Tokyo'")
      await tx`INSERT INTO audit_events (id, organization_id, action, source) VALUES (${newId('evt')}, ${organization}, 'by.hand', 'psql')`
    })
    assert.deepEqual(await verifyAuditChain(database, organization), { events: 1, brokenAt: null })
  })
})
