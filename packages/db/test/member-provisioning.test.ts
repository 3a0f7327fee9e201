import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { newId, type RoleId, type UserId } from '../src/core/index.ts'
import {
  accessOf,
  deleteIdentityProvider,
  deleteRole,
  findMappedGroups,
  findMember,
  findProvisioning,
  groupDigest,
  insertMember,
  isProvisionable,
  MAX_GROUP_ROLES,
  type Provisioning,
  provisioningEntries,
  provisionMember,
  putIdentityProvider,
  removeMember,
  setMemberAccess,
  setProvisioning,
  updateRole,
} from '../src/organizations/index.ts'
import { createUserWithIdentity, deleteAccount } from '../src/users/index.ts'
import { notificationsOf } from './notified.ts'
import { rowsOf } from './rows.ts'
import { transactionsOn } from './transactions.ts'

const { database } = await testDatabase({ after })
const { $client: sql } = database
const rows = rowsOf(database)
const { change, waits } = transactionsOn(database)
const notified = await notificationsOf(database)
const issuer = 'https://login.example'
const ACTOR = { actorId: null, actorEmail: null, source: 'test' }
const NONE: Provisioning = { newMemberRoleIds: null, groupsClaim: null, groupRoles: [] }
let count = 0

/** An organization with an identity provider and two roles, and a user who signs in with it. */
async function scene(given: (one: RoleId, two: RoleId) => Partial<Provisioning>) {
  count += 1
  const domain = `company${count}.example`
  const organizationId = await rows.organization(await rows.user())
  const one = await rows.role(organizationId, ['read:volumes'], 'One')
  const two = await rows.role(organizationId, ['write:volumes'], 'Two')
  await sql`INSERT INTO organization_domains (id, organization_id, domain, token, verified_at, confirmed_at, checked_at)
    VALUES (${newId('dom')}, ${organizationId}, ${domain}, 'token', now(), now(), now())`
  await sql`INSERT INTO identity_providers (organization_id, name, issuer, client_id, sealed_client_secret, scopes)
    VALUES (${organizationId}, 'Login', ${issuer}, 'daytona', 'sealed', '{openid}')`
  const set = (to: Partial<Provisioning>) => change((tx) => setProvisioning(tx, organizationId, { ...NONE, ...to }))
  await set(given(one, two))
  const userId = await rows.user()
  const groupsOf = (groups: readonly string[]) => findMappedGroups(database, organizationId, groups)
  const rolesOf = async (user = userId) =>
    (await findMember(database, organizationId, user))?.assignedRoles.map(({ name }) => name)
  return {
    organizationId,
    domain,
    one,
    two,
    userId,
    set,
    rolesOf,
    /** Signs in, and returns what that changed. */
    signIn: async (groups: readonly string[] = [], user: UserId = userId) => {
      const mappedGroups = await groupsOf(groups)
      return change((tx) => provisionMember(tx, user, { organizationId, issuer, mappedGroups }))
    },
    member: (roleIds: RoleId[]) =>
      change((tx) => insertMember(tx, organizationId, userId, { role: 'member', roleIds })),
    setAccess: (roleIds: RoleId[]) =>
      change((tx) => setMemberAccess(tx, organizationId, userId, { role: 'member', roleIds })),
  }
}

