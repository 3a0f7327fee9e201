import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import type { Database, OrganizationId, UserId } from '../src/core/index.ts'
import {
  digestUpstreamSid,
  type NewArtifact,
  putArtifact,
  saveUpstreamSession,
  sweepArtifacts,
  type UpstreamIssuer,
} from '../src/grants/index.ts'
import { endUpstreamSessions, type UpstreamLogout } from '../src/users/index.ts'
import { rowsOf } from './rows.ts'
import { transactionsOn } from './transactions.ts'

const { database } = await testDatabase({ after })
const { $client: sql } = database
const rows = rowsOf(database)
const { change, waits } = transactionsOn(database)

const ISSUER = 'https://login.example'
const NOW = Math.floor(Date.now() / 1000)

/** A person with a personal organization, and an own subject at the provider. */
async function person() {
  const userId = await rows.user()
  await rows.organization(userId, { isPersonal: true })
  return { userId, subject: randomUUID() }
}
type Person = Awaited<ReturnType<typeof person>>

interface SignIn extends Partial<UpstreamIssuer> {
  readonly sid?: string
  readonly issuedAt?: number
  /** The session of the browser before. */
  readonly from?: Uint8Array
}

/** Begins a browser session as the provider does. Returns its uid; undefined if it was not saved. */
async function signIn(
  { userId, subject }: Person,
  { issuer = ISSUER, organizationId, sid, issuedAt = NOW, from }: SignIn = {},
  on: Database = database,
) {
  const uid = randomUUID()
  const digest = sid === undefined ? undefined : digestUpstreamSid({ issuer, organizationId }, sid)
  const session = { ...(digest !== undefined && { sid: digest }), issuedAt }
  const artifact: NewArtifact = {
    model: 'Session',
    digest: randomBytes(32),
    payload: { identity: { issuer, subject, organizationId, session } },
    grantId: null,
    accountId: userId,
    clientId: null,
    uid,
    userCode: null,
    expiresAt: NOW + 3600,
  }
  const login = { issuer, organizationId, subject, sid: digest, issuedAt }
  return (await saveUpstreamSession(on, login, artifact, from)) ? uid : undefined
}

/** The connection of a transaction, in place of the pool. */
const connectionOf = (tx: unknown) =>
  ({ $client: (tx as { _: { session: { client: unknown } } })._.session.client }) as Database

const logoutOf = (more: Partial<UpstreamLogout>): UpstreamLogout => ({
  issuer: ISSUER,
  jti: randomUUID(),
  issuedAt: NOW,
  acceptedUntil: NOW + 300,
  ...more,
})
const end = async (more: Partial<UpstreamLogout>) => {
  const ended = await change((tx) => endUpstreamSessions(tx, logoutOf(more)))
  return ended?.map(({ uid }) => uid)
}
const sessionsOf = async ({ userId }: Person) =>
  (await sql<{ uid: string }[]>`SELECT uid FROM oidc_artifacts WHERE model = 'Session' AND account_id = ${userId}`).map(
    ({ uid }) => uid,
  )

