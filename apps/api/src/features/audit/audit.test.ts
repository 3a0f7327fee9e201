import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { type AuditEntry, auditActions, recordAudit } from '@daytona-auth/db/audit'
import { newId, type OrganizationId } from '@daytona-auth/db/core'
import { waitFor } from '@daytona-auth/testing'
import { errorBody, FORBIDDEN, world } from '../../../test/world.ts'

const { api, request, person, database } = await world({ after })
const ada = await person('Ada')
const bob = await person('Bob')
const { value: token } = await ada.token()

interface Item extends Record<string, unknown> {
  readonly id: string
  readonly action: string
  readonly createdAt: string
}

interface Page {
  readonly items: Item[]
  readonly total: number
  readonly page: number
  readonly totalPages: number
  readonly nextToken?: string
}

const pathOf = (organization: string, query = '', behind = '') =>
  `/audit/organizations/${organization}${behind}${query && `?${query}`}`
const read = async (organization: string, query = '', credential = token): Promise<Page> => {
  const { status, body, text } = await request('GET', pathOf(organization, query), credential)
  assert.equal(status, 200, text)
  return body as Page
}
const actionsOf = async (organization: string, query = '') =>
  (await read(organization, query)).items.map((one) => one.action)

/** Creates an organization of Ada's and waits until the API has received its notification. */
async function ownOrganization(): Promise<OrganizationId> {
  const organization = await ada.organization()
  await waitFor(async () => (await request('HEAD', pathOf(organization), token)).status === 200)
  return organization
}

/** Creates an organization of Ada's with these events, oldest first, after its creation event. */
async function trail(events: readonly Partial<AuditEntry>[]): Promise<OrganizationId> {
  const organization = await ownOrganization()
  for (const event of events) await recordAudit(database, { ...entryIn(organization), ...event })
  return organization
}

const entryIn = (organizationId: OrganizationId): AuditEntry => ({
  organizationId,
  actorId: null,
  actorEmail: null,
  source: 'test',
  action: 'volume.create',
})

describe('access to the audit trail', () => {
  const behinds = ['', '/export', '/verify']

  it('is denied without admin:organization, and to users of another organization', async () => {
    const organization = await trail([])
    const member = await person('Member')
    await member.join(organization, ['write:sandboxes', 'read:registries'])
    const credentials = [(await member.token()).value, (await ada.key(organization, ['write:volumes'])).value]
    for (const behind of behinds) {
      for (const credential of credentials) {
        const answer = await request('GET', pathOf(organization, '', behind), credential)
        assert.deepEqual([answer.status, answer.body], [403, FORBIDDEN])
      }
      const stranger = (await bob.token()).value
      const foreign = await request('GET', pathOf(organization, '', behind), stranger)
      const unknown = await request('GET', pathOf(newId('org'), '', behind), stranger)
      assert.deepEqual([foreign.status, foreign.text], [404, unknown.text])
    }
  })

  it('is allowed to its owner, and to a key and an app with admin:organization', async () => {
    const organization = await trail([])
    const { value: key } = await ada.key(organization, ['admin:organization'])
    const scopes = ['admin:organization']
    const { value: app } = await ada.token({ scopes, organizationIds: [organization] })
    for (const credential of [token, key, app]) assert.ok((await read(organization, '', credential)).total > 0)
  })
})

