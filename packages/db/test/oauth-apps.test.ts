import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import {
  deleteClientSecrets,
  deleteOauthApp,
  deleteOperatorClient,
  ensureFirstPartyClients,
  type FirstPartyClient,
  findOauthApp,
  findOidcClient,
  insertClientSecret,
  insertOauthApp,
  insertOperatorClient,
  keysOfClientEntries,
  listOauthApps,
  listOperatorClients,
  lockClientSecrets,
  type NewClientSecret,
  type NewOauthApp,
  recordClientSecretUses,
  updateOauthApp,
} from '../src/clients/index.ts'
import { newId } from '../src/core/index.ts'
import { findConsent } from '../src/grants/index.ts'
import { rowsOf } from './rows.ts'
import { refusedWith, transactionsOn } from './transactions.ts'

const { database } = await testDatabase({ after })
const { $client: sql } = database
const rows = rowsOf(database)
const { change, waits } = transactionsOn(database)
const owner = await rows.user()
const [home, other] = [await rows.organization(owner), await rows.organization(owner)]
const PAGE = { limit: 100 }

const newApp = (more: Partial<NewOauthApp> = {}): NewOauthApp => ({
  id: newId('app'),
  name: 'App',
  type: 'web',
  redirectUris: ['https://app.example/callback'],
  scopes: ['openid', 'read:volumes', 'write:volumes'],
  createdBy: owner,
  ...more,
})
const newSecret = (more: Partial<NewClientSecret> = {}): NewClientSecret => ({
  name: 'default',
  digest: randomBytes(32),
  hint: '****abcd',
  ...more,
})
const insert = (organization = home, more: Partial<NewOauthApp> = {}) =>
  change((tx) => insertOauthApp(tx, organization, newApp(more), newSecret()))
const digestsOf = async (id: string) =>
  ((await findOidcClient(database, id))?.secrets ?? []).map(({ digest }) => Buffer.from(digest).toString('hex')).sort()
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

