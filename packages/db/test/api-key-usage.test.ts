import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { sql as sqlOf } from 'drizzle-orm'
import {
  findLastUse,
  type HourOfUse,
  listUsage,
  listUsageTotals,
  recordUsage,
  type SecretUse,
} from '../src/api-keys/index.ts'
import { type ApiKeyId, newId, type OrganizationId } from '../src/core/index.ts'
import { rowsOf } from './rows.ts'
import { transactionsOn } from './transactions.ts'

const { database } = await testDatabase({ after })
const { $client: sql } = database
const rows = rowsOf(database)
const { waits, passes } = transactionsOn(database)
const owner = await rows.user()
const [home, other] = [await rows.organization(owner), await rows.organization(owner)]

const at = (text: string) => new Date(`${text}Z`)
const key = (organization = home, reaches = [organization]) =>
  rows.key(owner, organization, { name: newId('evt'), reaches })
const hourOf = (
  keyId: ApiKeyId,
  hour: string,
  allowed: number,
  denied = 0,
  organizationId: OrganizationId = home,
  deniedBy: HourOfUse['deniedBy'] = {},
): HourOfUse => ({
  keyId,
  organizationId,
  hour: at(hour),
  allowed,
  denied,
  deniedBy,
})
const use = (digest: Uint8Array, usedAt: string, ip = '192.0.2.1'): SecretUse => ({
  digest,
  used: { at: at(usedAt), ip, route: 'GET /sandbox' },
  denied: null,
})

/** Inserts a day of usage whose hours are no longer kept. */
const day = (keyId: ApiKeyId, start: string, allowed: number, denied = 0, organizationId: OrganizationId = home) =>
  sql`INSERT INTO api_key_usage_days VALUES (${keyId}, ${organizationId}, ${at(start).toISOString()}, ${allowed}, ${denied})`

