import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { refusesWithinBound } from '../../../test/revocation-bound.ts'
import { assertOneSucceeded, sendSimultaneously } from '../../../test/simultaneous.ts'
import { errorBody, FORBIDDEN, world } from '../../../test/world.ts'

const { request, person, database, anotherApi } = await world({ after })
const there = await anotherApi()
const VIEWER = 'role_00000000000000000000000001'

const ada = await person('Ada')
const { value: owner } = await ada.token()
const organization = await ada.organization()
const { value: admin } = await ada.key(organization, ['admin:organization'])
const foreign = await (await person('Carol')).organization()
const foreignRole = 'role_foreign'
await database.$client`
  INSERT INTO roles (id, organization_id, name, permissions) VALUES (${foreignRole}, ${foreign}, 'Theirs', '{read:volumes}')`

interface Role {
  readonly id: string
  readonly name: string
  readonly createdAt: string
  readonly updatedAt: string
}

const path = `/organizations/${organization}/roles`
const NOT_FOUND = errorBody(404, 'Not Found', 'Role not found')
const BUILT_IN = errorBody(409, 'Conflict', 'A built-in role cannot be changed or deleted')
const TAKEN = errorBody(409, 'Conflict', 'A role of that name exists already: choose another name')
const content = (name: string, permissions: readonly string[]) => ({ name, description: '', permissions })
const make = async (name: string, permissions: readonly string[]) => {
  const answer = await request('POST', path, admin, { body: content(name, permissions) })
  assert.equal(answer.status, 201)
  return answer.body as Role
}