describe('GET /audit/organizations/{organizationId}', () => {
  it('refuses invalid parameters', async () => {
    const organization = await trail([])
    const problems: Record<string, string> = {
      'page=0': 'page',
      'limit=0': 'limit',
      'limit=201': 'limit',
      'from=yesterday': 'from',
      'statusCode=ok': 'statusCode.eq',
      'actorId[like]=x': 'actorId',
      'createdAt=2030-01-01T00:00:00Z': 'createdAt',
      'statusCode[gte]=x': 'statusCode.gte',
      'nextToken=x': 'nextToken',
      [`nextToken=${Buffer.from('["audit","-1","evt_1"]').toString('base64url')}`]: 'nextToken',
      [`nextToken=${Buffer.from('["audit","1","evt_\\u0000"]').toString('base64url')}`]: 'nextToken',
      [`nextToken=${Buffer.from('["other","1","evt_1"]').toString('base64url')}`]: 'nextToken',
      'page=101&limit=100': 'page',
      'page=1000000000&limit=1': 'page',
      'eq=usr_1': 'eq',
      'notIn=a': 'notIn',
    }
    for (const [query, path] of Object.entries(problems)) {
      const { status, body } = await request('GET', pathOf(organization, query), token)
      assert.equal(status, 400, query)
      assert.equal((body as { details: { path: string }[] }).details[0]?.path, path, query)
    }
  })

  it('has actor, action, target, origin and outcome of each event', async () => {
    const organization = await ownOrganization()
    const { id: keyId, name: keyName, value: key } = await ada.key(organization, ['admin:organization'])
    const made = await request('POST', '/sandbox', key, { body: { name: 'box' }, headers: { 'user-agent': 'curl/8' } })
    const { id } = made.body as { id: string }
    const { items } = await read(organization, 'action=sandbox.create')
    const [{ id: eventId, createdAt } = { id: '', createdAt: '' }] = items
    assert.match(eventId, /^evt_[0-9a-v]{26}$/)
    assert.ok(Date.now() - Date.parse(createdAt) < 60_000)
    assert.deepEqual(items, [
      {
        id: eventId,
        createdAt,
        organizationId: organization,
        actorId: ada.userId,
        actorEmail: ada.email,
        actorApiKeyPrefix: key.slice(0, 8),
        actorApiKeySuffix: key.slice(-4),
        action: 'sandbox.create',
        targetType: 'sandbox',
        targetId: id,
        statusCode: 200,
        ipAddress: '127.0.0.1',
        userAgent: 'curl/8',
        source: 'api-key',
        metadata: { name: 'box', keyId, keyName },
      },
    ])
  })

  it('has nulls for the actor of a system event, and omits the members that the client’s type omits', async () => {
    const organization = await trail([{ action: 'volume.delete', metadata: { deep: { list: [1, 'two', null] } } }])
    const { items } = await read(organization, 'limit=1')
    const [{ id, createdAt } = { id: '', createdAt: '' }] = items
    assert.deepEqual(items, [
      {
        id,
        createdAt,
        organizationId: organization,
        actorId: null,
        actorEmail: null,
        action: 'volume.delete',
        targetType: null,
        targetId: null,
        statusCode: null,
        ipAddress: null,
        userAgent: null,
        source: 'test',
        metadata: { deep: { list: [1, 'two', null] } },
      },
    ])
  })

  it('names the key that acted if the event is about another one', async () => {
    const organization = await ownOrganization()
    const maker = await ada.key(organization, ['admin:organization'])
    await request('POST', '/api-keys', maker.value, { body: { name: 'child', permissions: ['read:volumes'] } })
    const { items } = await read(organization, 'action=api_key.create&limit=1')
    const [event] = items
    assert.ok(event)
    const { keyId, keyName, actorKeyId, actorKeyName } = event['metadata'] as Record<string, string>
    assert.deepEqual([keyId, keyName, actorKeyId, actorKeyName], [event['targetId'], 'child', maker.id, maker.name])
  })

  describe('filters', async () => {
    const actor = newId('usr')
    const organization = await trail([
      {
        action: 'sandbox.create',
        actorId: actor,
        actorEmail: 'one@example.test',
        targetType: 'box',
        targetId: 'box_1',
        statusCode: 200,
      },
      {
        action: 'sandbox.delete',
        actorId: bob.userId,
        actorEmail: bob.email,
        targetType: 'box',
        targetId: 'box_2',
        statusCode: 403,
      },
      {
        action: 'snapshot.create',
        actorApiKeyPrefix: 'dta_abcd',
        actorApiKeySuffix: 'wxyz',
        targetType: 'disk',
        statusCode: 409,
      },
    ])
    const [third, second, first, making] = (await read(organization)).items
    const at = (item: Item | undefined, shift = 0) =>
      encodeURIComponent(new Date(Date.parse(item?.createdAt ?? '') + shift).toISOString())

    const table: Record<string, readonly string[]> = {
      '': ['snapshot.create', 'sandbox.delete', 'sandbox.create', 'organization.create'],
      [`actorId=${actor}`]: ['sandbox.create'],
      [`actorId[in]=${actor},${bob.userId}`]: ['sandbox.delete', 'sandbox.create'],
      [`actorId[in]=${actor}&actorId[in]=${bob.userId}`]: ['sandbox.delete', 'sandbox.create'],
      [`actorId[not]=${actor}`]: ['snapshot.create', 'sandbox.delete', 'organization.create'],
      [`actorId[notIn]=${actor},${bob.userId}`]: ['snapshot.create', 'organization.create'],
      'actorId=unknown': [],
      [`actorEmail=${encodeURIComponent(bob.email)}`]: ['sandbox.delete'],
      'action=snapshot.create': ['snapshot.create'],
      'action[eq]=snapshot.create': ['snapshot.create'],
      'action=sandbox.create&action=sandbox.delete': ['sandbox.delete', 'sandbox.create'],
      'targetType=box': ['sandbox.delete', 'sandbox.create'],
      'targetType=box&action[not]=sandbox.create': ['sandbox.delete'],
      'targetId=box_1': ['sandbox.create'],
      'statusCode=403': ['sandbox.delete'],
      'statusCode[gte]=400': ['snapshot.create', 'sandbox.delete'],
      'statusCode[gt]=200&statusCode[lt]=409': ['sandbox.delete'],
      'statusCode[in]=200,409': ['snapshot.create', 'sandbox.create'],
      'actorApiKeyPrefix=dta_abcd': ['snapshot.create'],
      'actorApiKeySuffix=wxyz': ['snapshot.create'],
      [`id=${second?.id}`]: ['sandbox.delete'],
      [`from=${at(second)}&to=${at(second)}&targetId=box_2`]: ['sandbox.delete'],
      [`from=${at(third, 1)}`]: [],
      [`to=${at(making, -1)}`]: [],
      [`createdAt[gt]=${at(third)}`]: [],
      [`createdAt[lt]=${at(making)}`]: [],
      [`createdAt[lte]=${at(first)}&createdAt[gte]=${at(first)}&action=sandbox.create`]: ['sandbox.create'],
      [`from=2020-01-01T00:00:00Z&createdAt[gt]=${at(third)}`]: [],
      'from=0001-01-01T00:00:00Z&to=9999-12-31T23:59:59.999Z&targetId=box_1': ['sandbox.create'],
      'unheard=of': ['snapshot.create', 'sandbox.delete', 'sandbox.create', 'organization.create'],
    }
    for (const [query, actions] of Object.entries(table)) {
      it(query || 'none', async () => {
        assert.deepEqual(await actionsOf(organization, query), actions)
        assert.equal((await read(organization, query)).total, actions.length)
      })
    }
  })

  describe('pages', () => {
    /** Events of that many different actions. */
    const numbers = (count: number) =>
      auditActions()
        .filter((action) => action !== 'organization.create')
        .slice(0, count)
        .map((action) => ({ action }))
    const [first, second, third, , , sixth] = numbers(6).map(({ action }) => action)

    it('by number, with the total count', async () => {
      const organization = await trail(numbers(6))
      const { items, nextToken, ...counts } = await read(organization, 'page=2&limit=3')
      assert.deepEqual(
        items.map(({ action }) => action),
        [third, second, first],
      )
      assert.deepEqual(counts, { total: 7, page: 2, totalPages: 3 })
      assert.ok(nextToken)
      const last = await read(organization, 'page=3&limit=3')
      assert.deepEqual([last.items.length, 'nextToken' in last], [1, false])
      assert.deepEqual((await read(organization, 'page=9&limit=3')).items, [])
      const { nextToken: _, ...filtered } = await read(organization, `limit=1&action[not]=${sixth}`)
      assert.deepEqual({ ...filtered, items: filtered.items.length }, { items: 1, total: 6, page: 1, totalPages: 6 })
    })

    it('by token, each event once and in order while others are recorded', async () => {
      const organization = await trail(numbers(20))
      // Many events of one transaction have one instant and differ only in their ids.
      await recordAudit(
        database,
        numbers(10).map((event) => ({ ...entryIn(organization), ...event })),
      )
      const all = (await read(organization, 'limit=200')).items
      const walked: Item[] = []
      let nextToken: string | undefined
      do {
        const query = `limit=4&page=7${nextToken === undefined ? '&page=1' : `&nextToken=${nextToken}`}`
        const page = await read(organization, nextToken === undefined ? 'limit=4' : query)
        walked.push(...page.items)
        nextToken = page.nextToken
        await recordAudit(database, { ...entryIn(organization), action: 'role.delete' })
      } while (nextToken)
      assert.deepEqual(walked, all)
    })
  })
})