describe('recordUsage', () => {
  const lastUse = async (digest: Uint8Array) => {
    const [row] =
      await sql`SELECT last_used_at::text AS at, last_used_ip AS ip FROM api_key_secrets WHERE digest = ${digest}`
    return [row?.['at'] && new Date(row['at']), row?.['ip']]
  }

  /** The copy that orders the keys of an organization. */
  const copyOf = async (id: ApiKeyId, organization = home) => {
    const [row] = await sql`SELECT last_used_at::text AS at FROM api_key_last_uses
      WHERE key_id = ${id} AND organization_id = ${organization}`
    return row?.['at'] === '-infinity' ? null : row && new Date(row['at'])
  }

  it('copies the last use of any secret to each organization, at most once a minute, and never back', async () => {
    const id = await key(home, [home, other])
    const [one, two] = [await rows.secret(id), await rows.secret(id, { expiresIn: '1 day' })]
    assert.deepEqual([await copyOf(id), await copyOf(id, other)], [null, null])
    for (const [digest, used, copied] of [
      [one, '10:00:00', '10:00:00'],
      [two, '10:00:59.999', '10:00:00'],
      [two, '10:01:00', '10:01:00'],
      [one, '10:00:30', '10:01:00'],
      [one, '10:05:00', '10:05:00'],
    ] as const) {
      await recordUsage(database, [use(digest, `2026-01-01T${used}`)], [])
      for (const place of [home, other]) assert.deepEqual(await copyOf(id, place), at(`2026-01-01T${copied}`), used)
    }
    await recordUsage(
      database,
      [{ digest: one, used: null, denied: { at: at('2026-01-02T10:00:00'), ip: '192.0.2.1', reason: null } }],
      [],
    )
    assert.deepEqual(await copyOf(id), at('2026-01-01T10:05:00'))
  })

  it('has no copy of a key that has ended', async () => {
    for (const status of ['revoked', 'expired']) {
      const id = await key(home, [home, other])
      const digest = await rows.secret(id)
      await sql`UPDATE api_keys SET status = ${status} WHERE id = ${id}`
      await recordUsage(database, [use(digest, '2026-01-01T10:00')], [])
      assert.deepEqual([await copyOf(id), await copyOf(id, other)], [undefined, undefined], status)
    }
  })

  it('does not wait for a key that is changed or revoked, or that acts, in the meantime', async () => {
    for (const lock of [
      (id: ApiKeyId) => sqlOf`UPDATE api_keys SET name = name || '2' WHERE id = ${id}`,
      (id: ApiKeyId) => sqlOf`UPDATE api_keys SET status = 'revoked' WHERE id = ${id}`,
      (id: ApiKeyId) => sqlOf`SELECT FROM api_key_organizations WHERE key_id = ${id} FOR SHARE`,
    ]) {
      const id = await key()
      const digest = await rows.secret(id)
      await passes(
        (tx) => tx.execute(lock(id)),
        () => recordUsage(database, [use(digest, '2026-01-01T10:00')], []),
      )
      assert.deepEqual((await lastUse(digest))[0], at('2026-01-01T10:00'))
    }
  })

  it('adds to the counts of an hour, for each key and organization', async () => {
    const [one, two] = [await key(), await key(home, [home, other])]
    await recordUsage(
      database,
      [],
      [hourOf(one, '2026-01-01T10:00', 2, 1), hourOf(two, '2026-01-01T10:00', 5, 0, other)],
    )
    await recordUsage(database, [], [hourOf(one, '2026-01-01T10:00', 3, 4), hourOf(one, '2026-01-01T11:00', 1)])
    const counted = await sql`SELECT key_id, organization_id, extract(hour FROM hour AT TIME ZONE 'UTC')::int AS hour,
      allowed::int, denied::int FROM api_key_usage WHERE key_id IN (${one}, ${two}) ORDER BY key_id, hour`
    assert.deepEqual(
      [...counted],
      [
        { key_id: one, organization_id: home, hour: 10, allowed: 5, denied: 5 },
        { key_id: one, organization_id: home, hour: 11, allowed: 1, denied: 0 },
        { key_id: two, organization_id: other, hour: 10, allowed: 5, denied: 0 },
      ],
    )
  })

  it('leaves out keys, organizations and secrets that no longer exist, and counts the others', async () => {
    const id = await key()
    const digest = await rows.secret(id)
    await recordUsage(
      database,
      [use(Buffer.alloc(32, 7), '2026-01-01T10:00'), use(digest, '2026-01-01T10:00')],
      [
        hourOf(newId('key'), '2026-01-02T10:00', 1),
        hourOf(id, '2026-01-02T10:00', 1, 0, newId('org')),
        hourOf(id, '2026-01-02T10:00', 7),
      ],
    )
    const counted = await sql`SELECT organization_id, allowed::int FROM api_key_usage WHERE key_id = ${id}`
    assert.deepEqual([...counted], [{ organization_id: home, allowed: 7 }])
    assert.deepEqual(await lastUse(digest), [at('2026-01-01T10:00'), '192.0.2.1'])
  })

  it('never moves a last use back', async () => {
    const digest = await rows.secret(await key())
    for (const [given, ip, expected] of [
      ['2026-01-01T10:00:00.000', '192.0.2.1', '192.0.2.1'],
      ['2026-01-01T09:59:59.999', '192.0.2.2', '192.0.2.1'],
      ['2026-01-01T10:00:00.000', '192.0.2.3', '192.0.2.1'],
      ['2026-01-01T10:00:00.001', '192.0.2.4', '192.0.2.4'],
    ] as const) {
      await recordUsage(database, [use(digest, given, ip)], [])
      assert.equal((await lastUse(digest))[1], expected, given)
    }
  })

  it('keeps the last denial apart from the last use, and never moves it back', async () => {
    const digest = await rows.secret(await key())
    const denied = (when: string, reason: string | null) => ({
      digest,
      used: null,
      denied: { at: at(when), ip: '192.0.2.7', reason },
    })
    const found = async () => {
      const [row] =
        await database.$client`SELECT last_denied_at AS at, last_denial_reason AS reason, last_denied_ip AS ip, last_used_at AS used
        FROM api_key_secrets WHERE digest = ${digest}`
      assert.equal(row?.['ip'], '192.0.2.7')
      return [row?.['at'] && new Date(row['at']), row?.['reason'], row?.['used'] && new Date(row['used'])]
    }
    for (const [given, expected] of [
      [denied('2026-01-01T10:00', 'expired'), [at('2026-01-01T10:00'), 'expired', null]],
      [denied('2026-01-01T09:59', 'earlier'), [at('2026-01-01T10:00'), 'expired', null]],
      [use(digest, '2026-01-01T11:00'), [at('2026-01-01T10:00'), 'expired', at('2026-01-01T11:00')]],
      [denied('2026-01-01T12:00', null), [at('2026-01-01T12:00'), null, at('2026-01-01T11:00')]],
    ] as const) {
      await recordUsage(database, [given], [])
      assert.deepEqual(await found(), expected)
    }
  })

  it('adds up the reasons of denials, for each key, organization and hour', async () => {
    const id = await key(home, [home, other])
    const denied = (deniedBy: Record<string, number>, organization = home) =>
      recordUsage(database, [], [hourOf(id, '2026-04-01T10:00', 0, 3, organization, deniedBy)])
    await denied({ 'lacks write:sandboxes': 2, 'a "quoted" {reason}, \\': 1 })
    await denied({ 'lacks write:sandboxes': 1, expired: 2 })
    await denied({ revoked: 3 }, other)
    await denied({})
    const span = { from: at('2026-04-01T00:00'), to: at('2026-04-02T00:00') }
    for (const granularity of ['hour', 'day'] as const) {
      const [bucket] = await listUsage(database, home, id, granularity, span)
      assert.deepEqual(bucket?.deniedBy, [
        { reason: 'lacks write:sandboxes', count: 3 },
        { reason: 'expired', count: 2 },
        { reason: 'a "quoted" {reason}, \\', count: 1 },
      ])
    }
  })

  it('accepts empty lists, and any text of an address', async () => {
    await recordUsage(database, [], [])
    const digest = await rows.secret(await key())
    const ip = '"quoted",{}\\ fe80::1%eth0'
    await recordUsage(database, [use(digest, '2026-01-01T10:00', ip)], [])
    assert.equal((await lastUse(digest))[1], ip)
  })

  it('adds to an hour that another process is writing', async () => {
    const id = await key()
    await waits(
      (tx) => recordUsage(tx, [], [hourOf(id, '2026-01-01T10:00', 1)]),
      () => recordUsage(database, [], [hourOf(id, '2026-01-01T10:00', 2)]),
    )
    const [counted] = await sql`SELECT allowed::int FROM api_key_usage WHERE key_id = ${id}`
    assert.deepEqual(counted, { allowed: 3 })
  })
})

