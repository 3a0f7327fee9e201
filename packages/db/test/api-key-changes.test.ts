import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { sql as drizzle } from 'drizzle-orm'
import {
  endPreviousSecrets,
  expireApiKeys,
  isDescendantOf,
  listDescendants,
  lockApiKey,
  recordUsage,
  removeApiKeyOrganization,
  revokeApiKey,
  rotateApiKey,
  updateApiKey,
} from '../src/api-keys/index.ts'
import type { AuditedTx } from '../src/audit/index.ts'
import { type ApiKeyId, newId } from '../src/core/index.ts'
import { rowsOf } from './rows.ts'
import { refusedWith, transactionsOn } from './transactions.ts'

const { database } = await testDatabase({ after })
const { $client: sql } = database
const rows = rowsOf(database)
const { change, rolledBack, waits, passes } = transactionsOn(database)
const owner = await rows.user()
const [home, other] = [await rows.organization(owner), await rows.organization(owner)]

type KeyOptions = NonNullable<Parameters<typeof rows.key>[2]>

const key = (options: KeyOptions = {}, organization = home) =>
  rows.key(owner, organization, { name: newId('evt'), ...options })
const idsOf = (found: readonly { readonly id: ApiKeyId }[]) => found.map(({ id }) => id).toSorted()

/** Inserts a key, a child of it with another home, a grandchild, and an unrelated key. */
async function family() {
  const reaches = [home, other]
  const parent = await key({ reaches })
  const child = await key({ parentKey: parent, reaches }, other)
  const grandchild = await key({ parentKey: child, reaches: [other] }, other)
  return { parent, child, grandchild, unrelated: await key({ reaches }) }
}

/** Sets the expiry to the instant of the transaction, plus some microseconds. */
const expireIn = (tx: AuditedTx, id: ApiKeyId, microseconds: number) =>
  tx.execute(
    drizzle`UPDATE api_keys SET expires_at = now() + ${`${microseconds} microseconds`}::interval WHERE id = ${id}`,
  )

const rowOf = async (id: ApiKeyId) => {
  const [row] =
    await sql`SELECT description, permissions, expires_at::text AS expires, status, revoked_at IS NOT NULL AS "isRevoked",
    updated_at > created_at AS "isUpdated" FROM api_keys WHERE id = ${id}`
  return row
}

describe('updateApiKey', () => {
  it('changes the given members only', async () => {
    const id = await key()
    const before = {
      description: '',
      permissions: ['read:sandboxes'],
      expires: null,
      status: 'active',
      isRevoked: false,
    }
    for (const [update, expected] of [
      [{}, {}],
      [{ description: 'of the build' }, { description: 'of the build' }],
      [{ permissions: ['read:volumes'] }, { description: 'of the build', permissions: ['read:volumes'] }],
      [{ description: '' }, { permissions: ['read:volumes'] }],
    ] as const) {
      await change((tx) => updateApiKey(tx, id, update))
      assert.deepEqual(await rowOf(id), { ...before, ...expected, isUpdated: true })
    }
  })

  it('sets, keeps and removes the expiry', async () => {
    const id = await key()
    const expiresAt = new Date(Date.now() + 3_600_000)
    const expiry = async () => {
      const [row] =
        await sql`SELECT (extract(epoch FROM expires_at) * 1000)::float8 AS at FROM api_keys WHERE id = ${id}`
      return row?.['at']
    }
    await change((tx) => updateApiKey(tx, id, { expiresAt }))
    assert.equal(await expiry(), expiresAt.getTime())
    await change((tx) => updateApiKey(tx, id, { description: 'kept' }))
    assert.equal(await expiry(), expiresAt.getTime())
    await change((tx) => updateApiKey(tx, id, { expiresAt: null }))
    assert.equal(await expiry(), null)
  })

  it('changes no other key, and limits those made with it', async () => {
    const { parent, child, unrelated } = await family()
    await change((tx) => updateApiKey(tx, parent, { permissions: ['read:volumes'] }))
    assert.equal(await rows.keyStatus(child), 'revoked', 'no permission is left')
    assert.deepEqual((await rowOf(unrelated))?.['permissions'], ['read:sandboxes'])
  })
})

