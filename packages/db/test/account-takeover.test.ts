import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { insertMember } from '../src/organizations/members.ts'
import {
  createUser,
  deletedAccountEntries,
  deleteUnusedAccount,
  endedKeysOf,
  findAccountByEmail,
  findUser,
  listUnusedAccounts,
  takeOverAccount,
  verifyAccountEmail,
} from '../src/users/index.ts'
import { rowsOf } from './rows.ts'
import { transactionsOn } from './transactions.ts'

const { database } = await testDatabase({ after })
const { $client: sql } = database
const rows = rowsOf(database)
const { change, waits } = transactionsOn(database)
const DAY_MS = 24 * 3_600_000

let count = 0
async function squatter() {
  count += 1
  const email = `taken${count}@example.com`
  const created = await createUser(database, { email, name: 'Eve', passwordHash: 'her hash' }, { source: 'test' })
  assert.ok(created)
  return { ...created, email }
}

const HOLDER = { name: 'Ada', passwordHash: 'a hash' }
const takeOver = (userId: Parameters<typeof takeOverAccount>[1], redeem = async () => true) =>
  change((tx) => takeOverAccount(tx, userId, { ...HOLDER, redeem }))

describe('takeOverAccount', () => {
  it('changes nothing for an account that is verified, disabled or deleted, or without a redeemable token', async () => {
    const [verified, disabled, unproven] = [await squatter(), await squatter(), await squatter()]
    await sql`UPDATE users SET email_verified = true WHERE id = ${verified.userId}`
    await sql`UPDATE users SET disabled_at = now() WHERE id = ${disabled.userId}`
    const never = async () => assert.fail('the token must not be consumed')
    assert.deepEqual(await takeOver(verified.userId, never), { outcome: 'verified' })
    assert.deepEqual(await takeOver(disabled.userId, never), { outcome: 'gone' })
    assert.deepEqual(await takeOver(unproven.userId, async () => false), { outcome: 'gone' })
    for (const { userId, email } of [verified, disabled, unproven]) {
      assert.equal((await findAccountByEmail(database, email))?.userId, userId)
    }
  })

  it('changes nothing while an organization would be left without an owner', async () => {
    const eve = await squatter()
    const shared = await rows.organization(eve.userId)
    await rows.member(shared, await rows.user(), 'member')
    const found = await takeOver(eve.userId, async () => assert.fail('the token must not be consumed'))
    assert.deepEqual(found, {
      outcome: 'blocked',
      organizations: [{ id: shared, name: 'Analytical Engines', effect: 'blocked' }],
    })
    assert.equal((await findAccountByEmail(database, eve.email))?.userId, eve.userId)
  })

  it('waits for a concurrent verification, and then changes nothing', async () => {
    const eve = await squatter()
    const [, outcome] = await waits(
      (tx) => verifyAccountEmail(tx, eve.userId),
      () => takeOver(eve.userId),
    )
    assert.deepEqual(outcome, { outcome: 'verified' })
  })

  it('ends everything that the previous account made, and creates a verified one that has none of it', async () => {
    const eve = await squatter()
    const own = await rows.organization(eve.userId)
    const app = await rows.client({ organization: eve.organizationId })
    const session = await rows.session(eve.userId)
    const grant = await rows.grant(eve.userId, await rows.client(), { sessionUid: session })
    const key = await rows.key(eve.userId, own)
    const child = await rows.key(eve.userId, own, { name: 'child', parentKey: key })
    const found = await takeOver(eve.userId)
    assert.equal(found.outcome, 'taken-over')
    if (found.outcome !== 'taken-over') return

    const ada = await findAccountByEmail(database, eve.email)
    assert.deepEqual(ada, {
      userId: found.created.userId,
      email: eve.email,
      emailVerified: true,
      name: 'Ada',
      language: null,
      chosenLanguage: null,
      timeZone: null,
      disabledAt: null,
      passwordHash: 'a hash',
      hasSecondFactor: false,
      signInVersion: 0,
      personalOrganizationId: found.created.organizationId,
    })
    assert.notEqual(ada?.userId, eve.userId)
    assert.equal((await findUser(database, eve.email))?.emailVerified, true)
    assert.ok((await findUser(database, eve.userId))?.deletedAt)
    for (const key_ of [key, child]) assert.equal(await rows.keyStatus(key_), undefined)
    const [left] = await sql`SELECT
      (SELECT count(*)::int FROM oidc_artifacts WHERE account_id = ${eve.userId}) AS artifacts,
      (SELECT count(*)::int FROM grants WHERE id = ${grant} AND revoked_at IS NULL) AS grants,
      (SELECT count(*)::int FROM oidc_clients WHERE id = ${app}) AS apps,
      (SELECT count(*)::int FROM user_credentials WHERE user_id = ${eve.userId}) AS credentials,
      (SELECT count(*)::int FROM organizations WHERE created_by = ${eve.userId}) AS organizations`
    assert.deepEqual(left, { artifacts: 0, grants: 0, apps: 0, credentials: 0, organizations: 0 })

    assert.deepEqual(
      endedKeysOf(found.deletion)
        .map(({ id }) => id)
        .sort(),
      [key, child].sort(),
    )
    const entries = deletedAccountEntries(
      { actorId: null, actorEmail: null, source: 'test' },
      eve.userId,
      found.deletion,
      'x',
    )
    assert.deepEqual(
      entries.map(({ action, organizationId }) => [action, organizationId]),
      [
        ['user.delete', 'org_deployment'],
        ['user.delete', eve.organizationId],
        ['organization.delete', own],
      ],
    )
  })

  it('succeeds once for concurrent attempts', async () => {
    const eve = await squatter()
    const outcomes = await Promise.all(Array.from({ length: 4 }, () => takeOver(eve.userId)))
    assert.deepEqual(outcomes.map(({ outcome }) => outcome).sort(), ['gone', 'gone', 'gone', 'taken-over'])
  })
})