describe('listUsage', async () => {
  const id = await key(home, [home, other])
  await recordUsage(
    database,
    [],
    [
      hourOf(id, '2026-03-01T23:00', 1, 2),
      hourOf(id, '2026-03-02T00:00', 10),
      hourOf(id, '2026-03-02T05:00', 20, 3),
      hourOf(id, '2026-03-02T05:00', 999, 0, other),
      hourOf(await key(), '2026-03-02T05:00', 999),
    ],
  )
  await day(id, '2026-02-28T00:00', 100, 5)
  await day(id, '2026-02-28T00:00', 999, 0, other)

  for (const [what, granularity, from, to, expected] of [
    [
      'hours, with a rolled-up day as one of them',
      'hour',
      '2026-02-28T00:00',
      '2026-03-03T00:00',
      [
        ['2026-02-28T00:00', 100, 5, true],
        ['2026-03-01T23:00', 1, 2, false],
        ['2026-03-02T00:00', 10, 0, false],
        ['2026-03-02T05:00', 20, 3, false],
      ],
    ],
    [
      'days',
      'day',
      '2026-02-28T00:00',
      '2026-03-03T00:00',
      [
        ['2026-02-28T00:00', 100, 5, true],
        ['2026-03-01T00:00', 1, 2, false],
        ['2026-03-02T00:00', 30, 3, false],
      ],
    ],
    [
      'the whole hour of its start',
      'hour',
      '2026-03-02T05:59:59.999',
      '2026-03-03T00:00',
      [['2026-03-02T05:00', 20, 3, false]],
    ],
    [
      'the whole day of its start',
      'day',
      '2026-03-02T05:59:59.999',
      '2026-03-03T00:00',
      [['2026-03-02T00:00', 30, 3, false]],
    ],
    [
      'a rolled-up day that has begun before its start',
      'hour',
      '2026-02-28T23:59',
      '2026-03-01T00:00',
      [['2026-02-28T00:00', 100, 5, true]],
    ],
    ['nothing from its end on', 'hour', '2026-03-01T00:00', '2026-03-01T23:00', []],
    [
      'an hour that begins before its end',
      'hour',
      '2026-03-01T00:00',
      '2026-03-01T23:00:00.001',
      [['2026-03-01T23:00', 1, 2, false]],
    ],
    ['no rolled-up day from its end on', 'day', '2026-02-27T00:00', '2026-02-28T00:00', []],
  ] as const) {
    it(`lists ${what}`, async () => {
      const found = await listUsage(database, home, id, granularity, { from: at(from), to: at(to) })
      assert.deepEqual(
        found,
        expected.map(([start, allowed, denied, isRolledUp]) => ({
          start: at(start),
          allowed,
          denied,
          deniedBy: [],
          isRolledUp,
        })),
      )
    })
  }

  it('adds the kept hours of a day to its rolled-up part', async () => {
    await day(id, '2026-03-02T00:00', 1000)
    const found = await listUsage(database, home, id, 'day', {
      from: at('2026-03-02T00:00'),
      to: at('2026-03-03T00:00'),
    })
    assert.deepEqual(found, [
      { start: at('2026-03-02T00:00'), allowed: 1030, denied: 3, deniedBy: [], isRolledUp: true },
    ])
  })
})

