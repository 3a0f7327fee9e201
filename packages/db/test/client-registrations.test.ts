import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { testDatabase, waitFor } from '@daytona-auth/testing'
import { DEPLOYMENT, inAudit, systemAuthority } from '../src/audit/index.ts'
import {
  deleteExpiredInitialAccessTokens,
  deleteInitialAccessToken,
  deleteRegistration,
  deleteUnusedRegistrations,
  findManagedClient,
  findOidcClient,
  insertInitialAccessToken,
  isUsableInitialAccessToken,
  listInitialAccessTokens,
  listOperatorClients,
  listRegisteredClients,
  MAX_INITIAL_ACCESS_TOKENS,
  type ManagedClient,
  type RegisteredClient,
  registerClient,
  replaceRegistration,
  saveDocumentClient,
} from '../src/clients/index.ts'
import { type InitialAccessTokenId, newId } from '../src/core/id.ts'
import { rowsOf } from './rows.ts'

const { database } = await testDatabase({ after })
const { $client: sql } = database
const rows = rowsOf(database)
const DAY_MS = 24 * 60 * 60 * 1000

const audited = <T>(change: Parameters<typeof inAudit<T>>[3]): Promise<T> =>
  inAudit<T>(
    database,
    systemAuthority('test'),
    { organizationId: DEPLOYMENT, actorId: null, actorEmail: null, source: 'test', action: 'oauth_app.create' },
    change,
  )

async function createToken(maxUses = 1, expiresInMs = DAY_MS) {
  const digest = randomBytes(32)
  const id = newId('iat')
  const expiresAt = new Date(Date.now() + expiresInMs)
  const row = await audited((tx) =>
    insertInitialAccessToken(tx, { id, name: 'CI', digest, hint: '****', maxUses, expiresAt }),
  )
  return { id, digest, row }
}

const register = (
  token: Uint8Array | null,
  limit = 1000,
  management: Uint8Array | null = null,
): Promise<RegisteredClient> =>
  audited((tx) =>
    registerClient(tx, {
      client: {
        id: newId('app'),
        name: 'Agent',
        type: 'spa',
        redirectUris: ['https://a.example/cb'],
        scopes: ['openid'],
      },
      secret: undefined,
      token,
      management,
      limit,
    }),
  )

async function registeredId(token: Uint8Array | null = null): Promise<string> {
  const registered = await register(token)
  if (typeof registered === 'string') throw new Error(registered)
  return registered.client.id
}

const isThere = async (id: string) => (await findOidcClient(database, id)) !== undefined
const makeOld = (id: string) =>
  sql`UPDATE client_registrations SET created_at = now() - interval '2 days' WHERE client_id = ${id}`

describe('an initial access token', () => {
  it('is usable until it expires, is used up, or is deleted', async () => {
    const [expired, once] = [await createToken(1, -1000), await createToken()]
    assert.equal(await isUsableInitialAccessToken(database, randomBytes(32)), false)
    assert.equal(await isUsableInitialAccessToken(database, expired.digest), false)
    assert.equal(await register(expired.digest), 'invalid-token')
    assert.equal(await isUsableInitialAccessToken(database, once.digest), true)
    await registeredId(once.digest)
    assert.equal(await isUsableInitialAccessToken(database, once.digest), false)
    assert.equal(await register(once.digest), 'invalid-token')
    const revoked = await createToken()
    assert.equal((await audited((tx) => deleteInitialAccessToken(tx, revoked.id)))?.id, revoked.id)
    assert.equal(await audited((tx) => deleteInitialAccessToken(tx, revoked.id)), undefined)
    assert.equal(await isUsableInitialAccessToken(database, revoked.digest), false)
  })

  it('is listed without its digest, also a month after it expired, and one of a limited number', async () => {
    const [old, recent] = [await createToken(1, -31 * DAY_MS), await createToken(1, -29 * DAY_MS)]
    assert.equal(await deleteExpiredInitialAccessTokens(database, 100), 1)
    const listed = await listInitialAccessTokens(database)
    assert.deepEqual(
      [old, recent].map(({ id }) => listed.some((row) => row.id === id)),
      [false, true],
    )
    assert.deepEqual(
      listed.find(({ id }) => id === recent.id),
      recent.row,
    )
    assert.equal('digest' in (recent.row ?? {}), false)
    const free = MAX_INITIAL_ACCESS_TOKENS - listed.length
    await sql`INSERT INTO initial_access_tokens (id, name, digest, hint, max_uses, expires_at)
      SELECT 'iat_' || i, 'x', sha256(i::text::bytea), '', 1, now() FROM generate_series(1, ${free}) i`
    assert.equal((await createToken()).row, undefined)
    await sql`DELETE FROM initial_access_tokens WHERE name = 'x'`
  })
})