describe('lockApiKey', () => {
  it('locks an active key of its home organization only', async () => {
    const id = await key({ reaches: [home, other] })
    assert.equal(await change((tx) => lockApiKey(tx, other, id)), false, 'it may act there, and is not at home')
    assert.equal(await change((tx) => lockApiKey(tx, home, newId('key'))), false)
    assert.equal(await change((tx) => lockApiKey(tx, home, id)), true)
  })

  it('refuses a key that is revoked, marked as expired, or expired at this instant', async () => {
    for (const status of ['revoked', 'expired'] as const) {
      const id = await key()
      await sql`UPDATE api_keys SET status = ${status} WHERE id = ${id}`
      assert.equal(await change((tx) => lockApiKey(tx, home, id)), false, status)
    }
    const id = await key()
    const atExpiry = (microseconds: number) =>
      rolledBack(async (tx) => {
        await expireIn(tx, id, microseconds)
        return lockApiKey(tx, home, id)
      })
    assert.deepEqual([await atExpiry(1), await atExpiry(0)], [true, false])
  })

  it('makes other changes of the key wait: they read it afterwards', async () => {
    const id = await key()
    const [, isLocked] = await waits(
      (tx) => revokeApiKey(tx, home, id),
      () => change((tx) => lockApiKey(tx, home, id)),
    )
    assert.equal(isLocked, false)
    const second = await key()
    await waits(
      (tx) => lockApiKey(tx, home, second),
      () => change((tx) => lockApiKey(tx, home, second)),
    )
  })

  it('does not make the record of its usage wait', async () => {
    const id = await key()
    const count = [{ keyId: id, organizationId: home, hour: new Date(0), allowed: 1, denied: 0, deniedBy: {} }]
    await passes(
      (tx) => lockApiKey(tx, home, id),
      () => recordUsage(database, [], count),
    )
    await passes(
      (tx) => revokeApiKey(tx, home, id),
      () => recordUsage(database, [], count),
    )
  })
})

