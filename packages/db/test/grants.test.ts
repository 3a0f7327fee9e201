import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { newId, type UserId } from '../src/core/index.ts'
import { narrowConsents } from '../src/grants/consents.ts'
import {
  endClientInSession,
  endSession,
  findConsent,
  findGrantPayload,
  revokeGrant,
  sweepGrants,
} from '../src/grants/index.ts'
import { rowsOf } from './rows.ts'
import { transactionsOn } from './transactions.ts'

const { database } = await testDatabase({ after })
const { $client: sql } = database
const rows = rowsOf(database)
const { change, waits } = transactionsOn(database)

const idsOf = (found: readonly { readonly id: string }[]) => found.map(({ id }) => id).toSorted()
const stateOf = async (id: string) => {
  const [row] =
    await sql`SELECT revoked_at IS NOT NULL AS "isRevoked", revoked_reason AS reason FROM grants WHERE id = ${id}`
  return row
}
const ACTIVE = { isRevoked: false, reason: null }

async function person() {
  const user = await rows.user()
  const personal = await rows.organization(user, { isPersonal: true })
  const clientId = await rows.client()
  return { user, personal, clientId }
}

describe('findGrantPayload', () => {
  it('finds the payload of a grant, with the scopes that its client still has', async () => {
    const { user } = await person()
    const clientId = await rows.client({ scopes: ['read:volumes', 'profile'] })
    const id = await rows.grant(user, clientId, { scopes: ['openid', 'read:volumes', 'write:volumes'] })
    await sql`UPDATE grants SET payload = '{"of": "library"}' WHERE id = ${id}`
    assert.deepEqual(await findGrantPayload(database, id), {
      payload: { of: 'library' },
      scopes: ['openid', 'read:volumes'],
    })
  })

  it('finds none that is revoked, unknown, or without a client', async () => {
    const { user, clientId } = await person()
    const id = await rows.grant(user, clientId)
    await change((tx) => revokeGrant(tx, id, 'test'))
    for (const missing of [id, newId('grant'), await rows.grant(user, 'app_gone')]) {
      assert.equal(await findGrantPayload(database, missing), undefined)
    }
  })
})

describe('revokeGrant', () => {
  it('revokes the grant with what was issued for it, and returns what the audit events need', async () => {
    const { user, personal, clientId } = await person()
    const home = await rows.organization(user)
    const [id, neighbour] = [await rows.grant(user, clientId), await rows.grant(user, clientId)]
    for (const grant of [id, neighbour]) await rows.artifact(grant)
    const [key, other] = [
      await rows.key(user, home, { parentGrant: id, reaches: [home, personal] }),
      await rows.key(user, home, { name: 'own' }),
    ]
    const child = await rows.key(user, home, { name: 'child', parentKey: key })
    const { grants, keys } = await change((tx) => revokeGrant(tx, id, 'by the user'))
    assert.deepEqual(grants, [{ id, clientId, userId: user, email: `${user}@example.com`, organizationId: personal }])
    assert.deepEqual(idsOf(keys), [key, child].toSorted())
    assert.deepEqual(keys.find((one) => one.id === key)?.organizationIds.toSorted(), [home, personal].toSorted())
    assert.deepEqual(
      [await stateOf(id), await stateOf(neighbour)],
      [{ isRevoked: true, reason: 'by the user' }, ACTIVE],
    )
    assert.deepEqual(
      [await rows.keyStatus(key), await rows.keyStatus(child), await rows.keyStatus(other)],
      ['revoked', 'revoked', 'active'],
    )
    const left = await sql`SELECT grant_id FROM oidc_artifacts WHERE grant_id IN (${id}, ${neighbour})`
    assert.deepEqual([...left], [{ grant_id: neighbour }])
  })

  it('does nothing to a grant that is revoked already, or unknown', async () => {
    const { user, clientId } = await person()
    const id = await rows.grant(user, clientId)
    const revoke = (reason: string) => change((tx) => revokeGrant(tx, id, reason))
    await revoke('first')
    assert.deepEqual(await revoke('second'), { grants: [], keys: [] })
    assert.deepEqual(await stateOf(id), { isRevoked: true, reason: 'first' })
    assert.deepEqual(await change((tx) => revokeGrant(tx, newId('grant'), 'x')), { grants: [], keys: [] })
  })

  it('returns a grant once, to the first of two concurrent revocations', async () => {
    const { user, clientId } = await person()
    const id = await rows.grant(user, clientId)
    const [first, second] = await waits(
      (tx) => revokeGrant(tx, id, 'first'),
      () => change((tx) => revokeGrant(tx, id, 'second')),
    )
    assert.deepEqual([idsOf(first.grants), second.grants], [[id], []])
  })

  it('waits for the creation of a key with the grant, and revokes it too', async () => {
    const { user, personal, clientId } = await person()
    const id = await rows.grant(user, clientId)
    const key = newId('key')
    const [, { keys }] = await waits(
      (tx) =>
        tx.execute(`INSERT INTO api_keys (id, organization_id, user_id, name, permissions, parent_grant_id)
        VALUES ('${key}', '${personal}', '${user}', 'new', '{}', '${id}')`),
      () => change((tx) => revokeGrant(tx, id, 'test')),
    )
    assert.deepEqual([idsOf(keys), await rows.keyStatus(key)], [[key], 'revoked'])
  })

  it('returns no organization for a user without a personal one', async () => {
    const user = await rows.user()
    const id = await rows.grant(user, await rows.client())
    const { grants } = await change((tx) => revokeGrant(tx, id, 'test'))
    assert.equal(grants[0]?.organizationId, null)
  })
})

