import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { sql as drizzle } from 'drizzle-orm'
import {
  AUDIT_ACTIONS,
  type AuditEntry,
  type AuditFilter,
  actingKey,
  auditActions,
  countAuditEvents,
  DEPLOYMENT,
  findAuditEventAt,
  hasAuditAnchors,
  INITIAL_SETUP,
  inAudit,
  isAuditInstant,
  listAuditAnchors,
  listAuditChains,
  listAuditEvents,
  OPERATOR_COMMAND,
  readChainedEvents,
  readWithTimeout,
  recordAudit,
  SCHEDULED_TASK,
  SIGN_UP,
} from '../src/audit/index.ts'
import { type ApiKeyId, connect, newId, type OrganizationId, type UserId } from '../src/core/index.ts'
import { trailOf } from './trail.ts'
import { refusedWith } from './transactions.ts'

const { database, url } = await testDatabase({ after })
const { $client: sql } = database
const ada = 'usr_ada' as UserId

const entry = (organizationId: OrganizationId, more: Partial<AuditEntry> = {}): AuditEntry => ({
  organizationId,
  actorId: null,
  actorEmail: null,
  source: 'test',
  action: 'volume.create',
  ...more,
})

/** Inserts an event at an instant of this month's last partition but one, or any other. */
async function eventAt(organizationId: OrganizationId, at: string, more: Record<string, string | number | null> = {}) {
  const row = {
    id: newId('evt'),
    organization_id: organizationId,
    action: 'volume.create',
    source: 'test',
    created_at: at,
    ...more,
  }
  await sql`INSERT INTO audit_events ${sql(row)}`
  return row.id
}