describe('an unused account', () => {
  const old = async (person: Awaited<ReturnType<typeof squatter>>) => {
    await sql`UPDATE users SET created_at = now() - interval '8 days' WHERE id = ${person.userId}`
    return person
  }
  const listed = async () => new Set<string>(await listUnusedAccounts(database, 7 * DAY_MS, 1000))

  it('is one that was never verified nor used, and is older than the limit', async () => {
    const recent = await squatter()
    const uses: Record<string, (user: typeof recent) => Promise<unknown>> = {
      verified: ({ userId }) => sql`UPDATE users SET email_verified = true WHERE id = ${userId}`,
      disabled: ({ userId }) => sql`UPDATE users SET disabled_at = now() WHERE id = ${userId}`,
      session: ({ userId }) => rows.session(userId),
      grant: async ({ userId }) => rows.grant(userId, await rows.client()),
      key: ({ userId, organizationId }) => rows.key(userId, organizationId),
      app: ({ organizationId }) => rows.client({ organization: organizationId }),
      organization: ({ userId }) => rows.organization(userId),
      sandbox: ({ organizationId: o }) =>
        sql`INSERT INTO sandboxes (id, organization_id, name) VALUES (${`sbx_${o}`}, ${o}, 'x')`,
      snapshot: ({ organizationId: o }) =>
        sql`INSERT INTO snapshots (id, organization_id, name) VALUES (${`snap_${o}`}, ${o}, 'x')`,
      volume: ({ organizationId: o }) =>
        sql`INSERT INTO volumes (id, organization_id, name) VALUES (${`vol_${o}`}, ${o}, 'x')`,
      registry: ({ organizationId: o }) =>
        sql`INSERT INTO registries (id, organization_id, name, url, username, sealed_password)
          VALUES (${`reg_${o}`}, ${o}, 'x', '', '', '')`,
    }
    for (const [use, make] of Object.entries(uses)) {
      const user = await old(await squatter())
      assert.ok((await listed()).has(user.userId), use)
      await make(user)
      assert.ok(!(await listed()).has(user.userId), use)
      assert.equal(await change((tx) => deleteUnusedAccount(tx, user.userId, 7 * DAY_MS, 'x')), undefined, use)
    }
    assert.ok(!(await listed()).has(recent.userId))
  })

  it('is not deleted if it joins an organization concurrently', async () => {
    const user = await old(await squatter())
    const shared = await rows.organization(await rows.user())
    const [, deleted] = await waits(
      (tx) => insertMember(tx, shared, user.userId, { role: 'member', roleIds: [] }),
      () => change((tx) => deleteUnusedAccount(tx, user.userId, 7 * DAY_MS, 'x')),
    )
    assert.equal(deleted, undefined)
  })

  it('is deleted, and its address is free', async () => {
    const user = await old(await squatter())
    const deleted = await change((tx) => deleteUnusedAccount(tx, user.userId, 7 * DAY_MS, 'x'))
    assert.equal(deleted?.account.email, user.email)
    assert.equal(await findUser(database, user.email), undefined)
    assert.equal(await change((tx) => deleteUnusedAccount(tx, user.userId, 7 * DAY_MS, 'x')), undefined)
  })
})