describe('new members of an identity provider', () => {
  it('need an invitation, unless its organization adds them', async () => {
    const here = await scene(() => ({}))
    assert.equal(await here.signIn(), undefined)
    assert.equal(await here.rolesOf(), undefined)
    assert.equal(await change((tx) => provisionMember(tx, here.userId, { issuer })), undefined, 'of the deployment')
    await here.set({ newMemberRoleIds: [here.one] })
    const outcome = await here.signIn()
    assert.equal(outcome?.kind, 'joined')
    assert.deepEqual(await here.rolesOf(), ['One'])
    const member = await findMember(database, here.organizationId, here.userId)
    assert.ok(member && member.role === 'member' && member.groupRoleIds.length === 0)
    const [entry] = provisioningEntries(outcome, ACTOR)
    assert.deepEqual(
      [entry?.action, entry?.organizationId, entry?.targetId, entry?.statusCode, entry?.metadata],
      ['member.join', here.organizationId, here.userId, 200, { ...accessOf(member), issuer }],
    )
    // The roles are those of new members: an administrator changes them afterwards.
    await here.setAccess([])
    assert.equal(await here.signIn(), undefined)
    assert.deepEqual(await here.rolesOf(), [])
  })

  it('get no role that administers the organization, and none of another one, whenever it was set', async () => {
    const here = await scene((one, two) => ({ newMemberRoleIds: [one, two] }))
    const foreign = await rows.role(await rows.organization(await rows.user()), ['read:volumes'], 'Foreign')
    await here.set({ newMemberRoleIds: [here.one, here.two, foreign] })
    await sql`UPDATE roles SET permissions = '{admin:organization}' WHERE id = ${here.two}`
    await here.signIn()
    assert.deepEqual(await here.rolesOf(), ['One'])
    assert.deepEqual([{ permissions: [] }, { permissions: ['admin:organization'] }].map(isProvisionable), [true, false])
  })

  it('do not come back after a removal without an invitation, with another account neither', async () => {
    const here = await scene((one) => ({ newMemberRoleIds: [one] }))
    const signUp = async (email: string) => {
      const identity = { issuer, subject: 'ada', organizationId: here.organizationId }
      const created = await createUserWithIdentity(database, { email, name: 'Ada' }, identity, ACTOR)
      assert.ok(created)
      return created.userId
    }
    const userId = await signUp(`ada@${here.domain}`)
    assert.deepEqual(await here.rolesOf(userId), ['One'])
    const joined = await sql<{ action: string }[]>`
      SELECT action FROM audit_events WHERE organization_id = ${here.organizationId} AND target_id = ${userId}`
    assert.deepEqual(
      joined.map(({ action }) => action),
      ['member.join'],
    )
    await change((tx) => removeMember(tx, here.organizationId, userId))
    assert.deepEqual(
      provisioningEntries(await here.signIn([], userId), ACTOR).map((entry) => [entry.action, entry.statusCode]),
      [['member.join', 403]],
    )
    assert.equal(await here.rolesOf(userId), undefined)
    await change((tx) => deleteAccount(tx, userId, 'test'))
    const again = await signUp(`Ada@${here.domain}`)
    assert.equal(await here.rolesOf(again), undefined)
    // An accepted invitation ends the removal, also for the account after the next one.
    await change((tx) => insertMember(tx, here.organizationId, again, { role: 'member', roleIds: [] }))
    await sql`DELETE FROM organization_members WHERE user_id = ${again} AND organization_id = ${here.organizationId}`
    assert.equal((await here.signIn([], again))?.kind, 'joined')
  })

  it('are none beyond the quota of members, and their sign-in is valid all the same', async () => {
    const here = await scene((one) => ({ newMemberRoleIds: [one] }))
    const quota = (maximum: number) => sql`
      INSERT INTO organization_quotas (organization_id, resource, maximum) VALUES (${here.organizationId}, 'members', ${maximum})
      ON CONFLICT (organization_id, resource) DO UPDATE SET maximum = ${maximum}`
    await quota(1)
    const refused = await here.signIn()
    assert.deepEqual(
      provisioningEntries(refused, ACTOR).map(({ statusCode, errorMessage }) => [statusCode, errorMessage]),
      [[409, 'The quota of members is reached']],
    )
    assert.equal(await here.rolesOf(), undefined)
    await quota(2)
    assert.equal((await here.signIn())?.kind, 'joined')
  })
})

