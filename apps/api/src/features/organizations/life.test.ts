import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { waitFor } from '@daytona-auth/testing'
import { refusesWithinBound } from '../../../test/revocation-bound.ts'
import { errorBody, FORBIDDEN, UNAUTHORIZED_KEY, world } from '../../../test/world.ts'

const { request, person, database, anotherApi } = await world({ after })
const there = await anotherApi()
const ada = await person('Ada')
const { value: token } = await ada.token()
const NOT_FOUND = errorBody(404, 'Not Found', 'Organization not found')

const at = (id: string) => `/organizations/${id}`
const trail = async (id: string) =>
  (
    await database.$client`
    SELECT action, actor_id, target_id, status_code, metadata FROM audit_events
    WHERE organization_id = ${id} AND action <> 'organization.create' ORDER BY sequence`
  ).map((row) => ({ ...row }))

describe('GET /organizations/{organizationId}', () => {
  it('returns the list’s object to every credential with access', async () => {
    const organization = await ada.organization('Seen')
    const { value: key } = await ada.key(organization, ['read:volumes'])
    const app = await ada.token({ scopes: ['openid'], organizationIds: [organization] })
    await waitFor(async () => (await request('GET', at(organization), token)).status === 200)
    const [listed] = (await request('GET', '/organizations', key)).body as unknown[]
    for (const credential of [token, key, app.value]) {
      const answer = await request('GET', at(organization), credential)
      assert.deepEqual([answer.status, answer.body], [200, listed])
    }
    const elsewhere = await ada.key(await ada.organization(), ['admin:organization'])
    assert.deepEqual((await request('GET', at(organization), elsewhere.value)).body, NOT_FOUND)
  })
})

describe('PATCH /organizations/{organizationId}', () => {
  it('refuses a member without admin:organization, and an invalid name', async () => {
    const organization = await ada.organization('Before')
    const bob = await person('Bob')
    await bob.join(organization, ['write:sandboxes', 'read:sandboxes'])
    const body = { name: 'Mine' }
    const refused = await request('PATCH', at(organization), (await bob.token()).value, { body })
    assert.deepEqual([refused.status, refused.body], [403, FORBIDDEN])
    const { value: key } = await ada.key(organization, ['admin:organization'])
    for (const name of ['', ' ', 'a\u0001', 'x'.repeat(129), 7, null]) {
      assert.equal((await request('PATCH', at(organization), key, { body: { name } })).status, 400)
      assert.equal((await request('PATCH', at(organization), key, { body: { personal: true } })).status, 400)
    }
    assert.equal((await request('PATCH', at(organization), key)).status, 400)
    assert.ok((await trail(organization)).every(({ action }) => action !== 'organization.update'))
  })

  it('renames, with an administrator’s key too, and records both names', async () => {
    const organization = await ada.organization('Before')
    const { value: key } = await ada.key(organization, ['admin:organization'])
    const seen = (await request('GET', at(organization), key)).body as { updatedAt: string }
    assert.equal((await request('PATCH', at(organization), key, { body: {} })).status, 200)
    const answer = await request('PATCH', at(organization), token, { body: { name: ' After ' } })
    const { updatedAt } = answer.body as { updatedAt: string }
    assert.deepEqual([answer.status, answer.body], [200, { ...seen, name: 'After', updatedAt }])
    assert.ok(updatedAt > seen.updatedAt)
    const [event] = await database.$client`
      SELECT metadata FROM audit_events WHERE organization_id = ${organization} AND action = 'organization.update'
      ORDER BY sequence DESC`
    assert.deepEqual(event?.['metadata'], { name: 'After', before: 'Before' })
  })
})