describe('a client that registered itself', () => {
  it('is none of the operator, and is read with how it registered', async () => {
    const token = await createToken()
    const id = await registeredId(token.digest)
    const operators = await rows.client()
    assert.deepEqual((await findOidcClient(database, id))?.registration, { documentExpiresAt: null })
    assert.equal((await findOidcClient(database, operators))?.registration, null)
    const [listed, registered] = [await listOperatorClients(database), await listRegisteredClients(database)]
    assert.deepEqual([listed.some((row) => row.id === id), registered.some((row) => row.id === id)], [false, true])
    assert.equal(
      registered.some((row) => row.id === operators),
      false,
    )
    // The end of the token ends no client.
    await audited((tx) => deleteInitialAccessToken(tx, token.id as InitialAccessTokenId))
    assert.equal(await isThere(id), true)
  })

  it('is one of a limited number, and uses no token beyond it', async () => {
    const token = await createToken()
    assert.equal(await register(null, 1), 'full')
    await assert.rejects(
      audited(async (tx) => {
        await registerClient(tx, {
          client: { id: '', name: '', type: 'spa', redirectUris: [], scopes: [] },
          secret: undefined,
          token: token.digest,
          management: null,
          limit: 0,
        })
        throw new Error('as a caller that rolls back')
      }),
    )
    assert.equal(await isUsableInitialAccessToken(database, token.digest), true)
  })

  it('is deleted if it was never used, and not while a sign-in with it is in progress', async () => {
    const user = await rows.user()
    const [fresh, used, agreed, busy, unused] = await Promise.all(Array.from({ length: 5 }, () => registeredId()))
    await rows.grant(user, used ?? '')
    await sql`INSERT INTO consents (user_id, client_id, scopes) VALUES (${user}, ${agreed ?? ''}, '{openid}')`
    for (const id of [used, agreed, busy, unused]) await makeOld(id ?? '')
    await sql.begin(async (tx) => {
      await tx`SELECT FROM oidc_clients WHERE id = ${busy ?? ''} FOR KEY SHARE`
      assert.equal(await deleteUnusedRegistrations(database, DAY_MS, 100), 1)
    })
    const left = await Promise.all([fresh, used, agreed, busy, unused].map((id) => isThere(id ?? '')))
    assert.deepEqual(left, [true, true, true, true, false])
    assert.equal(await deleteUnusedRegistrations(database, DAY_MS, 100), 1)
    assert.equal(await isThere(busy ?? ''), false)
  })

  it('is kept if someone gave it access after it was found unused', async () => {
    const user = await rows.user()
    const id = await registeredId()
    await makeOld(id)
    const { deletion } = await sql.begin(async (tx) => {
      // Compatible with the locks of rows that were found, not with their deletion.
      await tx`LOCK TABLE oidc_clients IN SHARE MODE`
      const deletion = deleteUnusedRegistrations(database, DAY_MS, 100)
      deletion.catch(() => {}) // awaited below
      await waitFor(async () => {
        const [waiting] = await sql`SELECT FROM pg_stat_activity
          WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'delete from "oidc_clients"%'`
        return waiting !== undefined
      })
      // The foreign key would wait for the deletion: it stands for a commit between the first look and its locks.
      await tx`SET LOCAL session_replication_role = replica`
      await tx`INSERT INTO consents (user_id, client_id, scopes) VALUES (${user}, ${id}, '{openid}')`
      return { deletion }
    })
    assert.equal(await deletion, 0)
    assert.equal(await isThere(id), true)
  })
})

describe('the client of a document', () => {
  const document = {
    id: 'https://agent.example/client',
    name: 'Agent',
    type: 'native' as const,
    redirectUris: ['http://127.0.0.1/cb'],
    postLogoutRedirectUris: [],
    scopes: ['openid', 'email'],
    tokenEndpointAuthMethod: 'client_secret_basic' as const,
    jwks: null,
    jwksUri: null,
    idTokenSignedResponseAlg: 'RS256' as const,
    dpopBoundAccessTokens: false,
    requirePushedAuthorizationRequests: false,
    expiresAt: new Date(Date.now() + DAY_MS),
  }
  const save = (more: Partial<typeof document> = {}, limit = 1000) =>
    audited<Awaited<ReturnType<typeof saveDocumentClient>>>((tx) =>
      saveDocumentClient(tx, { ...document, ...more }, limit),
    )

  it('is inserted once by concurrent processes, within the limit, and loses what the document no longer has', async () => {
    await assert.rejects(save({}, 0), /too many/)
    const saved = await Promise.all(Array.from({ length: 5 }, () => save()))
    assert.equal(saved.filter((one) => one === 'inserted').length, 1)
    assert.equal(saved.filter((one) => Array.isArray(one) && one.length === 0).length, 4)
    const grant = await rows.grant(await rows.user(), document.id, { scopes: ['openid', 'email'] })
    const expiresAt = new Date(Date.now() + 2 * DAY_MS)
    assert.deepEqual(await save({ scopes: ['openid'], redirectUris: ['http://127.0.0.1/new'], expiresAt }, 0), [
      'redirectUris',
      'scopes',
    ])
    const found = await findOidcClient(database, document.id)
    assert.deepEqual(
      [found?.redirectUris, found?.registration?.documentExpiresAt?.getTime()],
      [['http://127.0.0.1/new'], expiresAt.getTime()],
    )
    const [narrowed] = await sql`SELECT scopes FROM grants WHERE id = ${grant}`
    assert.deepEqual(narrowed?.['scopes'], ['openid'])
  })

  it('replaces no other client', async () => {
    for (const id of [await rows.client(), await registeredId()])
      await assert.rejects(save({ id }), /not that of a document/)
  })
})

