import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { waitFor } from '@daytona-auth/testing'
import {
  errorBody,
  type Person,
  type TestToken,
  UNAUTHORIZED_KEY,
  UNAUTHORIZED_TOKEN,
  world,
} from '../../../test/world.ts'

const { request, person, database, anotherApi } = await world({ after })
const there = await anotherApi()
const sql = database.$client
const notFound = (what: string) => errorBody(404, 'Not Found', `${what} not found`)
const SIGNED_IN_AT = 1_790_000_000

/** Inserts a browser session as the provider stores it, with these grants. */
async function session(of: Person, tokens: readonly TestToken[] = [], lasts = '14 days', seen?: object) {
  const uid = randomUUID()
  const payload = { uid, accountId: of.userId, loginTs: SIGNED_IN_AT, kind: 'Session', seen }
  const [row] = await sql`
    INSERT INTO oidc_artifacts (model, digest, payload, account_id, uid, expires_at)
    VALUES ('Session', ${randomBytes(32)}, ${JSON.stringify(payload)}::jsonb, ${of.userId}, ${uid},
      date_trunc('milliseconds', now()) + ${lasts}::interval)
    RETURNING to_json(expires_at)#>>'{}' AS at, to_json(created_at)#>>'{}' AS created`
  await sql`UPDATE grants SET session_uid = ${uid} WHERE id = ANY (${tokens.map(({ grantId }) => grantId)})`
  return {
    uid,
    expiresAt: new Date(row?.['at']).toISOString(),
    createdAt: new Date(row?.['created']).toISOString(),
  }
}
const isThere = async (uid: string) => (await sql`SELECT FROM oidc_artifacts WHERE uid = ${uid}`).length === 1
const consent = (of: Person, clientId = 'third-party') => sql`
  WITH consent AS (
    INSERT INTO consents (user_id, client_id, scopes) VALUES (${of.userId}, ${clientId}, '{email,openid}')
    RETURNING user_id, client_id
  )
  INSERT INTO consent_organizations (user_id, client_id, organization_id, scopes)
  SELECT user_id, client_id, ${of.personalOrganizationId}, '{read:volumes}' FROM consent`
const trail = (of: string) => sql`
  SELECT action, target_id, actor_id, status_code, metadata FROM audit_events
  WHERE organization_id = ${of} AND action IN
    ('user.update', 'session.end', 'authorized_app.remove', 'grant.revoke', 'api_key.delete') ORDER BY sequence`
/** A key that a third-party app may create: it expires before the app's grant. */
const aKey = () => ({
  name: 'ci',
  permissions: ['read:volumes'],
  expiresAt: new Date(Date.now() + 60_000).toISOString(),
})
const me = (credential: string, api = there) => request('GET', '/users/me', credential, { api })

/** Asserts that this process refuses the credential at once, and the other one within the bound. */
async function isDenied(credential: string, body: object) {
  const here = await request('GET', '/users/me', credential)
  assert.deepEqual([here.status, here.body], [401, body])
  await waitFor(async () => (await me(credential)).status === 401)
  assert.deepEqual((await me(credential)).body, body)
}

