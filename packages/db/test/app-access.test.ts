import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import {
  countAppDecisions,
  deleteAppDecision,
  deleteExpiredAppRequests,
  insertAppRequest,
  isAllowedResource,
  listAppDecisions,
  listAppRequests,
  listDenyingOrganizations,
  listOwnerRecipients,
  lockDecidableApp,
  MAX_APP_REQUESTS,
  MAX_REQUESTERS,
  previewAppAccess,
  setAppDecision,
  settleAppRequests,
} from '../src/clients/index.ts'
import { newId, type OrganizationId, type UserId } from '../src/core/index.ts'
import { appScene, checkAppKind, KINDS, OWNED } from './app-scene.ts'
import { rowsOf } from './rows.ts'
import { transactionsOn } from './transactions.ts'

const { database } = await testDatabase({ after })
const { $client: sql } = database
const rows = rowsOf(database)
const { change } = transactionsOn(database)
const PAGE = { limit: 100 }
const scene = await appScene(database)
const { owner, home, other, insertApp, grantOf, setPolicy, decide } = scene

const ownAppOf = (organization: OrganizationId) => rows.client({ organization })

/** Those that differ in what decides; the others are in the slow tests. */
const SOME = ['with one foreign redirect URI of two', 'with verified hosts', 'of the organization itself']

describe('the decision of an organization about an app', () => {
  for (const what of SOME) {
    it(`counts for an app ${what}, under each policy, for its tokens, child keys and APIs`, () =>
      checkAppKind(scene, KINDS[what] ?? {}))
  }

  it('is denied by every organization for an unknown app', async () => {
    const listed = await listDenyingOrganizations(database, owner, 'app_unknown')
    assert.deepEqual(listed.map(({ id }) => id).toSorted(), [home, other].toSorted())
    assert.equal(await isAllowedResource(database, newId('rs'), 'app_unknown'), false)
  })

  it('is replaced, listed and deleted, and exists for apps of others only', async () => {
    const clientId = await insertApp({})
    const firstParty = await insertApp({ owner: 'operator', isFirstParty: true })
    for (const id of [await insertApp({ owner: 'home' }), firstParty, 'app_unknown']) {
      assert.equal(await change((tx) => lockDecidableApp(tx, home, id)), undefined)
    }
    assert.deepEqual(await change((tx) => lockDecidableApp(tx, home, clientId)), { name: 'App', homepageUri: null })
    assert.equal((await decide(clientId, 'blocked')).before, null)
    assert.equal((await decide(clientId, 'approved')).before, 'blocked')
    await decide(clientId, 'blocked', other)
    const { rows: listed, next } = await listAppDecisions(database, home, { limit: 1 })
    assert.deepEqual(
      [listed.map((one) => [one.clientId, one.name, one.decision, one.decidedBy]), next],
      [[[clientId, 'App', 'approved', owner]], null],
    )
    assert.equal(await countAppDecisions(database, home), 1)
    assert.deepEqual(await change((tx) => deleteAppDecision(tx, home, clientId)), { decision: 'approved' })
    assert.equal(await change((tx) => deleteAppDecision(tx, home, clientId)), undefined)
    assert.equal(await countAppDecisions(database, other), 1)
  })

  it('is deleted with its app and its organization, and kept without the one who decided', async () => {
    const admin = await rows.user()
    const organization = await rows.organization(owner)
    const [one, two] = [await insertApp({}), await insertApp({})]
    for (const clientId of [one, two]) {
      await change((tx) => setAppDecision(tx, organization, { clientId, decision: 'approved', decidedBy: admin }))
    }
    await sql`DELETE FROM users WHERE id = ${admin}`
    await sql`DELETE FROM oidc_clients WHERE id = ${one}`
    const { rows: left } = await listAppDecisions(database, organization, PAGE)
    assert.deepEqual(
      left.map(({ clientId, decidedBy }) => [clientId, decidedBy]),
      [[two, null]],
    )
    await sql`DELETE FROM organizations WHERE id = ${organization}`
    assert.equal(await countAppDecisions(database, organization), 0)
  })
})

describe('previewAppAccess', () => {
  it('counts the apps and members that another policy would end, and names the apps', async () => {
    const organization = await rows.organization(owner)
    const [ada, bob, gone] = [await rows.user(), await rows.user(), await rows.user()]
    for (const user of [ada, bob]) await rows.member(organization, user, 'member', [])
    const [popular, rare, approved, blocked, own, covered] = [
      await insertApp({}),
      await insertApp({}),
      await insertApp({}),
      await insertApp({}),
      await ownAppOf(organization),
      await insertApp({ uris: [OWNED] }),
    ] as const
    for (const app of [popular, rare, approved, blocked, own, covered]) await grantOf(ada, app, [organization])
    await grantOf(ada, popular, [organization]) // of a second device
    await grantOf(bob, popular, [organization])
    await grantOf(bob, rare, [home]) // of another organization
    await grantOf(gone, rare, [organization]) // no member any more
    await sql`UPDATE grants SET revoked_at = now() WHERE id = ${await grantOf(bob, rare, [organization])}`
    await decide(approved, 'approved', organization)
    await decide(blocked, 'blocked', organization)
    const app = (clientId: string, members: number) => ({ clientId, name: 'App', homepageUri: null, members })
    const rest = [app(rare, 1), app(covered, 1)].toSorted((a, b) => (a.clientId < b.clientId ? -1 : 1))
    assert.deepEqual(await previewAppAccess(database, organization, 'by_approval'), {
      appCount: 3,
      memberCount: 2,
      apps: [app(popular, 2), ...rest],
    })
    assert.deepEqual(await previewAppAccess(database, organization, 'verified_domains'), {
      appCount: 2,
      memberCount: 2,
      apps: [app(popular, 2), app(rare, 1)],
    })
    for (const policy of ['any', 'by_approval'] as const) {
      await setPolicy('by_approval', organization)
      const none = { appCount: 0, memberCount: 0, apps: [] }
      assert.deepEqual(await previewAppAccess(database, organization, policy), none)
    }
  })
})

