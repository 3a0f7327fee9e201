import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { beforeEach, describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { findApiKey, getApiKey } from '../src/api-keys/index.ts'
import { newId } from '../src/core/index.ts'
import {
  createOwner,
  deleteExpiredEmailVerifications,
  hasUsers,
  type InitialSetup,
  runInitialSetup,
} from '../src/operations/index.ts'
import { findOrganization } from '../src/organizations/index.ts'
import { findAccountByEmail, findAccountById, listUserOrganizations } from '../src/users/index.ts'
import { rowsOf } from './rows.ts'
import { trailOf } from './trail.ts'

const setup = (email = 'Owner@Example.com'): InitialSetup => ({
  owner: { userId: newId('usr'), email, name: 'Owner', passwordHash: 'a hash', emailVerified: true },
  organization: { id: newId('org'), name: 'Shared' },
  apiKey: { id: newId('key'), name: 'first', permissions: ['admin:organization'] },
  secret: { digest: randomBytes(32), hint: 'dta_abcd********************wxyz' },
})
const { database } = await testDatabase()
const { $client: sql } = database
const countUsers = async () => (await sql`SELECT FROM users`).length

beforeEach(() => sql`TRUNCATE users CASCADE`)

describe('the initial setup', () => {
  it('creates the announced account, its organizations and its key, and records each in its trail', async () => {
    assert.equal(await hasUsers(database), false)
    const given = setup()
    const { owner, organization, apiKey } = given
    assert.equal(await runInitialSetup(database, given), true)
    assert.equal(await hasUsers(database), true)
    const account = await findAccountById(database, owner.userId)
    assert.ok(account)
    assert.deepEqual([account.email, account.passwordHash], ['owner@example.com', 'a hash'])
    assert.deepEqual(await listUserOrganizations(database, owner.userId), [
      { id: account.personalOrganizationId, name: 'Personal', personal: true, requireSecondFactor: false },
      { id: organization.id, name: 'Shared', personal: false, requireSecondFactor: false },
    ])
    const key = await findApiKey(database, organization.id, owner.userId, 'first')
    assert.deepEqual(
      [key?.id, key?.organizationIds, key?.permissions, key?.expiresAt],
      [apiKey.id, [organization.id], ['admin:organization'], null],
    )

    const shown = ({
      action,
      targetId,
      actorId,
      actorEmail,
      source,
      metadata,
    }: Awaited<ReturnType<typeof trailOf>>[number]) => ({ action, targetId, actorId, actorEmail, source, metadata })
    const actor = { actorId: owner.userId, actorEmail: 'owner@example.com', source: 'system' }
    assert.deepEqual((await trailOf(database, account.personalOrganizationId)).map(shown), [
      { ...actor, action: 'user.create', targetId: owner.userId, metadata: {} },
    ])
    assert.deepEqual(
      (await trailOf(database, organization.id)).map(shown).toSorted((a, b) => b.action.localeCompare(a.action)),
      [
        { ...actor, action: 'organization.create', targetId: organization.id, metadata: {} },
        {
          ...actor,
          action: 'api_key.create',
          targetId: apiKey.id,
          metadata: { keyId: apiKey.id, keyName: 'first', permissions: ['admin:organization'], expiresAt: null },
        },
      ],
    )
  })

  it('does nothing if there is an account already, also a disabled one', async () => {
    const user = await rowsOf(database).user()
    await sql`UPDATE users SET disabled_at = now() WHERE id = ${user}`
    const given = setup()
    assert.equal(await runInitialSetup(database, given), false)
    assert.equal(await countUsers(), 1)
    assert.equal(await findOrganization(database, given.organization.id), undefined)
    assert.deepEqual(await trailOf(database, given.organization.id), [])
  })

  it('is done by one of several processes that start at once', async () => {
    const done = await Promise.all(
      Array.from({ length: 4 }, (_, at) => runInitialSetup(database, setup(`owner${at}@example.com`))),
    )
    assert.deepEqual([done.filter(Boolean).length, await countUsers()], [1, 1])
  })

  it('is done as a whole or not at all', async () => {
    const given = setup()
    await assert.rejects(
      runInitialSetup(database, { ...given, organization: { ...given.organization, name: null as unknown as string } }),
    )
    assert.equal(await hasUsers(database), false)
    assert.equal(await runInitialSetup(database, given), true)
    assert.ok(await getApiKey(database, given.organization.id, given.apiKey.id))
  })
})

describe('createOwner', () => {
  it('creates an account with or without a shared organization, and records it with its source', async () => {
    const owner = (email: string) => ({ email, name: 'Owner', passwordHash: 'a hash' })
    const organization = { id: newId('org'), name: 'Shared' }
    const [alone, shared] = [
      await createOwner(database, { owner: owner('alone@example.com') }, 'operations'),
      await createOwner(database, { owner: owner('shared@example.com'), organization }, 'operations'),
    ]
    assert.ok(alone && shared)
    assert.deepEqual(
      (await listUserOrganizations(database, alone.userId)).map(({ id }) => id),
      [alone.organizationId],
    )
    assert.deepEqual(
      (await listUserOrganizations(database, shared.userId)).map(({ id }) => id),
      [shared.organizationId, organization.id],
    )
    const [event] = await trailOf(database, organization.id)
    assert.deepEqual(
      [event?.action, event?.source, event?.actorId],
      ['organization.create', 'operations', shared.userId],
    )
    assert.deepEqual(
      (await trailOf(database, alone.organizationId)).map(({ action }) => action),
      ['user.create'],
    )

    const again = { id: newId('org'), name: 'Again' }
    assert.equal(
      await createOwner(database, { owner: owner('SHARED@example.com'), organization: again }, 'operations'),
      undefined,
    )
    assert.equal(await findOrganization(database, again.id), undefined)
    assert.deepEqual(await trailOf(database, again.id), [])
    assert.equal((await findAccountByEmail(database, 'shared@example.com'))?.userId, shared.userId)
  })
})

describe('deleteExpiredEmailVerifications', () => {
  it('deletes mails that verify nothing and count towards no limit, up to a limit', async () => {
    const rows = rowsOf(database)
    const mail = async (expired: string, since: string, sent: string) => {
      const user = await rows.user()
      await sql`INSERT INTO email_verifications (user_id, email, token_digest, expires_at, sent_since, sent_at)
        VALUES (${user}, 'a@example.com', ${randomBytes(32)}, now() - ${expired}::interval, now() - ${since}::interval, now() - ${sent}::interval)`
      return user
    }
    await mail('25 hours', '49 hours', '49 hours')
    await mail('1 month', '1 month', '1 month')
    const kept = [
      await mail('23 hours', '49 hours', '49 hours'),
      await mail('25 hours', '47 hours', '49 hours'),
      await mail('25 hours', '49 hours', '47 hours'),
    ]
    const sweep = (limit: number) => deleteExpiredEmailVerifications(database, limit)
    assert.deepEqual([await sweep(1), await sweep(10), await sweep(10)], [1, 1, 0])
    const left = await sql`SELECT user_id FROM email_verifications ORDER BY user_id`
    assert.deepEqual(
      left.map((row) => row['user_id']),
      kept,
    )
  })
})