describe('GET …/export', () => {
  it('refuses the same parameters as the list, with an error response', async () => {
    const organization = await trail([])
    const answer = await request('GET', pathOf(organization, 'statusCode=x', '/export'), token)
    assert.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8')
    assert.equal(answer.status, 400)
  })

  it('has the events of the list, one per line, with the same filters', async () => {
    const organization = await trail([
      { action: 'sandbox.create' },
      { action: 'sandbox.delete', metadata: { text: 'a\nb' } },
      { action: 'sandbox.create' },
    ])
    for (const query of ['', 'action=sandbox.create', 'action=none']) {
      const answer = await request('GET', pathOf(organization, query, '/export'), token)
      assert.equal(answer.headers.get('content-type'), 'application/x-ndjson; charset=utf-8')
      const lines = answer.text.split('\n')
      assert.equal(lines.pop(), '')
      assert.deepEqual(
        lines.map((line) => JSON.parse(line)),
        (await read(organization, query)).items,
      )
    }
  })

  it('has each of many events once while others are recorded, and can be aborted', async () => {
    const organization = await ownOrganization()
    const sql = database.$client
    await sql.begin(async (tx) => {
      await tx`SET LOCAL session_replication_role = replica` // without a chain, which this test does not need
      await tx`INSERT INTO audit_events (id, organization_id, action, source, sequence, created_at)
        SELECT 'evt_' || number, ${organization}, 'volume.create', 'test', number + 1, now() - number / 7 * interval '1 second'
        FROM generate_series(1, 4321) AS number`
    })
    const url = api.url + pathOf(organization, 'action=volume.create', '/export')
    const headers = { authorization: `Bearer ${token}` }
    const response = await fetch(url, { headers })
    await recordAudit(database, entryIn(organization))
    const events = (await response.text()).trim().split('\n')
    const ids = new Set(events.map((line) => JSON.parse(line).id))
    assert.deepEqual([events.length, ids.size], [4321, 4321])

    const broken = await fetch(url, { headers })
    await broken.body?.cancel()
    assert.equal((await request('GET', '/health/ready')).status, 200)
  })

  it('answers HEAD without reading the trail', async () => {
    const organization = await trail([])
    const answer = await request('HEAD', pathOf(organization, '', '/export'), token)
    assert.deepEqual([answer.status, answer.text], [200, ''])
  })
})

