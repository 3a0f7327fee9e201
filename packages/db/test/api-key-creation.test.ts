import assert from 'node:assert/strict'
import { randomBytes, randomInt } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { PERMISSIONS } from '@daytona-auth/protocol/scopes'
import { testDatabase } from '@daytona-auth/testing'
import { sql as drizzle } from 'drizzle-orm'
import {
  countMemberships,
  countRoles,
  countSupersededSecrets,
  getApiKey,
  hasMoreApiKeysThan,
  insertApiKey,
  lockApiKeyCreation,
  type NewApiKey,
  renameApiKey,
} from '../src/api-keys/index.ts'
import type { AuditedTx } from '../src/audit/index.ts'
import { type ApiKeyId, newId, type OrganizationId, type UserId } from '../src/core/index.ts'
import { rowsOf } from './rows.ts'
import { refusedWith, transactionsOn } from './transactions.ts'

const { database } = await testDatabase({ after })
const { $client: sql } = database
const rows = rowsOf(database)
const { change, rolledBack, waits, passes } = transactionsOn(database)
const owner = await rows.user()
const [home, other] = [await rows.organization(owner), await rows.organization(owner)]

const HINT = 'dta_abcd********************wxyz'
const unique = () => newId('evt')

const newKey = (more: Partial<NewApiKey> = {}): NewApiKey => ({
  id: newId('key'),
  userId: owner,
  name: unique(),
  permissions: ['read:sandboxes'],
  expiresAt: null,
  organizationIds: [],
  ...more,
})
const insert = (tx: AuditedTx, key: NewApiKey, organization = home) =>
  insertApiKey(tx, organization, key, { digest: randomBytes(32), hint: HINT })

/** Sets the expiry to the instant of the transaction, plus some microseconds. */
const expireIn = (tx: AuditedTx, id: ApiKeyId, microseconds: number) =>
  tx.execute(
    drizzle`UPDATE api_keys SET expires_at = now() + ${`${microseconds} microseconds`}::interval WHERE id = ${id}`,
  )

const end = (id: ApiKeyId, status: 'expired' | 'revoked') =>
  sql`UPDATE api_keys SET status = ${status} WHERE id = ${id}`

