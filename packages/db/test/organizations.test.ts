import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { type ApiKeyId, newId, type RoleId } from '../src/core/index.ts'
import {
  countOwners,
  deleteOrganization,
  deletePersonalOrganization,
  deleteRole,
  findMember,
  findOrganization,
  findRole,
  insertMember,
  insertOrganization,
  insertRole,
  isMemberByEmail,
  listMembers,
  listOrganizations,
  listRoles,
  lockOrganization,
  lockRoles,
  removeMember,
  setMemberAccess,
  updateOrganization,
  updateRole,
} from '../src/organizations/index.ts'
import { rowsOf } from './rows.ts'
import { refusedWith, transactionsOn } from './transactions.ts'

const { database } = await testDatabase({ after })
const { $client: sql } = database
const rows = rowsOf(database)
const { change, waits, passes } = transactionsOn(database)
const owner = await rows.user({ name: 'Owner' })
const [home, other] = [await rows.organization(owner), await rows.organization(owner)]
const PAGE = { limit: 100 }
const idsOf = (found: readonly { readonly id: string }[]) => found.map(({ id }) => id)

describe('an organization', () => {
  it('is inserted as a shared one, with its creator as the only owner', async () => {
    const id = newId('org')
    const row = await change((tx) => insertOrganization(tx, id, { name: 'Engines', createdBy: owner }))
    const { createdAt, updatedAt, ...stored } = row
    assert.deepEqual(stored, {
      id,
      name: 'Engines',
      personal: false,
      createdBy: owner,
      suspendedAt: null,
      suspensionReason: null,
      suspendedUntil: null,
      requireSecondFactor: false,
      appAccess: 'any',
      hasIdentityProvider: false,
    })
    assert.deepEqual(updatedAt, createdAt)
    const { rows: members } = await listMembers(database, id, PAGE)
    assert.deepEqual(
      members.map(({ userId, role }) => [userId, role]),
      [[owner, 'owner']],
    )
    assert.deepEqual(await findOrganization(database, id), row)
    assert.equal(await findOrganization(database, newId('org')), undefined)
  })

  it('is listed by its id only, newest first', async () => {
    const [one, two] = [await rows.organization(owner), await rows.organization(owner)]
    const list = async (ids: Parameters<typeof listOrganizations>[1]) =>
      idsOf((await listOrganizations(database, ids, PAGE)).rows)
    assert.deepEqual(await list([one, two, newId('org')]), [two, one])
    assert.deepEqual(await list([]), [])
  })

  it('is renamed alone', async () => {
    const [one, two] = [await rows.organization(owner), await rows.organization(owner, { name: 'Neighbour' })]
    assert.equal((await change((tx) => updateOrganization(tx, one, { name: 'Renamed' })))?.name, 'Renamed')
    assert.deepEqual(
      [(await findOrganization(database, one))?.name, (await findOrganization(database, two))?.name],
      ['Renamed', 'Neighbour'],
    )
    assert.equal(await change((tx) => updateOrganization(tx, newId('org'), { name: 'Renamed' })), undefined)
  })

  it('is locked for changes of its members, and not for a new key', async () => {
    assert.equal(await change((tx) => lockOrganization(tx, newId('org'))), undefined)
    const [, renamed] = await waits(
      (tx) => updateOrganization(tx, home, { name: 'Renamed' }),
      () => change((tx) => lockOrganization(tx, home)),
    )
    assert.equal(renamed?.name, 'Renamed', 'read after the lock')
    await waits(
      (tx) => lockOrganization(tx, home),
      () => change((tx) => lockOrganization(tx, home)),
    )
    await passes(
      (tx) => lockOrganization(tx, home),
      () => rows.key(owner, home, { name: newId('evt') }),
    )
    await passes(
      (tx) => lockOrganization(tx, home),
      () => change((tx) => lockOrganization(tx, other)),
    )
  })
})