describe('GET …/verify', () => {
  const verify = async (organization: string) => (await request('GET', pathOf(organization, '', '/verify'), token)).body

  it('verifies a chain of several concurrent changes', async () => {
    const organization = await ownOrganization()
    await Promise.all(Array.from({ length: 20 }, () => ada.key(organization, ['read:volumes'])))
    const whole = { valid: true, events: 21, brokenAt: null, brokenEventId: null, dropped: [] }
    assert.deepEqual(await verify(organization), whole)
  })

  const tamperings: Record<string, readonly [string, number]> = {
    'an edited event': [`UPDATE audit_events SET actor_email = 'mallory@example.test'`, 3],
    'edited metadata': [`UPDATE audit_events SET metadata = '{"keyId": "key_other"}'`, 3],
    'a removed event': ['DELETE FROM audit_events', 3],
  }
  for (const [what, [statement, brokenAt]] of Object.entries(tamperings)) {
    it(`detects ${what}, in that organization only`, async () => {
      const [organization, other] = [await trail([{}, {}, {}, {}]), await trail([{}])]
      await database.$client.begin(async (tx) => {
        await tx.unsafe('SET LOCAL session_replication_role = replica')
        await tx.unsafe(`${statement} WHERE organization_id = $1 AND sequence = 3`, [organization])
      })
      const [event] = await database.$client`
        SELECT id FROM audit_events WHERE organization_id = ${organization} AND sequence = 3`
      const found = (await verify(organization)) as { events: number }
      assert.deepEqual(found, {
        valid: false,
        events: found.events,
        brokenAt,
        brokenEventId: event?.['id'] ?? null,
        dropped: [],
      })
      assert.deepEqual(await verify(other), {
        valid: true,
        events: 2,
        brokenAt: null,
        brokenEventId: null,
        dropped: [],
      })
    })
  }

  it('has errors in the common form', async () => {
    const answer = await request('GET', pathOf('org_none', '', '/verify'), token)
    assert.deepEqual(answer.body, errorBody(404, 'Not Found', 'Organization not found'))
  })
})
