import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { sql as drizzle } from 'drizzle-orm'
import {
  type ApiKeySearch,
  type ApiKeySearchStatus,
  countApiKeys,
  EXPIRING_DAYS,
  findApiKey,
  getApiKey,
  listApiKeys,
  searchApiKeys,
  UNUSED_DAYS,
} from '../src/api-keys/index.ts'
import type { ApiKeyId, Queryable } from '../src/core/index.ts'
import { newId } from '../src/core/index.ts'
import { rowsOf } from './rows.ts'
import { transactionsOn } from './transactions.ts'

const { database } = await testDatabase({ after })
const { $client: sql } = database
const rows = rowsOf(database)
const { rolledBack } = transactionsOn(database)

const ada = await rows.user({ name: 'Ada Lovelace' })
const bob = await rows.user({ name: 'Bob 50% off_er' })
const [home, other, foreign] = [
  await rows.organization(ada),
  await rows.organization(ada),
  await rows.organization(bob),
]
await rows.member(home, bob, 'owner')

// The ids of two keys are older than any span of days below. Each test sets the instants that it needs.
const active = await rows.key(ada, home, { name: 'Build server', createdAt: new Date('2020-01-01Z') })
const shared = await rows.key(ada, other, {
  name: 'Shared',
  reaches: [home, other],
  permissions: ['admin:organization'],
})
const lapsed = await rows.key(ada, home, { name: 'Lapsed worker', expiresIn: '-1 hour' })
const marked = await rows.key(ada, home, { name: 'Marked worker', expiresIn: '-1 hour' })
await sql`UPDATE api_keys SET status = 'expired' WHERE id = ${marked}`
const revoked = await rows.key(ada, home, { name: 'Revoked', expiresIn: '-1 hour' })
await sql`UPDATE api_keys SET status = 'revoked' WHERE id = ${revoked}`
const bobs = await rows.key(bob, home, {
  name: '100% of it',
  permissions: ['read:volumes', 'write:volumes'],
  createdAt: new Date('2020-01-02Z'),
})
await sql`UPDATE api_keys SET created_at = now() WHERE id IN (${active}, ${bobs})`
const away = await rows.key(bob, foreign, { name: 'Build server' })
await rows.secret(active, { hint: 'dta_Abcd********************WXyz' })
await rows.secret(active, { hint: 'dta_OldA********************OldZ', expiresIn: '1 hour' })
await rows.secret(active, { hint: 'dta_Gone********************GonZ', expiresIn: '-1 second' })

const ALL = [active, shared, lapsed, marked, revoked, bobs]
const PAGE = { limit: 100 }
const newestFirst = (ids: readonly ApiKeyId[]) => ids.toSorted().reverse()
const idsOf = (page: { readonly rows: readonly { readonly id: ApiKeyId }[] }) => page.rows.map(({ id }) => id)

/** Sets columns of a key relative to the instant of the transaction. */
const set = (tx: Queryable, table: 'api_keys' | 'api_key_secrets', id: ApiKeyId, column: string, interval: string) =>
  tx.execute(drizzle`UPDATE ${drizzle.raw(table)} SET ${drizzle.raw(column)} = now() + ${interval}::interval
    WHERE ${drizzle.raw(table === 'api_keys' ? 'id' : 'key_id')} = ${id}`)

describe('listApiKeys', () => {
  for (const [what, filter, expected] of [
    ['the active keys of everyone', { status: 'active' }, [active, shared, bobs]],
    ['all keys of everyone', { status: 'all' }, ALL],
    ['the keys of a user', { status: 'all', userId: bob }, [bobs]],
    ['one key', { status: 'all', keyId: revoked }, [revoked]],
    ['no key that has ended, if active ones are required', { status: 'active', keyId: revoked }, []],
    ['no key of another user', { status: 'all', keyId: bobs, userId: ada }, []],
    ['no key of another organization', { status: 'all', keyId: away }, []],
  ] as const) {
    it(`lists ${what}, newest first`, async () => {
      assert.deepEqual(idsOf(await listApiKeys(database, home, filter, PAGE)), newestFirst(expected))
    })
  }

  it('lists a key in each organization in which it may act, and nowhere else', async () => {
    assert.deepEqual(idsOf(await listApiKeys(database, other, { status: 'all' }, PAGE)), [shared])
    assert.deepEqual(idsOf(await listApiKeys(database, foreign, { status: 'all' }, PAGE)), [away])
  })

  it('lists a key as active until the exact instant of its expiry', async () => {
    const count = (microseconds: number) =>
      rolledBack(async (tx) => {
        await set(tx, 'api_keys', active, 'expires_at', `${microseconds} microseconds`)
        return idsOf(await listApiKeys(tx, home, { status: 'active', keyId: active }, PAGE)).length
      })
    assert.deepEqual([await count(1), await count(0)], [1, 0])
  })
})