describe('the deletion of an organization', () => {
  it('ends its keys and their descendants anywhere, and returns those that were active with their organizations', async () => {
    const gone = await rows.organization(owner)
    const reaches = [gone, home]
    const key = await rows.key(owner, gone, { name: 'key', reaches })
    const child = await rows.key(owner, home, { name: newId('evt'), parentKey: key, reaches: [home] })
    const ended = await rows.key(owner, gone, { name: 'ended' })
    await sql`UPDATE api_keys SET status = 'revoked' WHERE id = ${ended}`
    const visitor = await rows.key(owner, home, { name: newId('evt'), reaches })
    const unrelated = await rows.key(owner, home, { name: newId('evt') })

    const affected = await change((tx) => deleteOrganization(tx, gone))
    const byId = new Map<ApiKeyId, readonly string[]>(affected.map((one) => [one.id, one.organizationIds.toSorted()]))
    assert.deepEqual(
      byId,
      new Map([
        [key, reaches.toSorted()],
        [child, [home]],
      ]),
    )
    assert.equal(await findOrganization(database, gone), undefined)
    assert.deepEqual(
      [await rows.keyStatus(key), await rows.keyStatus(child), await rows.keyStatus(visitor)],
      [undefined, 'revoked', 'active'],
    )
    assert.deepEqual([await rows.reach(visitor), await rows.keyStatus(unrelated)], [[home], 'active'])
    const [row] = await sql`SELECT parent_key_id, revoked_at IS NOT NULL AS at FROM api_keys WHERE id = ${child}`
    assert.deepEqual(row, { parent_key_id: null, at: true }, 'it stays for its own trail')
  })

  it('leaves a personal organization in place', async () => {
    const personal = await rows.organization(await rows.user(), { isPersonal: true })
    await change((tx) => deleteOrganization(tx, personal))
    assert.equal((await findOrganization(database, personal))?.id, personal)
  })

  it('that is personal is possible with its account, and deletes no other one', async () => {
    const [user, neighbour] = [await rows.user(), await rows.user()]
    const shared = await rows.organization(user)
    const [personal, other] = [
      await rows.organization(user, { isPersonal: true }),
      await rows.organization(neighbour, { isPersonal: true }),
    ]
    await change((tx) => deletePersonalOrganization(tx, user))
    const found = await Promise.all([personal, shared, other].map((id) => findOrganization(database, id)))
    assert.deepEqual(
      found.map((row) => row?.id),
      [undefined, shared, other],
    )
  })
})

describe('a member', () => {
  it('is inserted with its roles, each once', async () => {
    const user = await rows.user({ name: 'Grace' })
    const [b, a] = [await rows.role(home, ['read:volumes'], 'B'), await rows.role(home, [], 'A')]
    const access = { role: 'member', roleIds: [b, a, b] } as const
    assert.equal(await change((tx) => insertMember(tx, home, user, access)), true)
    const found = await findMember(database, home, user)
    assert.ok(found)
    const { createdAt, updatedAt, assignedRoles, ...member } = found
    assert.deepEqual(member, {
      organizationId: home,
      userId: user,
      name: 'Grace',
      email: `${user}@example.com`,
      role: 'member',
      groupRoleIds: [],
    })
    assert.deepEqual(updatedAt, createdAt)
    assert.deepEqual(
      assignedRoles.map(({ name, permissions }) => [name, permissions]),
      [
        ['A', []],
        ['B', ['read:volumes']],
      ],
    )
    for (const id of [a, b]) await change((tx) => deleteRole(tx, home, id))
  })

  it('is not inserted twice, and keeps the access of the first time', async () => {
    const user = await rows.user()
    await rows.member(home, user)
    const role = await rows.role(home)
    assert.equal(await change((tx) => insertMember(tx, home, user, { role: 'owner', roleIds: [role] })), false)
    const found = await findMember(database, home, user)
    assert.deepEqual([found?.role, found?.assignedRoles], ['member', []])
  })

  it('is found in its organization only, with the roles assigned there', async () => {
    const user = await rows.user()
    const [here, there, builtIn] = [await rows.role(home), await rows.role(other), await rows.role(null)]
    await rows.member(home, user, 'member', [here, there, builtIn])
    await rows.member(other, user, 'member', [there])
    const roles = async (organization: typeof home) =>
      idsOf((await findMember(database, organization, user))?.assignedRoles ?? []).toSorted()
    assert.deepEqual(await roles(home), [here, builtIn].toSorted(), 'a role of another organization has no effect')
    assert.deepEqual(await roles(other), [there])
    assert.equal(await findMember(database, await rows.organization(owner), user), undefined)
    assert.equal(await findMember(database, home, newId('usr')), undefined)
  })

  it('is listed in the order of joining, each with its own roles', async () => {
    const organization = await rows.organization(owner)
    const [one, two] = [await rows.user(), await rows.user()]
    const [a, b] = [await rows.role(organization), await rows.role(organization)]
    await rows.member(organization, two, 'member', [b])
    await rows.member(organization, one, 'member', [a, b])
    const { rows: found } = await listMembers(database, organization, PAGE)
    assert.deepEqual(
      found.map(({ userId, assignedRoles }) => [userId, idsOf(assignedRoles).toSorted()]),
      [
        [owner, []],
        [two, [b]],
        [one, [a, b].toSorted()],
      ],
    )
  })

  it('is given another role and other roles in place of the previous ones, in one organization', async () => {
    const user = await rows.user()
    const [before, next, there] = [await rows.role(home), await rows.role(home), await rows.role(other)]
    await rows.member(home, user, 'member', [before])
    await rows.member(other, user, 'member', [there])
    const neighbour = await rows.user()
    await rows.member(home, neighbour, 'member', [before])
    const access = async (organization = home, who = user) => {
      const found = await findMember(database, organization, who)
      return [found?.role, idsOf(found?.assignedRoles ?? [])]
    }
    await change((tx) => setMemberAccess(tx, home, user, { role: 'member', roleIds: [next, next] }))
    assert.deepEqual(
      [await access(), await access(other), await access(home, neighbour)],
      [
        ['member', [next]],
        ['member', [there]],
        ['member', [before]],
      ],
    )
    await change((tx) => setMemberAccess(tx, home, user, { role: 'owner', roleIds: [] }))
    assert.deepEqual(
      [await access(), await access(other)],
      [
        ['owner', []],
        ['member', [there]],
      ],
    )
  })

  it('counts as an owner in its organization only', async () => {
    const organization = await rows.organization(owner)
    await rows.member(organization, await rows.user())
    assert.equal(await countOwners(database, organization), 1)
    await rows.member(organization, await rows.user(), 'owner')
    assert.deepEqual([await countOwners(database, organization), await countOwners(database, newId('org'))], [2, 0])
  })

  it('is known by its address in its organization only', async () => {
    const user = await rows.user()
    await rows.member(home, user)
    const email = `${user}@EXAMPLE.com`
    assert.deepEqual(
      [await isMemberByEmail(database, home, email), await isMemberByEmail(database, other, email)],
      [true, false],
    )
    assert.equal(await isMemberByEmail(database, home, `x${email}`), false)
  })
})

