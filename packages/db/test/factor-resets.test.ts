import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import type { UserId } from '../src/core/id.ts'
import {
  advanceFactorReset,
  cancelFactorReset,
  claimFactorResets,
  findFactorReset,
  findFactorResetByLink,
  insertFactorReset,
  insertFactorResetLinks,
  redeemFactorResetLink,
} from '../src/users/index.ts'
import { rowsOf } from './rows.ts'
import { transactionsOn } from './transactions.ts'

const { database } = await testDatabase({ after })
const rows = rowsOf(database)
const { change } = transactionsOn(database)

const HOUR_MS = 60 * 60 * 1000
const START = Date.UTC(2026, 0, 1)
const at = (hours: number) => new Date(START + hours * HOUR_MS)
const LEASE = { leaseMs: HOUR_MS, limit: 100 }

/** A user whose second factors are to be removed 72 hours after the start. */
async function withReset(startsAt = at(0)): Promise<UserId> {
  const userId = await rows.user()
  const reset = { userId, email: 'ada@example.com', stage: 'requested', startedAt: startsAt, endsAt: at(72) } as const
  assert.equal(await change((tx) => insertFactorReset(tx, reset)), true)
  return userId
}

const withLinks = async (userId: UserId, count = 2) => {
  const digests = Array.from({ length: count }, () => randomBytes(32))
  assert.equal(await change((tx) => insertFactorResetLinks(tx, userId, digests)), true)
  return digests
}

const claim = async (hours: number, of: UserId[], lease = LEASE) => {
  const claimed = await claimFactorResets(database, { now: at(hours), ...lease })
  return of.filter((userId) => claimed.some((one) => one.userId === userId))
}

describe('a removal of second factors', () => {
  it('is started once: another start neither repeats nor extends it', async () => {
    const userId = await withReset()
    const again = { userId, email: 'eve@example.com', stage: 'requested', startedAt: at(1), endsAt: at(1) } as const
    assert.equal(await change((tx) => insertFactorReset(tx, again)), false)
    const { email, endsAt, stage } = (await findFactorReset(database, userId)) ?? {}
    assert.deepEqual([email, endsAt, stage], ['ada@example.com', at(72), 'requested'])
  })

  it('is found and cancelled by the link of each of its mails, and by no other', async () => {
    const [userId, other] = [await withReset(), await withReset()]
    const [first, second] = await withLinks(userId)
    const [foreign] = await withLinks(other, 1)
    assert.ok(first && second && foreign)
    assert.equal(await findFactorResetByLink(database, randomBytes(32)), undefined)
    assert.equal((await findFactorResetByLink(database, second))?.userId, userId)
    for (const digest of [randomBytes(32), foreign]) {
      assert.equal(await change((tx) => redeemFactorResetLink(tx, userId, digest)), false)
    }
    assert.ok(await findFactorReset(database, userId))
    assert.equal(await change((tx) => redeemFactorResetLink(tx, userId, first)), true)
    assert.equal(await findFactorReset(database, userId), undefined)
    // The links of its other mails end with it.
    assert.equal(await findFactorResetByLink(database, second), undefined)
    assert.equal(await change((tx) => redeemFactorResetLink(tx, userId, second)), false)
    assert.ok(await findFactorReset(database, other))
  })

  it('gets no links after it was cancelled', async () => {
    const userId = await withReset()
    assert.equal(await change((tx) => cancelFactorReset(tx, userId)), true)
    assert.equal(await change((tx) => cancelFactorReset(tx, userId)), false)
    assert.equal(await change((tx) => insertFactorResetLinks(tx, userId, [randomBytes(32)])), false)
  })

  it('is claimed when a step is due, by one process, and again after the lease', async () => {
    const [due, later] = [await withReset(at(0)), await withReset(at(2))]
    assert.deepEqual(await claim(-1, [due, later]), [])
    const claims = await Promise.all(Array.from({ length: 4 }, () => claim(0, [due, later])))
    assert.deepEqual(claims.flat(), [due])
    assert.deepEqual(await claim(0.5, [due, later]), [])
    assert.deepEqual((await claim(2, [due, later])).toSorted(), [due, later].toSorted())
  })

  it('is advanced from the stage that was read, and not twice', async () => {
    const userId = await withReset()
    const announced = { stage: 'announced', dueAt: at(48), endsAt: at(80) } as const
    await change((tx) => advanceFactorReset(tx, userId, 'requested', announced))
    await change((tx) => advanceFactorReset(tx, userId, 'requested', { ...announced, endsAt: at(1) }))
    const { stage, endsAt } = (await findFactorReset(database, userId)) ?? {}
    assert.deepEqual([stage, endsAt], ['announced', at(80)])
    assert.deepEqual(await claim(47, [userId]), [])
    assert.deepEqual(await claim(48, [userId]), [userId])
  })
})