describe('the insertion of a key', () => {
  // An entry of its index has at most 2,704 bytes. Random, because PostgreSQL compresses entries.
  it('accepts the longest name with all permissions, which an index includes', async () => {
    const name = Array.from({ length: 128 }, () => String.fromCodePoint(randomInt(0x20000, 0x2a6df))).join('')
    const key = newKey({ name, permissions: Object.keys(PERMISSIONS) })
    await change((tx) => insert(tx, key))
    const [stored] = await sql`SELECT octet_length(name) AS bytes FROM api_key_organizations WHERE key_id = ${key.id}`
    assert.deepEqual(stored, { bytes: 512 })
  })

  it('stores the key, its current secret, and its organizations, the home included', async () => {
    const key = newKey({
      description: 'of the build',
      permissions: ['read:volumes', 'write:volumes'],
      organizationIds: [other, other],
    })
    const digest = randomBytes(32)
    const result = await change((tx) => insertApiKey(tx, home, key, { digest, hint: HINT }))
    assert.deepEqual(result, { isPlaced: true, expired: [] })
    const row = await getApiKey(database, home, key.id)
    assert.ok(row)
    const { createdAt, secrets, ...stored } = row
    assert.deepEqual(stored, {
      id: key.id,
      organizationId: home,
      userId: owner,
      name: key.name,
      description: 'of the build',
      permissions: ['read:volumes', 'write:volumes'],
      status: 'active',
      expiresAt: null,
      parentKeyId: null,
      parentGrantId: null,
      parentExpiresAt: null,
      organizationIds: [home, other],
      lastUsedAt: null,
      lastUsedIp: null,
      lastDenial: null,
    })
    assert.deepEqual(secrets, [{ hint: HINT, createdAt, expiresAt: null, lastUsedAt: null }])
    assert.deepEqual([...(await sql`SELECT digest FROM api_key_secrets WHERE key_id = ${key.id}`)], [{ digest }])
  })

  it('places its organizations in the order of their ids, so that two insertions cannot deadlock', async () => {
    const key = newKey({ organizationIds: [home] })
    await change((tx) => insert(tx, key, other))
    const placed = await sql`SELECT organization_id FROM api_key_organizations WHERE key_id = ${key.id} ORDER BY ctid`
    assert.deepEqual(
      placed.map((row) => row['organization_id']),
      [home, other].sort(),
    )
  })

  it('is not placed if an active key of the owner has the name in any of the organizations', async () => {
    const name = unique()
    await rows.key(owner, other, { name })
    for (const [organization, organizationIds] of [
      [other, []],
      [home, [other]],
    ] as const) {
      const { isPlaced } = await rolledBack((tx) => insert(tx, newKey({ name, organizationIds }), organization))
      assert.equal(isPlaced, false)
    }
    const [another] = [await rows.user()]
    await rows.member(other, another)
    for (const [what, key, organization] of [
      ['in another organization', newKey({ name }), home],
      ['for another user', newKey({ name, userId: another }), other],
      ['in another case', newKey({ name: name.toUpperCase() }), other],
    ] as const) {
      assert.equal((await rolledBack((tx) => insert(tx, key, organization))).isPlaced, true, what)
    }
  })

  for (const status of ['expired', 'revoked'] as const) {
    it(`takes the name of a key that is ${status}`, async () => {
      const name = unique()
      await end(await rows.key(owner, home, { name }), status)
      assert.deepEqual(await change((tx) => insert(tx, newKey({ name }))), { isPlaced: true, expired: [] })
    })
  }

  it('marks a key of that name as expired from the exact instant on, and takes its name', async () => {
    for (const [microseconds, isExpired] of [
      [1, false],
      [0, true],
      [-1, true],
    ] as const) {
      const name = unique()
      const id = await rows.key(owner, home, { name })
      const outcome = await rolledBack(async (tx) => {
        await expireIn(tx, id, microseconds)
        return insert(tx, newKey({ name }))
      })
      const expired = [{ id, organizationId: home, name }]
      assert.deepEqual(outcome, { isPlaced: isExpired, expired: isExpired ? expired : [] })
    }
  })

  it('marks no expired key of another name or another user', async () => {
    const name = unique()
    const another = await rows.user()
    await rows.member(home, another)
    await rows.key(owner, home, { name: unique(), expiresIn: '-1 hour' })
    await rows.key(another, home, { name, expiresIn: '-1 hour' })
    assert.deepEqual((await rolledBack((tx) => insert(tx, newKey({ name })))).expired, [])
  })

  it('waits for another one of the same name, and is then not placed', async () => {
    const name = unique()
    const [first, second] = await waits(
      (tx) => insert(tx, newKey({ name, organizationIds: [other] })),
      () => rolledBack((tx) => insert(tx, newKey({ name }), other)),
    )
    assert.deepEqual([first.isPlaced, second.isPlaced], [true, false])
  })

  it('is refused in an organization of which the owner is no member', async () => {
    const foreign = await rows.organization(await rows.user())
    await assert.rejects(
      change((tx) => insert(tx, newKey({ organizationIds: [foreign] }))),
      refusedWith('DA006'),
    )
  })

  it('waits for a removal of the owner from the organization, and is then refused', async () => {
    const user = await rows.user()
    await rows.member(home, user)
    const [, outcome] = await waits(
      (tx) =>
        tx.execute(drizzle`DELETE FROM organization_members WHERE organization_id = ${home} AND user_id = ${user}`),
      () => change((tx) => insert(tx, newKey({ userId: user }))).catch((error: unknown) => error),
    )
    assert.ok(refusedWith('DA006')(outcome))
  })
})

describe('the renaming of a key', () => {
  const rename = (id: ApiKeyId, name: string) => change((tx) => renameApiKey(tx, id, owner, name))
  const names = async (id: ApiKeyId) => {
    const found = await sql`SELECT name FROM api_keys WHERE id = ${id}
      UNION ALL SELECT name FROM api_key_organizations WHERE key_id = ${id}`
    return found.map((row) => row['name'])
  }

  it('changes the name everywhere, also to the name that it has', async () => {
    const id = await rows.key(owner, home, { name: unique(), reaches: [home, other] })
    const name = unique()
    for (const _ of ['to another', 'to the same']) {
      assert.deepEqual(await rename(id, name), { isRenamed: true, expired: [] })
      assert.deepEqual(await names(id), [name, name, name])
    }
  })

  it('is refused if an active key of the owner has the name in any of its organizations', async () => {
    const [name, before] = [unique(), unique()]
    await rows.key(owner, other, { name })
    const id = await rows.key(owner, home, { name: before, reaches: [home, other] })
    assert.equal((await rename(id, name)).isRenamed, false)
    assert.deepEqual(await names(id), [before, before, before])
  })

  it('takes a name that is used in another organization, by another user, or by a key that has ended', async () => {
    const another = await rows.user()
    await rows.member(home, another)
    for (const taken of [
      (name: string) => rows.key(owner, other, { name }),
      (name: string) => rows.key(another, home, { name }),
      async (name: string) => end(await rows.key(owner, home, { name }), 'revoked'),
    ]) {
      const name = unique()
      await taken(name)
      const id = await rows.key(owner, home, { name: unique() })
      assert.equal((await rename(id, name)).isRenamed, true)
    }
  })

  it('marks a key of that name as expired from the exact instant on', async () => {
    for (const [microseconds, isExpired] of [
      [1, false],
      [0, true],
    ] as const) {
      const name = unique()
      const [due, id] = [await rows.key(owner, home, { name }), await rows.key(owner, home, { name: unique() })]
      const outcome = await rolledBack(async (tx) => {
        await expireIn(tx, due, microseconds)
        return renameApiKey(tx, id, owner, name)
      })
      const expired = [{ id: due, organizationId: home, name }]
      assert.deepEqual(outcome, { isRenamed: isExpired, expired: isExpired ? expired : [] })
    }
  })

  it('changes no other key', async () => {
    const [id, neighbour] = [
      await rows.key(owner, home, { name: unique() }),
      await rows.key(owner, home, { name: 'neighbour' }),
    ]
    await rename(id, unique())
    assert.deepEqual(await names(neighbour), ['neighbour', 'neighbour'])
  })
})