describe('an app of an organization', () => {
  it('is inserted as a third party, also if another one is given, and read without its secret', async () => {
    const given = newApp({ homepageUri: 'https://app.example', requirePkce: true })
    const secret = newSecret({ expiresAt: new Date('2099-01-01Z') })
    const row = await change((tx) =>
      insertOauthApp(tx, home, { ...given, firstParty: true, organizationId: other } as NewOauthApp, secret),
    )
    const { createdAt, updatedAt, ...stored } = row
    const [shown] = row.secrets
    const { digest, ...members } = secret
    assert.deepEqual(row.secrets, [{ ...members, id: shown?.id, createdAt: shown?.createdAt, lastUsedAt: null }])
    assert.deepEqual(stored, {
      ...given,
      secrets: row.secrets,
      postLogoutRedirectUris: [],
      logoUri: null,
      requirePushedAuthorizationRequests: false,
      requireSignedRequestObject: false,
      requestObjectSigningAlg: null,
      dpopBoundAccessTokens: false,
      deviceGrant: false,
      tokenEndpointAuthMethod: 'client_secret_basic',
      jwks: null,
      jwksUri: null,
      idTokenSignedResponseAlg: 'RS256',
      backchannelLogoutUri: null,
      backchannelLogoutSessionRequired: false,
      defaultMaxAge: null,
      refreshTokenTtl: null,
      refreshTokenAbsoluteTtl: null,
      firstParty: false,
      organizationId: home,
    })
    // The first secret is copied to the client, which is a change.
    const found = await findOauthApp(database, home, given.id)
    assert.deepEqual(found, { ...row, updatedAt: found?.updatedAt })
    assert.deepEqual((await listOauthApps(database, home, PAGE)).rows, [found])
    assert.deepEqual(await digestsOf(given.id), [hex(digest)])
  })

  it('is not found or listed for another organization, nor an operator’s client for any', async () => {
    const { id } = await insert()
    const operators = await rows.client()
    assert.equal(await findOauthApp(database, other, id), undefined)
    for (const organization of [home, other])
      assert.equal(await findOauthApp(database, organization, operators), undefined)
    assert.deepEqual((await listOauthApps(database, other, PAGE)).rows, [])
  })

  it('is changed in the given members only, by its organization only', async () => {
    const { id } = await insert()
    assert.equal(await change((tx) => updateOauthApp(tx, other, id, { name: 'Stolen' })), undefined)
    const operators = await rows.client()
    assert.equal(await change((tx) => updateOauthApp(tx, home, operators, { name: 'Stolen' })), undefined)
    const before = await findOauthApp(database, home, id)
    const row = await change((tx) =>
      updateOauthApp(tx, home, id, { name: 'Renamed', logoUri: 'https://app.example/logo' }),
    )
    assert.ok(row)
    assert.deepEqual(
      { ...row, updatedAt: before?.updatedAt },
      { ...before, name: 'Renamed', logoUri: 'https://app.example/logo' },
    )
    assert.ok(row.updatedAt > row.createdAt)
  })

  it('is locked with its secrets by its organization only, and states which have expired', async () => {
    const { id, secrets } = await insert()
    const past = await change((tx) => insertClientSecret(tx, id, newSecret({ expiresAt: new Date(0) })))
    assert.equal(await change((tx) => lockClientSecrets(tx, other, id)), undefined)
    const locked = await change((tx) => lockClientSecrets(tx, home, id))
    const [first] = secrets
    assert.deepEqual(locked, {
      type: 'web',
      name: 'App',
      secrets: [
        { ...first, isExpired: false },
        { ...past, isExpired: true },
      ],
    })
  })

  it('copies its oldest valid secret to the column of the previous release, and loses only its own', async () => {
    const [mine, neighbour] = [await insert(), await insert()]
    const [first] = mine.secrets
    const copyOf = async () =>
      (await sql`SELECT secret_digest AS digest FROM oidc_clients WHERE id = ${mine.id}`)[0]?.['digest']
    const [before] = await digestsOf(mine.id)
    const second = newSecret()
    const { id } = await change((tx) => insertClientSecret(tx, mine.id, second))
    assert.deepEqual([hex(await copyOf()), (await digestsOf(mine.id)).length], [before, 2])
    const foreign = neighbour.secrets[0]
    assert.ok(first && foreign)
    await change((tx) => deleteClientSecrets(tx, mine.id, [first.id, foreign.id]))
    assert.deepEqual([hex(await copyOf()), await digestsOf(mine.id)], [hex(second.digest), [hex(second.digest)]])
    assert.equal((await digestsOf(neighbour.id)).length, 1)
    await change((tx) => deleteClientSecrets(tx, mine.id, []))
    assert.deepEqual(
      (await findOauthApp(database, home, mine.id))?.secrets.map((secret) => secret.id),
      [id],
    )
  })

  it('keeps the last use of each secret, which never moves back', async () => {
    const { id, secrets } = await insert()
    const secretId = secrets[0]?.id ?? ''
    for (const [given, expected] of [
      [5000, 5000],
      [4999, 5000],
      [6000, 6000],
    ] as const) {
      const uses = [
        { id: secretId, usedAt: new Date(given) },
        { id: 'sec_deleted', usedAt: new Date(given) },
      ]
      await recordClientSecretUses(database, uses)
      const [secret] = (await findOauthApp(database, home, id))?.secrets ?? []
      assert.equal(secret?.lastUsedAt?.getTime(), expected)
    }
  })

  it('that loses a scope takes it from its grants, their keys and its consents', async () => {
    const { id } = await insert()
    const neighbour = await insert()
    const user = await rows.user()
    await rows.member(home, user, 'owner')
    const scopes = ['openid', 'read:volumes', 'write:volumes']
    const grant = await rows.grant(user, id, { scopes, organizationIds: [home] })
    const foreign = await rows.grant(user, neighbour.id, { scopes })
    const key = await rows.key(user, home, { parentGrant: grant, permissions: ['read:volumes', 'write:volumes'] })
    for (const client of [id, neighbour.id]) {
      await sql`INSERT INTO consents (user_id, client_id, scopes) VALUES (${user}, ${client}, '{openid}')`
      await sql`INSERT INTO consent_organizations (user_id, client_id, organization_id, scopes) VALUES (${user}, ${client}, ${home}, '{read:volumes,write:volumes}')`
    }
    const scopesOf = async () => {
      const found = await sql`SELECT scopes FROM grants WHERE id IN (${grant}, ${foreign}) ORDER BY id = ${foreign}`
      const [held] = await sql`SELECT permissions FROM api_keys WHERE id = ${key}`
      const consent = await findConsent(database, user, id)
      return [...found.map((row) => row['scopes']), held?.['permissions'], consent?.organizations[0]?.scopes]
    }
    await change((tx) => updateOauthApp(tx, home, id, { scopes: ['read:volumes'] }))
    const narrowed = [['openid', 'read:volumes'], scopes, ['read:volumes'], ['read:volumes']]
    assert.deepEqual(await scopesOf(), narrowed)
    await change((tx) => updateOauthApp(tx, home, id, { scopes }))
    assert.deepEqual(await scopesOf(), narrowed, 'a scope that is added again needs another consent')
  })
})