describe('a key that is read', () => {
  it('has its valid secrets, the current one first, and its last use', async () => {
    const key = await getApiKey(database, home, active)
    assert.deepEqual(
      key?.secrets.map(({ hint, expiresAt }) => [hint, expiresAt !== null]),
      [
        ['dta_Abcd********************WXyz', false],
        ['dta_OldA********************OldZ', true],
      ],
    )
    assert.deepEqual([key?.lastUsedAt, key?.secrets[0]?.lastUsedAt], [null, null])
    const at = new Date('2026-01-02T03:04:05.678Z')
    const used = await rolledBack(async (tx) => {
      await tx.execute(
        drizzle`UPDATE api_key_secrets SET last_used_at = ${at.toISOString()}::timestamptz WHERE hint LIKE 'dta_Gone%'`,
      )
      await tx.execute(drizzle`UPDATE api_key_secrets SET last_used_at = ${at.toISOString()}::timestamptz - interval '1 day'
        WHERE hint LIKE 'dta_Abcd%'`)
      return getApiKey(tx, home, active)
    })
    assert.deepEqual(used?.lastUsedAt, at, 'also of a secret that has expired')
    assert.deepEqual(used?.secrets[0]?.lastUsedAt, new Date(at.getTime() - 86_400_000))
  })

  it('loses a superseded secret at the exact end of its grace', async () => {
    const count = (microseconds: number) =>
      rolledBack(async (tx) => {
        await tx.execute(drizzle`UPDATE api_key_secrets SET expires_at = now() + ${`${microseconds} microseconds`}::interval
          WHERE hint LIKE 'dta_OldA%'`)
        return (await getApiKey(tx, home, active))?.secrets.length
      })
    assert.deepEqual([await count(1), await count(0)], [2, 1])
  })

  it('has its derived status, and its home as the first organization', async () => {
    for (const [id, organization, status, organizations] of [
      [active, home, 'active', [home]],
      [shared, other, 'active', [other, home]],
      [lapsed, home, 'expired', [home]],
      [marked, home, 'expired', [home]],
      [revoked, home, 'revoked', [home]],
    ] as const) {
      const key = await getApiKey(database, organization, id)
      assert.deepEqual([key?.status, key?.organizationIds], [status, organizations])
    }
  })

  it('has the expiry of its parent key or grant', async () => {
    const parent = await rows.key(ada, home, { name: 'parent', expiresIn: '2 days' })
    const child = await rows.key(ada, home, { name: 'child', parentKey: parent })
    const grant = await rows.grant(ada, await rows.client({ isFirstParty: true }), { expiresIn: '3 days' })
    const ofGrant = await rows.key(ada, home, { name: 'of grant', parentGrant: grant })
    const [ends] = await sql`SELECT (SELECT expires_at FROM api_keys WHERE id = ${parent})::text AS key,
      (SELECT expires_at FROM grants WHERE id = ${grant})::text AS grant`
    const [byKey, byGrant] = [await getApiKey(database, home, child), await getApiKey(database, home, ofGrant)]
    assert.deepEqual([byKey?.parentKeyId, byKey?.parentExpiresAt], [parent, new Date(ends?.['key'])])
    assert.deepEqual([byGrant?.parentGrantId, byGrant?.parentExpiresAt], [grant, new Date(ends?.['grant'])])
    await sql`DELETE FROM api_keys WHERE name IN ('parent', 'child', 'of grant')`
  })

  it('is found by its id in its home only', async () => {
    assert.equal(await getApiKey(database, home, shared), undefined, 'it may act there')
    assert.equal(await getApiKey(database, home, away), undefined)
    assert.equal(await getApiKey(database, home, newId('key')), undefined)
    assert.equal((await getApiKey(database, other, shared))?.id, shared)
  })
})

