import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { DEPLOYMENT } from '../src/audit/index.ts'
import { newId } from '../src/core/index.ts'
import {
  addFirstSigningKeys,
  advanceSigningKeys,
  listSigningKeys,
  type NewSigningKey,
  publishSigningKeys,
  replaceSigningKeys,
  rewrapSigningKeys,
} from '../src/signing-keys/index.ts'
import { trailOf } from './trail.ts'

const { database } = await testDatabase()
const { $client: sql } = database
const PACE = { promoteAfterSeconds: 100, removeAfterSeconds: 200 }

const key = (alg = 'ES256'): NewSigningKey => ({
  kid: newId('evt'),
  alg,
  publicJwk: { kty: 'EC', crv: 'P-256' },
  privateJwk: 'sealed',
})

/** The keys by status: their kids, oldest first. */
async function byStatus() {
  const keys = await listSigningKeys(database)
  const of = (status: string) => keys.filter((one) => one.status === status).map(({ kid }) => kid)
  return { next: of('next'), active: of('active'), retired: of('retired') }
}

/** Sets for how long a key has had its status. */
const age = (kid: string, seconds: number) =>
  sql`UPDATE signing_keys SET created_at = clock_timestamp() - make_interval(secs => ${seconds}),
    activated_at = activated_at - make_interval(secs => ${seconds}),
    retired_at = clock_timestamp() - make_interval(secs => ${seconds}) WHERE kid = ${kid}`

let seen = 0
/** The events of the deployment's trail since the last call. */
async function newEvents() {
  const trail = await trailOf(database, DEPLOYMENT)
  const added = trail.slice(seen)
  seen = trail.length
  return added.map(({ action, targetId }) => [action, targetId])
}

beforeEach(async () => {
  await sql`DELETE FROM signing_keys`
  await newEvents()
})

describe('the signing keys', () => {
  it('are listed oldest first, with the time since their last step by the database’s clock', async () => {
    const [old, young] = [key(), key()]
    await addFirstSigningKeys(database, [old], 'test')
    await publishSigningKeys(database, [young], 'test')
    await sql`UPDATE signing_keys SET created_at = now() - interval '1 day', activated_at = now() - interval '50 seconds' WHERE kid = ${old.kid}`
    await sql`UPDATE signing_keys SET created_at = now() - interval '20 seconds' WHERE kid = ${young.kid}`
    const keys = await listSigningKeys(database)
    assert.deepEqual(
      keys.map(({ kid, alg, status, publicJwk, privateJwk, retiredAt }) => ({
        kid,
        alg,
        status,
        publicJwk,
        privateJwk,
        retiredAt,
      })),
      [
        { ...old, status: 'active', retiredAt: null },
        { ...young, status: 'next', retiredAt: null },
      ],
    )
    for (const [at, seconds] of [
      [0, 50],
      [1, 20],
    ] as const) {
      const ageSeconds = keys[at]?.ageSeconds ?? 0
      assert.ok(ageSeconds >= seconds && ageSeconds < seconds + 30, String(ageSeconds))
    }
  })

  it('are added at the first start for the algorithms without an active one, and recorded', async () => {
    const [es, rs] = [key(), key('RS256')]
    assert.deepEqual(await addFirstSigningKeys(database, [es], 'start'), [
      { kid: es.kid, alg: 'ES256', verb: 'activate' },
    ])
    assert.deepEqual(await addFirstSigningKeys(database, [key(), rs], 'start'), [
      { kid: rs.kid, alg: 'RS256', verb: 'activate' },
    ])
    assert.deepEqual(await addFirstSigningKeys(database, [key(), key('RS256')], 'start'), [])
    assert.deepEqual(await byStatus(), { next: [], active: [es.kid, rs.kid], retired: [] })
    assert.deepEqual(await newEvents(), [
      ['signing_key.activate', es.kid],
      ['signing_key.activate', rs.kid],
    ])
    const event = (await trailOf(database, DEPLOYMENT)).at(-1)
    assert.deepEqual(
      [event?.source, event?.metadata, event?.targetType, event?.actorId],
      ['start', { alg: 'RS256' }, 'signing_key', null],
    )
  })

  it('are added by one of several processes that start at once', async () => {
    const offered = Array.from({ length: 5 }, () => key())
    const added = await Promise.all(offered.map((one) => addFirstSigningKeys(database, [one], 'start')))
    assert.equal(added.flat().length, 1)
    assert.deepEqual((await byStatus()).active, [added.flat()[0]?.kid])
  })

  it('are not replaced by one that is only published', async () => {
    const [published, first] = [key(), key()]
    await publishSigningKeys(database, [published], 'test')
    assert.equal((await addFirstSigningKeys(database, [first], 'test')).length, 1)
  })
})

