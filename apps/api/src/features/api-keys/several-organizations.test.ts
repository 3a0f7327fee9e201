import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import type { OrganizationId } from '@daytona-auth/db/core'
import { waitFor } from '@daytona-auth/testing'
import { assertOneSucceeded, sendSimultaneously } from '../../../test/simultaneous.ts'
import { errorBody, FORBIDDEN, world } from '../../../test/world.ts'

const { request, person, database } = await world({ after })
const ada = await person('Ada')
const { value: owner } = await ada.token()
const home = await ada.organization('Home')
const other = await ada.organization('Other')

const create = (name: string, organizationIds: readonly string[], credential = owner, organization = home) =>
  request('POST', '/api-keys', credential, {
    organization,
    body: { name, permissions: ['read:sandboxes'], organizationIds },
  })
const sandboxes = async (value: string, organization?: string) =>
  (await request('GET', '/sandbox', value, organization === undefined ? {} : { organization })).status
const secretOf = ({ body }: { body: unknown }) => (body as { value: string }).value

describe('a key with several organizations', () => {
  it('refuses foreign, unknown and malformed organization ids alike', async () => {
    const { personalOrganizationId: foreign } = await person('Bob')
    for (const id of [foreign, 'org_unknown', '', 'constructor']) {
      const answer = await create('foreign', [other, id])
      assert.deepEqual([answer.status, answer.body], [403, FORBIDDEN])
    }
  })

  it('requires its creator to hold the permissions in each', async () => {
    const bob = await person('Bob')
    await bob.join(home, ['read:sandboxes'])
    await bob.join(other, ['write:sandboxes'])
    const { value } = await bob.token()
    assert.deepEqual((await create('partly', [other], value)).body, FORBIDDEN)
    await bob.join(other, ['read:sandboxes'])
    const answer = await create('wholly', [other], (await bob.token()).value)
    assert.deepEqual((answer.body as { organizationIds: string[] }).organizationIds, [home, other])
  })

  it('acts in the organization of the header, requires the header, and reaches no other organization', async () => {
    const value = secretOf(await create('two', [other, home, other]))
    assert.deepEqual([await sandboxes(value, home), await sandboxes(value, other)], [200, 200])
    assert.equal(await sandboxes(value, ada.personalOrganizationId), 403)
    const answer = await request('GET', '/sandbox', value)
    const text = 'X-Daytona-Organization-ID header is required: this credential has access to 2 organizations'
    assert.deepEqual([answer.status, answer.body], [400, errorBody(400, 'Bad Request', text)])
  })

  it('has its name in each of them', async () => {
    assert.equal((await create('everywhere', [other])).status, 201)
    assert.equal((await create('everywhere', [], owner, other)).status, 409)
    assert.equal((await create('elsewhere', [], owner, other)).status, 201)
    assert.equal((await create('elsewhere', [other])).status, 409)
    assert.equal((await create('elsewhere', [])).status, 201)
  })

  it('is created in all or none if keys of one name race for overlapping organizations', async () => {
    const third = await ada.organization('Third')
    const all: OrganizationId[] = [home, other, third]
    const sent = await sendSimultaneously(18, (at) => {
      const first = all[at % 3] ?? home
      const second = all[(at + 1) % 3] ?? home
      return create('overlap', [second], owner, first)
    })
    assertOneSucceeded(sent, { success: 201, denial: 409 })
    const [stored] = await database.$client`
      SELECT count(*)::int AS places, count(DISTINCT key_id)::int AS "distinctKeys" FROM api_key_organizations
      WHERE name = 'overlap'`
    assert.deepEqual(stored, { places: 2, distinctKeys: 1 })
  })

  it('loses only the organization that it is deleted from, or all if that is its home', async () => {
    const value = secretOf(await create('deleted', [other]))
    const remove = (organization: string) => request('DELETE', '/api-keys/deleted', owner, { organization })
    assert.equal((await remove(other)).status, 204)
    assert.deepEqual([await sandboxes(value, other), await sandboxes(value)], [403, 200])
    assert.equal((await remove(other)).status, 404)
    assert.equal((await create('deleted', [], owner, other)).status, 201)
    assert.equal((await remove(home)).status, 204)
    assert.equal(await sandboxes(value), 401)
  })

  it('is shown without organizations that the reader has no access to', async () => {
    const bob = await person('Bob')
    await bob.join(other, 'owner')
    assert.equal((await create('shown', [other])).status, 201)
    const list = await request('GET', '/api-keys', (await bob.token()).value, { organization: other })
    const key = (list.body as { name: string; organizationIds: string[]; organizationId: string }[]).find(
      ({ name }) => name === 'shown',
    )
    assert.deepEqual([key?.organizationIds, key?.organizationId], [[other], other])
  })

  it('allows an administrator of another organization to remove only that one', async () => {
    const bob = await person('Bob')
    await bob.join(other, ['admin:organization'])
    const value = secretOf(await create('guest', [other]))
    const { value: admin } = await bob.token()
    const remove = () => request('DELETE', `/api-keys/${ada.userId}/guest`, admin, { organization: other })
    assert.equal((await remove()).status, 204)
    assert.equal((await remove()).status, 404)
    assert.deepEqual([await sandboxes(value, other), await sandboxes(value, home)], [403, 200])
  })

  it('reaches no organization that its owner has left', async () => {
    const bob = await person('Bob')
    await bob.join(home, ['read:sandboxes'])
    await bob.join(other, ['read:sandboxes'])
    const { value } = await bob.key(home, ['read:sandboxes'], { organizationIds: [other] })
    await database.$client`DELETE FROM organization_members WHERE user_id = ${bob.userId} AND organization_id = ${other}`
    await waitFor(async () => (await sandboxes(value, other)) === 403)
    assert.equal(await sandboxes(value, home), 200)
    const current = await request('GET', '/api-keys/current', value)
    assert.equal(current.status, 200)
    assert.deepEqual((current.body as { organizationIds: string[] }).organizationIds, [home])
    await database.$client`DELETE FROM organization_members WHERE user_id = ${bob.userId} AND organization_id = ${home}`
    await waitFor(async () => (await sandboxes(value, home)) === 401)
  })

  it('records events in the trail of each organization concerned', async () => {
    const { id } = (await create('recorded', [other])).body as { id: string }
    await request('DELETE', '/api-keys/recorded', owner, { organization: other })
    await request('DELETE', '/api-keys/recorded', owner, { organization: home })
    const rows = await database.$client`
      SELECT organization_id, action FROM audit_events WHERE target_id = ${id} ORDER BY created_at, action`
    const actionsIn = (organization: string) =>
      rows.filter((row) => row['organization_id'] === organization).map((row) => row['action'])
    assert.deepEqual(actionsIn(home), ['api_key.create', 'api_key.delete'])
    assert.deepEqual(actionsIn(other), ['api_key.create', 'api_key.remove_organization'])
  })
})