describe('findApiKey', () => {
  it('finds the active key of a user by its name, where it may act', async () => {
    for (const [organization, user, name, keyId, expected] of [
      [home, ada, 'Build server', undefined, active],
      [home, ada, 'Build server', active, active],
      [home, ada, 'Build server', shared, undefined],
      [home, ada, 'Shared', undefined, shared],
      [other, ada, 'Shared', undefined, shared],
      [other, ada, 'Build server', undefined, undefined],
      [home, bob, 'Build server', undefined, undefined],
      [foreign, bob, 'Build server', undefined, away],
      [home, ada, 'build server', undefined, undefined],
      [home, ada, 'Lapsed', undefined, undefined],
      [home, ada, 'Marked', undefined, undefined],
      [home, ada, 'Revoked', undefined, undefined],
    ] as const) {
      const found = await findApiKey(database, organization, user, name, keyId)
      assert.equal(found?.id, expected, name)
    }
  })

  it('finds it until the exact instant of its expiry', async () => {
    const find = (microseconds: number) =>
      rolledBack(async (tx) => {
        await set(tx, 'api_keys', active, 'expires_at', `${microseconds} microseconds`)
        return (await findApiKey(tx, home, ada, 'Build server'))?.id
      })
    assert.deepEqual([await find(1), await find(0)], [active, undefined])
  })
})

describe('searchApiKeys', () => {
  const BY_ID = { by: 'createdAt', direction: 'asc' } as const
  const search = async (given: Partial<ApiKeySearch>, db: Queryable = database) =>
    idsOf(await searchApiKeys(db, home, { status: 'all', ...given }, BY_ID, PAGE))
  const word = (text: string, permissions: string[] = [], hint?: { start?: string; end: string }) => ({
    text,
    permissions,
    hint,
  })

  for (const [status, expected] of Object.entries({
    active: [active, shared, bobs],
    expiring: [],
    unused: [],
    expired: [lapsed, marked],
    revoked: [revoked],
    all: ALL,
  } satisfies Record<ApiKeySearchStatus, ApiKeyId[]>)) {
    it(`finds the keys of the status ${status}`, async () => {
      assert.deepEqual(await search({ status: status as ApiKeySearchStatus }), expected.toSorted())
    })
  }

  for (const [status, table, column, interval, isFound] of [
    ['active', 'api_keys', 'expires_at', '1 microsecond', true],
    ['active', 'api_keys', 'expires_at', '0', false],
    ['expired', 'api_keys', 'expires_at', '1 microsecond', false],
    ['expired', 'api_keys', 'expires_at', '0', true],
    ['expiring', 'api_keys', 'expires_at', '0', false],
    ['expiring', 'api_keys', 'expires_at', '1 microsecond', true],
    ['expiring', 'api_keys', 'expires_at', `${EXPIRING_DAYS} days`, true],
    ['expiring', 'api_keys', 'expires_at', `${EXPIRING_DAYS} days 1 microsecond`, false],
    ['unused', 'api_keys', 'created_at', `-${UNUSED_DAYS} days`, false],
    ['unused', 'api_keys', 'created_at', `-${UNUSED_DAYS} days -1 microsecond`, true],
  ] as const) {
    it(`finds ${isFound ? 'a' : 'no'} key as ${status} whose ${column} is now() + ${interval}`, async () => {
      const found = await rolledBack(async (tx) => {
        await set(tx, table, active, column, interval)
        return search({ status, keyId: active }, tx)
      })
      assert.deepEqual(found, isFound ? [active] : [])
    })
  }

  it('finds a key as unused by the last use of any of its secrets', async () => {
    const asUnused = (interval: string) =>
      rolledBack(async (tx) => {
        await set(tx, 'api_keys', active, 'created_at', '-1 year')
        await set(tx, 'api_key_secrets', active, 'last_used_at', '-1 year')
        await tx.execute(
          drizzle`UPDATE api_key_secrets SET last_used_at = now() + ${interval}::interval WHERE hint LIKE 'dta_Gone%'`,
        )
        return (await search({ status: 'unused', keyId: active }, tx)).length
      })
    assert.deepEqual(
      [await asUnused(`-${UNUSED_DAYS} days -1 microsecond`), await asUnused(`-${UNUSED_DAYS} days`)],
      [1, 0],
    )
  })

  for (const [what, given, expected] of [
    [
      'any of several permissions',
      { permissions: ['read:volumes', 'read:sandboxes'] },
      [active, lapsed, marked, revoked, bobs],
    ],
    ['administration', { permissions: ['admin:organization'] }, [shared]],
    ['administration or another one', { permissions: ['admin:organization', 'write:volumes'] }, [shared, bobs]],
    ['a permission that no key has', { permissions: ['write:registries'] }, []],
    ['their owner', { userId: bob }, [bobs]],
    ['their id', { keyId: marked }, [marked]],
    ['a part of the name in any case', { words: [word('BUILD')] }, [active]],
    ['a part of the owner’s name', { words: [word('lovelace')] }, [active, shared, lapsed, marked, revoked]],
    ['the owner’s address', { words: [word(`${bob}@EXAMPLE.com`)] }, [bobs]],
    ['all of several words', { words: [word('lovelace'), word('worker')] }, [lapsed, marked]],
    ['words that no key matches together', { words: [word('build'), word('off_er')] }, []],
    ['a percent sign as itself', { words: [word('%')] }, [bobs]],
    ['an underscore as itself', { words: [word('off_er')] }, [bobs]],
    ['an underscore that no text has there', { words: [word('uild_server')] }, []],
    ['the permission of a word', { words: [word('manage', ['write:volumes'])] }, [bobs]],
    ['the last characters of a secret', { words: [word('?', [], { end: 'WXyz' })] }, [active]],
    ['both ends of a secret', { words: [word('?', [], { start: 'dta_Abcd', end: 'WXyz' })] }, [active]],
    ['a superseded secret', { words: [word('?', [], { end: 'OldZ' })] }, [active]],
    ['no ends of two secrets', { words: [word('?', [], { start: 'dta_OldA', end: 'WXyz' })] }, []],
    ['no expired secret', { words: [word('?', [], { end: 'GonZ' })] }, []],
    ['no last characters in another case', { words: [word('?', [], { end: 'wxyz' })] }, []],
  ] as const) {
    it(`finds keys by ${what}`, async () => {
      assert.deepEqual(await search(given as Partial<ApiKeySearch>), expected.toSorted())
    })
  }

  it('finds nothing of an owner who is no member of the organization any more', async () => {
    const found = await rolledBack(async (tx) => {
      await tx.execute(drizzle`SET LOCAL session_replication_role = replica`)
      await tx.execute(drizzle`DELETE FROM organization_members WHERE user_id = ${bob} AND organization_id = ${home}`)
      return search({ words: [word('off_er')] }, tx)
    })
    assert.deepEqual(found, [])
  })

  it('orders by creation, name in any case, expiry, and last use', async () => {
    const orders = await rolledBack(async (tx) => {
      await set(tx, 'api_keys', bobs, 'expires_at', '1 day')
      await set(tx, 'api_keys', active, 'expires_at', '2 days')
      await set(tx, 'api_key_secrets', active, 'last_used_at', '-1 day')
      const by = async (column: 'createdAt' | 'name' | 'expiresAt' | 'lastUsedAt', direction: 'asc' | 'desc') =>
        idsOf(await searchApiKeys(tx, home, { status: 'active' }, { by: column, direction }, PAGE))
      const found: Record<string, ApiKeyId[]> = {}
      for (const column of ['createdAt', 'name', 'expiresAt', 'lastUsedAt'] as const) {
        found[column] = await by(column, 'asc')
        assert.deepEqual(await by(column, 'desc'), found[column]?.toReversed())
      }
      return found
    })
    assert.deepEqual(orders, {
      createdAt: [active, bobs, shared],
      name: [bobs, active, shared],
      expiresAt: [bobs, active, shared],
      lastUsedAt: [bobs, shared, active],
    })
  })
})

