import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { recordUsage } from '../src/api-keys/usage.ts'
import { connect } from '../src/core/client.ts'
import { type ApiKeyId, newId, type OrganizationId } from '../src/core/id.ts'
import {
  deleteEndedApiKeys,
  deleteEndedInvitations,
  deleteOldUsage,
  deleteSupersededSecrets,
  rollUpUsage,
} from '../src/operations/retention.ts'
import { rowsOf } from './rows.ts'

const DAY_MS = 24 * 60 * 60 * 1000
const KEPT_MS = 90 * DAY_MS
const { url, database } = await testDatabase()
const sql = database.$client
const rows = rowsOf(database)
const owner = await rows.user()
const organization = await rows.organization(owner)
let names = 0
const key = (home = organization) => {
  names += 1
  return rows.key(owner, home, { name: `key ${names}` })
}

const today = Math.floor(Date.now() / DAY_MS)
const hourOf = (daysAgo: number, hour: number) => new Date((today - daysAgo) * DAY_MS + hour * 60 * 60 * 1000)
const count = (keyId: ApiKeyId, hour: Date, organizationId: OrganizationId = organization) =>
  recordUsage(
    database,
    [],
    [{ keyId, organizationId, hour, allowed: 1, denied: 2, deniedBy: { expired: 1, revoked: 1 } }],
  )

async function usageOf(id: ApiKeyId) {
  const [found] = await sql`SELECT
    (SELECT count(*)::int FROM api_key_usage WHERE key_id = ${id}) AS hours,
    (SELECT count(*)::int FROM api_key_usage_days WHERE key_id = ${id}) AS days,
    (SELECT coalesce(sum(allowed), 0)::int FROM (SELECT key_id, allowed FROM api_key_usage
      UNION ALL SELECT key_id, allowed FROM api_key_usage_days) u WHERE key_id = ${id}) AS allowed`
  return found
}

describe('rollUpUsage', () => {
  it('moves whole days that are older than the kept hours, once, and adds late counts', async () => {
    const id = await key()
    for (const daysAgo of [93, 92, 91, 90, 89]) for (const hour of [0, 13, 23]) await count(id, hourOf(daysAgo, hour))
    await rollUpUsage(database, KEPT_MS, 1000)
    // In the first hour of a day the previous day is still kept: see `rollUpUsage`.
    const isFirstHour = Date.now() - today * DAY_MS < DAY_MS / 24
    assert.deepEqual(
      await usageOf(id),
      isFirstHour ? { hours: 9, days: 2, allowed: 15 } : { hours: 6, days: 3, allowed: 15 },
    )
    const before = await usageOf(id)
    assert.equal(await rollUpUsage(database, KEPT_MS, 1000), 0)
    assert.deepEqual(await usageOf(id), before)
    await count(id, hourOf(93, 13))
    assert.equal(await rollUpUsage(database, KEPT_MS, 1000), 1)
    assert.deepEqual(await usageOf(id), { ...before, allowed: 16 })
    const [day] =
      await sql`SELECT extract(epoch FROM day)::float8 * 1000 AS day, allowed::int, denied::int, denied_by AS reasons
        FROM api_key_usage_days WHERE key_id = ${id} ORDER BY day`
    assert.deepEqual(day, { day: hourOf(93, 0).getTime(), allowed: 4, denied: 8, reasons: { expired: 4, revoked: 4 } })
  })

  it('loses nothing and counts nothing twice with several processes and writers at once', async (t) => {
    const processes = Array.from({ length: 4 }, () => connect(url, { applicationName: 'daytona-auth-test' }))
    t.after(() => Promise.all(processes.map((each) => each.$client.end())))
    const keys = await Promise.all(Array.from({ length: 30 }, () => key()))
    const hours = keys.flatMap((keyId) =>
      Array.from({ length: 60 }, (_, at) => ({
        keyId,
        organizationId: organization,
        hour: hourOf(100 + (at % 3), at % 24),
        allowed: 1,
        denied: 0,
        deniedBy: {},
      })),
    )
    const write = async (db: typeof database, round: number) => {
      for (let at = 0; at < 5; at += 1) {
        const some = hours.filter((_, index) => index % 5 === at)
        const once = [...new Map(some.map((one) => [`${one.keyId} ${one.hour.getTime()}`, one])).values()]
        await recordUsage(db, [], round % 2 ? once : once.toReversed())
        written += once.length
      }
    }
    let written = 0
    await Promise.all(
      processes.flatMap((db, index) => [
        write(db, index),
        (async () => {
          for (let round = 0; round < 40; round += 1) await rollUpUsage(db, KEPT_MS, 25)
        })(),
      ]),
    )
    while ((await rollUpUsage(database, KEPT_MS, 1000)) > 0);
    const [all] = await sql`SELECT count(*)::int AS days, sum(allowed)::int AS allowed FROM api_key_usage_days
      WHERE key_id = ANY (${keys}::text[])`
    assert.deepEqual(all, { days: 90, allowed: written })
    const [left] = await sql`SELECT count(*)::int AS hours FROM api_key_usage WHERE key_id = ANY (${keys}::text[])`
    assert.deepEqual(left, { hours: 0 })
  })

  it('does not wait for a key that is being deleted', async () => {
    const [going, staying] = [await key(), await key()]
    for (const id of [going, staying]) await count(id, hourOf(100, 1))
    await sql.begin(async (tx) => {
      await tx`DELETE FROM api_keys WHERE id = ${going}`
      assert.equal(await rollUpUsage(database, KEPT_MS, 1000), 1)
    })
    assert.deepEqual(await usageOf(staying), { hours: 0, days: 1, allowed: 1 })
    assert.deepEqual(await usageOf(going), { hours: 0, days: 0, allowed: 0 })
  })
})

