import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { recordUsage } from '@daytona-auth/db/api-keys'
import { type ApiKeyId, newId, type OrganizationId } from '@daytona-auth/db/core'
import { waitFor } from '@daytona-auth/testing'
import { errorBody, FORBIDDEN, world } from '../../../test/world.ts'
import { applyRetention } from '../../tasks/retention.ts'

const { request, person, database } = await world({ after })
const ada = await person('Ada')
const bob = await person('Bob')
const { value: token } = await ada.token()
const organization = await ada.organization()
const KEY_NOT_FOUND = errorBody(404, 'Not Found', 'API key not found')

const HOUR_MS = 60 * 60 * 1000
const DAY_MS = 24 * HOUR_MS
/** A UTC day whose hours are kept. */
const DAY_ONE = Math.floor(Date.now() / DAY_MS - 30) * DAY_MS
const start = (hour: number) => new Date(DAY_ONE + hour * HOUR_MS).toISOString()

/** Counts at that hour of the first day and of the following days. */
const count = (keyId: ApiKeyId, organizationId: OrganizationId, hour: number, allowed: number, denied: number) =>
  recordUsage(
    database,
    [],
    [
      {
        keyId,
        organizationId,
        hour: new Date(start(hour)),
        allowed,
        denied,
        deniedBy: denied > 0 ? { expired: denied } : {},
      },
    ],
  )

const use = (keyId: ApiKeyId, ip: string) => database.$client`
  UPDATE api_key_secrets SET last_used_at = '2026-05-01T10:20:30.456Z', last_used_ip = ${ip}, last_used_route = 'GET /sandbox' WHERE key_id = ${keyId}`

const SPAN = `from=${start(0.5)}&to=${start(48)}`
const usageOf = (name: string, query = SPAN, credential = token, asked = {}) =>
  request('GET', `/api-keys/${encodeURIComponent(name)}/usage?${query}`, credential, { organization, ...asked })
const totalsOf = (id: string, query = SPAN, credential = token) =>
  request('GET', `/organizations/${id}/api-keys/usage?${query}`, credential)

const BAD_SPANS: Record<string, string> = {
  'from=yesterday': 'from',
  'to=2026-13-01T00:00:00Z': 'to',
  'from=2026-05-02T00:00:00Z&to=2026-05-01T00:00:00Z': 'from',
  'from=2026-05-01T00:00:00Z&to=2026-05-01T00:00:00Z': 'from',
  'from=2024-01-01T00:00:00Z&to=2026-05-01T00:00:00Z': 'from',
}

