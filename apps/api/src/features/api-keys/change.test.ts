import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { errorBody, FORBIDDEN, world } from '../../../test/world.ts'

const { request, person, database } = await world({ after })
const sql = database.$client
const ada = await person('Ada')
const organization = await ada.organization()
const { value: owner } = await ada.token()

const NOT_FOUND = errorBody(404, 'Not Found', 'API key not found')
const HOUR_MS = 3_600_000
const inHours = (hours: number) => new Date(Date.now() + hours * HOUR_MS)

const change = (name: string, credential: string, body: unknown, where: string = organization) =>
  request('PATCH', `/api-keys/${encodeURIComponent(name)}`, credential, { organization: where, body })
const statusOf = async (path: string, credential: string) => (await request('GET', path, credential)).status
const eventsOf = async (id: string) => {
  const rows = await sql`SELECT action, metadata, actor_id, organization_id FROM audit_events
    WHERE target_id = ${id} AND action IN ('api_key.update', 'api_key.delete') ORDER BY created_at`
  return rows.map((row) => ({ action: row['action'], metadata: row['metadata'] }))
}
const storedName = async (id: string) => (await sql`SELECT name FROM api_keys WHERE id = ${id}`)[0]?.['name']

describe('PATCH /api-keys/{name}', () => {
  it('refuses unknown members, invalid values and a past expiry', async () => {
    const { id } = await ada.key(organization, ['read:volumes'], { name: 'wrong' })
    for (const body of [
      { expires_at: '2099-01-01T00:00:00Z' },
      { organizationIds: [] },
      { name: 'current' },
      { name: '' },
      { name: null },
      { description: 'a\u0007b' },
      { description: 'x'.repeat(1025) },
      { permissions: [] },
      { permissions: ['fly'] },
      { expiresAt: '2025-12-31T23:59:59Z' },
      [],
    ]) {
      assert.equal((await change('wrong', owner, body)).status, 400, JSON.stringify(body))
    }
    assert.deepEqual(await eventsOf(id), [])
  })

  it('answers 404 to an unknown, expired, revoked or other user’s key, to an administrator too', async () => {
    const bob = await person('Bob')
    await bob.join(organization, 'owner')
    const bobs = await bob.key(organization, ['read:volumes'], { name: 'bobs' })
    await ada.key(organization, ['read:volumes'], { name: 'expired', expiresAt: inHours(-1) })
    const { id } = await ada.key(organization, ['read:volumes'], { name: 'revoked' })
    await sql`UPDATE api_keys SET status = 'revoked' WHERE id = ${id}`
    for (const name of ['bobs', 'expired', 'revoked', 'unknown']) {
      const { status, body } = await change(name, owner, { name: 'mine now', expiresAt: null })
      assert.deepEqual([status, body], [404, NOT_FOUND], name)
    }
    assert.equal(await storedName(bobs.id), 'bobs')
  })

  it('refuses a permission that the caller does not hold, and keeps all that the key has', async () => {
    const member = await person('Member')
    await member.join(organization, ['read:volumes', 'write:volumes'])
    const { value } = await member.token()
    const { id } = await member.key(organization, ['read:volumes'], { name: 'narrow' })
    const answer = await change('narrow', value, { name: 'wide', permissions: ['read:volumes', 'read:sandboxes'] })
    assert.deepEqual([answer.status, answer.body], [403, FORBIDDEN])
    assert.match(answer.headers.get('www-authenticate') ?? '', /scope="read:sandboxes"/)
    assert.equal(await storedName(id), 'narrow')
    assert.equal((await change('narrow', value, { permissions: ['write:volumes'] })).status, 200)
  })

  it('refuses a permission that the caller lacks in another organization of the key', async () => {
    const member = await person('Member')
    const home = await member.organization()
    await member.join(organization, ['read:volumes'])
    const { value } = await member.token()
    const key = { name: 'in two', organizationIds: [organization] }
    await member.key(home, ['read:volumes'], key)
    assert.deepEqual((await change('in two', value, { permissions: ['read:sandboxes'] }, home)).body, FORBIDDEN)
    assert.equal((await change('in two', value, { description: 'two' }, home)).status, 200)
  })

  it('refuses a key without administration, another credential’s key, and a superseded secret', async () => {
    const weak = await ada.key(organization, ['read:volumes'], { name: 'weak' })
    assert.deepEqual((await change('weak', weak.value, { description: 'me' })).body, FORBIDDEN)
    const admin = await ada.key(organization, ['admin:organization'], { name: 'admin' })
    assert.deepEqual((await change('weak', admin.value, { description: 'mine' })).body, FORBIDDEN)
    const app = await ada.token({ scopes: ['admin:organization'], organizationIds: [organization] })
    assert.deepEqual((await change('weak', app.value, { description: 'mine' })).body, FORBIDDEN)
    assert.equal((await change('admin', admin.value, { description: 'me' })).status, 200)
    await request('POST', '/api-keys/admin/rotate', owner, { organization, body: { gracePeriodSeconds: 600 } })
    assert.deepEqual((await change('admin', admin.value, { description: 'old' })).body, FORBIDDEN)
  })

  it('refuses a key that extends itself or its child beyond itself', async () => {
    const expiresAt = inHours(1)
    const admin = await ada.key(organization, ['admin:organization'], { name: 'ending', expiresAt })
    assert.deepEqual((await change('ending', admin.value, { expiresAt: null })).body, FORBIDDEN)
    const child = { name: 'ending child', permissions: ['read:volumes'], expiresAt: inHours(0.5).toISOString() }
    assert.equal((await request('POST', '/api-keys', admin.value, { body: child })).status, 201)
    for (const credential of [admin.value, owner]) {
      for (const end of [null, inHours(2).toISOString()]) {
        assert.deepEqual((await change('ending child', credential, { expiresAt: end })).body, FORBIDDEN)
      }
      assert.equal((await change('ending child', credential, { expiresAt: inHours(0.6).toISOString() })).status, 200)
    }
  })

  it('refuses permissions beyond those of the key’s parent, to its owner too', async () => {
    const parent = await ada.key(organization, ['admin:organization'], { name: 'parent' })
    const child = { name: 'child', permissions: ['read:volumes'] }
    assert.equal((await request('POST', '/api-keys', parent.value, { body: child })).status, 201)
    assert.equal((await change('parent', owner, { permissions: ['read:volumes', 'read:sandboxes'] })).status, 200)
    assert.deepEqual((await change('child', owner, { permissions: ['read:volumes', 'write:volumes'] })).body, FORBIDDEN)
    assert.equal((await change('child', owner, { permissions: ['read:sandboxes'] })).status, 200)
  })

  it('answers 409 to a taken name, in any organization of the key, and changes nothing', async () => {
    const other = await ada.organization()
    await ada.key(other, ['read:volumes'], { name: 'taken elsewhere' })
    await ada.key(organization, ['read:volumes'], { name: 'taken' })
    const { id } = await ada.key(organization, ['read:volumes'], { name: 'free', organizationIds: [other] })
    for (const name of ['taken', 'taken elsewhere']) {
      const { status, headers } = await change('free', owner, { name, description: 'changed' })
      assert.deepEqual([status, headers.get('x-error-code')], [409, 'api_key_name_taken'])
    }
    const [row] = await sql`SELECT name, description FROM api_keys WHERE id = ${id}`
    assert.deepEqual(row, { name: 'free', description: '' })
  })

  it('gives one of two keys a name that both want, and one of a change and a creation', async () => {
    await ada.key(organization, ['read:volumes'], { name: 'one' })
    await ada.key(organization, ['read:volumes'], { name: 'two' })
    const body = { name: 'wanted', permissions: ['read:volumes'] }
    const answers = await Promise.all([
      change('one', owner, { name: 'wanted' }),
      change('two', owner, { name: 'wanted' }),
      request('POST', '/api-keys', owner, { organization, body }),
    ])
    const statuses = answers.map(({ status }) => status).toSorted()
    assert.deepEqual(statuses.slice(1), [409, 409])
    assert.ok(Number(statuses[0]) < 300)
  })

  it('renames a key, and takes the name of an expired one', async () => {
    const gone = await ada.key(organization, ['read:volumes'], { name: 'wished', expiresAt: inHours(-1) })
    const { id, value } = await ada.key(organization, ['read:volumes'], { name: 'plain' })
    const answer = await change('plain', owner, { name: ' wished ', description: 'For the\nnight' })
    assert.equal(answer.status, 200)
    const shown = (await request('GET', '/api-keys/wished', owner, { organization })).body as object
    assert.deepEqual(answer.body, { ...shown, id, name: 'wished', description: 'For the\nnight' })
    assert.equal((await request('GET', '/api-keys/plain', owner, { organization })).status, 404)
    assert.equal(((await request('GET', '/api-keys/current', value)).body as { name: string }).name, 'wished')
    const [row] = await sql`SELECT status FROM api_keys WHERE id = ${gone.id}`
    assert.deepEqual(row, { status: 'expired' })
    const [event] = await sql`SELECT action FROM audit_events WHERE target_id = ${gone.id}`
    assert.deepEqual(event, { action: 'api_key.expire' })
  })

  it('narrows a key at once, and its children with it', async () => {
    const { id, value } = await ada.key(organization, ['admin:organization'], { name: 'broad' })
    const make = async (name: string, permissions: string[]) => {
      const { body } = await request('POST', '/api-keys', value, { body: { name, permissions } })
      return body as { id: string; value: string }
    }
    const kept = await make('kept child', ['read:sandboxes', 'read:volumes'])
    const ended = await make('ended child', ['read:volumes'])
    for (const key of [value, kept.value, ended.value]) assert.equal(await statusOf('/volumes', key), 200)
    assert.equal((await change('broad', owner, { permissions: ['read:sandboxes'] })).status, 200)
    assert.deepEqual([await statusOf('/volumes', value), await statusOf('/sandbox', value)], [403, 200])
    assert.deepEqual([await statusOf('/volumes', kept.value), await statusOf('/sandbox', kept.value)], [403, 200])
    assert.equal(await statusOf('/sandbox', ended.value), 401)
    assert.deepEqual(await eventsOf(id), [
      {
        action: 'api_key.update',
        metadata: {
          keyId: id,
          keyName: 'broad',
          before: { permissions: ['admin:organization'] },
          after: { permissions: ['read:sandboxes'] },
        },
      },
    ])
    assert.deepEqual((await eventsOf(kept.id))[0]?.metadata, {
      keyId: kept.id,
      keyName: 'kept child',
      before: { permissions: ['read:sandboxes', 'read:volumes'] },
      after: { permissions: ['read:sandboxes'] },
      updatedWithKeyId: id,
    })
    assert.deepEqual(await eventsOf(ended.id), [
      { action: 'api_key.delete', metadata: { keyId: ended.id, keyName: 'ended child', deletedWithKeyId: id } },
    ])
  })

  it('widens and extends a key within what the caller holds, at once', async () => {
    const { id, value } = await ada.key(organization, ['read:volumes'], { name: 'small', expiresAt: inHours(1) })
    assert.equal(await statusOf('/sandbox', value), 403)
    const body = { permissions: ['read:volumes', 'read:sandboxes', 'read:sandboxes'], expiresAt: null }
    const answer = await change('small', owner, body)
    const { permissions, expiresAt } = answer.body as { permissions: string[]; expiresAt: null }
    assert.deepEqual([permissions, expiresAt], [['read:sandboxes', 'read:volumes'], null])
    assert.equal(await statusOf('/sandbox', value), 200)
    const [event] = await eventsOf(id)
    assert.deepEqual((event?.metadata as { after: unknown } | undefined)?.after, {
      permissions: ['read:sandboxes', 'read:volumes'],
      expiresAt: null,
    })
  })

  it('records an event in each organization of the key, and none without a change', async () => {
    const other = await ada.organization()
    const { id } = await ada.key(organization, ['read:volumes'], { name: 'same', organizationIds: [other] })
    const same = { name: 'same', description: '', permissions: ['read:volumes'], expiresAt: null }
    for (const body of [{}, same]) assert.equal((await change('same', owner, body)).status, 200)
    assert.deepEqual(await eventsOf(id), [])
    await change('same', owner, { ...same, description: 'New' })
    const events = await eventsOf(id)
    assert.equal(events.length, 2)
    for (const { metadata } of events) {
      const expected = { keyId: id, keyName: 'same', before: { description: '' }, after: { description: 'New' } }
      assert.deepEqual(metadata, expected)
    }
  })

  it('shows a description that was given at creation', async () => {
    const body = { name: 'described', description: 'For CI', permissions: ['read:volumes'] }
    const made = await request('POST', '/api-keys', owner, { organization, body })
    assert.equal((made.body as { description: string }).description, 'For CI')
    const { body: shown } = await request('GET', '/api-keys/described', owner, { organization })
    assert.equal((shown as { description: string }).description, 'For CI')
  })
})
