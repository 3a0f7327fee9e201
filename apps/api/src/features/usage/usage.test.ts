import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { recordUsage } from '@daytona-auth/db/api-keys'
import { newId } from '@daytona-auth/db/core'
import { waitFor } from '@daytona-auth/testing'
import { world } from '../../../test/world.ts'
import type { RunningApi } from '../../start.ts'
import { expireDueApiKeys } from '../api-keys/sweeper.ts'

const { request, person, database, anotherApi } = await world({ after })
const ada = await person()
const organization = await ada.organization()
const sql = database.$client

interface Seen {
  readonly lastUsedAt: string | null
  readonly lastSeenAt: string | null
  readonly lastOutcome: 'allowed' | 'denied' | null
  readonly lastDenialReason: string | null
  readonly lastSeenIp: string | null
}

const countsOf = async (keyId: string) => {
  const rows = await sql`
    SELECT organization_id, allowed::int, denied::int FROM api_key_usage WHERE key_id = ${keyId} ORDER BY organization_id`
  return [...rows]
}

describe('the use of a key', () => {
  it('is written within seconds, with the last address', async () => {
    const { id, value } = await ada.key(organization, ['read:sandboxes'])
    for (let times = 0; times < 3; times += 1) await request('GET', '/sandbox', value)
    for (let times = 0; times < 2; times += 1) await request('POST', '/sandbox', value, { body: {} })
    const counts = await waitFor(async () => {
      const rows = await countsOf(id)
      return rows.length > 0 && rows[0]?.['allowed'] === 3 && rows[0]['denied'] === 2 ? rows : undefined
    }, 10_000)
    assert.deepEqual(counts, [{ organization_id: organization, allowed: 3, denied: 2 }])
    const [secret] = await sql`SELECT last_used_at, last_used_ip FROM api_key_secrets WHERE key_id = ${id}`
    assert.equal(secret?.['last_used_ip'], '127.0.0.1')
    assert.ok(Date.now() - new Date(secret['last_used_at']).getTime() < 60_000)
  })

  it('is seen in the key with its outcome, a denied request as well as an allowed one', async () => {
    const { id, name, value } = await ada.key(organization, ['read:sandboxes'])
    const { value: token } = await ada.token()
    // A clock that never shows a millisecond twice: a fast machine denies in that in which its guard allowed.
    let last = 0
    const now = () => {
      last = Math.max(last + 1, Date.now())
      return last
    }
    const seenAfter = async (use: (api: RunningApi) => Promise<unknown>) => {
      const api = await anotherApi({}, { now })
      await use(api)
      await api.close()
      const asked = { organization }
      const one = (await request('GET', `/api-keys/${name}`, token, asked)).body as Seen
      const [listed] = (await request('GET', `/api-keys?q=${name}`, token, asked)).body as Seen[]
      assert.deepEqual(listed, one)
      const { lastUsedAt, lastSeenAt, lastOutcome, lastDenialReason, lastSeenIp } = one
      assert.equal(lastSeenIp, lastSeenAt === null ? null : '127.0.0.1')
      return { isUsed: lastUsedAt !== null, isLastUse: lastSeenAt === lastUsedAt, lastOutcome, lastDenialReason, one }
    }
    const before = await seenAfter(async () => {})
    assert.deepEqual([before.one.lastSeenAt, before.lastOutcome, before.lastDenialReason], [null, null, null])

    const denied = await seenAfter((api) => request('POST', '/sandbox', value, { body: {}, api }))
    const lacks = 'lacks write:sandboxes'
    assert.deepEqual(
      [denied.isUsed, denied.isLastUse, denied.lastOutcome, denied.lastDenialReason],
      [false, false, 'denied', lacks],
    )
    const allowed = await seenAfter((api) => request('GET', '/sandbox', value, { api }))
    assert.deepEqual(
      [allowed.isUsed, allowed.isLastUse, allowed.lastOutcome, allowed.lastDenialReason],
      [true, true, 'allowed', lacks],
    )
    assert.ok((denied.one.lastSeenAt ?? '') < (allowed.one.lastSeenAt ?? ''))
    // The guard allows it, and its handler denies it.
    const byHandler = await seenAfter((api) => request('DELETE', '/api-keys/usr_other/key', value, { api }))
    assert.deepEqual(
      [byHandler.isLastUse, byHandler.lastOutcome, byHandler.lastDenialReason],
      [false, 'denied', 'lacks admin:organization'],
    )
    await sql`UPDATE api_keys SET status = 'revoked' WHERE id = ${id}`
    const api = await anotherApi()
    assert.equal((await request('GET', '/sandbox', value, { api })).status, 401)
    await api.close()
    const [secret] = await sql`SELECT last_denial_reason AS reason FROM api_key_secrets WHERE key_id = ${id}`
    assert.equal(secret?.['reason'], 'revoked')
  })

  it('is written when the process stops gracefully', async () => {
    const api = await anotherApi()
    const { id, value } = await ada.key(organization, ['read:sandboxes'])
    await request('GET', '/sandbox', value, { api })
    await api.close()
    assert.deepEqual(await countsOf(id), [{ organization_id: organization, allowed: 1, denied: 0 }])
  })

  it('of an expired or revoked key is counted as denied, and does not set the last use', async () => {
    const api = await anotherApi()
    const expired = await ada.key(organization, ['read:sandboxes'], { expiresAt: new Date(Date.now() - 1) })
    await request('GET', '/sandbox', expired.value, { api })
    await api.close()
    assert.deepEqual(await countsOf(expired.id), [{ organization_id: organization, allowed: 0, denied: 1 }])
    const [secret] = await sql`SELECT last_used_at FROM api_key_secrets WHERE key_id = ${expired.id}`
    assert.equal(secret?.['last_used_at'], null)
  })
})