describe('findLastUse', () => {
  it('finds the latest use of any secret, where the key may act', async () => {
    const id = await key(home, [home, other])
    const [current, expired] = [await rows.secret(id), await rows.secret(id, { expiresIn: '-1 day' })]
    await rows.secret(id, { expiresIn: '1 day' }) // never used
    const none = { lastUsedAt: null, lastUsedIp: null, lastUsedRoute: null }
    assert.deepEqual(await findLastUse(database, home, id), none)
    for (const [digest, hour, ip] of [
      [expired, '10', '192.0.2.1'],
      [current, '11', '192.0.2.2'],
      [expired, '12', '192.0.2.3'],
    ] as const) {
      await recordUsage(database, [use(digest, `2026-01-01T${hour}:00`, ip)], [])
      const last = { lastUsedAt: at(`2026-01-01T${hour}:00`), lastUsedIp: ip, lastUsedRoute: 'GET /sandbox' }
      for (const organization of [home, other]) assert.deepEqual(await findLastUse(database, organization, id), last)
    }
    assert.deepEqual(await findLastUse(database, await rows.organization(owner), id), none)
  })
})

describe('listUsageTotals', async () => {
  const user = await rows.user()
  const [place, elsewhere] = [await rows.organization(owner), await rows.organization(owner)]
  for (const organization of [place, elsewhere]) await rows.member(organization, user, 'owner')
  const keyOf = (who: typeof owner, reaches = [place]) =>
    rows.key(who, reaches[0] ?? place, { name: newId('evt'), reaches })
  const most = await keyOf(owner)
  const tied = [await keyOf(user), await keyOf(owner)]
  const unused = [await keyOf(owner), await keyOf(user, [elsewhere, place])]
  const revoked = await keyOf(owner)
  const idle = await keyOf(owner)
  const away = await keyOf(user, [elsewhere])
  const hours = (id: ApiKeyId, allowed: number, denied = 0, organization = place) =>
    hourOf(id, '2026-05-05T05:00', allowed, denied, organization)
  await recordUsage(
    database,
    [],
    [
      hours(most, 50, 6),
      hours(tied[0] as ApiKeyId, 7),
      hours(tied[1] as ApiKeyId, 3, 4),
      hours(revoked, 1),
      hours(unused[1] as ApiKeyId, 99, 0, elsewhere),
      hours(away, 99, 0, elsewhere),
    ],
  )
  await day(most, '2026-05-04T00:00', 100, 0, place)
  for (const id of [revoked, idle]) await sql`UPDATE api_keys SET status = 'revoked' WHERE id = ${id}`
  const SPAN = { from: at('2026-05-01T00:00'), to: at('2026-06-01T00:00') }
  const ranked = [most, ...tied.toSorted().reverse(), revoked, ...unused.toSorted().reverse()]
  const totals = (filter = {}, span = SPAN, limit = 100) => listUsageTotals(database, place, span, filter, { limit })

  it('lists the keys that are active or were used, the most used first, and sums them', async () => {
    const { rows: found, allowed, denied, next } = await totals()
    assert.deepEqual(
      found.map(({ id }) => id),
      ranked,
    )
    assert.deepEqual([allowed, denied, next], [161, 10, null])
    assert.deepEqual(
      found.map((row) => [row.allowed, row.denied]),
      [
        [150, 6],
        ...tied
          .toSorted()
          .reverse()
          .map((id) => (id === tied[0] ? [7, 0] : [3, 4])),
        [1, 0],
        [0, 0],
        [0, 0],
      ],
    )
    assert.deepEqual(found[3]?.status, 'revoked')
    const foreign = found.find(({ id }) => id === unused[1])
    assert.deepEqual([foreign?.organizationId, foreign?.userId, foreign?.lastUsedAt], [elsewhere, user, null])
  })

  it('lists each key once on pages of any size, with the sums of all pages', async () => {
    for (const limit of [1, 2, 3, 5, 6]) {
      const seen: ApiKeyId[] = []
      let after: Parameters<typeof listUsageTotals>[4]['after']
      for (;;) {
        const page = await listUsageTotals(database, place, SPAN, {}, { limit, after })
        assert.deepEqual([page.allowed, page.denied, page.rows.length <= limit], [161, 10, true])
        seen.push(...page.rows.map(({ id }) => id))
        if (page.next === null) break
        after = page.next
      }
      assert.deepEqual(seen, ranked, String(limit))
    }
  })

  it('lists and sums the keys of a user, or one key', async () => {
    for (const [filter, expected, sums] of [
      [{ userId: user }, [tied[0], unused[1]], [7, 0]],
      [{ keyId: tied[1] }, [tied[1]], [3, 4]],
      [{ keyId: most, userId: user }, [], [0, 0]],
      [{ keyId: away }, [], [0, 0]],
    ] as const) {
      const { rows: found, allowed, denied } = await totals(filter)
      assert.deepEqual([found.map(({ id }) => id), [allowed, denied]], [expected, sums])
    }
  })

  it('counts the hour of its start and not that of its end, and rolled-up days as a whole', async () => {
    for (const [from, to, expected] of [
      ['2026-05-05T05:59', '2026-06-01T00:00', 61],
      ['2026-05-05T06:00', '2026-06-01T00:00', 0],
      ['2026-05-04T23:00', '2026-05-05T05:00', 100],
      ['2026-05-05T00:00', '2026-05-05T05:00:00.001', 61],
    ] as const) {
      assert.equal((await totals({}, { from: at(from), to: at(to) })).allowed, expected, `${from} ${to}`)
    }
  })

  it('shows the last use of a key, by any of its secrets, and a key that has lapsed as expired', async () => {
    const id = await rows.key(owner, place, { name: newId('evt'), expiresIn: '-1 hour' })
    const [one, two] = [await rows.secret(id), await rows.secret(id, { expiresIn: '1 day' })]
    await recordUsage(database, [use(one, '2026-01-01T10:00'), use(two, '2026-01-01T12:00', '192.0.2.9')], [])
    const { rows: found } = await totals({ keyId: id })
    assert.deepEqual(
      found.map(({ status, lastUsedAt, lastUsedIp }) => [status, lastUsedAt, lastUsedIp]),
      [['expired', at('2026-01-01T12:00'), '192.0.2.9']],
    )
  })
})