describe('the removal of a member', () => {
  it('revokes keys at home there, and takes the organization from the others, and from grants and consents', async () => {
    const user = await rows.user()
    const staying = await rows.organization(user)
    await rows.member(home, user)
    await rows.member(other, user)
    const key = await rows.key(user, home, { name: 'here' })
    const child = await rows.key(user, home, { name: 'child', parentKey: key })
    const visitor = await rows.key(user, staying, { name: 'visitor', reaches: [staying, home, other] })
    const clientId = await rows.client()
    const grant = await rows.grant(user, clientId, { organizationIds: [home, other] })
    await sql`INSERT INTO consents (user_id, client_id, scopes) VALUES (${user}, ${clientId}, '{}')`
    for (const organization of [home, other])
      await sql`INSERT INTO consent_organizations (user_id, client_id, organization_id, scopes)
        VALUES (${user}, ${clientId}, ${organization}, '{read:volumes}')`
    const neighbours = await rows.key(owner, home, { name: newId('evt') })

    const { ended, narrowed } = await change((tx) => removeMember(tx, home, user))
    assert.deepEqual(idsOf(ended).toSorted(), [key, child].toSorted())
    assert.deepEqual(ended[0]?.organizationIds, [home])
    assert.deepEqual(narrowed, [{ id: visitor, name: 'visitor' }])
    assert.equal(await findMember(database, home, user), undefined)
    assert.deepEqual(
      [await rows.keyStatus(key), await rows.keyStatus(visitor), await rows.keyStatus(neighbours)],
      ['revoked', 'active', 'active'],
    )
    assert.deepEqual(await rows.reach(visitor), [staying, other].sort())
    const [left] = await sql`SELECT (SELECT organization_ids FROM grants WHERE id = ${grant}) AS grant,
      ARRAY(SELECT organization_id FROM consent_organizations WHERE user_id = ${user}) AS consent`
    assert.deepEqual(left, { grant: [other], consent: [other] })
    assert.equal((await findMember(database, other, user))?.userId, user)
  })

  it('of someone who is none changes nothing', async () => {
    const user = await rows.user()
    const key = await rows.key(user, await rows.organization(user))
    assert.deepEqual(await change((tx) => removeMember(tx, home, user)), { ended: [], narrowed: [] })
    assert.equal(await rows.keyStatus(key), 'active')
  })

  it('of the last owner is refused', async () => {
    const organization = await rows.organization(owner)
    await assert.rejects(
      change((tx) => removeMember(tx, organization, owner)),
      refusedWith('DA005'),
    )
  })

  it('from two organizations at once is done one after the other', async () => {
    const user = await rows.user()
    for (const organization of [home, other]) await rows.member(organization, user)
    await waits(
      (tx) => removeMember(tx, home, user),
      () => change((tx) => removeMember(tx, other, user)),
    )
    assert.equal((await sql`SELECT FROM organization_members WHERE user_id = ${user}`).length, 0)
  })
})

