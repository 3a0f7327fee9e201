import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { newId } from '../src/core/id.ts'
import {
  createUser,
  createUserWithIdentity,
  deleteAccount,
  findAccountByEmail,
  findAccountById,
  findUserOfIdentity,
  IdentityTaken,
  linkIdentity,
  listIdentities,
  unlinkIdentity,
  useIdentity,
} from '../src/users/index.ts'
import { rowsOf } from './rows.ts'
import { transactionsOn } from './transactions.ts'

const { database } = await testDatabase({ after })
const rows = rowsOf(database)
const { change } = transactionsOn(database)
const ISSUER = 'https://login.acme.example'
const OTHER = 'https://login.other.example'
const FROM = { ipAddress: '192.0.2.1', userAgent: 'a browser', source: 'provider' }

const identity = (issuer = ISSUER) => ({ issuer, subject: newId('usr'), email: 'ada@acme.example' })
const link = (userId: Parameters<typeof linkIdentity>[1], one = identity()) =>
  change((tx) => linkIdentity(tx, userId, one))

describe('an identity', () => {
  it('of another account cannot be linked, also not by two transactions at once', async () => {
    const [ada, eve] = [await rows.user(), await rows.user()]
    const one = identity()
    assert.equal(await link(ada, one), true)
    assert.equal(await link(eve, one), false)
    assert.equal(await link(ada, one), false)
    assert.equal(await findUserOfIdentity(database, one), ada)

    const contested = identity(OTHER)
    const outcomes = await Promise.allSettled([link(ada, contested), link(eve, contested)])
    const linked = outcomes.filter((outcome) => outcome.status === 'fulfilled' && outcome.value)
    assert.equal(linked.length, 1)
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') assert.ok(outcome.reason instanceof IdentityTaken)
  })

  it('is found by its issuer and subject together', async () => {
    const ada = await rows.user()
    const one = identity()
    await link(ada, one)
    assert.equal(await findUserOfIdentity(database, { ...one, issuer: OTHER }), undefined)
    assert.equal(await findUserOfIdentity(database, { ...one, subject: `${one.subject} ` }), undefined)
  })

  it('replaces the one of the same provider', async () => {
    const ada = await rows.user()
    const [before, after] = [identity(), identity()]
    await link(ada, before)
    await link(ada, after)
    assert.deepEqual(
      (await listIdentities(database, ada)).map(({ subject }) => subject),
      [after.subject],
    )
    assert.equal(await findUserOfIdentity(database, before), undefined)
  })

  it('is used by its own user only', async () => {
    const [ada, eve] = [await rows.user(), await rows.user()]
    const one = identity()
    await link(ada, one)
    assert.equal(await change((tx) => useIdentity(tx, eve, one)), false)
    assert.equal((await listIdentities(database, ada))[0]?.lastUsedAt, null)
    assert.equal(await change((tx) => useIdentity(tx, ada, one)), true)
    assert.ok((await listIdentities(database, ada))[0]?.lastUsedAt)
  })

  it('ends with its account', async () => {
    const one = identity()
    const created = await createUserWithIdentity(database, { email: 'zoe@acme.example', name: 'Zoe' }, one, FROM)
    assert.ok(created)
    await change((tx) => deleteAccount(tx, created.userId, 'a test'))
    assert.equal(await findUserOfIdentity(database, one), undefined)
  })
})

describe('a user without a password', () => {
  it('is created with its identity, or not at all', async () => {
    const one = identity()
    const created = await createUserWithIdentity(database, { email: 'Ada@Acme.example', name: 'Ada' }, one, FROM)
    assert.ok(created)
    assert.equal((await findAccountById(database, created.userId))?.passwordHash, null)
    assert.equal(await findUserOfIdentity(database, one), created.userId)
    const taken = await createUserWithIdentity(database, { email: 'ada@acme.example', name: 'Eve' }, identity(), FROM)
    assert.equal(taken, undefined)
    await assert.rejects(
      createUserWithIdentity(database, { email: 'eve@acme.example', name: 'Eve' }, one, FROM),
      IdentityTaken,
    )
    assert.equal(await findAccountByEmail(database, 'eve@acme.example'), undefined)
  })

  it('keeps its last identity that can sign in, also if two are removed at once', async () => {
    const created = await createUserWithIdentity(database, { email: 'bob@acme.example', name: 'Bob' }, identity(), FROM)
    assert.ok(created)
    const { userId } = created
    const unlink = async (issuer: string, usable = [ISSUER, OTHER]) => {
      const result = await change((tx) => unlinkIdentity(tx, userId, issuer, usable))
      return typeof result === 'object' ? 'unlinked' : result
    }
    assert.equal(await unlink(ISSUER), 'last')
    assert.equal(await unlink(OTHER), 'unknown')
    await link(userId, identity(OTHER))
    assert.equal(await unlink(ISSUER, [ISSUER]), 'last')
    assert.deepEqual((await Promise.all([unlink(ISSUER), unlink(OTHER)])).sort(), ['last', 'unlinked'])
    assert.equal((await listIdentities(database, userId)).length, 1)
  })

  it('may remove any once it has a password', async () => {
    const user = { email: 'kim@acme.example', name: 'Kim', passwordHash: 'a hash' }
    const created = await createUser(database, user, FROM)
    assert.ok(created)
    await link(created.userId)
    const nothing = { sessions: 0, grants: [], keys: [] }
    assert.deepEqual(await change((tx) => unlinkIdentity(tx, created.userId, ISSUER, [ISSUER])), nothing)
  })
})