describe('the groups at an identity provider', () => {
  const mapping = (one: RoleId, two: RoleId): Partial<Provisioning> => ({
    groupsClaim: 'groups',
    groupRoles: [
      { group: 'Engineering', roleIds: [one, two] },
      { group: 'Ops', roleIds: [two] },
    ],
  })

  it('give roles and withdraw them, and leave those assigned by hand as they are', async () => {
    const here = await scene(mapping)
    const byHand = await rows.role(here.organizationId, ['read:sandboxes'], 'By hand')
    await here.member([byHand, here.one])
    const given = await here.signIn(['Engineering', 'engineering', 'Unknown'])
    assert.equal(given?.kind, 'changed')
    assert.deepEqual(await here.rolesOf(), ['By hand', 'One', 'Two'])
    const [entry] = provisioningEntries(given, ACTOR)
    assert.deepEqual([entry?.action, entry?.metadata?.['issuer']], ['member.update_access', issuer])
    assert.equal(await here.signIn(['Engineering']), undefined, 'nothing changed')
    // Written back as it was read: roles of groups do not become ones assigned by hand.
    await here.setAccess([byHand, here.one, here.two])
    await here.signIn(['Ops'])
    assert.deepEqual(await here.rolesOf(), ['By hand', 'One', 'Two'])
    await here.signIn([])
    assert.deepEqual(await here.rolesOf(), ['By hand', 'One'])
    // Removed by hand while the group gives it: it stays until the group is gone.
    await here.signIn(['Engineering'])
    await here.setAccess([])
    assert.deepEqual(await here.rolesOf(), ['One', 'Two'])
    await here.signIn([])
    assert.deepEqual(await here.rolesOf(), [])
  })

  it('give nothing without membership, and no role that administers the organization', async () => {
    const here = await scene(mapping)
    assert.equal(await here.signIn(['Engineering']), undefined)
    await here.member([])
    await here.signIn(['Engineering'])
    await sql`UPDATE roles SET permissions = '{admin:organization}' WHERE id = ${here.two}`
    await here.signIn(['Engineering'])
    assert.deepEqual(await here.rolesOf(), ['One'])
  })

  it('give roles to new members, beside those of all of them', async () => {
    const here = await scene((one, two) => ({ ...mapping(two, two), newMemberRoleIds: [one] }))
    await here.signIn(['Ops'])
    const member = await findMember(database, here.organizationId, here.userId)
    assert.deepEqual(await here.rolesOf(), ['One', 'Two'])
    assert.deepEqual(member?.groupRoleIds, [here.two])
  })

  it('lose their roles at once with the mapping, the claim, the role or the provider', async () => {
    const here = await scene(mapping)
    await here.member([here.one])
    await here.signIn(['Engineering'])
    assert.equal(await here.set({ ...mapping(here.one, here.one) }), 1)
    assert.deepEqual(await here.rolesOf(), ['One'])
    await here.set(mapping(here.one, here.two))
    await here.signIn(['Engineering'])
    await here.set({ ...mapping(here.one, here.two), groupsClaim: null })
    assert.deepEqual(await here.rolesOf(), ['One'])
    await here.set(mapping(here.one, here.two))
    await here.signIn(['Ops'])
    assert.deepEqual(await here.rolesOf(), ['One', 'Two'])
    const provider = { name: 'Login', clientId: 'daytona', sealedClientSecret: 'sealed', scopes: ['openid'] }
    await change((tx) => putIdentityProvider(tx, here.organizationId, { ...provider, name: 'Other', issuer }))
    assert.deepEqual(await here.rolesOf(), ['One', 'Two'], 'the same provider')
    await change((tx) => putIdentityProvider(tx, here.organizationId, { ...provider, issuer: 'https://other.example' }))
    assert.deepEqual(await here.rolesOf(), ['One'])
    await here.signIn(['Ops'])
    await change((tx) => deleteIdentityProvider(tx, here.organizationId))
    assert.deepEqual(await here.rolesOf(), ['One'])
    assert.equal(await here.set({}), undefined, 'there is none')
    assert.equal(await findProvisioning(database, here.organizationId), undefined)
  })

  it('lose a role at once that administers the organization from now on, unless it was assigned by hand', async () => {
    const here = await scene(mapping)
    const becomes = (id: RoleId, name: string, permissions: string[]) =>
      change((tx) => updateRole(tx, here.organizationId, id, { name, description: '', permissions }))
    await here.member([here.one])
    await here.signIn(['Engineering'])
    await becomes(here.two, 'Two', ['read:volumes'])
    assert.deepEqual(await here.rolesOf(), ['One', 'Two'])
    await becomes(here.two, 'Two', ['admin:organization'])
    await becomes(here.one, 'One', ['admin:organization'])
    assert.deepEqual(await here.rolesOf(), ['One'])
  })

  it('are stored with roles that may be deleted later', async () => {
    const here = await scene(mapping)
    await change((tx) => deleteRole(tx, here.organizationId, here.two))
    assert.deepEqual(await findProvisioning(database, here.organizationId), {
      newMemberRoleIds: null,
      groupsClaim: 'groups',
      groupRoles: [{ group: 'Engineering', roleIds: [here.one] }],
    })
    await here.member([])
    await here.signIn(['Engineering', 'Ops'])
    assert.deepEqual(await here.rolesOf(), ['One'])
  })

  it('are kept as digests that fit into a cookie, those with roles only', async () => {
    const here = await scene((one) => ({
      groupsClaim: 'groups',
      groupRoles: Array.from({ length: MAX_GROUP_ROLES }, (_, at) => ({
        group: `${at}`.padEnd(256, 'x'),
        roleIds: [one],
      })),
    }))
    const names = Array.from({ length: 500 }, (_, at) => `${at}`.padEnd(256, 'x'))
    const digests = await findMappedGroups(database, here.organizationId, names)
    assert.deepEqual(digests, names.slice(0, MAX_GROUP_ROLES).map(groupDigest))
    assert.ok(JSON.stringify(digests).length < 1000)
  })

  it('notify every process of a changed member, once for each role, and change nothing beside another change', async () => {
    const here = await scene(mapping)
    await here.member([])
    const user = [`user:${here.userId}`]
    assert.deepEqual(await notified(() => here.signIn(['Ops'])), user)
    assert.deepEqual(await notified(() => here.signIn(['Ops'])), [])
    assert.deepEqual(await notified(() => here.signIn([])), user)
    await here.signIn(['Ops'])
    assert.deepEqual(await notified(() => here.set({})), user)
    await here.set(mapping(here.one, here.two))
    const mappedGroups = await findMappedGroups(database, here.organizationId, ['Ops'])
    await waits(
      (tx) => provisionMember(tx, here.userId, { organizationId: here.organizationId, issuer, mappedGroups }),
      () => here.setAccess([here.one]),
    )
    assert.deepEqual(await here.rolesOf(), ['One', 'Two'])
  })
})

