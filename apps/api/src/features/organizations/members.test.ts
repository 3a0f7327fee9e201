import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import type { OrganizationId } from '@daytona-auth/db/core'
import { waitFor } from '@daytona-auth/testing'
import { refusesWithinBound } from '../../../test/revocation-bound.ts'
import { errorBody, FORBIDDEN, type Person, UNAUTHORIZED_KEY, world } from '../../../test/world.ts'

const { request, person, database, anotherApi } = await world({ after })
const there = await anotherApi()
const VIEWER = 'role_00000000000000000000000001'
const SUPER_ADMIN = 'role_00000000000000000000000007'

const ada = await person('Ada')
const { value: owner } = await ada.token()
const MEMBER_NOT_FOUND = errorBody(404, 'Not Found', 'Member not found')
const lastOwner = (verb: string) =>
  errorBody(409, 'Conflict', `The last owner cannot be ${verb}: make another member an owner first`)

interface Member {
  readonly userId: string
  readonly role: string
  readonly assignedRoles: readonly Pick<Member, 'createdAt' | 'updatedAt'>[]
  readonly createdAt: string
  readonly updatedAt: string
}

const usersOf = (organization: string) => `/organizations/${organization}/users`
const accessOf = (organization: string, userId: string) => `${usersOf(organization)}/${userId}/access`
const rolesIn = async (organization: string) =>
  Object.fromEntries(
    ((await request('GET', usersOf(organization), owner)).body as Member[]).map(({ userId, role }) => [userId, role]),
  )

/** Creates Ada's organization with Bob as a member who has these permissions. */
async function shared(permissions: Parameters<Person['join']>[1] = ['read:sandboxes']) {
  const organization = await ada.organization()
  const bob = await person('Bob')
  await bob.join(organization, permissions)
  const { value: bobs } = await bob.token()
  await waitFor(async () => (await request('GET', usersOf(organization), owner)).status === 200)
  return { organization, bob, bobs }
}

describe('GET /organizations/{organizationId}/users', () => {
  it('refuses a key and an app without admin:organization', async () => {
    const { organization } = await shared()
    const { value: key } = await ada.key(organization, ['write:sandboxes', 'read:registries'])
    const app = await ada.token({ scopes: ['openid', 'read:sandboxes'], organizationIds: [organization] })
    for (const credential of [key, app.value]) {
      const answer = await request('GET', usersOf(organization), credential)
      assert.deepEqual([answer.status, answer.body], [403, FORBIDDEN])
      assert.match(answer.headers.get('www-authenticate') ?? '', /scope="admin:organization"/)
    }
  })

  it('returns complete members to members and administrators', async () => {
    const { organization, bob, bobs } = await shared()
    const made = await request('POST', accessOf(organization, bob.userId), owner, {
      body: { role: 'member', assignedRoleIds: [VIEWER] },
    })
    const { value: key } = await ada.key(organization, ['admin:organization'])
    const answer = await request('GET', usersOf(organization), key)
    const [first, second] = answer.body as Member[]
    assert.deepEqual(first, {
      userId: ada.userId,
      organizationId: organization,
      name: 'Ada',
      email: ada.email,
      role: 'owner',
      assignedRoles: [],
      groupRoleIds: [],
      createdAt: first?.createdAt,
      updatedAt: first?.updatedAt,
    })
    const [viewer] = second?.assignedRoles ?? []
    assert.deepEqual(second, {
      userId: bob.userId,
      organizationId: organization,
      name: 'Bob',
      email: bob.email,
      role: 'member',
      assignedRoles: [
        {
          id: VIEWER,
          name: 'Viewer',
          description: 'Sees all resources',
          isGlobal: true,
          permissions: ['read:sandboxes', 'read:snapshots', 'read:volumes', 'read:registries'],
          createdAt: viewer?.createdAt,
          updatedAt: viewer?.updatedAt,
        },
      ],
      groupRoleIds: [],
      createdAt: second?.createdAt,
      updatedAt: second?.updatedAt,
    })
    assert.deepEqual(made.body, second)
    assert.deepEqual((await request('GET', usersOf(organization), bobs)).body, [first, second])
  })
})