describe('roles', () => {
  it('are seen by people and administrators, not by other keys and apps', async () => {
    const { value: key } = await ada.key(organization, ['read:registries'])
    const app = await ada.token({ scopes: ['openid', 'read:volumes'], organizationIds: [organization] })
    for (const credential of [key, app.value]) {
      const answer = await request('GET', path, credential)
      assert.deepEqual([answer.status, answer.body], [403, FORBIDDEN])
    }
    const bob = await person('Bob')
    await bob.join(organization, [])
    const answer = await request('GET', path, (await bob.token()).value)
    assert.deepEqual([answer.status, answer.text], [200, (await request('GET', path, admin)).text])
    assert.deepEqual(
      (answer.body as { name: string; isGlobal: boolean }[]).filter(({ isGlobal }) => isGlobal).map(({ name }) => name),
      ['Viewer', 'Developer', 'Sandboxes Admin', 'Snapshots Admin', 'Volumes Admin', 'Registries Admin', 'Super Admin'],
    )
    assert.ok(!answer.text.includes('Theirs'))
  })

  it('cannot be created without admin:organization', async () => {
    const bob = await person('Bob')
    await bob.join(organization, ['write:sandboxes'])
    const { value: bobs } = await bob.token()
    for (const [method, where] of [
      ['POST', path],
      ['PUT', `${path}/${VIEWER}`],
      ['DELETE', `${path}/${VIEWER}`],
    ] as const) {
      const body = method === 'DELETE' ? {} : { body: content('Mine', ['write:sandboxes']) }
      const answer = await request(method, where, bobs, body)
      assert.deepEqual([answer.status, answer.body], [403, FORBIDDEN])
    }
  })

  it('refuse what is no role', async () => {
    for (const body of [
      {},
      content('', ['read:volumes']),
      content('x', []),
      content('x', ['read:everything']),
      content('x', ['constructor']),
      { ...content('x', ['read:volumes']), description: 'x'.repeat(1025) },
      { ...content('x', ['read:volumes']), isGlobal: true },
      { ...content('x', ['read:volumes']), description: 'a\u0000b' },
    ]) {
      assert.equal((await request('POST', path, admin, { body })).status, 400)
    }
  })

  it('of another organization and none at all are the same to us, and built-in ones stay', async () => {
    const body = content('Mine', ['read:volumes'])
    for (const id of [foreignRole, 'role_unknown']) {
      for (const credential of [owner, admin]) {
        const put = await request('PUT', `${path}/${id}`, credential, { body })
        const gone = await request('DELETE', `${path}/${id}`, credential)
        assert.deepEqual([put.status, put.body, gone.status, gone.body], [404, NOT_FOUND, 404, NOT_FOUND])
      }
    }
    for (const answer of [
      await request('PUT', `${path}/${VIEWER}`, owner, { body }),
      await request('DELETE', `${path}/${VIEWER}`, owner),
    ]) {
      assert.deepEqual([answer.status, answer.body], [409, BUILT_IN])
    }
    const kept = await database.$client`SELECT name FROM roles WHERE id IN (${VIEWER}, ${foreignRole}) ORDER BY name`
    assert.deepEqual([...kept], [{ name: 'Theirs' }, { name: 'Viewer' }])
  })

  it('have names of their own: of 100 at once with one name, one is made', async () => {
    const body = content('Busy', ['read:volumes'])
    const sent = await sendSimultaneously(100, (index) =>
      request('POST', path, admin, { body, ...(index % 2 === 0 && { api: there }) }),
    )
    assertOneSucceeded(sent, { success: 201, denial: 409 })
    for (const { status, body: denial } of sent.answers) if (status === 409) assert.deepEqual(denial, TAKEN)
    const [stored] = await database.$client`
      SELECT count(*)::int AS roles FROM roles WHERE organization_id = ${organization} AND name = 'Busy'`
    assert.deepEqual(stored, { roles: 1 })
    const other = await make('Other', ['read:volumes'])
    const renamed = await request('PUT', `${path}/${other.id}`, admin, { body })
    assert.deepEqual([renamed.status, renamed.body], [409, TAKEN])
  })

  it('are made, replaced and deleted, whole', async () => {
    const given = {
      name: ' Ops ',
      description: ' Runs\nthings ',
      permissions: ['write:volumes', 'read:volumes', 'read:volumes'],
    }
    const created = await request('POST', path, owner, { body: given })
    const role = created.body as Role
    assert.deepEqual(
      [created.status, created.body],
      [
        201,
        {
          id: role.id,
          name: 'Ops',
          description: 'Runs\nthings',
          permissions: ['read:volumes', 'write:volumes'],
          isGlobal: false,
          createdAt: role.createdAt,
          updatedAt: role.createdAt,
        },
      ],
    )
    const replaced = await request('PUT', `${path}/${role.id}`, owner, { body: content('Ops', ['read:volumes']) })
    const { updatedAt } = replaced.body as Role
    assert.deepEqual(
      [replaced.status, replaced.body],
      [200, { ...role, description: '', permissions: ['read:volumes'], updatedAt }],
    )
    const gone = await request('DELETE', `${path}/${role.id}`, owner)
    assert.deepEqual([gone.status, gone.text], [204, ''])
    assert.deepEqual((await request('DELETE', `${path}/${role.id}`, owner)).body, NOT_FOUND)
    const events = await database.$client`
      SELECT action, status_code, metadata FROM audit_events WHERE target_id = ${role.id} ORDER BY sequence`
    const after1 = { name: 'Ops', description: '', permissions: ['read:volumes'] }
    const before1 = { name: 'Ops', description: 'Runs\nthings', permissions: ['write:volumes', 'read:volumes'] }
    assert.deepEqual(
      [...events],
      [
        { action: 'role.create', status_code: 201, metadata: before1 },
        { action: 'role.update', status_code: 200, metadata: { before: before1, after: after1 } },
        { action: 'role.delete', status_code: 204, metadata: after1 },
      ],
    )
  })

  for (const [what, narrow] of [
    ['narrowed', (id: string) => request('PUT', `${path}/${id}`, owner, { body: content(id, ['read:sandboxes']) })],
    ['deleted', (id: string) => request('DELETE', `${path}/${id}`, owner)],
  ] as const) {
    it(`${what} narrow keys and tokens at once here, and on another instance within the bound`, async () => {
      const bob = await person('Bob')
      const role = await make(`Writers, to be ${what}`, ['read:sandboxes', 'write:sandboxes'])
      await bob.join(organization, [])
      const access = { role: 'member', assignedRoleIds: [role.id] }
      const users = `/organizations/${organization}/users`
      assert.equal((await request('POST', `${users}/${bob.userId}/access`, admin, { body: access })).status, 200)
      const { value: key } = await bob.key(organization, ['read:sandboxes', 'write:sandboxes'])
      const { value: token } = await bob.token()
      const write = async (credential: string, api?: typeof there) =>
        (await request('POST', '/sandbox', credential, { organization, body: {}, ...(api && { api }) })).status
      for (const credential of [key, token]) {
        for (const api of [undefined, there]) assert.equal(await write(credential, api), 200)
      }
      assert.ok((await narrow(role.id)).status < 300)
      const acknowledged = performance.now()
      for (const credential of [key, token]) {
        assert.equal(await write(credential), 403)
        await refusesWithinBound(acknowledged, async () => (await write(credential, there)) === 403)
      }
    })
  }
})