describe('rotateApiKey', () => {
  const rotate = (tx: AuditedTx, id: ApiKeyId, graceSeconds: number, expiresAt?: Date | null) =>
    rotateApiKey(tx, id, { digest: randomBytes(32), hint: 'dta_new' }, { graceSeconds, expiresAt })

  /** The ends of the secrets in seconds from the instant of the transaction, oldest first; null for the current one. */
  const ends = async (tx: AuditedTx, id: ApiKeyId) => {
    const found = await tx.execute<{ seconds: number | null }>(drizzle`
      SELECT extract(epoch FROM expires_at - now())::float8 AS seconds FROM api_key_secrets WHERE key_id = ${id}
      ORDER BY hint, created_at`)
    return found.map(({ seconds }) => seconds)
  }

  for (const [what, { grace, keyEnds, superseded, expected }] of Object.entries({
    'to the end of its grace': { grace: 60, keyEnds: null, superseded: null, expected: [60, null] },
    'not at all, without a grace': {
      grace: 0,
      keyEnds: null,
      superseded: null,
      expected: [Number.NEGATIVE_INFINITY, null],
    },
    'no longer than the key would have lived': { grace: 60, keyEnds: 30, superseded: null, expected: [30, null] },
    'to the end of its grace, before the key expires': {
      grace: 60,
      keyEnds: 90,
      superseded: null,
      expected: [60, null],
    },
    'as before, if it was superseded with less time left': {
      grace: 60,
      keyEnds: null,
      superseded: 20,
      expected: [20, 60, null],
    },
    'shorter, if it was superseded with more time left': {
      grace: 60,
      keyEnds: null,
      superseded: 80,
      expected: [60, 60, null],
    },
    'not again, if its grace has ended at this instant': {
      grace: 0,
      keyEnds: null,
      superseded: 0,
      expected: [0, Number.NEGATIVE_INFINITY, null],
    },
    'not again, if its grace has ended before': {
      grace: 0,
      keyEnds: null,
      superseded: -5,
      expected: [-5, Number.NEGATIVE_INFINITY, null],
    },
  })) {
    it(`keeps a previous secret ${what}`, async () => {
      const id = await key()
      const digests = [await rows.secret(id, { hint: 'dta_a', ...(superseded !== null && { expiresIn: '1 day' }) })]
      if (superseded !== null) digests.push(await rows.secret(id, { hint: 'dta_b' }))
      const found = await rolledBack(async (tx) => {
        await tx.execute(
          drizzle`UPDATE api_keys SET expires_at = now() + make_interval(secs => ${keyEnds}::float8) WHERE id = ${id}`,
        )
        if (superseded !== null)
          await tx.execute(drizzle`UPDATE api_key_secrets SET expires_at = now() + make_interval(secs => ${superseded}::float8)
            WHERE digest = ${digests[0]}`)
        await rotate(tx, id, grace)
        return ends(tx, id)
      })
      assert.deepEqual(found, expected)
    })
  }

  it('keeps, sets or removes the expiry of the key, after the previous one has limited the grace', async () => {
    const later = new Date(Date.now() + 86_400_000)
    for (const [given, expected] of [
      [undefined, 30],
      [null, null],
      [later, 'later'],
    ] as const) {
      const id = await key()
      await rows.secret(id, { hint: 'dta_a' })
      const [keyEnd, secretEnds] = await rolledBack(async (tx) => {
        await tx.execute(drizzle`UPDATE api_keys SET expires_at = now() + interval '30 seconds' WHERE id = ${id}`)
        await rotate(tx, id, 60, given)
        const [row] = await tx.execute<{ seconds: number | null; at: number | null }>(drizzle`
          SELECT extract(epoch FROM expires_at - now())::float8 AS seconds, (extract(epoch FROM expires_at) * 1000)::float8 AS at
          FROM api_keys WHERE id = ${id}`)
        return [row?.at === later.getTime() ? 'later' : row?.seconds, await ends(tx, id)]
      })
      assert.deepEqual([keyEnd, secretEnds], [expected, [30, null]])
    }
  })

  it('makes one secret current, and changes no secret of another key', async () => {
    const [id, neighbour] = [await key(), await key()]
    const [before, foreign] = [await rows.secret(id), await rows.secret(neighbour)]
    const digest = randomBytes(32)
    await change((tx) => rotateApiKey(tx, id, { digest, hint: 'dta_new' }, { graceSeconds: 60, expiresAt: undefined }))
    const current =
      await sql`SELECT digest FROM api_key_secrets WHERE key_id IN (${id}, ${neighbour}) AND expires_at IS NULL`
    assert.deepEqual(
      new Set(current.map((row) => row['digest'].toString('hex'))),
      new Set([digest, foreign].map((one) => one.toString('hex'))),
    )
    assert.equal((await sql`SELECT FROM api_key_secrets WHERE digest = ${before}`).length, 1)
  })

  it('cannot give a key the secret of another one', async () => {
    const [id, neighbour] = [await key(), await key()]
    const digest = await rows.secret(neighbour)
    await rows.secret(id)
    await assert.rejects(
      change((tx) => rotateApiKey(tx, id, { digest, hint: 'x' }, { graceSeconds: 0, expiresAt: undefined })),
      refusedWith('23505'),
    )
  })
})

describe('endPreviousSecrets', () => {
  it('ends those under grace, and neither the current one nor those of another key', async () => {
    const [id, neighbour] = [await key(), await key()]
    await rows.secret(id, { hint: 'dta_a', expiresIn: '-1 hour' })
    await rows.secret(id, { hint: 'dta_b', expiresIn: '1 hour' })
    await rows.secret(id, { hint: 'dta_c' })
    await rows.secret(neighbour, { hint: 'dta_d', expiresIn: '1 hour' })
    assert.equal(await change((tx) => endPreviousSecrets(tx, id)), 1)
    const valid = await sql`SELECT hint FROM api_key_secrets WHERE key_id IN (${id}, ${neighbour})
      AND (expires_at IS NULL OR expires_at > now()) ORDER BY hint`
    assert.deepEqual(
      valid.map(({ hint }) => hint),
      ['dta_c', 'dta_d'],
    )
    // The end of one whose grace was over is what it was.
    const [before] =
      await sql`SELECT expires_at > '-infinity' AS kept FROM api_key_secrets WHERE hint = 'dta_a' AND key_id = ${id}`
    assert.equal(before?.['kept'], true)
    assert.equal(await change((tx) => endPreviousSecrets(tx, id)), 0)
  })
})