describe('PATCH /users/me', () => {
  it('refuses an invalid name, and changes of another user or of the address', async () => {
    const [ada, bob] = [await person('Ada'), await person('Bob')]
    const { value } = await ada.token()
    for (const name of ['', ' ', 'a\nb', 'x'.repeat(129), 7, null]) {
      assert.equal((await request('PATCH', '/users/me', value, { body: { name } })).status, 400, String(name))
    }
    const before = (await me(value)).body
    const others = { id: bob.userId, userId: bob.userId, email: bob.email, emailVerified: false }
    for (const [member, other] of Object.entries(others)) {
      const refused = await request('PATCH', '/users/me', value, { body: { name: 'Bob', [member]: other } })
      assert.equal(refused.status, 400, member)
    }
    assert.deepEqual((await me(value)).body, before)
    assert.deepEqual([...(await trail(ada.personalOrganizationId))], [])
  })

  it('changes the name here at once and in other processes within the bound, and records it', async () => {
    const ada = await person('Ada')
    const { value } = await ada.token()
    const before = (await me(value)).body as object
    const answer = await request('PATCH', '/users/me', value, { body: { name: ' Ada King ' } })
    assert.deepEqual([answer.status, answer.body], [200, { ...before, name: 'Ada King' }])
    assert.deepEqual((await request('GET', '/users/me', value)).body, answer.body)
    await waitFor(async () => (await me(value)).text === answer.text)
    assert.deepEqual(
      [...(await trail(ada.personalOrganizationId))],
      [
        {
          action: 'user.update',
          target_id: ada.userId,
          actor_id: ada.userId,
          status_code: 200,
          metadata: { name: 'Ada King' },
        },
      ],
    )
  })
})

describe('/users/me/sessions', () => {
  it('answers 404 to another user’s, an expired and an unknown session', async () => {
    const [ada, bob] = [await person('Ada'), await person('Bob')]
    const { value } = await ada.token()
    const theirs = await bob.token()
    const foreign = await session(bob, [theirs])
    const over = await session(ada, [], '-1 second')
    for (const id of [foreign.uid, over.uid, 'unknown', '%20']) {
      const answer = await request('DELETE', `/users/me/sessions/${id}`, value)
      assert.deepEqual([answer.status, answer.body], [404, notFound('Session')], id)
    }
    assert.deepEqual((await request('GET', '/users/me/sessions', value)).body, [])
    assert.equal((await me(theirs.value)).status, 200)
    assert.equal(await isThere(foreign.uid), true)
    assert.deepEqual([...(await trail(ada.personalOrganizationId))], [])
  })

  it('lists the caller’s sessions, marks the current one and names the apps signed in to', async () => {
    const ada = await person('Ada')
    const mine = await ada.token()
    const app = await ada.token({ scopes: ['openid'], organizationIds: [] })
    const revoked = await ada.token({ scopes: ['openid'], organizationIds: [], clientId: 'revoked' })
    await sql`UPDATE grants SET revoked_at = now() WHERE id = ${revoked.grantId}`
    const seen = {
      at: Date.UTC(2040, 0, 1) / 1000 + 0.5,
      address: '192.0.2.7',
      userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    }
    const current = await session(ada, [mine, app, revoked], '14 days', seen)
    const other = await session(ada)
    const signedInAt = new Date(SIGNED_IN_AT * 1000).toISOString()
    const apps = [
      { clientId: 'daytona-dashboard', name: 'Dashboard' },
      { clientId: 'third-party', name: 'Third party' },
    ]
    const { body } = await request('GET', '/users/me/sessions', mine.value)
    const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? 1 : -1)
    assert.deepEqual(
      body,
      [
        {
          id: current.uid,
          signedInAt,
          createdAt: current.createdAt,
          lastSeenAt: '2040-01-01T00:00:00.500Z',
          expiresAt: current.expiresAt,
          browser: 'Firefox 140',
          system: 'Linux',
          ipAddress: '192.0.2.7',
          current: true,
          apps,
        },
        {
          id: other.uid,
          signedInAt,
          createdAt: other.createdAt,
          lastSeenAt: other.createdAt,
          expiresAt: other.expiresAt,
          browser: null,
          system: null,
          ipAddress: null,
          current: false,
          apps: [],
        },
      ].sort(byId),
    )
  })

  it('ends with all of its grants and their keys, and leaves other sessions', async () => {
    const ada = await person('Ada')
    const organization = await ada.organization()
    const [mine, away, app] = [
      await ada.token(),
      await ada.token(),
      await ada.token({ scopes: ['admin:organization'], organizationIds: [organization] }),
    ]
    const kept = await session(ada, [mine])
    const ended = await session(ada, [away, app])
    const made = await request('POST', '/api-keys', app.value, { body: aKey() })
    assert.equal(made.status, 201)
    const { value: key, ...child } = made.body as { value: string; id: string }
    for (const credential of [away.value, app.value, key]) {
      for (const api of [undefined, there]) {
        assert.equal((await request('GET', '/users/me', credential, api ? { api } : {})).status, 200)
      }
    }

    const answers = await Promise.all(
      [undefined, there, undefined].map((api) =>
        request('DELETE', `/users/me/sessions/${ended.uid}`, mine.value, api ? { api } : {}),
      ),
    )
    assert.deepEqual(answers.map(({ status }) => status).sort(), [204, 404, 404])
    await waitFor(async () => (await request('GET', '/users/me', key)).status === 401)
    for (const credential of [away.value, app.value]) {
      await waitFor(async () => (await request('GET', '/users/me', credential)).status === 401)
      await isDenied(credential, UNAUTHORIZED_TOKEN)
    }
    await isDenied(key, UNAUTHORIZED_KEY)
    assert.equal((await me(mine.value)).status, 200)
    assert.deepEqual([await isThere(ended.uid), await isThere(kept.uid)], [false, true])

    const own = { actor_id: ada.userId, status_code: 204 }
    const endedBy = `session.end ${ended.uid}`
    const events = [...(await trail(ada.personalOrganizationId))]
    assert.deepEqual(events[0], {
      ...own,
      action: 'session.end',
      target_id: ended.uid,
      metadata: { endedKeys: 1, endedGrants: 2 },
    })
    assert.deepEqual(
      new Map(events.slice(1).map((event) => [event['target_id'], event])),
      new Map(
        [
          [away.grantId, 'daytona-dashboard'],
          [app.grantId, 'third-party'],
        ].map(([id, clientId]) => [
          id,
          { ...own, action: 'grant.revoke', target_id: id, metadata: { clientId, endedBy } },
        ]),
      ),
    )
    assert.deepEqual(
      [...(await trail(organization))],
      [
        {
          ...own,
          action: 'api_key.delete',
          target_id: child.id,
          metadata: { keyId: child.id, keyName: 'ci', endedBy },
        },
      ],
    )
  })

  it('ends with the token of the request, which this process refuses at once', async () => {
    const ada = await person('Ada')
    const mine = await ada.token()
    const { uid } = await session(ada, [mine])
    assert.equal((await me(mine.value)).status, 200)
    assert.equal((await request('DELETE', `/users/me/sessions/${uid}`, mine.value)).status, 204)
    await isDenied(mine.value, UNAUTHORIZED_TOKEN)
  })
})