describe('a role that changes while a sign-in gives it', () => {
  const kinds = {
    'new members': (one: RoleId) => ({ newMemberRoleIds: [one] }),
    groups: (one: RoleId) => ({
      newMemberRoleIds: [],
      groupsClaim: 'groups',
      groupRoles: [{ group: 'dev', roleIds: [one] }],
    }),
  }
  for (const [whose, given] of Object.entries(kinds)) {
    it(`is not given if it is deleted: to ${whose}`, async () => {
      const here = await scene(given)
      const [, outcome] = await waits(
        (tx) => deleteRole(tx, here.organizationId, here.one),
        () => here.signIn(['dev']),
      )
      assert.equal(outcome?.kind, 'joined')
      assert.deepEqual(await here.rolesOf(), [])
    })

    it(`is not given if it administers the organization then: to ${whose}`, async () => {
      const here = await scene(given)
      const admin = { name: 'One', description: '', permissions: ['admin:organization'] }
      const [, outcome] = await waits(
        (tx) => updateRole(tx, here.organizationId, here.one, admin),
        () => here.signIn(['dev']),
      )
      assert.equal(outcome?.kind, 'joined')
      assert.deepEqual(await here.rolesOf(), [])
    })
  }

  it('is deleted after the sign-in that gave it, with the assignment', async () => {
    const here = await scene((one) => ({ newMemberRoleIds: [one] }))
    await waits(
      (tx) => provisionMember(tx, here.userId, { organizationId: here.organizationId, issuer }),
      () => change((tx) => deleteRole(tx, here.organizationId, here.one)),
    )
    assert.deepEqual(await here.rolesOf(), [])
  })
})