describe('endUpstreamSessions', () => {
  it('ends the sessions of one session at the provider, or all of a person, and those of which it named none', async () => {
    const [ada, bob] = [await person(), await person()]
    const [first, second, third] = [randomUUID(), randomUUID(), randomUUID()]
    const one = await signIn(ada, { sid: first })
    const two = await signIn(ada, { sid: second })
    const unnamed = await signIn(ada)
    const bobs = await signIn(bob, { sid: third })
    assert.deepEqual(await end({ sid: first }), [one])
    assert.deepEqual((await end({ sid: second, subject: ada.subject }))?.sort(), [two, unnamed].sort())
    assert.deepEqual(await sessionsOf(bob), [bobs])
    assert.deepEqual(await end({ subject: bob.subject }), [bobs])
    assert.deepEqual(await end({ subject: bob.subject }), [])
  })

  it('ends nothing of another person, issuer or organization, and no session of a password', async () => {
    const ada = await person()
    const organizationId = 'org_one' as OrganizationId
    const sid = randomUUID()
    const uids = [
      await signIn(ada, { sid }),
      await signIn(ada, { sid, organizationId }),
      await signIn(ada, { sid, issuer: 'https://other.example' }),
    ]
    const password = randomUUID()
    await sql`INSERT INTO oidc_artifacts (model, digest, payload, account_id, uid, expires_at)
      VALUES ('Session', ${randomBytes(32)}, '{}', ${ada.userId}, ${password}, now() + interval '1 hour')`
    const others: Partial<UpstreamLogout>[] = [
      { sid: randomUUID() },
      { sid, subject: randomUUID() },
      { subject: randomUUID() },
      { sid, issuer: 'https://third.example' },
      { subject: ada.subject, issuer: 'https://third.example' },
      { sid, organizationId: 'org_two' as OrganizationId },
      { subject: ada.subject, organizationId: 'org_two' as OrganizationId },
    ]
    for (const other of others) assert.deepEqual(await end(other), [], JSON.stringify(other))
    assert.equal((await sessionsOf(ada)).length, 4)
    assert.deepEqual(await end({ sid, organizationId, subject: ada.subject }), [uids[1]])
    assert.deepEqual(await end({ subject: ada.subject }), [uids[0]])
    assert.deepEqual((await sessionsOf(ada)).sort(), [uids[2], password].sort())
  })

  it('ends by a subject only what was signed in by the same provider of the same organization', async () => {
    const ada = await person()
    const organizationId = 'org_one' as OrganizationId
    const deployments = await signIn(ada)
    const organizations = await signIn(ada, { organizationId })
    assert.deepEqual(await end({ subject: ada.subject, organizationId }), [organizations])
    await signIn(ada, { organizationId, issuedAt: NOW + 1 })
    assert.deepEqual(await end({ subject: ada.subject }), [deployments])
  })

  it('ends a session of an earlier release by the linked identity', async () => {
    const ada = await person()
    const uid = randomUUID()
    await sql`INSERT INTO user_identities (user_id, issuer, subject, email)
      VALUES (${ada.userId}, ${ISSUER}, ${ada.subject}, 'ada@example.com')`
    const payload = JSON.stringify({ identity: { issuer: ISSUER, subject: ada.subject } })
    await sql`INSERT INTO oidc_artifacts (model, digest, payload, account_id, uid, expires_at)
      VALUES ('Session', ${randomBytes(32)}, ${payload}::text::jsonb, ${ada.userId}, ${uid}, now() + interval '1 hour')`
    assert.deepEqual(await end({ sid: 'any', subject: ada.subject }), [uid])
  })

  it('uses a token once, at one of concurrent requests, and separately for each organization', async () => {
    const jti = randomUUID()
    assert.deepEqual(await end({ jti, subject: 'x' }), [])
    assert.equal(await end({ jti, subject: 'y' }), undefined)
    assert.deepEqual(await end({ jti, subject: 'x', organizationId: 'org_one' as OrganizationId }), [])
    const logout = logoutOf({ subject: 'x' })
    const concurrent = await waits(
      (tx) => endUpstreamSessions(tx, logout),
      () => change((tx) => endUpstreamSessions(tx, logout)),
    )
    assert.deepEqual(concurrent, [[], undefined])
  })
})

describe('a session whose sign-in the provider has ended before', () => {
  for (const by of ['sid', 'subject'] as const) {
    it(`does not begin, by ${by}, until the next sign-in there`, async () => {
      const ada = await person()
      const sid = randomUUID()
      assert.deepEqual(await end(by === 'sid' ? { sid } : { subject: ada.subject }), [])
      assert.equal(await signIn(ada, { sid }), undefined)
      const anonymous = randomBytes(32)
      await putArtifact(database, {
        model: 'Session',
        digest: anonymous,
        payload: {},
        grantId: null,
        accountId: null,
        clientId: null,
        uid: randomUUID(),
        userCode: null,
        expiresAt: NOW + 3600,
      })
      assert.equal(await signIn(ada, { sid, from: anonymous }), undefined)
      assert.deepEqual(await sessionsOf(ada), [])
      await sweepArtifacts(database, 5000)
      assert.equal(await signIn(ada, { sid, issuedAt: NOW }), undefined)
      assert.ok(await signIn(ada, { sid, issuedAt: NOW + 1, from: anonymous }))
    })

    it(`does not begin, by ${by}, while the logout commits`, async () => {
      const ada = await person()
      const sid = randomUUID()
      const logout = logoutOf(by === 'sid' ? { sid } : { subject: ada.subject })
      const [ended, uid] = await waits(
        (tx) => endUpstreamSessions(tx, logout),
        () => signIn(ada, { sid }),
      )
      assert.deepEqual([ended, uid], [[], undefined])
    })

    it(`ends, by ${by}, if it is saved while the logout waits`, async () => {
      const ada = await person()
      const sid = randomUUID()
      const logout = logoutOf(by === 'sid' ? { sid } : { subject: ada.subject })
      const [uid, ended] = await waits(
        (tx) => signIn(ada, { sid }, connectionOf(tx)),
        () => end(logout),
      )
      assert.ok(uid)
      assert.deepEqual(ended, [uid])
      assert.deepEqual(await sessionsOf(ada), [])
    })
  }

  it('is not one that another account has, or that another provider has signed in', async () => {
    const ada = await person()
    const sid = randomUUID()
    await end({ sid, organizationId: 'org_one' as OrganizationId })
    await end({ subject: ada.subject, organizationId: 'org_one' as OrganizationId })
    assert.ok(await signIn(ada, { sid }))
    assert.equal(
      await signIn({ ...ada, userId: ada.userId as UserId }, { sid, organizationId: 'org_one' as OrganizationId }),
      undefined,
    )
  })
})
