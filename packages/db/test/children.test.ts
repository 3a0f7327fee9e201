import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { sql as drizzle } from 'drizzle-orm'
import { type ApiKeyId, newId } from '../src/core/index.ts'
import { rowsOf } from './rows.ts'
import { refusedWith, transactionsOn } from './transactions.ts'

// A key never exceeds what it was made with: the triggers of 0016, for every writer.
const { database } = await testDatabase({ after })
const { $client: sql } = database
const rows = rowsOf(database)
const { change, waits } = transactionsOn(database)
const owner = await rows.user()
const [home, other] = [await rows.organization(owner), await rows.organization(owner)]
const ADMIN = 'admin:organization'

type KeyOptions = NonNullable<Parameters<typeof rows.key>[2]>
const key = (options: KeyOptions = {}) => rows.key(owner, home, { name: newId('evt'), ...options })

/** What a key has: its permissions, its expiry in hours from now, where it may act; its status if it has ended. */
async function stateOf(id: ApiKeyId) {
  const [row] = await sql`SELECT status, permissions, round(extract(epoch FROM expires_at - now()) / 3600)::int AS hours
    FROM api_keys WHERE id = ${id}`
  assert.ok(row)
  if (row['status'] !== 'active') return row['status']
  return { permissions: row['permissions'], hours: row['hours'], reach: await rows.reach(id) }
}

describe('common_permissions', () => {
  const NAMES = ['read:volumes', 'write:volumes', 'openid', ADMIN]
  const SETS = Array.from({ length: 2 ** NAMES.length }, (_, bits) => NAMES.filter((_, at) => bits & (1 << at)))
  const holds = (set: readonly string[], name: string) => set.includes(name) || set.includes(ADMIN)

  it('is what both sets permit, for all pairs of sets, and is never wider than the child', async () => {
    const pairs = SETS.flatMap((child) => SETS.map((parent) => ({ child, parent })))
    const found = await sql<{ common: string[] }[]>`
      SELECT common_permissions(string_to_array(child, ','), string_to_array(parent, ',')) AS common
      FROM unnest(${pairs.map(({ child }) => child.join())}::text[], ${pairs.map(({ parent }) => parent.join())}::text[])
        WITH ORDINALITY AS pair (child, parent, place) ORDER BY place`
    for (const [at, { child, parent }] of pairs.entries()) {
      const common = found[at]?.common ?? []
      for (const permission of ['read:volumes', 'write:volumes', 'read:registries', ADMIN]) {
        const expected = holds(child, permission) && holds(parent, permission)
        assert.equal(holds(common, permission), expected, `[${child}] of [${parent}]: [${common}], ${permission}`)
      }
      if (!parent.includes(ADMIN)) assert.ok(!common.includes('openid'), 'a scope is no permission')
    }
  })
})