describe('GET /api-keys/{name}/usage', () => {
  it('refuses an invalid span or granularity', async () => {
    const { name } = await ada.key(organization, ['read:volumes'])
    for (const [query, path] of Object.entries({ ...BAD_SPANS, 'granularity=minute': 'granularity' })) {
      const { status, body } = await usageOf(name, query)
      assert.equal(status, 400, query)
      assert.equal((body as { details: { path: string }[] }).details[0]?.path, path, query)
    }
  })

  it('finds a key only for callers that find the key itself', async () => {
    const mine = await ada.key(organization, ['admin:organization'], { name: 'mine' })
    const weak = await ada.key(organization, ['read:volumes'], { name: 'weak' })
    const member = await person('Member')
    await member.join(organization, ['read:volumes'])
    const { value: memberToken } = await member.token()
    const theirs = await member.key(organization, ['read:volumes'], { name: 'theirs' })
    const apps = { openid: ['openid'], admin: ['admin:organization'] }
    const appToken = async (scopes: string[]) => (await ada.token({ scopes, organizationIds: [organization] })).value

    const table: readonly (readonly [string, string, string, number])[] = [
      [token, 'mine', '', 200],
      [token, 'weak', '', 200],
      [token, 'none', '', 404],
      [token, 'theirs', '', 404],
      [token, 'theirs', `&userId=${member.userId}`, 200],
      [token, 'theirs', '&userId=usr_unknown', 404],
      [mine.value, 'weak', '', 200],
      [mine.value, 'theirs', `&userId=${member.userId}`, 200],
      [weak.value, 'weak', '', 200],
      [weak.value, 'mine', '', 404],
      [weak.value, 'theirs', `&userId=${member.userId}`, 403],
      [memberToken, 'theirs', '', 200],
      [memberToken, 'theirs', `&userId=${member.userId}`, 200],
      [memberToken, 'mine', '', 404],
      [memberToken, 'mine', `&userId=${ada.userId}`, 403],
      [theirs.value, 'theirs', '', 200],
      [await appToken(apps.openid), 'mine', '', 403],
      [await appToken(apps.admin), 'mine', '', 200],
    ]
    for (const [credential, name, query, status] of table) {
      const answer = await usageOf(name, SPAN + query, credential)
      assert.equal(answer.status, status, `${name} ${query}`)
      if (status === 404) assert.deepEqual(answer.body, KEY_NOT_FOUND)
      if (status === 403) assert.deepEqual(answer.body, FORBIDDEN)
    }
    const stranger = await usageOf('mine', SPAN, (await bob.token()).value, {
      organization: bob.personalOrganizationId,
    })
    assert.deepEqual(stranger.body, KEY_NOT_FOUND)
  })

  it('has the counts of each UTC hour or day, in that organization only', async () => {
    const other = await ada.organization()
    const { id, name } = await ada.key(organization, ['read:volumes'], { organizationIds: [other] })
    for (const hour of [-1, 0, 23, 24, 47, 48]) await count(id, organization, hour, 10 + hour, hour === 24 ? 5 : 0)
    await count(id, other, 0, 1000, 1000)
    await use(id, '2001:db8::1')
    const last = { lastUsedAt: '2026-05-01T10:20:30.456Z', lastUsedIp: '2001:db8::1', lastUsedRoute: 'GET /sandbox' }
    assert.deepEqual((await usageOf(name)).body, {
      buckets: [
        { start: start(0), allowed: 10, denied: 0, deniedBy: [] },
        { start: start(23), allowed: 33, denied: 0, deniedBy: [] },
        { start: start(24), allowed: 34, denied: 5, deniedBy: [{ reason: 'expired', count: 5 }] },
        { start: start(47), allowed: 57, denied: 0, deniedBy: [] },
      ],
      ...last,
    })
    assert.deepEqual((await usageOf(name, `${SPAN}&granularity=day`)).body, {
      buckets: [
        { start: start(0), allowed: 43, denied: 0, deniedBy: [] },
        { start: start(24), allowed: 91, denied: 5, deniedBy: [{ reason: 'expired', count: 5 }] },
      ],
      ...last,
    })
  })

  it('hides the address from an administrator of another organization than the key’s home', async () => {
    const member = await person('Member')
    await member.join(organization, ['read:volumes'])
    const { id, name } = await member.key(member.personalOrganizationId, ['read:volumes'], {
      organizationIds: [organization],
    })
    await use(id, '10.9.9.9')
    const answer = await usageOf(name, `${SPAN}&userId=${member.userId}`)
    assert.deepEqual(answer.body, {
      buckets: [],
      lastUsedAt: '2026-05-01T10:20:30.456Z',
      lastUsedIp: null,
      lastUsedRoute: null,
    })
    const { body } = await totalsOf(organization)
    const items = (body as { items: { id: string; lastUsedIp: string | null }[] }).items
    assert.equal(items.find((one) => one.id === id)?.lastUsedIp, null)
    const own = await usageOf(name, SPAN, (await member.token()).value)
    assert.equal((own.body as { lastUsedIp: string }).lastUsedIp, '10.9.9.9')
  })

  it('covers the last day by default, of a key that was never used too', async () => {
    const { name, value } = await ada.key(organization, ['read:volumes'])
    assert.deepEqual((await usageOf(name, '')).body, {
      buckets: [],
      lastUsedAt: null,
      lastUsedIp: null,
      lastUsedRoute: null,
    })
    await request('GET', '/api-keys/current', value)
    await request('GET', '/sandbox', value)
    const body = await waitFor(async () => {
      const answer = (await usageOf(name, '')).body as {
        buckets: { start: string; allowed: number; denied: number }[]
        lastUsedAt: string
      }
      // The two requests may be recorded one after the other. Two statements read them, and a write may commit in between.
      const recorded = answer.buckets.reduce((sum, { allowed, denied }) => sum + allowed + denied, 0)
      return recorded === 2 && answer.lastUsedAt !== null && answer
    })
    assert.deepEqual(body, {
      buckets: [
        {
          start: body.buckets[0]?.start,
          allowed: 1,
          denied: 1,
          deniedBy: [{ reason: 'lacks read:sandboxes', count: 1 }],
        },
      ],
      lastUsedAt: body.lastUsedAt,
      lastUsedIp: '127.0.0.1',
      lastUsedRoute: 'GET /api-keys/current',
    })
  })
})

