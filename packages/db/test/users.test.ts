import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { systemAuthority } from '../src/audit/authority.ts'
import { verifyAuditChain } from '../src/audit/chain.ts'
import { inAudit } from '../src/audit/entries.ts'
import { newId, type OrganizationId } from '../src/core/id.ts'
import { insertOrganization } from '../src/organizations/organizations.ts'
import {
  type CreatedUser,
  createUser,
  findAccountByEmail,
  findAccountById,
  findLanguage,
  findLanguageOfAddress,
  insertUser,
  keepLanguage,
  listUserOrganizations,
  replacePasswordHash,
} from '../src/users/users.ts'

const TEST_AUTHORITY = systemAuthority('test')

const FROM = { ipAddress: '192.0.2.1', userAgent: 'a browser', source: 'provider' }

const { database } = await testDatabase({ after })

describe('users', () => {
  async function created(email: string): Promise<CreatedUser> {
    const user = await createUser(database, { email, name: 'Ada', passwordHash: 'a hash' }, FROM)
    assert.ok(user)
    return user
  }

  it('creates a user with a personal organization of its own and records it there', async () => {
    const { userId, organizationId } = await created('  Ada@Example.COM ')
    assert.deepEqual(await findAccountById(database, userId), {
      userId,
      email: 'ada@example.com',
      emailVerified: false,
      name: 'Ada',
      language: null,
      chosenLanguage: null,
      timeZone: null,
      disabledAt: null,
      passwordHash: 'a hash',
      hasSecondFactor: false,
      signInVersion: 0,
      personalOrganizationId: organizationId,
    })
    assert.deepEqual(await listUserOrganizations(database, userId), [
      { id: organizationId, name: 'Personal', personal: true, requireSecondFactor: false },
    ])
    const sql = database.$client
    assert.deepEqual(
      [
        ...(await sql`SELECT action, actor_id, actor_email, target_id, ip_address, user_agent, source, status_code
          FROM audit_events WHERE organization_id = ${organizationId}`),
      ],
      [
        {
          action: 'user.create',
          actor_id: userId,
          actor_email: 'ada@example.com',
          target_id: userId,
          ip_address: '192.0.2.1',
          user_agent: 'a browser',
          source: 'provider',
          status_code: 200,
        },
      ],
    )
    assert.deepEqual(await verifyAuditChain(database, organizationId), { events: 1, brokenAt: null })
    assert.deepEqual(
      [...(await sql`SELECT role FROM organization_members WHERE user_id = ${userId}`)],
      [{ role: 'owner' }],
    )
  })

  it('creates nothing for an address that is taken, in any case and composition', async () => {
    await created('caf\u00e9@example.com')
    const count = async () => (await database.$client`SELECT count(*)::int AS n FROM organizations`)[0]?.['n']
    const organizations = await count()
    for (const email of ['CAF\u00c9@example.com', 'cafe\u0301@EXAMPLE.com', ' caf\u00e9@example.com']) {
      assert.equal(await createUser(database, { email, name: 'Eve', passwordHash: 'x' }, FROM), undefined)
    }
    assert.equal(await count(), organizations)
  })

  it('creates one account for many concurrent sign-ups with an address', async () => {
    const all = await Promise.all(
      Array.from({ length: 10 }, () =>
        createUser(database, { email: 'race@example.com', name: 'Ada', passwordHash: 'x' }, FROM),
      ),
    )
    assert.equal(all.filter((user) => user !== undefined).length, 1)
  })

  it('finds an account by its address in any case, and none by another', async () => {
    const { userId } = await created('grace@example.com')
    assert.equal((await findAccountByEmail(database, ' GRACE@example.com'))?.userId, userId)
    assert.equal(await findAccountByEmail(database, 'grace@example.co'), undefined)
    assert.equal(await findAccountByEmail(database, 'grace_@example.com'), undefined)
  })

  it('replaces the expected hash, and no newer one', async () => {
    const { userId, organizationId } = await created('hash@example.com')
    const replace = (before: string, hash: string) =>
      inAudit(
        database,
        TEST_AUTHORITY,
        { ...FROM, actorId: userId, actorEmail: null, organizationId, action: 'user.update' },
        (tx) => replacePasswordHash(tx, userId, before, hash),
      )
    await replace('an older hash', 'stale')
    assert.equal((await findAccountById(database, userId))?.passwordHash, 'a hash')
    await replace('a hash', 'new')
    assert.equal((await findAccountById(database, userId))?.passwordHash, 'new')
  })

  it('keeps the language of a sign-up and of a later sign-in, and writes nothing if it is the same', async () => {
    const facts = { email: 'language@example.com', name: 'Ada', passwordHash: null, language: 'de' }
    const { userId } = (await createUser(database, facts, FROM)) ?? assert.fail()
    const keep = async (language: string) => {
      const account = (await findAccountById(database, userId)) ?? assert.fail()
      await inAudit(database, TEST_AUTHORITY, [], (tx) => keepLanguage(tx, account, language))
      const [row] = await database.$client`SELECT language, xmin::text AS version FROM users WHERE id = ${userId}`
      return row ?? assert.fail()
    }
    const first = await keep('de')
    assert.equal(first['language'], 'de')
    assert.deepEqual(await keep('de'), first)
    assert.equal((await keep('en'))['language'], 'en')
    assert.equal(await findLanguage(database, userId), 'en')
    assert.equal(await findLanguageOfAddress(database, facts.email), null, 'not verified')
    await database.$client`UPDATE users SET email_verified = true WHERE id = ${userId}`
    assert.equal(await findLanguageOfAddress(database, facts.email.toUpperCase()), 'en')
    assert.equal(await findLanguageOfAddress(database, `x${facts.email}`), null)
    assert.equal(await findLanguage(database, newId('usr')), null)
  })

  it('prefers the chosen language for mails, and keeps none of a sign-in then', async () => {
    const facts = { email: 'chosen@example.com', name: 'Ada', passwordHash: null, emailVerified: true, language: 'en' }
    const { userId } = (await createUser(database, facts, FROM)) ?? assert.fail()
    const { $client: sql } = database
    await sql`UPDATE users SET chosen_language = 'de', time_zone = 'Europe/Vienna' WHERE id = ${userId}`
    const account = (await findAccountById(database, userId)) ?? assert.fail()
    assert.deepEqual([account.language, account.chosenLanguage, account.timeZone], ['de', 'de', 'Europe/Vienna'])
    assert.equal(await findLanguage(database, userId), 'de')
    assert.equal(await findLanguageOfAddress(database, facts.email), 'de')
    await inAudit(database, TEST_AUTHORITY, [], (tx) => keepLanguage(tx, account, 'fr'))
    const [row] = await sql`SELECT language, chosen_language FROM users WHERE id = ${userId}`
    assert.deepEqual({ ...row }, { language: 'en', chosen_language: 'de' })
  })

  it('lists the organizations of a user only, the personal one first', async () => {
    const [ada, eve] = [await created('list-ada@example.com'), await created('list-eve@example.com')]
    const shared = 'org_00000000000000000000000000' as OrganizationId // any id works for a test row
    await inAudit(
      database,
      TEST_AUTHORITY,
      { ...FROM, actorId: eve.userId, actorEmail: null, organizationId: shared, action: 'organization.create' },
      (tx) => insertOrganization(tx, shared, { name: 'Analytical Engines', createdBy: eve.userId }),
    )
    assert.deepEqual(
      (await listUserOrganizations(database, eve.userId)).map(({ id }) => id),
      [eve.organizationId, shared],
    )
    assert.deepEqual(
      (await listUserOrganizations(database, ada.userId)).map(({ id }) => id),
      [ada.organizationId],
    )
  })

  it('inserts nothing if the larger change fails', async () => {
    const failing = inAudit(database, TEST_AUTHORITY, [], async (tx) => {
      await insertUser(tx, { email: 'undone@example.com', name: 'Ada', passwordHash: 'x' })
      throw new Error('later step')
    })
    await assert.rejects(failing, /later step/)
    assert.equal(await findAccountByEmail(database, 'undone@example.com'), undefined)
  })
})