describe('a new child', () => {
  for (const [what, parent, child, expected] of [
    [
      'what both have',
      { permissions: ['read:volumes', 'read:sandboxes'] },
      { permissions: ['read:volumes', 'write:volumes'] },
      { permissions: ['read:volumes'] },
    ],
    [
      'what an admin chose',
      { permissions: [ADMIN] },
      { permissions: ['write:volumes'] },
      { permissions: ['write:volumes'] },
    ],
    [
      'what the parent has, as an admin',
      { permissions: ['write:volumes'] },
      { permissions: [ADMIN] },
      { permissions: ['write:volumes'] },
    ],
    ['the parent’s expiry without one', { expiresIn: '5 hours' }, {}, { hours: 5 }],
    ['the parent’s expiry after it', { expiresIn: '5 hours' }, { expiresIn: '9 hours' }, { hours: 5 }],
    ['its own expiry before it', { expiresIn: '5 hours' }, { expiresIn: '2 hours' }, { hours: 2 }],
    ['its own expiry under a parent without one', {}, { expiresIn: '2 hours' }, { hours: 2 }],
  ] as const) {
    it(`of a key has ${what}`, async () => {
      const parentKey = await key(parent as KeyOptions)
      const state = await stateOf(await key({ ...(child as KeyOptions), parentKey }))
      assert.deepEqual(state, { permissions: ['read:sandboxes'], hours: null, reach: [home], ...expected })
    })
  }

  it('of a grant has what its scopes and its expiry allow, and all permissions under a first-party client', async () => {
    const scopes = ['openid', 'read:volumes']
    const [third, first] = [await rows.client(), await rows.client({ isFirstParty: true })]
    const made = async (client: string) => {
      const parentGrant = await rows.grant(owner, client, { scopes, expiresIn: '5 hours' })
      return stateOf(await key({ parentGrant, permissions: ['read:volumes', 'write:volumes'] }))
    }
    assert.deepEqual(await made(third), { permissions: ['read:volumes'], hours: 5, reach: [home] })
    assert.deepEqual(await made(first), { permissions: ['read:volumes', 'write:volumes'], hours: 5, reach: [home] })
  })

  it('waits for a narrowing of its parent, and is narrowed too', async () => {
    const parent = await key({ permissions: ['read:volumes', 'write:volumes'] })
    const [, child] = await waits(
      (tx) => tx.execute(drizzle`UPDATE api_keys SET permissions = '{read:volumes}' WHERE id = ${parent}`),
      () => key({ parentKey: parent, permissions: ['read:volumes', 'write:volumes'] }),
    )
    assert.deepEqual(await stateOf(child), { permissions: ['read:volumes'], hours: null, reach: [home] })
  })

  it('is refused if its parent has expired, by its status or its expiry', async () => {
    const [lapsed, marked] = [await key({ expiresIn: '-1 second' }), await key()]
    await sql`UPDATE api_keys SET status = 'expired' WHERE id = ${marked}`
    for (const parentKey of [lapsed, marked]) await assert.rejects(key({ parentKey }), refusedWith('DA002'))
  })
})

describe('a child whose parent key changes', () => {
  /** A key, its child and its grandchild, which have the same as it. */
  async function family() {
    const options = { permissions: ['read:volumes', 'write:volumes'], reaches: [home, other] }
    const parent = await key({ ...options, expiresIn: '9 hours' })
    const child = await key({ ...options, parentKey: parent })
    return { parent, child, grandchild: await key({ ...options, parentKey: child }) }
  }
  const SAME = { permissions: ['read:volumes', 'write:volumes'], hours: 9, reach: [home, other].sort() }

  for (const [what, statement, expected] of [
    ['loses a permission', `permissions = '{write:volumes}'`, { ...SAME, permissions: ['write:volumes'] }],
    ['gains a permission', `permissions = '{read:volumes,write:volumes,read:registries}'`, SAME],
    ['becomes an admin', `permissions = '{${ADMIN}}'`, SAME],
    ['keeps nothing in common', `permissions = '{read:registries}'`, 'revoked'],
    ['keeps nothing', `permissions = '{}'`, 'revoked'],
    ['expires earlier', `expires_at = now() + interval '2 hours'`, { ...SAME, hours: 2 }],
    ['expires later', `expires_at = now() + interval '20 hours'`, SAME],
    ['expires never', 'expires_at = NULL', SAME],
    ['is renamed', `name = 'renamed'`, SAME],
  ] as const) {
    it(`is narrowed with its own children, and never widened, if that ${what}`, async () => {
      const { parent, child, grandchild } = await family()
      await change((tx) => tx.execute(drizzle`UPDATE api_keys SET ${drizzle.raw(statement)} WHERE id = ${parent}`))
      assert.deepEqual([await stateOf(child), await stateOf(grandchild)], [expected, expected])
    })
  }

  it('cannot be widened past its parent later', async () => {
    const { parent, child } = await family()
    await sql`UPDATE api_keys SET permissions = '{read:volumes}' WHERE id = ${parent}`
    await sql`UPDATE api_keys SET permissions = '{read:volumes,write:volumes,admin:organization}', expires_at = NULL WHERE id = ${child}`
    assert.deepEqual(await stateOf(child), { ...SAME, permissions: ['read:volumes'] })
  })

  it('keeps its organizations if the parent gets one more', async () => {
    const { parent, child } = await family()
    const third = await rows.organization(owner)
    await sql`INSERT INTO api_key_organizations (key_id, organization_id, user_id, name) VALUES (${parent}, ${third}, '', '')`
    assert.deepEqual(await rows.reach(child), SAME.reach)
  })
})