describe('the search of a trail', async () => {
  const [home, other] = [newId('org'), newId('org')]
  const a = await eventAt(home, '2026-01-01T10:00:00.000000Z', {
    actor_id: 'usr_ada',
    actor_email: 'ada@example.com',
    status_code: 200,
    target_type: 'api_key',
    target_id: 'key_1',
  })
  const b = await eventAt(home, '2026-01-01T10:00:00.000500Z', {
    actor_id: 'usr_bob',
    actor_api_key_prefix: 'dta_Abcd',
    actor_api_key_suffix: 'WXyz',
    status_code: 403,
    action: 'volume.delete',
  })
  const c = await eventAt(home, '2026-01-01T10:00:00.001000Z', {
    target_type: 'role',
    target_id: 'role_1',
    status_code: 404,
  })
  await eventAt(other, '2026-01-01T10:00:00.000000Z', { actor_id: 'usr_ada', status_code: 200 })
  const at = (ms: number) => new Date(Date.UTC(2026, 0, 1, 10) + ms)
  const search = async (filter: AuditFilter) =>
    (await listAuditEvents(database, home, filter, { limit: 100 })).rows.map(({ id }) => id)

  it('returns what an event states, without its place in the chain', async () => {
    const [row] = (await listAuditEvents(database, home, { id: { eq: a } }, { limit: 1 })).rows
    assert.deepEqual(row, {
      id: a,
      organizationId: home,
      actorId: 'usr_ada',
      actorEmail: 'ada@example.com',
      actorApiKeyPrefix: null,
      actorApiKeySuffix: null,
      action: 'volume.create',
      targetType: 'api_key',
      targetId: 'key_1',
      statusCode: 200,
      errorMessage: null,
      ipAddress: null,
      userAgent: null,
      source: 'test',
      metadata: {},
      createdAt: at(0),
    })
  })

  for (const [what, filter, expected] of [
    ['everything, newest first', {}, [c, b, a]],
    ['one id', { id: { eq: b } }, [b]],
    ['one value', { actorId: { eq: 'usr_ada' } }, [a]],
    ['no other value, absent ones included', { actorId: { not: 'usr_ada' } }, [c, b]],
    ['any of several values', { actorId: { in: ['usr_ada', 'usr_bob'] } }, [b, a]],
    ['any of none', { actorId: { in: [] } }, []],
    ['none of several values, absent ones included', { actorId: { notIn: ['usr_ada', 'usr_x'] } }, [c, b]],
    ['an action', { action: { eq: 'volume.delete' } }, [b]],
    ['the type of a target', { targetType: { in: ['role', 'api_key'] } }, [c, a]],
    ['a target', { targetId: { eq: 'role_1' } }, [c]],
    ['the start of a key', { actorApiKeyPrefix: { eq: 'dta_Abcd' } }, [b]],
    ['the end of a key', { actorApiKeySuffix: { eq: 'WXyz' } }, [b]],
    ['an address', { actorEmail: { eq: 'ada@example.com' } }, [a]],
    ['a range of texts, inclusive', { targetType: { gte: 'api_key', lte: 'api_key' } }, [a]],
    ['a range of texts, exclusive', { targetType: { gt: 'api_key', lt: 'rolf' } }, [c]],
    ['a status', { statusCode: { eq: 403 } }, [b]],
    ['a status from', { statusCode: { gte: 403 } }, [c, b]],
    ['a status above', { statusCode: { gt: 403 } }, [c]],
    ['a status to', { statusCode: { lte: 403 } }, [b, a]],
    ['a status below', { statusCode: { lt: 403 } }, [a]],
    ['several members together', { actorId: { in: ['usr_ada', 'usr_bob'] }, statusCode: { lt: 400 } }, [a]],
    ['an instant from, by its millisecond', { createdAt: { gte: at(0) } }, [c, b, a]],
    ['an instant after, by its millisecond', { createdAt: { gt: at(0) } }, [c]],
    ['an instant to, by its millisecond', { createdAt: { lte: at(0) } }, [b, a]],
    ['an instant before, by its millisecond', { createdAt: { lt: at(1) } }, [b, a]],
    [
      'the narrower of two starts and of two ends',
      { createdAt: { gte: at(-5), gt: at(0), lt: at(99), lte: at(1) } },
      [c],
    ],
    [
      'the last millisecond of the year 9999',
      { createdAt: { lte: new Date(Date.UTC(9999, 11, 31, 23, 59, 59, 999)) } },
      [c, b, a],
    ],
  ] as const) {
    it(`finds ${what}, and counts the same`, async () => {
      assert.deepEqual(await search(filter as AuditFilter), expected)
      assert.equal(await countAuditEvents(database, home, filter as AuditFilter, 10), expected.length)
    })
  }

  it('counts filtered events up to one more than a maximum, and all without a filter', async () => {
    const filter = { statusCode: { gte: 0 } }
    assert.deepEqual(
      [await countAuditEvents(database, home, filter, 1), await countAuditEvents(database, home, {}, 1)],
      [2, 3],
    )
    assert.deepEqual(
      [
        await countAuditEvents(database, newId('org'), {}, 1),
        await countAuditEvents(database, newId('org'), filter, 1),
      ],
      [0, 0],
    )
  })

  it('is in pages of any size, to the microsecond, and may skip events after a position', async () => {
    for (const limit of [1, 2, 3]) {
      const seen: string[] = []
      let after: { readonly at: string; readonly id: string } | undefined
      do {
        const page = await listAuditEvents(database, home, {}, { limit, after })
        seen.push(...page.rows.map(({ id }) => id))
        after = page.next ?? undefined
        assert.ok(after === undefined || isAuditInstant(after.at))
      } while (after)
      assert.deepEqual(seen, [c, b, a], String(limit))
    }
    const first = await listAuditEvents(database, home, {}, { limit: 1 })
    assert.ok(first.next)
    const skipped = await listAuditEvents(database, home, {}, { limit: 1, after: first.next, offset: 1 })
    assert.deepEqual([skipped.rows.map(({ id }) => id), skipped.next], [[a], null])
  })

  it('orders events of one instant by their ids, in pages too', async () => {
    const place = newId('org')
    const ids = []
    for (let count = 0; count < 4; count += 1) ids.push(await eventAt(place, '2026-02-01T00:00:00.000001Z'))
    const first = await listAuditEvents(database, place, {}, { limit: 3 })
    const second = await listAuditEvents(database, place, {}, { limit: 3, after: first.next ?? undefined })
    assert.deepEqual(
      [...first.rows, ...second.rows].map(({ id }) => id),
      ids.toSorted().reverse(),
    )
  })

  it('accepts only instants that a position can have', () => {
    for (const good of ['0', '1767225600000000', '253402214399000000']) assert.equal(isAuditInstant(good), true, good)
    for (const bad of [
      '',
      '-1',
      '1.5',
      '1e3',
      'now()',
      String(Date.UTC(9999, 11, 31) * 1000),
      '9'.repeat(19),
      ' 1',
      '1\n',
    ]) {
      assert.equal(isAuditInstant(bad), false, bad)
    }
  })
})