describe('revokeApiKey', () => {
  it('revokes a key and its descendants of any home, and returns all that were active', async () => {
    const { parent, child, grandchild, unrelated } = await family()
    const ended = await key({ parentKey: parent })
    await sql`UPDATE api_keys SET status = 'expired' WHERE id = ${ended}`
    const affected = await change((tx) => revokeApiKey(tx, home, parent))
    assert.deepEqual(idsOf(affected), [parent, child, grandchild].toSorted())
    assert.deepEqual(affected.find(({ id }) => id === child)?.organizationId, other)
    for (const id of [parent, child, grandchild]) {
      const row = await rowOf(id)
      assert.deepEqual([row?.['status'], row?.['isRevoked']], ['revoked', true])
    }
    assert.deepEqual([await rows.keyStatus(unrelated), await rows.keyStatus(ended)], ['active', 'expired'])
  })

  it('does nothing to a key of another home, or one that has ended', async () => {
    const id = await key({ reaches: [home, other] })
    assert.deepEqual(await change((tx) => revokeApiKey(tx, other, id)), [])
    assert.equal(await rows.keyStatus(id), 'active')
    for (const status of ['revoked', 'expired'] as const) {
      const ended = await key()
      await sql`UPDATE api_keys SET status = ${status}, revoked_at = '2026-01-01Z' WHERE id = ${ended}`
      assert.deepEqual(await change((tx) => revokeApiKey(tx, home, ended)), [])
      const [row] =
        await sql`SELECT status, revoked_at = '2026-01-01Z' AS "isUnchanged" FROM api_keys WHERE id = ${ended}`
      assert.deepEqual(row, { status, isUnchanged: true })
    }
  })

  it('returns a key once, to the first of two concurrent revocations', async () => {
    const id = await key()
    const [first, second] = await waits(
      (tx) => revokeApiKey(tx, home, id),
      () => change((tx) => revokeApiKey(tx, home, id)),
    )
    assert.deepEqual([idsOf(first), second], [[id], []])
  })

  it('makes the creation of a child wait, and then refuses it', async () => {
    const parent = await key()
    const [, outcome] = await waits(
      (tx) => revokeApiKey(tx, home, parent),
      () => key({ parentKey: parent }).catch((error: unknown) => error),
    )
    assert.ok(refusedWith('DA002')(outcome))
  })

  it('waits for the creation of a child, and revokes it too', async () => {
    const parent = await key()
    const child = newId('key')
    const [, affected] = await waits(
      async (tx) => {
        await tx.execute(drizzle`INSERT INTO api_keys (id, organization_id, user_id, name, permissions, parent_key_id)
          VALUES (${child}, ${home}, ${owner}, ${child}, '{read:sandboxes}', ${parent})`)
      },
      () => change((tx) => revokeApiKey(tx, home, parent)),
    )
    assert.deepEqual(idsOf(affected), [parent, child].toSorted())
    assert.equal(await rows.keyStatus(child), 'revoked')
  })
})

describe('removeApiKeyOrganization', () => {
  it('takes an organization from a key and its descendants, and revokes those that live there', async () => {
    const { parent, child, grandchild, unrelated } = await family()
    const affected = await change((tx) => removeApiKeyOrganization(tx, other, parent))
    assert.deepEqual(idsOf(affected), [parent, child, grandchild].toSorted())
    assert.deepEqual(await rows.reach(parent), [home])
    assert.deepEqual(
      [await rows.keyStatus(parent), await rows.keyStatus(child), await rows.keyStatus(grandchild)],
      ['active', 'revoked', 'revoked'],
    )
    assert.deepEqual(await rows.reach(unrelated), [home, other].sort())
  })

  it('does nothing where the key does not act', async () => {
    const id = await key()
    assert.deepEqual(await change((tx) => removeApiKeyOrganization(tx, other, id)), [])
    assert.deepEqual(await rows.reach(id), [home])
  })

  it('is done once by two at the same time', async () => {
    const id = await key({ reaches: [home, other] })
    const [first, second] = await waits(
      (tx) => removeApiKeyOrganization(tx, other, id),
      () => change((tx) => removeApiKeyOrganization(tx, other, id)),
    )
    assert.deepEqual([idsOf(first), second], [[id], []])
  })
})