describe('the end of a session', () => {
  /** Inserts a session with grants of two clients, another session, and a grant that outlives its session. */
  async function signedIn() {
    const made = await person()
    const { user, clientId } = made
    const [uid, other] = [await rows.session(user), await rows.session(user)]
    const second = await rows.client()
    const inSession = async (sessionUid: string | null, client = clientId) => rows.grant(user, client, { sessionUid })
    return {
      ...made,
      uid,
      other,
      first: await inSession(uid),
      second: await inSession(uid, second),
      elsewhere: await inSession(other),
      lasting: await inSession(null),
    }
  }
  const sessions = async (user: UserId) => {
    const found =
      await sql`SELECT uid FROM oidc_artifacts WHERE model = 'Session' AND account_id = ${user} ORDER BY uid`
    return found.map((row) => row['uid'])
  }

  it('revokes the grants that were made in it, and no others', async () => {
    const { user, uid, other, first, second, elsewhere, lasting } = await signedIn()
    const { grants } = await change((tx) => endSession(tx, uid, 'signed out'))
    assert.deepEqual([idsOf(grants), await sessions(user)], [[first, second].toSorted(), [other]])
    for (const id of [first, second]) assert.deepEqual(await stateOf(id), { isRevoked: true, reason: 'signed out' })
    for (const id of [elsewhere, lasting]) assert.deepEqual(await stateOf(id), ACTIVE)
  })

  it('is possible without a grant, and done once', async () => {
    const { user } = await person()
    const uid = await rows.session(user)
    const end = () => change((tx) => endSession(tx, uid, 'x'))
    assert.deepEqual(
      [await end(), await sessions(user), await end()],
      [{ grants: [], keys: [] }, [], { grants: [], keys: [] }],
    )
  })

  it('of one client revokes its grants only, and continues the session', async () => {
    const { user, uid, other, clientId, first, second, elsewhere } = await signedIn()
    const { grants } = await change((tx) => endClientInSession(tx, uid, clientId, 'x'))
    assert.deepEqual([idsOf(grants), await sessions(user)], [[first], [uid, other].sort()])
    for (const id of [second, elsewhere]) assert.deepEqual(await stateOf(id), ACTIVE)
  })
})

describe('sweepGrants', () => {
  it('deletes grants a day after their end, unless a key was made with them, up to a limit', async () => {
    const { user, personal, clientId } = await person()
    const of = (expiresIn: string) => rows.grant(user, clientId, { expiresIn })
    const due = [await of('-25 hours'), await of('-3 days')]
    const kept = [await of('-23 hours'), await of('1 hour'), await of('1 hour')]
    const [, , parent] = kept
    assert.ok(parent)
    await rows.key(user, personal, { parentGrant: parent, expiresIn: '1 hour' })
    await sql`UPDATE grants SET expires_at = now() - interval '3 days' WHERE id = ${parent}`
    const counts = [await sweepGrants(database, 1), await sweepGrants(database, 10), await sweepGrants(database, 10)]
    assert.deepEqual(counts, [1, 1, 0])
    const left = await sql<{ id: string }[]>`SELECT id FROM grants WHERE id IN ${sql([...due, ...kept])}`
    assert.deepEqual(idsOf(left), kept.toSorted())
  })
})

describe('narrowConsents', () => {
  it('takes scopes that a client may no longer request from its consents, and no others', async () => {
    const { user, personal } = await person()
    const other = await rows.organization(user)
    const clients = [await rows.client(), await rows.client()] as const
    for (const client of clients) {
      await sql`INSERT INTO consents (user_id, client_id, scopes) VALUES (${user}, ${client}, '{email,openid,profile}')`
      await sql`INSERT INTO consent_organizations (user_id, client_id, organization_id, scopes)
        VALUES (${user}, ${client}, ${personal}, '{read:volumes,write:volumes}'), (${user}, ${client}, ${other}, '{write:volumes}')`
    }
    const [narrowed, untouched] = clients
    const before = await findConsent(database, user, untouched)
    await change((tx) => narrowConsents(tx, narrowed, ['openid', 'email', 'read:volumes']))
    assert.deepEqual(await findConsent(database, user, narrowed), {
      scopes: ['email', 'openid'],
      declined: [],
      organizations: [{ id: personal, scopes: ['read:volumes'] }],
    })
    assert.deepEqual(await findConsent(database, user, untouched), before)
  })
})