describe('countApiKeys', () => {
  const NONE = { active: 0, expiring: 0, unused: 0, administration: 0 }

  it('counts the active keys of everyone, a user, or one key', async () => {
    assert.deepEqual(await countApiKeys(database, home, {}, 100), { ...NONE, active: 3, administration: 1 })
    assert.deepEqual(await countApiKeys(database, home, { userId: bob }, 100), { ...NONE, active: 1 })
    assert.deepEqual(await countApiKeys(database, home, { keyId: shared }, 100), {
      ...NONE,
      active: 1,
      administration: 1,
    })
    assert.deepEqual(await countApiKeys(database, home, { keyId: away }, 100), NONE)
  })

  it('counts those that need attention, each up to its limit', async () => {
    const counts = await rolledBack(async (tx) => {
      for (const id of [active, bobs]) {
        await set(tx, 'api_keys', id, 'expires_at', '1 day')
        await set(tx, 'api_keys', id, 'created_at', '-1 year')
      }
      return [await countApiKeys(tx, home, {}, 100), await countApiKeys(tx, home, {}, 1)]
    })
    assert.deepEqual(counts, [
      { active: 3, expiring: 2, unused: 2, administration: 1 },
      { active: 1, expiring: 1, unused: 1, administration: 1 },
    ])
  })
})