describe('a child whose grant changes', () => {
  async function made() {
    const client = await rows.client({ scopes: ['openid', 'read:volumes', 'write:volumes'] })
    const grant = await rows.grant(owner, client, {
      scopes: ['openid', 'read:volumes', 'write:volumes'],
      organizationIds: [home, other],
      expiresIn: '9 hours',
    })
    const child = await key({
      parentGrant: grant,
      permissions: ['read:volumes', 'write:volumes'],
      reaches: [home, other],
    })
    return { client, grant, child }
  }
  const SAME = { permissions: ['read:volumes', 'write:volumes'], hours: 9, reach: [home, other].sort() }

  for (const [what, statement, expected] of [
    ['loses a scope', `scopes = '{openid,read:volumes}'`, { ...SAME, permissions: ['read:volumes'] }],
    ['keeps identity scopes only', `scopes = '{openid}'`, 'revoked'],
    ['loses an organization', `organization_ids = ARRAY['${home}']`, { ...SAME, reach: [home] }],
    ['loses the home of the key', `organization_ids = ARRAY['${other}']`, 'revoked'],
    ['expires earlier', `expires_at = now() + interval '2 hours'`, { ...SAME, hours: 2 }],
    ['expires later', `expires_at = now() + interval '20 hours'`, SAME],
    ['is revoked', 'revoked_at = now()', 'revoked'],
  ] as const) {
    it(`is narrowed, and never widened, if that ${what}`, async () => {
      const { grant, child } = await made()
      await change((tx) => tx.execute(drizzle`UPDATE grants SET ${drizzle.raw(statement)} WHERE id = ${grant}`))
      assert.deepEqual(await stateOf(child), expected)
    })
  }

  it('is narrowed by its client, which takes scopes from its active grants', async () => {
    const { client, grant, child } = await made()
    const revoked = await rows.grant(owner, client, { scopes: ['openid', 'write:volumes'] })
    await sql`UPDATE grants SET revoked_at = now() WHERE id = ${revoked}`
    await sql`UPDATE oidc_clients SET scopes = '{read:volumes}' WHERE id = ${client}`
    assert.deepEqual(await stateOf(child), { ...SAME, permissions: ['read:volumes'] })
    const scopes = await sql`SELECT scopes FROM grants WHERE id IN (${grant}, ${revoked}) ORDER BY id = ${revoked}`
    assert.deepEqual(
      scopes.map((row) => row['scopes']),
      [
        ['openid', 'read:volumes'],
        ['openid', 'write:volumes'],
      ],
    )
  })
})

describe('the copies of a key for the lists of an organization', () => {
  const copiesOf = async (id: ApiKeyId) => {
    const found =
      await sql`SELECT user_id, name, active, permissions, round(extract(epoch FROM expires_at - now()) / 3600)::int AS hours
      FROM api_key_organizations WHERE key_id = ${id}`
    return [...found]
  }

  it('are those of the key, however they are inserted, and follow each change', async () => {
    const id = await key({ permissions: ['read:volumes'], expiresIn: '5 hours' })
    await sql`INSERT INTO api_key_organizations (key_id, organization_id, user_id, name, active, permissions)
      VALUES (${id}, ${other}, 'usr_eve', 'forged', false, '{admin:organization}')`
    const [row] = await sql`SELECT name FROM api_keys WHERE id = ${id}`
    const copy = { user_id: owner, name: row?.['name'], active: true, permissions: ['read:volumes'], hours: 5 }
    assert.deepEqual(await copiesOf(id), [copy, copy])
    for (const [statement, changed] of [
      [`name = 'copied'`, { name: 'copied' }],
      [`permissions = '{write:volumes}'`, { name: 'copied', permissions: ['write:volumes'] }],
      ['expires_at = NULL', { name: 'copied', permissions: ['write:volumes'], hours: null }],
      [`status = 'expired'`, { name: 'copied', permissions: ['write:volumes'], hours: null, active: false }],
    ] as const) {
      await sql`UPDATE api_keys SET ${sql.unsafe(statement)} WHERE id = ${id}`
      assert.deepEqual(
        await copiesOf(id),
        [
          { ...copy, ...changed },
          { ...copy, ...changed },
        ],
        statement,
      )
    }
  })
})
