import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import type { UserId } from '../src/core/id.ts'
import { insertMember } from '../src/organizations/members.ts'
import { lockOrganization } from '../src/organizations/organizations.ts'
import { endUserAccess, lockAccount, setAccountDisabled } from '../src/users/account-changes.ts'
import {
  type AccountDeletion,
  deleteAccount,
  listAffectedOrganizations,
  lockWholeAccount,
} from '../src/users/account-deletion.ts'
import { findUser, listUsers, readUserAccess, userStatus } from '../src/users/administration.ts'
import { createUser, findAccountByEmail } from '../src/users/users.ts'
import { notificationsOf } from './notified.ts'
import { rowsOf } from './rows.ts'
import { transactionsOn } from './transactions.ts'

const { database } = await testDatabase({ after })
const { $client: sql } = database
const rows = rowsOf(database)
const { change, waits } = transactionsOn(database)
const notified = await notificationsOf(database)
const app = await rows.client()

let count = 0

async function person() {
  count += 1
  const email = `person${count}@example.com`
  const created = await createUser(database, { email, name: 'Ada', passwordHash: 'a hash' }, { source: 'test' })
  assert.ok(created)
  return { ...created, email }
}

const remove = (user: UserId) => change((tx) => deleteAccount(tx, user, 'test'))

const left = async (table: string, column: string, id: string): Promise<number> => {
  const [row] = await sql<{ count: number }[]>`SELECT count(*)::int FROM ${sql(table)} WHERE ${sql(column)} = ${id}`
  return row?.count ?? Number.NaN
}