describe('a role', async () => {
  const content = (name: string, permissions: string[] = []) => ({ name, description: `of ${name}`, permissions })
  const builtIn = await rows.role(null, ['read:volumes'])
  const foreign = await rows.role(other, ['admin:organization'], 'Foreign')
  const insert = (name: string, organization = home) => {
    const id = newId('role')
    return change((tx) => insertRole(tx, organization, id, content(name, ['write:volumes'])))
  }

  it('is inserted once for each name of an organization', async () => {
    const row = await insert('Builder')
    assert.ok(row)
    const { id, createdAt, updatedAt, ...stored } = row
    assert.deepEqual(stored, {
      organizationId: home,
      name: 'Builder',
      description: 'of Builder',
      permissions: ['write:volumes'],
    })
    assert.deepEqual(await findRole(database, home, id), row)
    assert.equal(await insert('Builder'), undefined)
    assert.equal((await insert('Builder', other))?.organizationId, other)
    const [, second] = await waits(
      (tx) => insertRole(tx, home, newId('role'), content('Raced')),
      () => insert('Raced'),
    )
    assert.equal(second, undefined)
  })

  it('is found and listed in its organization, built-in ones first and everywhere', async () => {
    assert.equal(await findRole(database, home, foreign), undefined)
    assert.equal((await findRole(database, home, builtIn))?.organizationId, null)
    const organization = await rows.organization(owner)
    const [b, a] = [await rows.role(organization, [], 'b'), await rows.role(organization, [], 'a')]
    const { rows: found } = await listRoles(database, organization, PAGE)
    const own = found.filter((role) => role.organizationId !== null)
    assert.deepEqual(idsOf(own), [a, b])
    assert.deepEqual(found.slice(-2), own)
    assert.ok(idsOf(found).includes(builtIn))
    assert.ok(found.every((role) => role.organizationId === null || role.organizationId === organization))
  })

  it('is locked if it may be assigned in the organization', async () => {
    const own = await rows.role(home)
    const lock = (ids: readonly string[]) => change((tx) => lockRoles(tx, home, ids))
    assert.deepEqual(idsOf(await lock([foreign, own, builtIn, own, newId('role')])), [own, builtIn].toSorted())
    assert.deepEqual(await lock([]), [])
    const [, left] = await waits(
      (tx) => deleteRole(tx, home, own),
      () => lock([own, builtIn]),
    )
    assert.deepEqual(idsOf(left), [builtIn], 'the other one was deleted in the meantime')
    const kept = await rows.role(home)
    await waits(
      (tx) => lockRoles(tx, home, [kept]),
      () => change((tx) => deleteRole(tx, home, kept)),
    )
  })

  it('is changed in its organization, unless another one there has the name', async () => {
    const [id, taken] = [await rows.role(home), newId('evt')]
    await rows.role(home, [], taken)
    const update = (organization: typeof home, role: RoleId, name: string) =>
      change((tx) => updateRole(tx, organization, role, content(name, ['read:registries'])))
    assert.equal(await update(home, id, taken), undefined)
    assert.equal(await update(other, id, 'Elsewhere'), undefined)
    assert.equal(await update(home, builtIn, 'Mine'), undefined)
    assert.equal((await findRole(database, home, id))?.name, id)
    for (const _ of ['another name', 'the same name']) {
      const row = await update(home, id, 'Changed')
      assert.deepEqual([row?.name, row?.description, row?.permissions], ['Changed', 'of Changed', ['read:registries']])
    }
    assert.equal((await update(home, await rows.role(home), 'Foreign'))?.name, 'Foreign', 'the name is used elsewhere')
  })

  it('is deleted with its assignments, in its organization only', async () => {
    const user = await rows.user()
    const id = await rows.role(home)
    await rows.member(home, user, 'member', [id])
    await change((tx) => deleteRole(tx, other, id))
    await change((tx) => deleteRole(tx, home, builtIn))
    assert.ok(await findRole(database, home, builtIn))
    assert.deepEqual(idsOf((await findMember(database, home, user))?.assignedRoles ?? []), [id])
    await change((tx) => deleteRole(tx, home, id))
    assert.deepEqual((await findMember(database, home, user))?.assignedRoles, [])
  })
})