describe('POST /organizations/{organizationId}/users/{userId}/access', () => {
  const toOwner = { role: 'owner', assignedRoleIds: [] }
  const toMember = { role: 'member', assignedRoleIds: [] }
  const toAdmin = { role: 'member', assignedRoleIds: [SUPER_ADMIN] }

  it('refuses a member who changes their own role', async () => {
    const { organization, bob, bobs } = await shared(['read:sandboxes', 'write:sandboxes'])
    for (const body of [toOwner, toAdmin, toMember]) {
      const answer = await request('POST', accessOf(organization, bob.userId), bobs, { body })
      assert.deepEqual([answer.status, answer.body], [403, FORBIDDEN])
    }
  })

  it('allows only an owner in person to add or remove the owner role', async () => {
    const { organization, bob, bobs } = await shared(['admin:organization'])
    const { value: key } = await ada.key(organization, ['admin:organization'])
    const app = await ada.token({ scopes: ['admin:organization'], organizationIds: [organization] })
    for (const credential of [bobs, key, app.value]) {
      for (const [userId, body] of [
        [bob.userId, toOwner],
        [ada.userId, toMember],
        [ada.userId, toOwner],
      ] as const) {
        const answer = await request('POST', accessOf(organization, userId), credential, { body })
        assert.deepEqual([answer.status, answer.body], [403, FORBIDDEN])
      }
      const removed = await request('DELETE', `${usersOf(organization)}/${ada.userId}`, credential)
      assert.deepEqual([removed.status, removed.body], [403, FORBIDDEN])
      const preview = await request('DELETE', `${usersOf(organization)}/${ada.userId}?dryRun=true`, credential)
      assert.deepEqual([preview.status, preview.body], [403, FORBIDDEN])
    }
    assert.deepEqual(await rolesIn(organization), { [ada.userId]: 'owner', [bob.userId]: 'member' })
  })

  it('refuses members and roles of another organization', async () => {
    const { organization, bob } = await shared()
    const carol = await person('Carol')
    const foreign = await carol.organization()
    await carol.join(foreign, 'owner')
    await bob.join(foreign, ['read:volumes'])
    const [{ id: foreignRole } = { id: '' }] = await database.$client`
      SELECT id FROM roles WHERE organization_id = ${foreign}`
    for (const userId of [carol.userId, 'usr_unknown']) {
      for (const [method, path] of [
        ['POST', accessOf(organization, userId)],
        ['DELETE', `${usersOf(organization)}/${userId}`],
        ['DELETE', `${usersOf(organization)}/${userId}?dryRun=true`],
      ] as const) {
        const answer = await request(method, path, owner, method === 'POST' ? { body: toMember } : {})
        assert.deepEqual([answer.status, answer.body], [404, MEMBER_NOT_FOUND])
      }
    }
    for (const id of [foreignRole, 'role_unknown']) {
      const body = { role: 'member', assignedRoleIds: [VIEWER, id] }
      const answer = await request('POST', accessOf(organization, bob.userId), owner, { body })
      const details = [{ path: 'assignedRoleIds.1', message: 'is not a role of the organization' }]
      assert.deepEqual(answer.body, {
        ...errorBody(400, 'Bad Request', 'assignedRoleIds.1: is not a role of the organization'),
        details,
      })
    }
  })

  it('refuses incomplete bodies', async () => {
    const { organization, bob } = await shared()
    for (const body of [
      {},
      { role: 'member' },
      { role: 'admin', assignedRoleIds: [] },
      { role: 'member', assignedRoleIds: 'x' },
      { role: 'member', assignedRoleIds: Array(101).fill(VIEWER) },
    ]) {
      assert.equal((await request('POST', accessOf(organization, bob.userId), owner, { body })).status, 400)
    }
  })

  it('keeps the last owner', async () => {
    const { organization } = await shared()
    for (const where of [organization, ada.personalOrganizationId]) {
      const answer = await request('POST', accessOf(where, ada.userId), owner, { body: toAdmin })
      assert.deepEqual([answer.status, answer.body], [409, lastOwner('demoted')])
    }
    const removed = await request('DELETE', `${usersOf(organization)}/${ada.userId}`, owner)
    assert.deepEqual([removed.status, removed.body], [409, lastOwner('removed')])
  })

  it('is effective here at once, and in another process within the bound', async () => {
    const { organization, bob, bobs } = await shared(['read:sandboxes', 'write:sandboxes'])
    const { value: key } = await bob.key(organization, ['read:sandboxes', 'write:sandboxes'])
    const write = async (credential: string, api?: typeof there) =>
      (await request('POST', '/sandbox', credential, { organization, body: {}, ...(api && { api }) })).status
    for (const credential of [bobs, key]) {
      assert.equal(await write(credential), 200)
      assert.equal(await write(credential, there), 200)
    }
    const body = { role: 'member', assignedRoleIds: [VIEWER] }
    assert.equal((await request('POST', accessOf(organization, bob.userId), owner, { body })).status, 200)
    const acknowledged = performance.now()
    for (const credential of [bobs, key]) {
      assert.equal(await write(credential), 403)
      await refusesWithinBound(acknowledged, async () => (await write(credential, there)) === 403)
    }
    assert.equal((await request('GET', '/sandbox', key)).status, 200)
  })

  it('leaves one owner of two who demote each other concurrently', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { organization, bob, bobs } = await shared('owner')
      assert.deepEqual(await rolesIn(organization), { [ada.userId]: 'owner', [bob.userId]: 'owner' })
      const answers = await Promise.all([
        request('POST', accessOf(organization, bob.userId), owner, { body: toAdmin }),
        request('POST', accessOf(organization, ada.userId), bobs, { body: toAdmin, api: there }),
      ])
      assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 403])
      const owners = await database.$client`
        SELECT user_id FROM organization_members WHERE organization_id = ${organization} AND role = 'owner'`
      assert.equal(owners.length, 1)
    }
  })

  it('leaves one owner of two who leave concurrently', async () => {
    const { organization, bobs } = await shared('owner')
    const answers = await Promise.all(
      [owner, bobs].map((credential) => request('POST', `/organizations/${organization}/leave`, credential)),
    )
    assert.deepEqual(answers.map(({ status }) => status).sort(), [204, 409])
  })

  it('records the access before and after', async () => {
    const { organization, bob } = await shared([])
    await request('POST', accessOf(organization, bob.userId), owner, { body: toOwner })
    const [event] = await database.$client`
      SELECT actor_id, target_type, target_id, metadata FROM audit_events
      WHERE organization_id = ${organization} AND action = 'member.update_access'`
    assert.ok(event)
    const { before, after: now } = event['metadata'] as { before: Member; after: unknown }
    assert.deepEqual([event['actor_id'], event['target_type'], event['target_id']], [ada.userId, 'user', bob.userId])
    assert.equal(before.role, 'member')
    assert.deepEqual(now, { email: bob.email, role: 'owner', assignedRoles: [] })
  })
})