describe('the deletion of an account', () => {
  it('changes nothing while the account is the only owner among several members', async () => {
    const [ada, bob] = [await person(), await person()]
    const shared = await rows.organization(ada.userId)
    await rows.member(shared, bob.userId, 'member')
    const key = await rows.key(ada.userId, shared)
    await rows.session(ada.userId)
    assert.deepEqual(await remove(ada.userId), {
      outcome: 'blocked',
      organizations: [{ id: shared, name: 'Analytical Engines', effect: 'blocked' }],
    })
    assert.equal(await rows.keyStatus(key), 'active')
    assert.equal((await readUserAccess(database, ada.userId)).sessions, 1)
    assert.equal((await findAccountByEmail(database, ada.email))?.disabledAt, null)
  })

  it('is unknown for an account that does not exist or was deleted', async () => {
    assert.deepEqual(await remove('usr_unknown' as UserId), { outcome: 'unknown' })
    const { userId } = await person()
    assert.equal((await remove(userId)).outcome, 'deleted')
    assert.deepEqual(await remove(userId), { outcome: 'unknown' })
  })

  it('ends sessions, grants and keys, deletes what only it owned, and leaves the rest to the others', async () => {
    const [ada, bob] = [await person(), await person()]
    const own = await rows.organization(ada.userId)
    const shared = await rows.organization(bob.userId)
    await rows.member(shared, ada.userId, 'member')
    const grant = await rows.grant(ada.userId, app)
    await rows.artifact(grant)
    await rows.session(ada.userId)
    const personalKey = await rows.key(ada.userId, ada.organizationId, {
      name: 'personal',
      reaches: [ada.organizationId, shared],
    })
    const ownKey = await rows.key(ada.userId, own, { name: 'own' })
    const sharedKey = await rows.key(ada.userId, shared, { name: 'shared' })
    const child = await rows.key(ada.userId, shared, { name: 'child', parentKey: personalKey })
    const grantKey = await rows.key(ada.userId, shared, { name: 'granted', parentGrant: grant })
    const bobsKey = await rows.key(bob.userId, shared, { name: "Bob's" })
    assert.deepEqual(
      (await listAffectedOrganizations(database, ada.userId)).map(({ id, effect }) => [id, effect]).sort(),
      [
        [own, 'delete'],
        [shared, 'leave'],
      ].sort(),
    )

    const result = await remove(ada.userId)
    assert.equal(result.outcome, 'deleted')
    const { deletion } = result as Extract<AccountDeletion, { outcome: 'deleted' }>
    assert.deepEqual(
      [deletion.sessions, deletion.grants.map(({ id }) => id), deletion.account.personalOrganizationId],
      [1, [grant], ada.organizationId],
    )
    assert.deepEqual(
      [
        ...deletion.keys,
        ...deletion.deleted.flatMap(({ keys }) => keys),
        ...deletion.left.flatMap(({ ended }) => ended),
        ...deletion.personalKeys,
      ]
        .map(({ id }) => id)
        .sort(),
      [personalKey, ownKey, sharedKey, child, grantKey].sort(),
    )

    for (const key of [sharedKey, child, grantKey]) assert.equal(await rows.keyStatus(key), 'revoked')
    for (const key of [personalKey, ownKey]) assert.equal(await rows.keyStatus(key), undefined)
    assert.equal(await rows.keyStatus(bobsKey), 'active')
    for (const [table, column, id] of [
      ['organizations', 'id', own],
      ['organizations', 'id', ada.organizationId],
      ['organization_members', 'user_id', ada.userId],
      ['user_credentials', 'user_id', ada.userId],
      ['oidc_artifacts', 'account_id', ada.userId],
    ] as const) {
      assert.equal(await left(table, column, id), 0, `${table} of ${id}`)
    }
    assert.equal(await left('organizations', 'id', shared), 1)
  })

  it('keeps the row of a creator without personal data, and frees its address', async () => {
    const [ada, bob] = [await person(), await person()]
    const shared = await rows.organization(ada.userId)
    await rows.member(shared, bob.userId, 'owner')
    await sql`INSERT INTO user_identities (user_id, issuer, subject, email) VALUES (${ada.userId}, 'https://a.example', 'ada', 'ada')`
    await sql`INSERT INTO organization_identities (user_id, organization_id, issuer, subject)
      VALUES (${ada.userId}, ${shared}, 'https://a.example', 'ada')`
    await sql`UPDATE users SET language = 'de', chosen_language = 'de', time_zone = 'UTC' WHERE id = ${ada.userId}`
    assert.equal((await remove(ada.userId)).outcome, 'deleted')
    const [kept] = await sql`SELECT language, chosen_language, time_zone FROM users WHERE id = ${ada.userId}`
    assert.deepEqual({ ...kept }, { language: null, chosen_language: null, time_zone: null })
    for (const table of ['user_identities', 'organization_identities'] as const) {
      assert.equal(await left(table, 'user_id', ada.userId), 0, table)
    }
    const row = await findUser(database, ada.userId)
    assert.ok(row)
    assert.deepEqual([row.name, row.emailVerified, userStatus(row)], ['Deleted user', false, 'deleted'])
    assert.match(row.email, /^usr_\w+@deleted\.invalid$/)
    assert.equal(await findUser(database, ada.email), undefined)
    assert.ok(await createUser(database, { email: ada.email, name: 'Eve', passwordHash: 'x' }, { source: 'test' }))
    const [{ creator } = {}] = await sql`SELECT created_by AS creator FROM organizations WHERE id = ${shared}`
    assert.equal(creator, ada.userId)
  })

  it('notifies other processes of the user, its grants and its keys', async () => {
    const { userId, organizationId } = await person()
    const grant = await rows.grant(userId, app)
    const key = await rows.key(userId, organizationId, { name: 'personal' })
    const received = await notified(() => remove(userId))
    for (const one of [`user:${userId}`, `grant:${grant}`, `key:${key}`])
      assert.ok(received.includes(one), `${received}`)
  })

  it('is confirmed under locks of the account and its organizations, which gain no member in the meantime', async () => {
    const [ada, bob] = [await person(), await person()]
    const shared = await rows.organization(ada.userId)
    const [locked] = await waits(
      (tx) => lockWholeAccount(tx, ada.userId),
      () =>
        change(async (tx) => {
          await lockOrganization(tx, shared)
          await insertMember(tx, shared, bob.userId, { role: 'member', roleIds: [] })
        }),
    )
    assert.equal(locked?.email, ada.email)
    assert.equal(await change((tx) => lockWholeAccount(tx, 'usr_unknown' as UserId)), undefined)
  })

  it('waits for a new membership in its organization, and decides by what it then finds', async () => {
    const [ada, bob] = [await person(), await person()]
    const own = await rows.organization(ada.userId)
    const [, deletion] = await waits(
      async (tx) => {
        await lockOrganization(tx, own)
        await insertMember(tx, own, bob.userId, { role: 'member', roleIds: [] })
      },
      () => remove(ada.userId),
    )
    assert.equal(deletion.outcome, 'blocked')
    assert.equal(await left('organizations', 'id', own), 1)
  })
})