describe('GET /organizations/{organizationId}/api-keys/usage', () => {
  it('refuses an invalid span, a foreign organization and a third-party app', async () => {
    for (const [query, path] of Object.entries(BAD_SPANS)) {
      const { body } = await totalsOf(organization, query)
      assert.equal((body as { details: { path: string }[] }).details[0]?.path, path, query)
    }
    const { value: stranger } = await bob.token()
    const foreign = await totalsOf(organization, SPAN, stranger)
    assert.deepEqual([foreign.status, foreign.text], [404, (await totalsOf(newId('org'), SPAN, stranger)).text])
    const { value: app } = await ada.token({ scopes: ['openid'], organizationIds: [organization] })
    assert.deepEqual((await totalsOf(organization, SPAN, app)).body, FORBIDDEN)
  })

  it('adds up the usage of each key: all keys for administrators, their own for other members', async () => {
    const here = await ada.organization()
    await waitFor(async () => (await totalsOf(here)).status === 200)
    const member = await person('Member')
    await member.join(here, ['read:volumes'])
    const busy = await ada.key(here, ['read:volumes'], { name: 'busy', organizationIds: [organization] })
    const idle = await ada.key(here, ['read:volumes'], { name: 'idle' })
    const over = await member.key(here, ['read:volumes'], { name: 'over' })
    const gone = await ada.key(here, ['read:volumes'], { name: 'gone' })
    await count(busy.id, here, 0, 5, 1)
    await count(busy.id, here, 47, 5, 1)
    await count(busy.id, here, 48, 100, 100)
    await count(busy.id, organization, 0, 100, 100)
    await count(over.id, here, 1, 2, 0)
    await use(over.id, '10.1.1.1')
    await database.$client`UPDATE api_keys SET status = 'revoked' WHERE id IN (${over.id}, ${gone.id})`

    const never = { lastUsedAt: null, lastUsedIp: null }
    const span = { from: start(0.5), to: start(48) }
    const items = [
      { id: busy.id, name: 'busy', userId: ada.userId, status: 'active', allowed: 10, denied: 2, ...never },
      {
        id: over.id,
        name: 'over',
        userId: member.userId,
        status: 'revoked',
        allowed: 2,
        denied: 0,
        lastUsedAt: '2026-05-01T10:20:30.456Z',
        lastUsedIp: '10.1.1.1',
      },
      { id: idle.id, name: 'idle', userId: ada.userId, status: 'active', allowed: 0, denied: 0, ...never },
    ]
    assert.deepEqual((await totalsOf(here)).body, { ...span, allowed: 12, denied: 2, items })
    const own = await totalsOf(here, SPAN, (await member.token()).value)
    assert.deepEqual(own.body, { ...span, allowed: 2, denied: 0, items: items.slice(1, 2) })
    const itself = await totalsOf(here, SPAN, idle.value)
    // The request is a use of the key, which may be recorded before the totals are read.
    const [{ lastUsedAt, lastUsedIp } = never] = (itself.body as { items: [typeof never] }).items
    assert.deepEqual(itself.body, { ...span, allowed: 0, denied: 0, items: [{ ...items[2], lastUsedAt, lastUsedIp }] })
  })
})

