import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { after, beforeEach, describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { newId, type UserId } from '../src/core/index.ts'
import {
  BACKCHANNEL_ATTEMPTS,
  BACKCHANNEL_RETRY_SECONDS,
  claimBackchannelLogouts,
  deleteBackchannelLogout,
  endSession,
  sweepBackchannelLogouts,
} from '../src/grants/index.ts'
import { endOtherUserAccess, endUserAccess, endUserSession, setAccountDisabled } from '../src/users/index.ts'
import { rowsOf } from './rows.ts'
import { transactionsOn } from './transactions.ts'

const { database, serverUrls } = await testDatabase({ after })
const { $client: sql } = database
const rows = rowsOf(database)
const { change } = transactionsOn(database)

const CLIENT = newId('app')
await sql`INSERT INTO oidc_clients (id, name, type, redirect_uris, scopes, backchannel_logout_uri)
  VALUES (${CLIENT}, 'App', 'web', '{https://app.example.com/callback}', '{openid}', 'https://app.example.com/logout')`

/** Inserts a session as the provider stores it, with a grant of the client that was made in it. */
async function session(userId: UserId, clientId = CLIENT) {
  const [uid, sid] = [randomUUID(), randomUUID()]
  const payload = JSON.stringify({ uid, accountId: userId, authorizations: { [clientId]: { sid } } })
  await sql`INSERT INTO oidc_artifacts (model, digest, payload, account_id, uid, expires_at)
    VALUES ('Session', ${randomBytes(32)}, ${payload}::jsonb, ${userId}, ${uid}, now() + interval '1 day')`
  await sql`INSERT INTO grants (id, user_id, client_id, scopes, session_uid, payload, expires_at)
    VALUES (${newId('grant')}, ${userId}, ${clientId}, '{openid}', ${uid}, '{}', now() + interval '1 day')`
  return { uid, sid }
}
const queued = async () =>
  (await sql<{ sid: string }[]>`SELECT sid FROM backchannel_logouts ORDER BY created_at, sid`).map(({ sid }) => sid)
const insert = (clientId: string, count: number, attempts = 0) => sql`
  INSERT INTO backchannel_logouts (client_id, user_id, sid, attempts)
  SELECT ${clientId}, 'usr_x', 'session ' || n, ${attempts}::int FROM generate_series(1, ${count}::int) n`
const claim = (limit = 20, perClient = 4) => claimBackchannelLogouts(database, { limit, perClient })

beforeEach(() => sql`DELETE FROM backchannel_logouts`)

describe('the end of a session', () => {
  const ways: Record<string, (userId: UserId, uid: string) => Promise<unknown>> = {
    endSession: (_userId, uid) => change((tx) => endSession(tx, uid, 'test')),
    endUserSession: (userId, uid) => change((tx) => endUserSession(tx, userId, uid, 'test')),
    endUserAccess: (userId) => change((tx) => endUserAccess(tx, userId, 'test')),
    endOtherUserAccess: (userId) => change((tx) => endOtherUserAccess(tx, userId, 'another', 'test')),
    setAccountDisabled: (userId) => change((tx) => setAccountDisabled(tx, userId, true, 'test')),
    'the deletion of everything': (userId) => sql`DELETE FROM oidc_artifacts WHERE account_id = ${userId}`,
  }
  for (const [how, end] of Object.entries(ways)) {
    it(`queues a logout token for each client with a grant in it: ${how}`, async () => {
      const userId = await rows.user()
      const { uid, sid } = await session(userId)
      await end(userId, uid)
      assert.deepEqual(await queued(), [sid])
    })
  }

  it('queues nothing for a client that has no URI, got no grant in it, or is deleted', async () => {
    const userId = await rows.user()
    await session(userId, newId('app'))
    const { uid } = await session(userId)
    await sql`DELETE FROM grants WHERE session_uid = ${uid}`
    const without = newId('app')
    await sql`INSERT INTO oidc_clients (id, name, type, redirect_uris, scopes) VALUES (${without}, 'App', 'web', '{}', '{}')`
    await session(userId, without)
    await change((tx) => endUserAccess(tx, userId, 'test'))
    assert.deepEqual(await queued(), [])
  })

  it('is no error for a session of another form', async () => {
    const userId = await rows.user()
    for (const authorizations of [undefined, null, [], 'x', { [CLIENT]: null }, { [CLIENT]: { sid: null } }]) {
      await sql`INSERT INTO oidc_artifacts (model, digest, payload, account_id, uid, expires_at) VALUES ('Session',
        ${randomBytes(32)}, ${JSON.stringify({ authorizations })}::jsonb, ${userId}, ${randomUUID()}, now() + interval '1 day')`
    }
    await change((tx) => endUserAccess(tx, userId, 'test'))
    assert.deepEqual(await queued(), [])
  })

  it('queues its tokens for the roles of both servers', async (t) => {
    const { connect } = await import('../src/core/client.ts')
    for (const url of Object.values(serverUrls)) {
      const userId = await rows.user()
      const { uid, sid } = await session(userId)
      const { $client } = connect(url, { max: 1 })
      t.after(() => $client.end({ timeout: 1 }))
      await $client`DELETE FROM oidc_artifacts WHERE model = 'Session' AND uid = ${uid}`
      assert.ok((await queued()).includes(sid))
    }
  })
})

describe('queued logout tokens', () => {
  it('are each claimed by one of concurrent processes, and due again later', async () => {
    for (const client of ['a', 'b', 'c', 'd', 'e']) await insert(client, 4)
    const claimed = (await Promise.all(Array.from({ length: 8 }, () => claim()))).flat()
    assert.deepEqual([claimed.length, new Set(claimed.map(({ id }) => id)).size], [20, 20])
    assert.deepEqual(await claim(), [])
    const [first] = claimed
    assert.ok(first)
    await deleteBackchannelLogout(database, first.id)
    await sql`UPDATE backchannel_logouts SET due_at = now()`
    assert.deepEqual(new Set((await claim()).map(({ attempts }) => attempts)), new Set([2]))
    assert.equal((await queued()).length, 19)
  })

  it('are claimed for every client, also if one has many', async () => {
    await insert('many', 500)
    for (const client of ['a', 'b', 'c']) await insert(client, 1)
    const claimed = await claim()
    assert.deepEqual(claimed.map(({ clientId }) => clientId).sort(), ['a', 'b', 'c', 'many', 'many', 'many', 'many'])
    assert.equal((await claim(2)).length, 2)
  })

  it('are tried again after longer and longer times, and swept after the last attempt', async () => {
    await insert('a', 1)
    const delays = [...BACKCHANNEL_RETRY_SECONDS, 0]
    assert.equal(delays.length, BACKCHANNEL_ATTEMPTS)
    for (const [index, seconds] of delays.entries()) {
      const [before] = await sql`SELECT now()::text AS at`
      const [one] = await claim()
      assert.equal(one?.attempts, index + 1)
      // The claim was between the two instants, however long it took.
      const [row] = await sql`
        SELECT due_at >= ${before?.['at']}::timestamptz + make_interval(secs => ${seconds})
          AND due_at <= now() + make_interval(secs => ${seconds}) AS "isRight", due_at FROM backchannel_logouts`
      assert.equal(row?.['isRight'], true, `${seconds} s: ${row?.['due_at']}`)
      await sql`UPDATE backchannel_logouts SET due_at = now()`
    }
    assert.deepEqual(await claim(), [])
    assert.equal(await sweepBackchannelLogouts(database, 10), 0)
    await sql`UPDATE backchannel_logouts SET due_at = now() - interval '2 minutes'`
    assert.equal(await sweepBackchannelLogouts(database, 10), 1)
    await insert('a', 1)
    await sql`UPDATE backchannel_logouts SET due_at = now() - interval '1 year'`
    assert.equal(await sweepBackchannelLogouts(database, 10), 0)
  })
})