describe('disabling, enabling and signing out', () => {
  it('ends sessions and grants, with the keys created with them, and no other key', async () => {
    const [ada, bob] = [await person(), await person()]
    const grant = await rows.grant(ada.userId, app)
    const bobsGrant = await rows.grant(bob.userId, app)
    const [key, grantKey] = [
      await rows.key(ada.userId, ada.organizationId, { name: 'own' }),
      await rows.key(ada.userId, ada.organizationId, { name: 'granted', parentGrant: grant }),
    ]
    await rows.session(ada.userId)
    await rows.session(bob.userId)
    const ended = await change((tx) => endUserAccess(tx, ada.userId, 'test'))
    assert.deepEqual(
      [ended.sessions, ended.grants.map(({ id }) => id), ended.keys.map(({ id }) => id)],
      [1, [grant], [grantKey]],
    )
    assert.equal(await rows.keyStatus(key), 'active')
    const { sessions, grants } = await readUserAccess(database, bob.userId)
    assert.deepEqual([sessions, grants], [1, 1], bobsGrant)
  })

  it('ends what was created before an account is enabled again', async () => {
    const { userId } = await person()
    await change((tx) => setAccountDisabled(tx, userId, true, 'test'))
    assert.equal((await change((tx) => lockAccount(tx, userId)))?.isDisabled, true)
    await rows.session(userId)
    assert.equal((await change((tx) => setAccountDisabled(tx, userId, false, 'test'))).sessions, 1)
    assert.equal((await change((tx) => lockAccount(tx, userId)))?.isDisabled, false)
  })
})

describe('the list of accounts', () => {
  it('finds by a part of the name or address, which is no pattern, and by status, page by page', async () => {
    const text = `needle_${count}`
    const made: UserId[] = []
    for (const name of [text, `${text.toUpperCase()} II`, 'needleX0', text]) {
      const { userId } = await person()
      await sql`UPDATE users SET name = ${name} WHERE id = ${userId}`
      made.push(userId)
    }
    const [first, second, , last] = made
    await change((tx) => setAccountDisabled(tx, last as UserId, true, 'test'))
    const ids = async (search: Parameters<typeof listUsers>[1], limit = 10) =>
      (await listUsers(database, search, { limit })).rows.map(({ id }) => id)
    assert.deepEqual(await ids({ text }), [last, second, first])
    assert.deepEqual(await ids({ text, status: 'active' }), [second, first])
    assert.deepEqual(await ids({ text, status: 'disabled' }), [last])
    assert.deepEqual(await ids({ text, status: 'deleted' }), [])
    const page = await listUsers(database, { text }, { limit: 2 })
    assert.ok(page.next)
    const next = await listUsers(database, { text }, { limit: 2, after: page.next })
    assert.deepEqual([next.rows.map(({ id }) => id), next.next], [[first], null])
  })

  it('distinguishes a deleted account from a disabled one', async () => {
    const { userId } = await person()
    await remove(userId)
    const has = async (status: 'active' | 'disabled' | 'deleted') =>
      (await listUsers(database, { status }, { limit: 100 })).rows.some(({ id }) => id === userId)
    assert.deepEqual([await has('active'), await has('disabled'), await has('deleted')], [false, false, true])
  })
})