for (const [whose, { create, remove }] of Object.entries({
  'an organization’s client': { create: insert, remove: (id: string) => change((tx) => deleteOauthApp(tx, home, id)) },
  'an operator’s client': {
    create: () => change((tx) => insertOperatorClient(tx, { ...newApp(), firstParty: false }, undefined)),
    remove: (id: string) => change((tx) => deleteOperatorClient(tx, id)),
  },
})) {
  describe(`the deletion of ${whose}`, () => {
    it('revokes its grants, and the keys made with them, which it returns', async () => {
      const [{ id }, neighbour] = [await create(), await create()]
      const [grant, kept] = [await rows.grant(owner, id), await rows.grant(owner, neighbour.id)]
      const named = () => ({ name: newId('evt'), permissions: ['openid'] })
      const key = await rows.key(owner, home, { ...named(), parentGrant: grant })
      const child = await rows.key(owner, other, {
        ...named(),
        parentKey: await rows.key(owner, home, { ...named(), parentGrant: grant, reaches: [home, other] }),
      })
      const ended = await rows.key(owner, home, { ...named(), parentGrant: grant })
      await sql`UPDATE api_keys SET status = 'revoked' WHERE id = ${ended}`
      const safe = await rows.key(owner, home, { ...named(), parentGrant: kept })
      const keys = await remove(id)
      assert.ok(keys)
      const ids = keys.map((one) => one.id)
      assert.deepEqual(
        [ids.length, ids.includes(key), ids.includes(child), ids.includes(ended)],
        [3, true, true, false],
      )
      assert.equal(keys.find((one) => one.id === child)?.organizationId, other)
      assert.equal(await findOidcClient(database, id), undefined)
      assert.deepEqual(
        [await rows.keyStatus(key), await rows.keyStatus(child), await rows.keyStatus(safe)],
        ['revoked', 'revoked', 'active'],
      )
      const [row] = await sql`SELECT revoked_reason AS reason FROM grants WHERE id = ${grant}`
      assert.deepEqual(row, { reason: 'client deleted' })
    })

    it('is done once by two at the same time', async () => {
      const { id } = await create()
      const [first, second] = await waits(
        (tx) => (whose === 'an operator’s client' ? deleteOperatorClient(tx, id) : deleteOauthApp(tx, home, id)),
        () => remove(id),
      )
      assert.deepEqual([first, second], [[], undefined])
    })
  })
}