describe('DELETE /organizations/{organizationId}/users/{userId}', () => {
  const grantOf = (organizations: readonly OrganizationId[], who: Person) =>
    who.token({ scopes: ['read:sandboxes'], organizationIds: organizations })

  it('returns with dryRun the keys that would stop working, and changes nothing', async () => {
    const { organization, bob } = await shared()
    const other = await bob.organization()
    const home = await bob.key(organization, ['read:sandboxes'], { name: 'home' })
    const visitor = await bob.key(other, ['read:sandboxes'], { name: 'visitor', organizationIds: [organization] })
    await bob.key(other, ['read:sandboxes'], { name: 'elsewhere' })
    await bob.key(organization, ['read:sandboxes'], { name: 'expired', expiresAt: new Date(Date.now() - 1) })
    await database.$client`UPDATE api_key_secrets SET last_used_at = '2026-01-02T03:04:05Z' WHERE key_id = ${home.id}`
    const path = `${usersOf(organization)}/${bob.userId}?dryRun=true`
    const answer = await request('DELETE', path, owner)
    const [first, second] = answer.body as { value: string; createdAt: string }[]
    const rest = { userId: bob.userId, permissions: ['read:sandboxes'], expiresAt: null }
    const masked = (value: string) => `${value.slice(0, 8)}${'*'.repeat(20)}${value.slice(-4)}`
    assert.deepEqual(
      [answer.status, answer.body],
      [
        200,
        [
          {
            id: visitor.id,
            name: 'visitor',
            value: masked(visitor.value),
            ...rest,
            createdAt: first?.createdAt,
            lastUsedAt: null,
          },
          {
            id: home.id,
            name: 'home',
            value: masked(home.value),
            ...rest,
            createdAt: second?.createdAt,
            lastUsedAt: '2026-01-02T03:04:05.000Z',
          },
        ],
      ],
    )
    assert.equal((await request('DELETE', `${usersOf(organization)}/${bob.userId}?dryRun=1`, owner)).status, 400)
    assert.equal((await request('GET', '/sandbox', home.value)).status, 200)
  })

  it('ends keys, tokens and consents there, here at once and in another process within the bound', async () => {
    const { organization, bob, bobs } = await shared()
    const other = await bob.organization()
    const home = await bob.key(organization, ['read:sandboxes'], { name: 'home' })
    const visitor = await bob.key(other, ['read:sandboxes'], { organizationIds: [organization] })
    const app = await grantOf([organization, other], bob)
    const ask = (credential: string, api?: typeof there) =>
      request('GET', '/sandbox', credential, { organization, ...(api && { api }) })
    const credentials = [home.value, visitor.value, app.value, bobs]
    for (const credential of credentials) {
      for (const api of [undefined, there]) assert.equal((await ask(credential, api)).status, 200)
    }
    const answer = await request('DELETE', `${usersOf(organization)}/${bob.userId}`, owner)
    const acknowledged = performance.now()
    assert.deepEqual([answer.status, answer.text], [204, ''])
    assert.deepEqual((await ask(home.value)).body, UNAUTHORIZED_KEY)
    for (const credential of [visitor.value, app.value, bobs]) assert.deepEqual((await ask(credential)).body, FORBIDDEN)
    for (const credential of credentials) {
      await refusesWithinBound(acknowledged, async () => (await ask(credential, there)).status >= 401)
    }
    assert.equal((await request('GET', '/sandbox', visitor.value, { organization: other })).status, 200)

    // A later membership restores none of it.
    await bob.join(organization, ['read:sandboxes'])
    await waitFor(async () => (await ask(bobs)).status === 200)
    assert.equal((await ask(home.value)).status, 401)
    for (const credential of [visitor.value, app.value]) assert.deepEqual((await ask(credential)).body, FORBIDDEN)

    const events = await database.$client`
      SELECT action, target_id FROM audit_events WHERE organization_id = ${organization}
        AND actor_id = ${ada.userId} AND action <> 'organization.create' ORDER BY action`
    assert.deepEqual(
      events.map((row) => [row['action'], row['target_id']]),
      [
        ['api_key.delete', home.id],
        ['api_key.remove_organization', visitor.id],
        ['member.remove', bob.userId],
      ],
    )
    assert.equal((await request('DELETE', `${usersOf(organization)}/usr_unknown`, owner)).status, 404)
  })
})

describe('POST /organizations/{organizationId}/leave', () => {
  it('refuses the last owner, and a personal organization', async () => {
    const { organization } = await shared()
    const last = await request('POST', `/organizations/${organization}/leave`, owner)
    assert.deepEqual([last.status, last.body], [409, lastOwner('removed')])
    const personal = await request('POST', `/organizations/${ada.personalOrganizationId}/leave`, owner)
    assert.deepEqual(
      [personal.status, personal.body],
      [409, errorBody(409, 'Conflict', 'A personal organization cannot be left')],
    )
  })

  it('ends the caller’s membership and keys', async () => {
    const { organization, bob, bobs } = await shared()
    const key = await bob.key(organization, ['read:sandboxes'])
    const answer = await request('POST', `/organizations/${organization}/leave`, bobs)
    assert.deepEqual([answer.status, answer.text], [204, ''])
    assert.equal((await request('GET', '/sandbox', key.value)).status, 401)
    assert.equal((await request('GET', `/organizations/${organization}`, bobs)).status, 404)
    assert.deepEqual(await rolesIn(organization), { [ada.userId]: 'owner' })
  })
})