describe('retention', () => {
  it('deletes old days of usage', async () => {
    const id = await key()
    for (const daysAgo of [700, 800]) await count(id, hourOf(daysAgo, 1))
    await rollUpUsage(database, KEPT_MS, 1000)
    assert.equal(await deleteOldUsage(database, 761 * DAY_MS, 1000), 1)
    assert.deepEqual(await usageOf(id), { hours: 0, days: 1, allowed: 1 })
  })

  it('deletes superseded secrets, except the one used last', async () => {
    const id = await key()
    const secret = (digest: string, expired: number | null, used: number | null) => sql`
      INSERT INTO api_key_secrets (digest, key_id, hint, expires_at, last_used_at)
      VALUES (sha256(${`${id} ${digest}`}::bytea), ${id}, ${digest}, now() - make_interval(days => ${expired}::int), now() - make_interval(days => ${used}::int))`
    await secret('never used', 91, null)
    await secret('used before', 200, 201)
    await secret('last used', 100, 101)
    await secret('recent', 89, null)
    await secret('current', null, null)
    const left = async () => {
      await deleteSupersededSecrets(database, 1000)
      const found = await sql`SELECT hint FROM api_key_secrets WHERE key_id = ${id} ORDER BY hint`
      return found.map(({ hint }) => hint)
    }
    assert.deepEqual(await left(), ['current', 'last used', 'recent'])
    await sql`UPDATE api_key_secrets SET last_used_at = now() WHERE hint = 'current' AND key_id = ${id}`
    assert.deepEqual(await left(), ['current', 'recent'])
  })

  it('deletes ended keys without usage and without descendants', async () => {
    const ended = async (column: 'revoked_at' | 'expires_at', daysAgo: number, parent: ApiKeyId | null = null) => {
      const id = await key()
      await sql`UPDATE api_keys SET ${sql(column)} = now() - make_interval(days => ${daysAgo}::int),
        status = ${column === 'revoked_at' ? 'revoked' : 'expired'} WHERE id = ${id}`
      if (parent) await sql`UPDATE api_keys SET parent_key_id = ${parent} WHERE id = ${id}`
      return id
    }
    const parent = await ended('revoked_at', 800)
    const child = await ended('revoked_at', 700, parent)
    const used = await ended('expires_at', 800)
    await count(used, hourOf(1, 1))
    const gone = [await ended('revoked_at', 800), await ended('expires_at', 800)]
    const stays = [parent, child, used, await ended('revoked_at', 700), await ended('expires_at', 700), await key()]
    const all = [...gone, ...stays]
    await deleteEndedApiKeys(database, 761 * DAY_MS, 1000)
    const left = await sql`SELECT id FROM api_keys WHERE id = ANY (${all}::text[])`
    assert.deepEqual(left.map(({ id }) => id).sort(), stays.sort())
  })

  it('deletes invitations that were settled or have expired', async () => {
    const invite = async (status: string, daysAgo: number) => {
      const id = newId('inv')
      await sql`INSERT INTO organization_invitations (id, organization_id, email, role, invited_by, status, token_digest, expires_at, updated_at)
        SELECT ${id}, ${organization}, ${id}, 'member', ${owner}, ${status}::invitation_status, sha256(${id}::bytea), t, t
        FROM (SELECT now() - make_interval(days => ${daysAgo}::int) AS t) AS at`
      return id
    }
    const gone = [await invite('accepted', 91), await invite('pending', 91)]
    const stays = [await invite('declined', 89), await invite('pending', 89), await invite('pending', -1)]
    assert.equal(await deleteEndedInvitations(database, 1000), 2)
    const left = await sql`SELECT id FROM organization_invitations WHERE id = ANY (${[...gone, ...stays]}::text[])`
    assert.deepEqual(left.map(({ id }) => id).sort(), stays.sort())
  })
})