describe('expireApiKeys', () => {
  /** No key of an earlier test may be due. */
  const settle = () => change((tx) => expireApiKeys(tx, 10_000))

  it('marks the keys that are due at the exact instant, of any organization, and returns them', async () => {
    await settle()
    const [past, due, later, revoked] = [await key({ name: 'past' }), await key({}, other), await key(), await key()]
    await sql`UPDATE api_keys SET status = 'revoked' WHERE id = ${revoked}`
    const marked = await rolledBack(async (tx) => {
      for (const [id, microseconds] of [
        [past, -1],
        [due, 0],
        [later, 1],
        [revoked, -1],
      ] as const)
        await expireIn(tx, id, microseconds)
      return expireApiKeys(tx, 10)
    })
    assert.deepEqual(idsOf(marked), [past, due].toSorted())
    assert.deepEqual(
      marked.find(({ id }) => id === past),
      { id: past, organizationId: home, name: 'past' },
    )
  })

  it('marks the most overdue ones first, up to its limit, each once', async () => {
    await settle()
    const overdue = [
      await key({ expiresIn: '-1 hour' }),
      await key({ expiresIn: '-3 hours' }),
      await key({ expiresIn: '-2 hours' }),
    ]
    const call = () =>
      change(async (tx) => {
        // Otherwise the index on the expiry would have their order by itself.
        for (const scan of ['indexscan', 'bitmapscan']) await tx.execute(drizzle.raw(`SET LOCAL enable_${scan} = off`))
        return idsOf(await expireApiKeys(tx, 2))
      })
    assert.deepEqual(await call(), [overdue[1], overdue[2]].toSorted())
    assert.deepEqual(await call(), [overdue[0]])
    assert.deepEqual(await call(), [])
    for (const id of overdue) assert.equal(await rows.keyStatus(id), 'expired')
  })

  it('skips a key that another transaction holds, without waiting', async () => {
    await settle()
    const [held, free] = [await key({ expiresIn: '-2 hours' }), await key({ expiresIn: '-1 hour' })]
    const [, marked] = await passes(
      (tx) => tx.execute(drizzle`SELECT FROM api_keys WHERE id = ${held} FOR NO KEY UPDATE`),
      () => change((tx) => expireApiKeys(tx, 10)),
    )
    assert.deepEqual(idsOf(marked), [free])
    assert.deepEqual(idsOf(await settle()), [held])
  })
})

describe('the descendants of a key', () => {
  it('are listed with what they have, at any depth, in the order of ids, the key itself excluded', async () => {
    const { parent, child, grandchild, unrelated } = await family()
    assert.deepEqual(
      (await listDescendants(database, parent)).map(({ id }) => id),
      [child, grandchild],
    )
    const [first] = await listDescendants(database, parent)
    const { name, ...rest } = first ?? { name: '' }
    assert.deepEqual(rest, {
      id: child,
      organizationId: other,
      permissions: ['read:sandboxes'],
      expiresAt: null,
      isActive: true,
    })
    assert.deepEqual(await listDescendants(database, unrelated), [])
  })

  it('include ended ones only by their ids, and no others by theirs', async () => {
    const { parent, child, grandchild, unrelated } = await family()
    await change((tx) => revokeApiKey(tx, other, grandchild))
    assert.deepEqual(idsOf(await listDescendants(database, parent)), [child])
    const byId = await listDescendants(database, parent, [grandchild, unrelated, parent])
    assert.deepEqual([idsOf(byId), byId[0]?.isActive], [[grandchild], false])
    assert.deepEqual(await listDescendants(database, parent, []), [])
  })

  it('are recognized by the key, any ancestor, and the grant at the root', async () => {
    const grant = await rows.grant(owner, await rows.client({ isFirstParty: true }))
    const parent = await key({ parentGrant: grant })
    const child = await key({ parentKey: parent })
    const grandchild = await key({ parentKey: child })
    const unrelated = await key()
    for (const [id, ancestor, expected] of [
      [grandchild, { keyId: grandchild }, true],
      [grandchild, { keyId: child }, true],
      [grandchild, { keyId: parent }, true],
      [grandchild, { grantId: grant }, true],
      [parent, { grantId: grant }, true],
      [parent, { keyId: child }, false],
      [unrelated, { grantId: grant }, false],
      [unrelated, { keyId: parent }, false],
      [grandchild, { grantId: newId('grant') }, false],
      [grandchild, {}, false],
      [newId('key'), { keyId: parent }, false],
    ] as const) {
      assert.equal(await isDescendantOf(database, id, ancestor), expected, JSON.stringify([id, ancestor]))
    }
  })
})