describe('a rotation', () => {
  it('is started once: keys are published before they sign', async () => {
    const [active, next] = [key(), key()]
    await addFirstSigningKeys(database, [active], 'test')
    await newEvents()
    assert.equal(await publishSigningKeys(database, [next], 'test'), true)
    assert.equal(await publishSigningKeys(database, [key()], 'test'), false)
    assert.deepEqual(await byStatus(), { next: [next.kid], active: [active.kid], retired: [] })
    assert.deepEqual(await newEvents(), [['signing_key.publish', next.kid]])
  })

  it('is started by one of several processes', async () => {
    const started = await Promise.all(Array.from({ length: 4 }, () => publishSigningKeys(database, [key()], 'test')))
    assert.deepEqual([started.filter(Boolean).length, (await byStatus()).next.length], [1, 1])
  })

  it('takes each step when it is due, for the algorithm concerned, and records it', async () => {
    const [es, rs, next] = [key(), key('RS256'), key()]
    await addFirstSigningKeys(database, [es, rs], 'test')
    await publishSigningKeys(database, [next], 'test')
    await newEvents()
    const advance = async () =>
      (await advanceSigningKeys(database, PACE, 'rotation')).map(({ verb, kid }) => [verb, kid])

    await age(next.kid, PACE.promoteAfterSeconds - 30)
    assert.deepEqual([await advance(), await newEvents()], [[], []])
    await age(next.kid, PACE.promoteAfterSeconds)
    assert.deepEqual(await advance(), [
      ['retire', es.kid],
      ['activate', next.kid],
    ])
    const status = await byStatus()
    assert.deepEqual(
      [status.active.toSorted(), status.retired, status.next],
      [[rs.kid, next.kid].toSorted(), [es.kid], []],
    )
    assert.deepEqual(await newEvents(), [
      ['signing_key.retire', es.kid],
      ['signing_key.activate', next.kid],
    ])
    assert.deepEqual(await advance(), [], 'nothing is due')

    await age(es.kid, PACE.removeAfterSeconds - 30)
    assert.deepEqual(await advance(), [])
    await age(es.kid, PACE.removeAfterSeconds)
    assert.deepEqual([await advance(), await newEvents()], [[['remove', es.kid]], [['signing_key.remove', es.kid]]])
    assert.deepEqual((await byStatus()).active.toSorted(), [rs.kid, next.kid].toSorted())
  })

  it('is advanced by one of several processes', async () => {
    const [active, next] = [key(), key()]
    await addFirstSigningKeys(database, [active], 'test')
    await publishSigningKeys(database, [next], 'test')
    await age(next.kid, PACE.promoteAfterSeconds)
    const changes = await Promise.all(Array.from({ length: 4 }, () => advanceSigningKeys(database, PACE, 'test')))
    assert.equal(changes.flat().length, 2)
    assert.deepEqual(await byStatus(), { next: [], active: [next.kid], retired: [active.kid] })
  })
})

describe('the replacement of leaked keys', () => {
  it('activates the new ones and removes every other, in any status', async () => {
    const [active, next, fresh, other] = [key(), key(), key(), key('RS256')]
    await addFirstSigningKeys(database, [active], 'test')
    await publishSigningKeys(database, [next], 'test')
    await newEvents()
    const changes = await replaceSigningKeys(database, [fresh, other], 'operations')
    assert.deepEqual(
      new Set(changes.map(({ verb, kid }) => `${verb} ${kid}`)),
      new Set([`activate ${fresh.kid}`, `activate ${other.kid}`, `remove ${active.kid}`, `remove ${next.kid}`]),
    )
    const status = await byStatus()
    assert.deepEqual(
      [status.active.toSorted(), status.next, status.retired],
      [[fresh.kid, other.kid].toSorted(), [], []],
    )
    assert.equal((await newEvents()).length, 4)
  })

  it('changes nothing if it fails', async () => {
    const active = key()
    await addFirstSigningKeys(database, [active], 'test')
    await newEvents()
    await assert.rejects(replaceSigningKeys(database, [key(), active], 'test'))
    assert.deepEqual([await byStatus(), await newEvents()], [{ next: [], active: [active.kid], retired: [] }, []])
  })
})

describe('the re-encryption of private halves', () => {
  it('replaces those that are returned, leaves the others, and records the former', async () => {
    const [one, two] = [key(), key('RS256')]
    await addFirstSigningKeys(database, [one, two], 'test')
    await newEvents()
    const changes = await rewrapSigningKeys(
      database,
      async ({ kid, privateJwk }) => (kid === one.kid ? `${privateJwk} again` : undefined),
      'operations',
    )
    assert.deepEqual(changes, [{ kid: one.kid, alg: 'ES256', verb: 'reencrypt' }])
    assert.deepEqual(
      (await listSigningKeys(database)).map(({ kid, privateJwk, status }) => [kid, privateJwk, status]).toSorted(),
      [
        [one.kid, 'sealed again', 'active'],
        [two.kid, 'sealed', 'active'],
      ].toSorted(),
    )
    assert.deepEqual(await newEvents(), [['signing_key.reencrypt', one.kid]])
  })

  it('changes nothing if one of them fails', async () => {
    await addFirstSigningKeys(database, [key(), key('RS256')], 'test')
    await newEvents()
    let calls = 0
    const failing = rewrapSigningKeys(
      database,
      async () => {
        calls += 1
        if (calls === 2) throw new Error('another key')
        return 'changed'
      },
      'test',
    )
    await assert.rejects(failing, /another key/)
    assert.deepEqual(
      [(await listSigningKeys(database)).map(({ privateJwk }) => privateJwk), await newEvents()],
      [['sealed', 'sealed'], []],
    )
  })
})