describe('/users/me/authorized-apps', () => {
  it('answers 404 to an app that only another user authorized, and to an unknown one', async () => {
    const [ada, bob] = [await person('Ada'), await person('Bob')]
    const { value } = await ada.token()
    const theirs = await bob.token({ scopes: ['openid'], organizationIds: [] })
    await consent(bob)
    const ofDocument = encodeURIComponent('https://app.example/client'.padEnd(255, 'x'))
    for (const id of ['third-party', 'unknown', ofDocument]) {
      const answer = await request('DELETE', `/users/me/authorized-apps/${id}`, value)
      assert.deepEqual([answer.status, answer.body], [404, notFound('Authorized app')], id)
    }
    assert.equal((await me(theirs.value)).status, 200)
    assert.deepEqual([...(await trail(ada.personalOrganizationId))], [])
  })

  it('lists each authorized app with its scopes and organizations', async () => {
    const ada = await person('Ada')
    const mine = await ada.token()
    const organization = await ada.organization()
    const { grantId } = await ada.token({ scopes: ['openid', 'read:volumes'], organizationIds: [organization] })
    const invoices = {
      id: `rs_${randomUUID()}`,
      identifier: 'https://invoices.example.com',
      name: 'Invoices',
      scopes: ['send'],
    }
    await sql`INSERT INTO resource_servers (id, organization_id, identifier, name, scopes)
      VALUES (${invoices.id}, ${organization}, ${invoices.identifier}, ${invoices.name},
        '[{"name": "send", "description": "Send invoices"}]')`
    await sql`UPDATE grants SET resource_server_id = ${invoices.id}, resource_scopes = '{send}' WHERE id = ${grantId}`
    await ada.token({ scopes: ['openid'], organizationIds: [], expiresAt: new Date(Date.now() - 1000) })
    await consent(ada)
    const { body } = await request('GET', '/users/me/authorized-apps', mine.value)
    const [first, second] = body as { authorizedAt: string; lastSeenAt: string }[]
    assert.deepEqual(body, [
      {
        clientId: 'daytona-dashboard',
        name: 'Dashboard',
        firstParty: true,
        homepageUri: null,
        logoUri: null,
        scopes: ['email', 'offline_access', 'openid', 'profile'],
        resourceServers: [],
        organizationIds: null,
        devices: 1,
        authorizedAt: first?.authorizedAt,
        lastSeenAt: first?.authorizedAt,
      },
      {
        clientId: 'third-party',
        name: 'Third party',
        firstParty: false,
        homepageUri: null,
        logoUri: null,
        scopes: ['email', 'openid', 'read:volumes'],
        resourceServers: [invoices],
        organizationIds: [ada.personalOrganizationId, organization].toSorted(),
        devices: 1,
        authorizedAt: second?.authorizedAt,
        lastSeenAt: second?.lastSeenAt,
      },
    ])
  })

  it('removes an app on every device, with its keys and consent, and leaves other users and apps', async () => {
    const [ada, bob] = [await person('Ada'), await person('Bob')]
    const mine = await ada.token()
    const organization = await ada.organization()
    const third = { scopes: ['admin:organization'] as const, organizationIds: [organization] }
    const [phone, laptop] = [await ada.token(third), await ada.token(third)]
    const theirs = await bob.token({ scopes: ['openid'], organizationIds: [] })
    await consent(ada)
    await consent(bob)
    await sql`INSERT INTO oidc_artifacts (model, digest, payload, grant_id, account_id, client_id, expires_at)
      VALUES ('RefreshToken', ${randomBytes(32)}, '{}', ${phone.grantId}, ${ada.userId}, 'third-party', now() + '1 day')`
    const made = await request('POST', '/api-keys', phone.value, { body: aKey() })
    assert.equal(made.status, 201)
    const { value: key } = made.body as { value: string }
    for (const credential of [phone.value, laptop.value, key]) assert.equal((await me(credential)).status, 200)

    assert.equal((await request('DELETE', '/users/me/authorized-apps/third-party', mine.value)).status, 204)
    for (const { value } of [phone, laptop]) await isDenied(value, UNAUTHORIZED_TOKEN)
    await isDenied(key, UNAUTHORIZED_KEY)
    for (const { value } of [mine, theirs]) assert.equal((await me(value)).status, 200)
    const left = await sql`
      SELECT (SELECT count(*)::int FROM consents WHERE user_id = ${ada.userId}) AS own,
        (SELECT count(*)::int FROM consents WHERE user_id = ${bob.userId}) AS others,
        (SELECT count(*)::int FROM oidc_artifacts WHERE grant_id = ${phone.grantId}) AS artifacts`
    assert.deepEqual([...left], [{ own: 0, others: 1, artifacts: 0 }])
    const [event, ...grants] = await trail(ada.personalOrganizationId)
    assert.deepEqual(event, {
      action: 'authorized_app.remove',
      target_id: 'third-party',
      actor_id: ada.userId,
      status_code: 204,
      metadata: { endedKeys: 1, endedGrants: 2 },
    })
    assert.deepEqual(grants.map((grant) => grant['target_id']).sort(), [phone.grantId, laptop.grantId].sort())
    assert.equal((await trail(organization)).length, 1)
    assert.equal((await request('DELETE', '/users/me/authorized-apps/third-party', mine.value)).status, 404)
  })
})