describe('the lock on the creation of keys', () => {
  it('makes creations of one user wait for each other: the second one finds the name taken', async () => {
    const name = unique()
    const id = await rows.key(owner, home, { name: unique() })
    const [renamed, second] = await waits(
      async (tx) => {
        await lockApiKeyCreation(tx, owner)
        return renameApiKey(tx, id, owner, name)
      },
      () =>
        rolledBack(async (tx) => {
          await lockApiKeyCreation(tx, owner)
          return insert(tx, newKey({ name }))
        }),
    )
    assert.deepEqual([renamed.isRenamed, second.isPlaced], [true, false])
  })

  it('makes one user wait, and not another', async () => {
    const another = await rows.user()
    await waits(
      (tx) => lockApiKeyCreation(tx, owner),
      () => change((tx) => lockApiKeyCreation(tx, owner)),
    )
    await passes(
      (tx) => lockApiKeyCreation(tx, owner),
      () => change((tx) => lockApiKeyCreation(tx, another)),
    )
  })
})

describe('the counts for limits on creation', () => {
  /** Inserts a user with a member's place in both organizations. */
  async function member(): Promise<UserId> {
    const user = await rows.user()
    for (const organization of [home, other]) await rows.member(organization, user)
    return user
  }
  const hasMore = (user: UserId, organizations: OrganizationId[], limit: number) =>
    change((tx) => hasMoreApiKeysThan(tx, user, organizations, limit))

  it('compares the active keys of a user in each organization with a limit', async () => {
    const user = await member()
    for (const name of ['a', 'b', 'c']) await rows.key(user, home, { name })
    await rows.key(user, other, { name: 'd' })
    await rows.key(owner, home, { name: unique() })
    assert.deepEqual(
      [await hasMore(user, [home], 2), await hasMore(user, [home], 3), await hasMore(user, [other], 1)],
      [true, false, false],
    )
    assert.deepEqual([await hasMore(user, [other, home], 2), await hasMore(user, [], 0)], [true, false])
  })

  it('counts a key in every organization in which it may act', async () => {
    const user = await member()
    await rows.key(user, home, { reaches: [home, other] })
    assert.deepEqual([await hasMore(user, [other], 0), await hasMore(user, [other], 1)], [true, false])
  })

  it('counts no key that is revoked, marked as expired, or expired at this instant', async () => {
    const user = await member()
    for (const status of ['expired', 'revoked'] as const)
      await end(await rows.key(user, home, { name: status }), status)
    const id = await rows.key(user, home)
    const atExpiry = (microseconds: number) =>
      rolledBack(async (tx) => {
        await expireIn(tx, id, microseconds)
        return hasMoreApiKeysThan(tx, user, [home], 0)
      })
    assert.deepEqual([await atExpiry(1), await atExpiry(0)], [true, false])
  })

  it('counts the superseded secrets of a key until the end of their grace', async () => {
    const [id, neighbour] = [
      await rows.key(owner, home, { name: unique() }),
      await rows.key(owner, home, { name: unique() }),
    ]
    await rows.secret(id)
    for (const expiresIn of ['1 hour', '2 hours', '-1 second']) await rows.secret(id, { expiresIn })
    await rows.secret(neighbour, { expiresIn: '1 hour' })
    const count = (tx: AuditedTx) => countSupersededSecrets(tx, id)
    assert.equal(await change(count), 2)
    const atEnd = (microseconds: number) =>
      rolledBack(async (tx) => {
        await tx.execute(drizzle`UPDATE api_key_secrets SET expires_at = now() + ${`${microseconds} microseconds`}::interval
          WHERE key_id = ${id} AND expires_at > now() + interval '90 minutes'`)
        return count(tx)
      })
    assert.deepEqual([await atEnd(1), await atEnd(0)], [2, 1])
  })

  it('counts the memberships of a user, and the own roles of an organization', async () => {
    const user = await rows.user()
    assert.equal(await change((tx) => countMemberships(tx, user)), 0)
    const organization = await rows.organization(user)
    await rows.member(home, user)
    assert.equal(await change((tx) => countMemberships(tx, user)), 2)
    const [{ builtIn } = {}] = await sql`SELECT count(*)::int AS "builtIn" FROM roles WHERE organization_id IS NULL`
    assert.ok(builtIn > 0)
    assert.equal(await change((tx) => countRoles(tx, organization)), 0)
    await rows.role(organization)
    await rows.role(home)
    assert.equal(await change((tx) => countRoles(tx, organization)), 1)
  })
})