describe('readWithTimeout', () => {
  it('lets the database end a slow statement, in that transaction only', async (t) => {
    const single = connect(url, { max: 1 })
    t.after(() => single.$client.end({ timeout: 1 }))
    const slow = readWithTimeout(single, 20, async (tx) => tx.execute(drizzle`SELECT pg_sleep(10)`))
    await assert.rejects(slow, refusedWith('57014'))
    assert.equal(await readWithTimeout(single, 1000, async () => 'read'), 'read')
    const [row] = await single.$client`SELECT current_setting('statement_timeout') AS timeout`
    assert.equal(row?.['timeout'], '0')
  })

  it('refuses to write', async () => {
    await assert.rejects(
      readWithTimeout(database, 1000, (tx) => recordAudit(tx, entry(newId('org')))),
      refusedWith('25006'),
    )
  })
})

describe('the recording of events', () => {
  it('names the key that acted in the metadata, apart from a key that it acted on', async () => {
    const organization = newId('org')
    const actorApiKey = { id: 'key_actor' as ApiKeyId, name: 'Actor' }
    for (const metadata of [
      {},
      { keyId: 'key_target', keyName: 'Target' },
      { keyId: 'key_actor', keyName: 'Renamed' },
    ]) {
      await recordAudit(database, entry(organization, { metadata, actorApiKey }))
    }
    assert.deepEqual(
      (await trailOf(database, organization)).map(({ metadata }) => metadata),
      [
        { keyId: 'key_actor', keyName: 'Actor' },
        { keyId: 'key_target', keyName: 'Target', actorKeyId: 'key_actor', actorKeyName: 'Actor' },
        { keyId: 'key_actor', keyName: 'Renamed' },
      ],
    )
  })

  it('shows the visible characters of the key that acted, and its hint no further', async () => {
    const organization = newId('org')
    const actor = actingKey('dta_Abcd********************WXyz', { id: 'key_actor' as ApiKeyId, name: 'Actor' })
    await recordAudit(database, entry(organization, actor))
    const [row] = await sql`SELECT actor_api_key_prefix AS prefix, actor_api_key_suffix AS suffix, metadata
      FROM audit_events WHERE organization_id = ${organization}`
    assert.deepEqual(row, { prefix: 'dta_Abcd', suffix: 'WXyz', metadata: { keyId: 'key_actor', keyName: 'Actor' } })
  })

  it('locks the chains in the order of their organizations, in any given order', async () => {
    const [low, high] = [newId('org'), newId('org')]
    await recordAudit(database, [entry(high), entry(low), entry(high)])
    // Events are only appended, so that their place in the table is the order of their insertion.
    const found =
      await sql`SELECT organization_id FROM audit_events WHERE organization_id IN (${low}, ${high}) ORDER BY ctid`
    assert.deepEqual(
      found.map((row) => row['organization_id']),
      [low, high, high],
    )
  })

  it('is part of the change, for each of its entries, with every authority', async () => {
    for (const authority of [SCHEDULED_TASK, OPERATOR_COMMAND, INITIAL_SETUP, SIGN_UP]) {
      const [one, two] = [newId('org'), newId('org')]
      await inAudit(database, authority, [entry(one), entry(two, { actorId: ada })], async () => 'done')
      assert.deepEqual([(await trailOf(database, one)).length, (await trailOf(database, two))[0]?.actorId], [1, ada])
      assert.ok(authority.reason.length > 0)
      assert.equal(await database.transaction((tx) => authority.confirm(tx)), undefined)
    }
  })

  it('has every action of the catalogue, in its order', () => {
    assert.deepEqual(auditActions(), Object.keys(AUDIT_ACTIONS))
  })
})