describe('DELETE /organizations/{organizationId}', () => {
  it('refuses callers other than an owner in person, and a personal organization', async () => {
    const organization = await ada.organization()
    const bob = await person('Bob')
    await bob.join(organization, ['admin:organization'])
    const app = await ada.token({ scopes: ['admin:organization'], organizationIds: [organization] })
    const { value: key } = await ada.key(organization, ['admin:organization'])
    for (const credential of [key, app.value, (await bob.token()).value]) {
      const answer = await request('DELETE', at(organization), credential)
      assert.deepEqual([answer.status, answer.body], [403, FORBIDDEN])
    }
    const personal = await request('DELETE', at(ada.personalOrganizationId), token)
    assert.deepEqual(
      [personal.status, personal.body],
      [409, errorBody(409, 'Conflict', 'A personal organization cannot be deleted')],
    )
    assert.equal((await request('GET', at(organization), key)).status, 200)
  })

  it('ends everything in it, here at once and in other processes within the bound', async () => {
    const organization = await ada.organization('Doomed')
    const other = await ada.organization('Other')
    const home = await ada.key(organization, ['read:sandboxes'], { name: 'home', organizationIds: [other] })
    const visitor = await ada.key(other, ['read:sandboxes'], { name: 'visitor', organizationIds: [organization] })
    const [{ id: child } = { id: '' }] = await database.$client`
      INSERT INTO api_keys (id, organization_id, user_id, name, permissions, parent_key_id)
      VALUES ('key_child', ${other}, ${ada.userId}, 'child', '{read:sandboxes}', ${home.id}) RETURNING id`
    await database.$client`INSERT INTO api_key_organizations (key_id, organization_id, user_id, name)
      VALUES (${child}, ${other}, ${ada.userId}, 'child')`
    for (const api of [undefined, there]) {
      const asked = { organization: other, ...(api && { api }) }
      assert.equal((await request('GET', '/sandbox', home.value, asked)).status, 200)
      assert.equal((await request('GET', '/sandbox', visitor.value, asked)).status, 200)
    }

    const answer = await request('DELETE', at(organization), token)
    const acknowledged = performance.now()
    assert.deepEqual([answer.status, answer.text], [204, ''])
    assert.deepEqual((await request('GET', '/sandbox', home.value, { organization: other })).body, UNAUTHORIZED_KEY)
    assert.deepEqual((await request('GET', at(organization), token)).body, NOT_FOUND)
    assert.deepEqual((await request('DELETE', at(organization), token)).body, NOT_FOUND)
    await refusesWithinBound(
      acknowledged,
      async () => (await request('GET', '/sandbox', home.value, { api: there })).status === 401,
    )
    await refusesWithinBound(
      acknowledged,
      async () => (await request('GET', at(organization), token, { api: there })).status === 404,
    )

    // Keys from other organizations stay valid there, and need no header: a single organization is left.
    assert.equal((await request('GET', '/sandbox', visitor.value)).status, 200)
    const keys = await database.$client`SELECT id, status FROM api_keys WHERE organization_id = ${other} ORDER BY name`
    assert.deepEqual(
      [...keys],
      [
        { id: child, status: 'revoked' },
        { id: visitor.id, status: 'active' },
      ],
    )
    const left = await database.$client`SELECT 1 FROM organizations WHERE id = ${organization}`
    assert.equal(left.length, 0)

    const [event] = await trail(organization).then((events) => events.slice(-1))
    assert.deepEqual(event, {
      action: 'organization.delete',
      actor_id: ada.userId,
      target_id: organization,
      status_code: 204,
      metadata: { name: 'Doomed', endedKeys: 2 },
    })
    const elsewhere = (await trail(other)).filter(({ action }) => action === 'api_key.delete')
    assert.deepEqual(
      elsewhere.map(({ metadata }) => metadata).sort((a, b) => (a.keyName < b.keyName ? -1 : 1)),
      [
        { keyId: child, keyName: 'child', deletedWithOrganizationId: organization },
        { keyId: home.id, keyName: 'home', deletedWithOrganizationId: organization },
      ],
    )
  })
})

describe('a suspended organization', () => {
  it('refuses only resource writes', async () => {
    const organization = await ada.organization('Unpaid')
    const { value: key } = await ada.key(organization, ['admin:organization'])
    await database.$client`
      UPDATE organizations SET suspended_at = now(), suspension_reason = 'unpaid' WHERE id = ${organization}`
    await waitFor(async () => (await request('POST', '/sandbox', key, { body: {} })).status === 403)
    const refused = await request('POST', '/sandbox', key, { body: {} })
    assert.deepEqual(refused.body, errorBody(403, 'Forbidden', 'Organization is suspended: unpaid'))
    const role = { name: 'Ops', description: '', permissions: ['read:volumes'] }
    const invitation = { email: 'x@example.test', role: 'member', assignedRoleIds: [] }
    for (const [method, path, body, status] of [
      ['GET', at(organization), undefined, 200],
      ['PATCH', at(organization), { name: 'Renamed' }, 200],
      ['GET', `${at(organization)}/users`, undefined, 200],
      ['POST', `${at(organization)}/roles`, role, 201],
      ['POST', `${at(organization)}/invitations`, invitation, 201],
      ['DELETE', at(organization), undefined, 204],
    ] as const) {
      assert.equal((await request(method, path, method === 'DELETE' ? token : key, { body })).status, status, path)
    }
  })
})