describe('the registration access token of a client', () => {
  const client = {
    name: 'Renamed',
    type: 'spa' as const,
    redirectUris: ['https://a.example/cb'],
    postLogoutRedirectUris: [],
    scopes: ['openid'],
    tokenEndpointAuthMethod: 'client_secret_basic' as const,
    jwks: null,
    jwksUri: null,
    idTokenSignedResponseAlg: 'RS256' as const,
    dpopBoundAccessTokens: false,
    requirePushedAuthorizationRequests: false,
  }
  const replace = (managed: ManagedClient, more: Partial<typeof client> = {}) =>
    audited<Awaited<ReturnType<typeof replaceRegistration>>>((tx) =>
      replaceRegistration(tx, managed, { client: { ...client, ...more }, secret: undefined }),
    )
  const remove = (managed: ManagedClient) =>
    audited<Awaited<ReturnType<typeof deleteRegistration>>>((tx) => deleteRegistration(tx, managed))

  async function registerManaged(): Promise<ManagedClient> {
    const management = randomBytes(32)
    const registered = await register(null, 1000, management)
    if (typeof registered === 'string') throw new Error(registered)
    return { clientId: registered.client.id, management }
  }

  it('manages its own client only, and none that was registered without one', async () => {
    const [own, other] = [await registerManaged(), await registerManaged()]
    for (const clientId of [other.clientId, await registeredId(), await rows.client()]) {
      const managed = { ...own, clientId }
      assert.equal(await findManagedClient(database, managed), undefined)
      assert.equal(await replace(managed), 'invalid-token')
      assert.equal(await remove(managed), undefined)
      assert.notEqual((await findOidcClient(database, clientId))?.name, client.name)
    }
  })

  it('replaces what changed, and deletes the client once', async () => {
    const own = await registerManaged()
    const answer = await replace(own)
    assert.ok(typeof answer === 'object')
    assert.deepEqual([answer.client.name, answer.changed], ['Renamed', ['name']])
    assert.equal((await findManagedClient(database, own))?.name, 'Renamed')
    assert.deepEqual(await remove(own), [])
    assert.equal(await remove(own), undefined)
    assert.equal(await isThere(own.clientId), false)
  })

  it('deletes consents with another redirect URI, and with no other change', async () => {
    const own = await registerManaged()
    const userId = await rows.user()
    await sql`INSERT INTO consents (user_id, client_id, scopes) VALUES (${userId}, ${own.clientId}, '{openid}')`
    const isRemembered = async () =>
      (await sql`SELECT FROM consents WHERE user_id = ${userId} AND client_id = ${own.clientId}`).length === 1
    const redirectUris = [...client.redirectUris, 'https://b.example/cb']
    await replace(own)
    assert.equal(await isRemembered(), true)
    await replace(own, { redirectUris })
    assert.equal(await isRemembered(), false)
    await sql`INSERT INTO consents (user_id, client_id, scopes) VALUES (${userId}, ${own.clientId}, '{openid}')`
    await replace(own)
    assert.equal(await isRemembered(), true)
  })

  it('replaces nothing if the client is deleted while the change waits for its lock', async () => {
    const own = await registerManaged()
    const { change } = await sql.begin(async (tx) => {
      await tx`DELETE FROM oidc_clients WHERE id = ${own.clientId}`
      const change = replace(own)
      change.catch(() => {}) // awaited below
      await waitFor(async () => {
        const [waiting] = await sql`SELECT FROM pg_stat_activity WHERE datname = current_database()
          AND wait_event_type = 'Lock' AND query LIKE '%"oidc_clients"%for no key update%'`
        return waiting !== undefined
      })
      return { change }
    })
    assert.equal(await change, 'invalid-token')
  })
})
