import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { listAccountEvents } from '../src/audit/account-events.ts'
import { auditEntry, recordAudit } from '../src/audit/entries.ts'
import { connect } from '../src/core/client.ts'
import type { OrganizationId, UserId } from '../src/core/id.ts'
import { rowsOf } from './rows.ts'

const { database, serverUrls } = await testDatabase({ after })
const { $client: sql } = database
const rows = rowsOf(database)
/** With the role of the provider, which may not read the trail. */
const provider = connect(serverUrls.provider, { max: 1 })
after(() => provider.$client.end({ timeout: 1 }))

async function person(): Promise<{ userId: UserId; organizationId: OrganizationId }> {
  const userId = await rows.user()
  const [found] = await sql`SELECT id FROM organizations WHERE created_by = ${userId} AND personal`
  return { userId, organizationId: found?.['id'] ?? (await personalOrganization(userId)) }
}

async function personalOrganization(userId: UserId): Promise<OrganizationId> {
  const id = await rows.organization(userId)
  await sql`UPDATE organizations SET personal = true WHERE id = ${id}`
  return id
}

const actor = { actorId: null, actorEmail: null, ipAddress: '192.0.2.1', userAgent: 'test', source: 'test' }

const signIn = (organizationId: OrganizationId, targetId: string, statusCode = 200) =>
  auditEntry('user.sign_in', { ...actor, organizationId, targetId, statusCode, metadata: { clientId: 'app_1' } })

describe('the events of an account', () => {
  it('are those of the person only, in the personal organization only', async () => {
    const [ada, eve] = [await person(), await person()]
    const shared = await rows.organization(ada.userId)
    await recordAudit(database, [
      signIn(ada.organizationId, ada.userId),
      signIn(eve.organizationId, eve.userId),
      // An event of another organization, with the person as its target.
      signIn(shared, ada.userId),
    ])
    for (const { userId } of [ada, eve]) {
      assert.equal((await listAccountEvents(provider, userId, { limit: 10 })).rows.length, 1)
    }
    assert.deepEqual((await listAccountEvents(provider, 'usr_unknown' as UserId, { limit: 10 })).rows, [])
  })

  it('are at most a hundred for any requested limit', async () => {
    const { userId, organizationId } = await person()
    await recordAudit(
      database,
      Array.from({ length: 150 }, () => signIn(organizationId, userId)),
    )
    const [row] = await provider.$client`
      SELECT count(*)::int AS count FROM list_account_events(${userId}, 'infinity', '', 1000000)`
    assert.equal(row?.['count'], 101)
    const [unlimited] = await provider.$client`
      SELECT count(*)::int AS count FROM list_account_events(${userId}, 'infinity', '', NULL)`
    assert.equal(unlimited?.['count'], 101)
  })

  it('are sign-ins and changes, without resources and without what ended with another event', async () => {
    const { userId, organizationId } = await person()
    const own = { ...actor, organizationId }
    await recordAudit(database, [
      signIn(organizationId, userId, 401),
      auditEntry('sandbox.create', { ...own, targetId: 'sbx_1', metadata: { name: 'one' } }),
      auditEntry('session.end', { ...own, targetId: 'session', metadata: { endedGrants: 1, endedKeys: 0 } }),
      auditEntry('grant.revoke', { ...own, targetId: 'grant_1', metadata: { clientId: 'a', endedBy: 'session.end' } }),
      auditEntry('grant.revoke', { ...own, targetId: 'grant_2', metadata: { clientId: 'app_2', reason: 'replay' } }),
      auditEntry('authorized_app.remove', { ...own, targetId: 'app_3', metadata: { endedGrants: 0, endedKeys: 0 } }),
    ])
    const found = (await listAccountEvents(provider, userId, { limit: 10 })).rows
    assert.deepEqual(
      found.map(({ action, statusCode, clientId }) => [action, statusCode, clientId]).sort(),
      [
        ['authorized_app.remove', null, 'app_3'],
        ['grant.revoke', null, 'app_2'],
        ['session.end', null, null],
        ['user.sign_in', 401, 'app_1'],
      ].sort(),
    )
    assert.deepEqual([found[0]?.ipAddress, found[0]?.userAgent], ['192.0.2.1', 'test'])
  })

  it('have pages that contain each event once, newest first, also those of one instant', async () => {
    const { userId, organizationId } = await person()
    await recordAudit(
      database,
      Array.from({ length: 7 }, () => signIn(organizationId, userId)),
    )
    for (let count = 0; count < 4; count += 1) await recordAudit(database, signIn(organizationId, userId))
    const seen: string[] = []
    const moments: number[] = []
    for (let after: Awaited<ReturnType<typeof listAccountEvents>>['next'] | undefined; after !== null; ) {
      const page = await listAccountEvents(provider, userId, { limit: 3, after })
      seen.push(...page.rows.map(({ id }) => id))
      moments.push(...page.rows.map(({ createdAt }) => createdAt.getTime()))
      after = page.next
    }
    assert.equal(new Set(seen).size, 11)
    assert.equal(seen.length, 11)
    assert.deepEqual(
      moments,
      moments.toSorted((a, b) => b - a),
    )
  })

  it('are read by an index in every partition, among many events of resources and of other people', async (t) => {
    const { userId, organizationId } = await person()
    await recordAudit(database, signIn(organizationId, userId))
    await sql.begin(async (tx) => {
      await tx.unsafe('SET LOCAL session_replication_role = replica')
      await tx`
        INSERT INTO audit_events (id, organization_id, action, target_type, target_id, source, created_at)
        SELECT 'evt_' || n, CASE WHEN n % 2 = 0 THEN ${organizationId} ELSE 'org_' || n END,
          CASE WHEN n % 2 = 0 THEN 'sandbox.create' ELSE 'user.sign_in' END,
          CASE WHEN n % 2 = 0 THEN 'sandbox' ELSE 'user' END, 't', 'test', now() + n % 90 * interval '1 day'
        FROM generate_series(1, 60000) AS n`
    })
    await sql`ANALYZE audit_events`
    // With custom and generic plans, and without what planning itself reads.
    const plan = await sql.begin(async (tx) => {
      for (const mode of ['force_custom_plan', 'force_generic_plan']) {
        await tx.unsafe(`SET LOCAL plan_cache_mode = ${mode}`)
        await tx`SELECT FROM list_account_events(${userId}, 'infinity', '', 51)`
      }
      const [row] = await tx`
        EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT * FROM list_account_events(${userId}, 'infinity', '', 51)`
      return row
    })
    const root = plan?.['QUERY PLAN'][0].Plan
    const buffers = root['Shared Hit Blocks'] + root['Shared Read Blocks']
    t.diagnostic(`${buffers} buffers`)
    assert.equal(root['Actual Rows'], 1)
    const [size] = await sql`
      SELECT sum(pg_relation_size(inhrelid) / 8192)::int AS pages FROM pg_inherits WHERE inhparent = 'audit_events'::regclass`
    assert.ok(buffers < 400 && size?.['pages'] > 4 * buffers, `${buffers} of ${size?.['pages']} pages`)
  })
})
