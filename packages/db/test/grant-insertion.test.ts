import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { testDatabase, waitFor } from '@daytona-auth/testing'
import { sql as drizzle } from 'drizzle-orm'
import { systemAuthority } from '../src/audit/authority.ts'
import { type AuditedTx, inAudit } from '../src/audit/entries.ts'
import { newId, type UserId } from '../src/core/id.ts'
import { insertGrant, type NewArtifact } from '../src/grants/artifacts.ts'
import { approveDeviceCode } from '../src/grants/device-codes.ts'
import { endSession, type NewGrant } from '../src/grants/grants.ts'
import { endUserSession, removeAuthorizedApp } from '../src/users/own-access.ts'
import { rowsOf } from './rows.ts'

const TEST_AUTHORITY = systemAuthority('test')

const { database } = await testDatabase({ after })
const { $client: sql } = database
const rows = rowsOf(database)

const LATER = Date.now() / 1000 + 3600

/** Creates a user with a session and a consent, and the grant that is to be inserted. */
async function scene({ isSaved = true } = {}) {
  const user = await rows.user()
  await rows.organization(user)
  const [clientId, uid] = [newId('app'), newId('evt')]
  const session = Buffer.from(`session ${uid}`)
  await sql`INSERT INTO oidc_clients (id, name, type, redirect_uris, scopes) VALUES (${clientId}, 'App', 'native', '{}', '{openid}')`
  await sql`INSERT INTO consents (user_id, client_id, scopes) VALUES (${user}, ${clientId}, '{openid}')`
  if (isSaved)
    await sql`INSERT INTO oidc_artifacts (model, digest, payload, account_id, uid, expires_at)
      VALUES ('Session', ${session}, '{}', ${user}, ${uid}, to_timestamp(${LATER}))`
  const grant: NewGrant = {
    id: newId('grant'),
    userId: user,
    clientId,
    scopes: ['openid'],
    organizationIds: [],
    payload: {},
    sessionUid: uid,
    session: isSaved ? session : null,
    isConsented: true,
    expiresAt: LATER,
    outlivesSession: false,
    resource: null,
  }
  const code: NewArtifact = {
    model: 'AuthorizationCode',
    digest: Buffer.from(`code ${uid}`),
    payload: {},
    grantId: grant.id,
    accountId: user,
    clientId,
    uid: null,
    userCode: null,
    expiresAt: LATER,
  }
  return { user, clientId, uid, grant, code }
}

type Scene = Awaited<ReturnType<typeof scene>>

const asAudited = (change: (tx: AuditedTx) => Promise<unknown>) => inAudit(database, TEST_AUTHORITY, [], change)

/** Every way to revoke what a grant depends on. */
const REVOCATIONS: Record<string, (scene: Scene) => (tx: AuditedTx) => Promise<unknown>> = {
  'signing out':
    ({ uid }) =>
    (tx) =>
      endSession(tx, uid, 'test'),
  'ending the session':
    ({ user, uid }) =>
    (tx) =>
      endUserSession(tx, user, uid, 'test'),
  'removing the app':
    ({ user, clientId }) =>
    (tx) =>
      removeAuthorizedApp(tx, user, clientId, 'test'),
  'deleting the client':
    ({ clientId }) =>
    (tx) =>
      tx.execute(drizzle`DELETE FROM oidc_clients WHERE id = ${clientId}`),
}

/** Does not end existing grants: their tokens are refused while the user is disabled. */
const SUSPENSIONS: typeof REVOCATIONS = {
  'disabling the user':
    ({ user }) =>
    (tx) =>
      tx.execute(drizzle`UPDATE users SET disabled_at = now() WHERE id = ${user}`),
}

async function countActive(user: UserId) {
  const grants = await sql`SELECT id FROM grants WHERE user_id = ${user} AND revoked_at IS NULL`
  const codes = await sql`SELECT 1 FROM oidc_artifacts WHERE account_id = ${user} AND model <> 'Session'`
  return [grants.length, codes.length]
}

/** Other databases of the server belong to other tests. */
const waitsForLock = () =>
  waitFor(
    async () =>
      (await sql`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`).length >
      0,
  )

describe('the insertion of a grant', () => {
  it('is one statement with its first code', async () => {
    for (const here of [await scene(), await scene({ isSaved: false })]) {
      assert.equal(await insertGrant(database, here.grant, here.code), true)
      assert.deepEqual(await countActive(here.user), [1, 1])
    }
  })

  it('needs no consent if none is required', async () => {
    const here = await scene()
    await sql`DELETE FROM consents WHERE user_id = ${here.user}`
    assert.equal(await insertGrant(database, { ...here.grant, isConsented: false }, here.code), true)
  })

  it('finds the session after another request has given it a new id', async () => {
    const here = await scene()
    await sql`UPDATE oidc_artifacts SET digest = ${Buffer.from(`moved ${here.uid}`)} WHERE uid = ${here.uid}`
    assert.equal(await insertGrant(database, here.grant, here.code), true)
  })

  for (const [what, revokeBy] of Object.entries({ ...REVOCATIONS, ...SUSPENSIONS })) {
    it(`does not happen after ${what}`, async () => {
      const here = await scene()
      await asAudited(revokeBy(here))
      assert.equal(await insertGrant(database, here.grant, here.code), false)
      assert.deepEqual(await countActive(here.user), [0, 0])
    })

    it(`does not happen during ${what}`, async () => {
      const here = await scene()
      const [done, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      const ending = asAudited(async (tx) => {
        await revokeBy(here)(tx)
        done.resolve()
        await released.promise
      })
      await done.promise
      const insertion = insertGrant(database, here.grant, here.code)
      await waitsForLock()
      released.resolve()
      await ending
      assert.equal(await insertion, false)
      assert.deepEqual(await countActive(here.user), [0, 0])
    })
  }

  for (const [what, revokeBy] of Object.entries(REVOCATIONS)) {
    it(`makes a concurrent revocation by ${what} wait, and is revoked by it`, async () => {
      const here = await scene()
      const connection = await sql.reserve()
      try {
        await connection`BEGIN`
        assert.equal(await insertGrant({ $client: connection }, here.grant, here.code), true)
        const ending = asAudited(revokeBy(here))
        await waitsForLock()
        await connection`COMMIT`
        await ending
      } finally {
        connection.release()
      }
      assert.deepEqual(await countActive(here.user), [0, 0])
    })
  }

  it('ends with the session, or outlives it', async () => {
    for (const outlivesSession of [false, true]) {
      const here = await scene()
      assert.equal(await insertGrant(database, { ...here.grant, outlivesSession }, here.code), true)
      await asAudited((tx) => endSession(tx, here.uid, 'test'))
      assert.deepEqual(await countActive(here.user), outlivesSession ? [1, 1] : [0, 0])
    }
  })

  it('refuses the approval of a device after the session has ended', async () => {
    for (const isEnded of [false, true]) {
      const here = await scene()
      const device = { ...here.code, model: 'DeviceCode', grantId: null, accountId: null, payload: { inFlight: true } }
      await sql`INSERT INTO oidc_artifacts (model, digest, payload, client_id, expires_at)
        VALUES ('DeviceCode', ${device.digest}, '{"inFlight": true}', ${here.clientId}, to_timestamp(${LATER}))`
      if (isEnded) await asAudited((tx) => endSession(tx, here.uid, 'test'))
      assert.equal(await approveDeviceCode(database, here.grant, device), !isEnded)
      assert.deepEqual(await countActive(here.user), isEnded ? [0, 0] : [1, 1])
    }
  })
})