describe('the requests of members', () => {
  it('are bounded and idempotent, and listed by app with those who asked first', async () => {
    const organization = await rows.organization(owner)
    const members = await Promise.all(
      Array.from({ length: MAX_REQUESTERS + 1 }, async () => {
        const user = await rows.user()
        await rows.member(organization, user, 'member', [])
        return user
      }),
    )
    const [ada] = members
    assert.ok(ada)
    const app = await insertApp({})
    const ask = (userId: UserId, clientId = app) =>
      change((tx) => insertAppRequest(tx, { organizationId: organization, userId, clientId }))
    assert.equal(await ask(ada), 'first')
    assert.equal(await ask(ada), 'exists')
    for (const user of members.slice(1)) assert.equal(await ask(user), 'further')
    for (let count = 1; count < MAX_APP_REQUESTS; count += 1) assert.equal(await ask(ada, await insertApp({})), 'first')
    assert.equal(await ask(ada, await insertApp({})), 'full')

    const { rows: listed } = await listAppRequests(database, organization, PAGE)
    assert.equal(listed.length, MAX_APP_REQUESTS)
    const first = listed.find(({ clientId }) => clientId === app)
    assert.deepEqual(
      [first?.members, first?.requesters.map(({ userId }) => userId)],
      [MAX_REQUESTERS + 1, members.slice(0, MAX_REQUESTERS)],
    )
    const { rows: page, next } = await listAppRequests(database, organization, { limit: 1 })
    assert.ok(next)
    const { rows: second } = await listAppRequests(database, organization, { limit: 1, after: next })
    assert.deepEqual([page[0], second[0]], listed.slice(0, 2))
    assert.deepEqual((await listAppRequests(database, home, PAGE)).rows, [])

    assert.deepEqual(await change((tx) => settleAppRequests(tx, home, app)), { members: 0, recipients: [] })
    const settled = await change((tx) => settleAppRequests(tx, organization, app))
    assert.deepEqual(
      [settled.members, settled.recipients.map(({ email }) => email).toSorted()],
      [members.length, members.map((user) => `${user}@example.com`).toSorted()],
    )
    assert.equal(await ask(members[1] ?? ada), 'first')
  })

  it('end after 30 days, and with their app, membership or organization', async () => {
    const asked = async () => {
      const organization = await rows.organization(owner)
      const user = await rows.user()
      await rows.member(organization, user, 'member', [])
      const clientId = await insertApp({})
      await setPolicy('by_approval', organization)
      await change((tx) => insertAppRequest(tx, { organizationId: organization, userId: user, clientId }))
      const [listed] = await listDenyingOrganizations(database, user, clientId)
      assert.equal(listed?.isRequested, true)
      return { organization, user, clientId }
    }
    const count = async (organization: string) =>
      (await sql`SELECT FROM app_requests WHERE organization_id = ${organization}`).length
    const [one, two, three, four] = [await asked(), await asked(), await asked(), await asked()]
    await sql`DELETE FROM oidc_clients WHERE id = ${one.clientId}`
    await sql`DELETE FROM organization_members WHERE user_id = ${two.user}`
    await sql`DELETE FROM organizations WHERE id = ${three.organization}`
    for (const { organization } of [one, two, three]) assert.equal(await count(organization), 0)

    const days =
      await sql`SELECT expires_at - created_at AS days FROM app_requests WHERE organization_id = ${four.organization}`
    assert.deepEqual([...days], [{ days: '30 days' }])
    assert.equal(await deleteExpiredAppRequests(database, 10), 0)
    await sql`UPDATE app_requests SET expires_at = now() - interval '1 second'`
    assert.deepEqual((await listAppRequests(database, four.organization, PAGE)).rows, [])
    assert.equal((await listDenyingOrganizations(database, four.user, four.clientId))[0]?.isRequested, false)
    assert.deepEqual(await change((tx) => settleAppRequests(tx, four.organization, four.clientId)), {
      members: 0,
      recipients: [],
    })
    assert.ok((await deleteExpiredAppRequests(database, 100)) > 0)
    assert.equal(await count(four.organization), 0)
  })

  it('are answered by the owners who can sign in', async () => {
    const organization = await rows.organization(owner)
    const [second, disabled, member] = [await rows.user(), await rows.user(), await rows.user()]
    for (const user of [second, disabled]) await rows.member(organization, user, 'owner', [])
    await rows.member(organization, member, 'member', [])
    await sql`UPDATE users SET disabled_at = now() WHERE id = ${disabled}`
    await sql`UPDATE users SET language = 'en', chosen_language = 'de' WHERE id = ${second}`
    assert.deepEqual(await listOwnerRecipients(database, organization), [
      { email: `${owner}@example.com`, language: null },
      { email: `${second}@example.com`, language: 'de' },
    ])
  })
})
