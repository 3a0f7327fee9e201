import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import {
  deleteResourceServer,
  findActiveResourceServer,
  findResourceTokenFacts,
  insertResourceServer,
  listResourceServers,
  type NewResourceServer,
  updateResourceServer,
} from '../src/clients/index.ts'
import { newId } from '../src/core/index.ts'
import { findRedeemable, insertGrant, revokeGrant } from '../src/grants/index.ts'
import { rowsOf } from './rows.ts'
import { transactionsOn } from './transactions.ts'

const { database } = await testDatabase({ after })
const { $client: sql } = database
const rows = rowsOf(database)
const { change } = transactionsOn(database)
const LATER = Math.floor(Date.now() / 1000) + 3600
const READ = { name: 'invoices:read', description: 'Read invoices' }
const WRITE = { name: 'invoices:write', description: 'Change invoices' }
await sql`INSERT INTO signing_keys (kid, alg, status, public_jwk, private_jwk) VALUES ('kid', 'ES256', 'active', '{}', '')`

let count = 0
const newServer = (more: Partial<NewResourceServer> = {}): NewResourceServer => {
  count += 1
  return {
    id: newId('rs'),
    identifier: `https://api${count}.example.com/v1`,
    name: 'Invoices',
    scopes: [READ, WRITE],
    createdBy: null,
    ...more,
  }
}

/** A resource server with a grant, a code under it, and the claims of a token for it. */
async function scene() {
  const user = await rows.user()
  const organization = await rows.organization(await rows.user())
  const clientId = await rows.client({ scopes: ['read:volumes'] })
  const server = await change((tx) => insertResourceServer(tx, organization, newServer()))
  assert.ok(server)
  const grantId = newId('grant')
  const code = { model: 'AuthorizationCode', digest: Buffer.from(grantId) }
  const grant = {
    id: grantId,
    userId: user,
    clientId,
    scopes: ['openid', 'write:volumes'],
    organizationIds: [],
    payload: {},
    sessionUid: newId('evt'),
    session: null,
    isConsented: false,
    expiresAt: LATER,
    outlivesSession: true,
    resource: { id: server.id, scopes: [READ.name, WRITE.name] },
  }
  const artifact = { ...code, payload: {}, grantId, accountId: user, clientId, uid: null, userCode: null }
  assert.equal(await insertGrant(database, grant, { ...artifact, expiresAt: LATER }), true)
  const claims = { audience: server.identifier, grantId, userId: user, clientId, kid: 'kid' }
  return { user, organization, clientId, server, grantId, code, claims }
}

describe('a resource server', () => {
  it('has an identifier that no organization can register again, until it is deleted', async () => {
    const [one, two] = [await rows.organization(await rows.user()), await rows.organization(await rows.user())]
    const given = newServer()
    assert.ok(await change((tx) => insertResourceServer(tx, one, given)))
    for (const organization of [one, two]) {
      const again = { ...given, id: newId('rs') }
      assert.equal(await change((tx) => insertResourceServer(tx, organization, again)), undefined)
    }
    assert.ok(await change((tx) => deleteResourceServer(tx, one, given.id)))
    assert.ok(await change((tx) => insertResourceServer(tx, two, { ...given, id: newId('rs') })))
    assert.deepEqual((await listResourceServers(database, one, { limit: 10 })).rows, [])
  })

  it('is deleted with its organization', async () => {
    const { organization, server } = await scene()
    await sql`DELETE FROM organizations WHERE id = ${organization}`
    assert.equal(await findActiveResourceServer(database, server.identifier), undefined)
  })
})

/** What ends the tokens of a scene, and whether its code may still be found with scopes. */
const ENDS: Record<string, (of: Awaited<ReturnType<typeof scene>>) => Promise<unknown>> = {
  'a disabled resource server': ({ organization, server }) =>
    change((tx) => updateResourceServer(tx, organization, server.id, { enabled: false })),
  'a deleted resource server': ({ organization, server }) =>
    change((tx) => deleteResourceServer(tx, organization, server.id)),
  'a suspended organization': ({ organization }) =>
    sql`UPDATE organizations SET suspended_at = now(), suspended_until = now() + interval '1 hour' WHERE id = ${organization}`,
  'a deleted organization': ({ organization }) => sql`DELETE FROM organizations WHERE id = ${organization}`,
  'an identifier that another organization registered': async ({ organization, server }) => {
    await change((tx) => deleteResourceServer(tx, organization, server.id))
    const other = await rows.organization(await rows.user())
    await change((tx) => insertResourceServer(tx, other, newServer({ identifier: server.identifier })))
  },
}

describe('a grant for a resource server', () => {
  it('has the scopes of both that are still registered, and none of ours that the client lacks', async () => {
    const { organization, server, code, claims } = await scene()
    const found = await findRedeemable(database, code, 0)
    assert.deepEqual(found?.grantScopes, ['openid', READ.name, WRITE.name])
    assert.deepEqual(found?.resource, {
      id: server.id,
      identifier: server.identifier,
      scopes: [READ.name, WRITE.name],
    })
    await change((tx) => updateResourceServer(tx, organization, server.id, { scopes: [READ] }))
    assert.deepEqual((await findRedeemable(database, code, 0))?.grantScopes, ['openid', READ.name])
    const facts = await findResourceTokenFacts(database, claims)
    assert.deepEqual(facts, { organizationId: organization, scopes: [READ.name], grantExpiresAt: LATER * 1000 })
  })

  for (const [what, end] of Object.entries(ENDS)) {
    it(`issues nothing for ${what}, whose tokens have no facts`, async () => {
      const made = await scene()
      assert.ok(await findResourceTokenFacts(database, made.claims))
      await end(made)
      assert.equal(await findResourceTokenFacts(database, made.claims), undefined)
      const found = await findRedeemable(database, made.code, 0)
      assert.deepEqual(found?.resource, { id: made.server.id, identifier: null, scopes: [] })
    })
  }

  it('counts again when a suspension is over', async () => {
    const { organization, server, code, claims } = await scene()
    await sql`UPDATE organizations SET suspended_at = now() - interval '2 hours', suspended_until = now() - interval '1 hour'
      WHERE id = ${organization}`
    assert.ok(await findResourceTokenFacts(database, claims))
    assert.equal((await findRedeemable(database, code, 0))?.resource?.identifier, server.identifier)
    assert.equal((await findActiveResourceServer(database, server.identifier))?.id, server.id)
  })

  it('has no facts for other claims, a revoked grant or a disabled user', async () => {
    const { claims, grantId, user } = await scene()
    const other = await scene()
    for (const name of ['audience', 'userId', 'clientId', 'grantId'] as const) {
      const crossed = { ...claims, [name]: other.claims[name] }
      assert.equal(await findResourceTokenFacts(database, crossed), undefined, name)
    }
    assert.equal(await findResourceTokenFacts(database, { ...claims, kid: 'unknown' }), undefined)
    await sql`UPDATE users SET disabled_at = now() WHERE id = ${user}`
    assert.equal(await findResourceTokenFacts(database, claims), undefined)
    await sql`UPDATE users SET disabled_at = NULL WHERE id = ${user}`
    assert.ok(await findResourceTokenFacts(database, claims))
    await change((tx) => revokeGrant(tx, grantId, 'test'))
    assert.equal(await findResourceTokenFacts(database, claims), undefined)
  })
})