describe('recordUsage', () => {
  const digestOf = async (keyId: string) => {
    const [row] = await sql`SELECT encode(digest, 'hex') AS digest FROM api_key_secrets WHERE key_id = ${keyId}`
    return Buffer.from(String(row?.['digest']), 'hex')
  }
  const hour = new Date(Date.UTC(2030, 0, 1, 12))

  it('adds up concurrent writes of several processes, and never moves a last use back', async () => {
    const keys = await Promise.all([1, 2, 3].map(() => ada.key(organization, ['read:sandboxes'])))
    const digests = await Promise.all(keys.map(({ id }) => digestOf(id)))
    const orders = [keys, keys.toReversed()]
    await Promise.all(
      Array.from({ length: 40 }, (_, at) => {
        const order = orders[at % 2] ?? keys
        return recordUsage(
          database,
          (at % 2 ? digests : digests.toReversed()).map((digest) => ({
            digest,
            used: { at: new Date(hour.getTime() + at), ip: `10.0.0.${at}`, route: null },
            denied: { at: new Date(hour.getTime() - at), ip: '10.0.1.1', reason: `reason ${at}` },
          })),
          order.map(({ id }) => ({
            keyId: id,
            organizationId: organization,
            hour,
            allowed: 2,
            denied: 1,
            deniedBy: {},
          })),
        )
      }),
    )
    for (const { id } of keys) {
      assert.deepEqual(await countsOf(id), [{ organization_id: organization, allowed: 80, denied: 40 }])
      const [row] = await sql`SELECT last_used_ip AS ip, last_denial_reason AS reason FROM api_key_secrets
        WHERE key_id = ${id} AND last_denied_at = ${hour.toISOString()}`
      assert.deepEqual({ ...row }, { ip: '10.0.0.39', reason: 'reason 0' })
    }
  })

  it('does not deadlock with a rotation, which locks the key before its secrets', async () => {
    const { id, name } = await ada.key(organization, ['read:sandboxes'])
    const { value: token } = await ada.token()
    // The statements of `recordUsage`, paused between its two locks.
    const rotating = await sql.begin(async (tx) => {
      await tx`SELECT FROM api_key_secrets WHERE key_id = ${id} FOR UPDATE`
      const rotation = request('POST', `/api-keys/${name}/rotate`, token, { organization })
      await waitFor(async () => {
        const [row] = await sql`SELECT count(*)::int AS n FROM pg_locks JOIN pg_database ON pg_database.oid = database
          OR database IS NULL WHERE NOT granted AND datname = current_database()`
        return row?.['n'] > 0
      })
      await tx`INSERT INTO api_key_usage (key_id, organization_id, hour) VALUES (${id}, ${organization}, ${hour.toISOString()})`
      return { rotation }
    })
    assert.equal((await rotating.rotation).status, 201)
  })

  it('skips keys deleted in the meantime', async () => {
    const { id } = await ada.key(organization, ['read:sandboxes'])
    const counted = { organizationId: organization, hour, allowed: 1, denied: 0, deniedBy: {} }
    await recordUsage(
      database,
      [{ digest: Buffer.alloc(32), used: { at: hour, ip: '::1', route: null }, denied: null }],
      [
        { ...counted, keyId: newId('key') },
        { ...counted, keyId: id, organizationId: newId('org') },
        { ...counted, keyId: id },
      ],
    )
    assert.deepEqual(await countsOf(id), [{ organization_id: organization, allowed: 1, denied: 0 }])
  })
})

describe('the status of an expired key', () => {
  it('is set and recorded in the audit trail once, by any of several sweepers', async () => {
    const due = await Promise.all(
      [1, 2, 3].map(() => ada.key(organization, ['read:sandboxes'], { expiresAt: new Date(Date.now() - 1) })),
    )
    const live = await ada.key(organization, ['read:sandboxes'], { expiresAt: new Date(Date.now() + 60_000) })
    await Promise.all(Array.from({ length: 5 }, () => expireDueApiKeys(database)))
    const statusOf = async (id: string) => (await sql`SELECT status FROM api_keys WHERE id = ${id}`)[0]?.['status']
    for (const { id } of due) {
      assert.equal(await statusOf(id), 'expired')
      const trail =
        await sql`SELECT actor_id, source FROM audit_events WHERE target_id = ${id} AND action = 'api_key.expire'`
      assert.deepEqual([...trail], [{ actor_id: null, source: 'system' }])
    }
    assert.equal(await statusOf(live.id), 'active')
  })
})