describe('the chains', () => {
  it('are listed in the order of ids, each once, by their events, heads or anchors', async (t) => {
    const { database: own } = await testDatabase(t)
    const { $client } = own
    const list = async () => Array.fromAsync(listAuditChains(own))
    assert.deepEqual(await list(), [])
    assert.equal(await hasAuditAnchors(own), false)
    await recordAudit(own, [entry('org_b' as OrganizationId), entry('org_b' as OrganizationId), entry(DEPLOYMENT)])
    await $client.begin(async (tx) => {
      await tx`SET LOCAL session_replication_role = replica`
      await tx`INSERT INTO audit_chain_heads VALUES ('org_a', 1, '')`
      await tx`INSERT INTO audit_events (id, organization_id, action, source) VALUES (${newId('evt')}, 'org_e', 'x', 'x')`
      await tx`INSERT INTO audit_anchors (organization_id, sequence, hash, dropped_partition, signature) VALUES
        ('org_c', 2, '', 'audit_events_2025_02', ''), ('org_c', 1, '', 'audit_events_2025_01', '')`
    })
    assert.deepEqual(await list(), ['org_a', 'org_b', 'org_c', DEPLOYMENT, 'org_e'])
    const c = 'org_c' as OrganizationId
    assert.deepEqual(
      [await hasAuditAnchors(own), await hasAuditAnchors(own, c), await hasAuditAnchors(own, DEPLOYMENT)],
      [true, true, false],
    )
    assert.deepEqual(
      (await listAuditAnchors(own, c)).map(({ sequence }) => sequence),
      [1, 2],
    )
    assert.deepEqual(await listAuditAnchors(own, DEPLOYMENT), [])
  })

  it('are listed and read across pages', async (t) => {
    const { database: own } = await testDatabase(t)
    const COUNT = 1005
    const organizations = Array.from({ length: COUNT }, () => newId('org'))
    await recordAudit(
      own,
      organizations.map((id) => entry(id)),
    )
    assert.deepEqual(await Array.fromAsync(listAuditChains(own)), organizations.toSorted())
    const [first] = organizations
    assert.ok(first)
    await recordAudit(
      own,
      Array.from({ length: COUNT }, () => entry(first)),
    )
    const pages = await Array.fromAsync(readChainedEvents(own, first))
    assert.deepEqual(
      pages.map(({ length }) => length),
      [1000, 6],
    )
    assert.deepEqual(
      pages.flat().map(({ sequence }) => sequence),
      Array.from({ length: COUNT + 1 }, (_, at) => at + 1),
    )
    assert.deepEqual(await Array.fromAsync(readChainedEvents(own, newId('org'))), [])
  })

  it('have one event at each number, of their own', async () => {
    const [home, other] = [newId('org'), newId('org')]
    await recordAudit(database, [
      entry(home, { action: 'sandbox.create' }),
      entry(home, { action: 'sandbox.delete' }),
      entry(other),
    ])
    const id = await findAuditEventAt(database, home, 2)
    const [row] = await sql`SELECT action FROM audit_events WHERE id = ${id}`
    assert.equal(row?.['action'], 'sandbox.delete')
    assert.deepEqual(
      [await findAuditEventAt(database, home, 3), await findAuditEventAt(database, other, 2)],
      [null, null],
    )
  })
})