describe('usage across the boundary between hours and days', () => {
  const RETENTION = { USAGE_HOURS_RETENTION: 90 * DAY_MS, USAGE_RETENTION: 761 * DAY_MS }
  const borderDay = Math.floor(Date.now() / DAY_MS - 90)
  const at = (day: number, hour: number) => new Date((borderDay + day) * DAY_MS + hour * HOUR_MS)

  it('is refused past its retention: by the hour after 90 days, by the day after 25 months', async () => {
    const { name } = await ada.key(organization, ['read:volumes'])
    const ago = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString()
    for (const [query, message] of [
      [`from=${ago(91)}&granularity=hour`, 'must be within the 90 days that hours are kept; use granularity=day'],
      [`from=${ago(762)}&to=${ago(700)}&granularity=day`, 'must be within the 761 days that usage is kept'],
    ] as const) {
      assert.deepEqual((await usageOf(name, query)).body, {
        ...errorBody(400, 'Bad Request', `from: ${message}`),
        details: [{ path: 'from', message }],
      })
    }
    assert.equal((await totalsOf(organization, `from=${ago(762)}&to=${ago(700)}`)).status, 400)
    assert.equal((await usageOf(name, `from=${ago(89)}`)).status, 200)
    // Without a granularity, the response has days.
    assert.equal((await usageOf(name, `from=${ago(91)}`)).status, 200)
  })

  it('is the same before and after the roll-up, for any span', async () => {
    const here = await ada.organization()
    await waitFor(async () => (await totalsOf(here)).status === 200)
    const { id, name } = await ada.key(here, ['read:volumes'])
    let allowed = 1
    for (let day = -4; day <= 3; day += 1) {
      for (const hour of [0, 7, 23]) {
        await recordUsage(
          database,
          [],
          [{ keyId: id, organizationId: here, hour: at(day, hour), allowed, denied: 1, deniedBy: {} }],
        )
        allowed *= 2
      }
    }
    // Far from the current hour, with which the boundary of the kept hours moves.
    const farHour = ((new Date().getUTCHours() + 12) % 24) + 0.5
    const ends = [-4, -1, 0, 1, 4].flatMap((day) => [at(day, 0.25), at(day, farHour)])
    const queries = ends.flatMap((from) =>
      ends.filter((to) => from < to).map((to) => `from=${from.toISOString()}&to=${to.toISOString()}`),
    )
    const answers = async () => {
      const all: string[] = []
      for (const query of queries) {
        all.push((await usageOf(name, query, token, { organization: here })).text)
        all.push((await usageOf(name, `${query}&granularity=day`, token, { organization: here })).text)
        all.push((await totalsOf(here, query)).text)
      }
      return all
    }
    const before = await answers()
    const { hours } = await applyRetention(database, RETENTION)
    assert.ok(hours >= 9, `${hours} hours rolled up`)
    const after = await answers()
    for (const [index, text] of after.entries()) assert.equal(text, before[index], queries[Math.floor(index / 3)] ?? '')
    assert.deepEqual(await answers(), after)
    const { body } = await totalsOf(here, `from=${at(-4, 7.5).toISOString()}&to=${at(-1, 7.5).toISOString()}`)
    const { from, to, denied } = body as { from: string; to: string; denied: number }
    assert.deepEqual([from, to, denied], [at(-4, 0).toISOString(), at(0, 0).toISOString(), 12])
  })

  it('refuses hours that were rolled up under a shorter retention', async () => {
    const { id, name } = await ada.key(organization, ['read:volumes'])
    await count(id, organization, 5, 1, 0)
    await applyRetention(database, { ...RETENTION, USAGE_HOURS_RETENTION: 2 * DAY_MS })
    const refused = await usageOf(name)
    assert.equal(refused.status, 400)
    const { body } = await usageOf(name, `${SPAN}&granularity=day`)
    assert.deepEqual((body as { buckets: unknown }).buckets, [{ start: start(0), allowed: 1, denied: 0, deniedBy: [] }])
  })
})