describe('the deletion of a client', () => {
  it('is refused to another owner: an organization, or the operator', async () => {
    const [app, operators] = [await insert(), await rows.client()]
    assert.equal(await change((tx) => deleteOauthApp(tx, other, app.id)), undefined)
    assert.equal(await change((tx) => deleteOauthApp(tx, home, operators)), undefined)
    assert.equal(await change((tx) => deleteOperatorClient(tx, app.id)), undefined)
    for (const id of [app.id, operators]) assert.ok(await findOidcClient(database, id))
  })

  it('is stated in the trail of each key’s home, without saying who did it', () => {
    const key = { id: newId('key'), organizationId: other, name: 'Build' }
    assert.deepEqual(keysOfClientEntries([key], 'app_gone'), [
      {
        action: 'api_key.delete',
        targetType: 'api_key',
        targetId: key.id,
        organizationId: other,
        actorId: null,
        actorEmail: null,
        source: 'system',
        metadata: { keyId: key.id, keyName: 'Build', deletedWithClientId: 'app_gone' },
      },
    ])
    assert.deepEqual(keysOfClientEntries([], 'app_gone'), [])
  })
})

describe('the operator’s clients', () => {
  it('are listed without those of organizations, and without secrets, newest first', async () => {
    await sql`DELETE FROM oidc_clients WHERE organization_id IS NULL`
    await insert()
    const [one, two] = [
      await change((tx) => insertOperatorClient(tx, { ...newApp(), firstParty: true }, undefined)),
      await change((tx) => insertOperatorClient(tx, { ...newApp(), firstParty: false }, undefined)),
    ]
    assert.deepEqual([one.firstParty, one.organizationId, two.firstParty], [true, null, false])
    assert.deepEqual(await listOperatorClients(database), [two, one])
    assert.ok(!JSON.stringify(one).toLowerCase().includes('digest'))
  })

  it('are not inserted twice', async () => {
    const app = { ...newApp(), firstParty: false }
    await change((tx) => insertOperatorClient(tx, app, undefined))
    await assert.rejects(
      change((tx) => insertOperatorClient(tx, app, undefined)),
      refusedWith('23505'),
    )
  })

  describe('that are first-party', () => {
    const client = (more: Partial<FirstPartyClient> = {}): FirstPartyClient => ({
      id: newId('app'),
      name: 'Dashboard',
      type: 'spa',
      redirectUris: ['https://one.example/callback'],
      postLogoutRedirectUris: ['https://one.example'],
      scopes: ['openid'],
      ...more,
    })
    const versionOf = async (id: string) => {
      const [row] = await sql`SELECT xmin::text AS version FROM oidc_clients WHERE id = ${id}`
      return row?.['version']
    }

    it('are inserted, and nothing is written while nothing differs', async () => {
      const given = client()
      await ensureFirstPartyClients(database, [given])
      const row = await findOidcClient(database, given.id)
      assert.deepEqual(
        [row?.firstParty, row?.organizationId, row?.redirectUris, row?.secrets],
        [true, null, given.redirectUris, []],
      )
      const before = await versionOf(given.id)
      await ensureFirstPartyClients(database, [given])
      assert.equal(await versionOf(given.id), before)
    })

    for (const change of [
      { name: 'Another name' },
      { redirectUris: ['https://two.example/callback'] },
      { postLogoutRedirectUris: [] },
      { scopes: ['openid', 'profile'] },
    ]) {
      it(`are updated if their ${Object.keys(change).join()} differ`, async () => {
        const given = client()
        await ensureFirstPartyClients(database, [given])
        await ensureFirstPartyClients(database, [{ ...given, ...change }])
        const { name, redirectUris, postLogoutRedirectUris, scopes } = (await findOidcClient(database, given.id)) ?? {}
        const expected = { ...given, ...change }
        assert.deepEqual(
          [name, redirectUris, postLogoutRedirectUris, scopes],
          [expected.name, expected.redirectUris, expected.postLogoutRedirectUris, expected.scopes],
        )
      })
    }

    it('never include a third-party client that has the id', async () => {
      const { id } = await insert()
      await ensureFirstPartyClients(database, [client({ id })])
      const row = await findOidcClient(database, id)
      assert.deepEqual(
        [row?.firstParty, row?.organizationId, row?.redirectUris],
        [false, home, ['https://app.example/callback']],
      )
    })
  })
})
