import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import type { UserId } from '../src/core/id.ts'
import { findSession, type NewArtifact, putSession, renewSession } from '../src/grants/index.ts'
import {
  createUser,
  endOtherUserAccess,
  endPendingSignIns,
  endUserAccess,
  FIRST_SIGN_IN_VERSION,
  findAccountById,
  linkIdentity,
  unlinkIdentity,
} from '../src/users/index.ts'
import { transactionsOn } from './transactions.ts'

const { database } = await testDatabase({ after })
const { $client: sql } = database
const { change } = transactionsOn(database)
const ISSUER = 'https://login.acme.example'

const session = (accountId: UserId | null, payload: Record<string, unknown>): NewArtifact => ({
  model: 'Session',
  digest: randomBytes(32),
  payload,
  grantId: null,
  accountId,
  clientId: null,
  uid: randomBytes(8).toString('hex'),
  userCode: null,
  expiresAt: Math.floor(Date.now() / 1000) + 3600,
})
let people = 0
async function newUser() {
  people += 1
  const user = { email: `ada${people}@acme.example`, name: 'Ada', passwordHash: 'a hash' }
  const created = await createUser(database, user, { source: 'test' })
  assert.ok(created)
  return created.userId
}
const exists = async (one: NewArtifact) => (await findSession(database, one)) !== undefined

/** Stores a session of a sign-in with the version that the account has now. */
async function signedIn(userId: UserId, payload: Record<string, unknown> = {}) {
  const version = (await findAccountById(database, userId))?.signInVersion
  const one = session(userId, { ...payload, signInVersion: version })
  assert.equal(await putSession(database, one), true)
  return one
}

describe('a session of a sign-in that has ended', () => {
  const stale = [{ signInVersion: FIRST_SIGN_IN_VERSION }, {}, { signInVersion: null }, { signInVersion: 7 }]
  for (const payload of stale) {
    it(`is neither stored nor found with ${JSON.stringify(payload)}`, async () => {
      const ada = await newUser()
      await change((tx) => endUserAccess(tx, ada, 'test'))
      const one = session(ada, payload)
      assert.equal(await putSession(database, one), false)
      const anonymous = session(null, {})
      assert.equal(await putSession(database, anonymous), true)
      assert.equal(await renewSession(database, anonymous.digest, one), false)
      // As a server of the previous release stores it; a later end does not bring it back.
      await sql`INSERT INTO oidc_artifacts (model, digest, payload, account_id, uid, expires_at) VALUES
        ('Session', ${one.digest}, ${JSON.stringify(payload)}::text::jsonb, ${ada}, ${one.uid}, now() + interval '1 hour')`
      assert.equal(await exists(one), false)
      await change((tx) => endPendingSignIns(tx, ada))
      assert.equal(await exists(one), false)
    })
  }
})

describe('a session that continues', () => {
  it('is the one that was kept, and one of an earlier release', async () => {
    const ada = await newUser()
    const [kept, other, earlier] = [await signedIn(ada), await signedIn(ada), session(ada, {})]
    assert.equal(await putSession(database, earlier), true)
    await change((tx) => endPendingSignIns(tx, ada))
    assert.deepEqual(await Promise.all([kept, other, earlier].map(exists)), [true, true, true])
    await change((tx) => endOtherUserAccess(tx, ada, kept.uid ?? '', 'test'))
    assert.deepEqual(await Promise.all([kept, other, earlier].map(exists)), [true, false, false])
    assert.equal(await exists(await signedIn(ada)), true)
  })

  it('is one of another way in, after an identity was unlinked', async () => {
    const ada = await newUser()
    const identity = { issuer: ISSUER, subject: 'ada', email: 'ada@acme.example' }
    await change((tx) => linkIdentity(tx, ada, identity))
    const ofPassword = await signedIn(ada)
    const ofIdentity = await signedIn(ada, { identity: { issuer: ISSUER, subject: 'ada' } })
    const ofOther = await signedIn(ada, { identity: { issuer: ISSUER, subject: 'eve' } })
    assert.deepEqual(await Promise.all([ofPassword, ofIdentity, ofOther].map(exists)), [true, true, false])
    const ended = await change((tx) => unlinkIdentity(tx, ada, ISSUER, [ISSUER]))
    assert.deepEqual(ended, { sessions: 2, grants: [], keys: [] })
    assert.deepEqual(await Promise.all([ofPassword, ofIdentity].map(exists)), [true, false])
  })
})
