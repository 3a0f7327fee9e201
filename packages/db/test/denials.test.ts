import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { sql as drizzle } from 'drizzle-orm'
import { endKeys } from '../src/api-keys/ended-keys.ts'
import { endedKeyEntries, type KeyDenial, narrowedKeyEntries, recordKeyDenials } from '../src/api-keys/index.ts'
import type { AuditActor } from '../src/audit/index.ts'
import { connect, newId, type Queryable } from '../src/core/index.ts'
import { rowsOf } from './rows.ts'
import { trailOf } from './trail.ts'
import { transactionsOn } from './transactions.ts'

const { database, url } = await testDatabase({ after })
const { $client: sql } = database
const rows = rowsOf(database)
const { change } = transactionsOn(database)
const owner = await rows.user()

const ACTOR: AuditActor = { actorId: owner, actorEmail: 'ada@example.com', source: 'token', ipAddress: '192.0.2.1' }

describe('recordKeyDenials', () => {
  const denialOf = (
    keyId: KeyDenial['keyId'],
    secretDigest: Uint8Array,
    organizationId: KeyDenial['organizationId'],
  ): KeyDenial => ({
    keyId,
    secretDigest,
    organizationId,
    statusCode: 403,
    errorMessage: 'Insufficient permissions',
    reason: 'lacks read:volumes',
    method: 'GET',
    route: '/volumes/:id',
    ipAddress: '192.0.2.7',
    userAgent: 'curl',
    count: 5,
  })

  it('records each denial in the trail of its organization, with the key and its owner', async () => {
    const [home, other] = [await rows.organization(owner), await rows.organization(owner)]
    const key = await rows.key(owner, home, { name: 'Build', reaches: [home, other] })
    const [current, old] = [
      await rows.secret(key, { hint: 'dta_Cur1********************Cur9' }),
      await rows.secret(key, { hint: 'dta_Old1********************Old9', expiresIn: '-1 day' }),
    ]
    await recordKeyDenials(database, [
      denialOf(key, current, other),
      { ...denialOf(key, old, home), count: 1, reason: null, route: null },
    ])
    const [event, ...more] = await trailOf(database, other)
    assert.deepEqual(more, [])
    assert.deepEqual(event, {
      action: 'api_key.refuse',
      targetType: 'api_key',
      targetId: key,
      actorId: owner,
      actorEmail: `${owner}@example.com`,
      source: 'api-key',
      statusCode: 403,
      metadata: {
        keyId: key,
        keyName: 'Build',
        reason: 'lacks read:volumes',
        method: 'GET',
        route: '/volumes/:id',
        count: 5,
      },
    })
    const [row] =
      await sql`SELECT actor_api_key_prefix AS prefix, actor_api_key_suffix AS suffix, error_message AS error,
      ip_address AS ip, user_agent AS agent FROM audit_events WHERE organization_id = ${home}`
    assert.deepEqual(row, {
      prefix: 'dta_Old1',
      suffix: 'Old9',
      error: 'Insufficient permissions',
      ip: '192.0.2.7',
      agent: 'curl',
    })
  })

  it('leaves out a key whose secret was deleted, and records the others', async () => {
    const home = await rows.organization(owner)
    const key = await rows.key(owner, home)
    const digest = await rows.secret(key)
    const gone = denialOf(newId('key'), Buffer.alloc(32, 1), home)
    await recordKeyDenials(database, [gone, denialOf(key, digest, home), gone])
    assert.deepEqual(
      (await trailOf(database, home)).map(({ targetId }) => targetId),
      [key],
    )
  })

  it('records nothing for an empty list', async () => {
    const [before] = await sql`SELECT count(*)::int AS events FROM audit_events`
    await recordKeyDenials(database, [])
    assert.deepEqual([...(await sql`SELECT count(*)::int AS events FROM audit_events`)], [before])
  })
})

describe('keys that end with something else', () => {
  it('are those that match and are active, with their descendants in any home', async () => {
    const [home, other] = [await rows.organization(owner), await rows.organization(owner)]
    const parent = await rows.key(owner, home, { name: 'parent', reaches: [home, other] })
    const child = await rows.key(owner, other, { name: 'child', parentKey: parent })
    const ended = await rows.key(owner, home, { name: 'ended' })
    const endedChild = await rows.key(owner, home, { name: 'ended child', parentKey: parent })
    for (const id of [ended, endedChild]) await sql`UPDATE api_keys SET status = 'expired' WHERE id = ${id}`
    const elsewhere = await rows.key(owner, other, { name: 'elsewhere' })
    const keys = await change((tx) => endKeys(tx, drizzle`organization_id = ${home}`))
    assert.deepEqual(
      new Map(keys.map(({ id, name, organizationIds }) => [id, [name, organizationIds.toSorted()]])),
      new Map([
        [parent, ['parent', [home, other].toSorted()]],
        [child, ['child', [other]]],
      ]),
    )
    assert.deepEqual(await Promise.all([parent, child, ended, elsewhere].map(rows.keyStatus)), [
      'revoked',
      'revoked',
      'expired',
      'active',
    ])
    const [row] = await sql`SELECT revoked_at IS NOT NULL AS "isDated" FROM api_keys WHERE id = ${parent}`
    assert.deepEqual(row, { isDated: true })
    assert.deepEqual(await change((tx) => endKeys(tx, drizzle`organization_id = ${home}`)), [])
  })

  it('may take longer than other statements of a request, in that transaction only', async (t) => {
    const single = connect(url, { max: 1 })
    t.after(() => single.$client.end({ timeout: 1 }))
    const timeoutOf = async (tx: Queryable) => {
      const [row] = await tx.execute<{ timeout: string }>(
        drizzle`SELECT current_setting('statement_timeout') AS timeout`,
      )
      return row?.timeout
    }
    const within = await transactionsOn(single).change(async (tx) => {
      await endKeys(tx, drizzle`false`)
      return timeoutOf(tx)
    })
    assert.deepEqual([within, await timeoutOf(single)], ['9s', '0'])
  })

  it('are stated in each of their organizations, with what ended them', () => {
    const key = { id: newId('key'), name: 'Build', organizationIds: [newId('org'), newId('org')] }
    assert.deepEqual(
      endedKeyEntries(ACTOR, [key], { endedBy: 'session' }),
      key.organizationIds.map((organizationId) => ({
        ...ACTOR,
        action: 'api_key.delete',
        targetType: 'api_key',
        targetId: key.id,
        organizationId,
        statusCode: 204,
        metadata: { keyId: key.id, keyName: 'Build', endedBy: 'session' },
      })),
    )
    assert.deepEqual(endedKeyEntries(ACTOR, [], {}), [])
  })

  it('are stated in the organization that they lost, if they live elsewhere', () => {
    const [key, organizationId] = [{ id: newId('key'), name: 'Build' }, newId('org')]
    assert.deepEqual(narrowedKeyEntries(ACTOR, organizationId, [key], { endedWithMembershipOf: owner }), [
      {
        ...ACTOR,
        action: 'api_key.remove_organization',
        targetType: 'api_key',
        targetId: key.id,
        organizationId,
        statusCode: 204,
        metadata: { keyId: key.id, keyName: 'Build', endedWithMembershipOf: owner },
      },
    ])
  })
})
