import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { waitFor } from '@daytona-auth/testing'
import { errorBody, FORBIDDEN, world } from '../../../test/world.ts'

const { request, person, database, anotherApi } = await world({ after })
const ada = await person('Ada')
const organization = await ada.organization()
const { value: token } = await ada.token()
const NOT_FOUND = JSON.stringify(errorBody(404, 'Not Found', 'OAuth app not found'))

interface App {
  readonly clientId: string
  readonly clientSecret: string
  readonly updatedAt: string
  readonly secrets: readonly object[]
}

const good = {
  name: 'App',
  type: 'web',
  redirectUris: ['https://app.example.test/callback'],
  postLogoutRedirectUris: ['https://app.example.test/'],
  scopes: ['openid', 'read:sandboxes', 'write:sandboxes'],
  homepageUri: 'https://app.example.test',
  logoUri: 'https://app.example.test/logo.png',
}

async function create(members: object = {}) {
  const answer = await request('POST', '/oauth-apps', token, { organization, body: { ...good, ...members } })
  assert.equal(answer.status, 201, answer.text)
  const { clientSecret, ...app } = answer.body as App
  return { clientSecret, app }
}
const change = (clientId: string, body: unknown) =>
  request('PATCH', `/oauth-apps/${clientId}`, token, { organization, body })
const rotate = (clientId: string) => request('POST', `/oauth-apps/${clientId}/rotate-secret`, token, { organization })
const get = async (clientId: string) => (await request('GET', `/oauth-apps/${clientId}`, token, { organization })).body
const digestIn = async (clientId: string) => {
  const [row] = await database.$client`
    SELECT encode(secret_digest, 'hex') AS digest FROM oidc_clients WHERE id = ${clientId}`
  return row?.['digest']
}

describe('PATCH /oauth-apps/{clientId}', () => {
  it('and rotation answer 404 to apps of other organizations and to first-party ones', async () => {
    const { app } = await create()
    const bob = await person('Bob')
    const elsewhere = await bob.organization()
    const bobs = (await bob.token()).value
    const before = await digestIn(app.clientId)
    for (const id of [app.clientId, 'daytona-dashboard', 'app_unknown', 'x'.repeat(128)]) {
      for (const [method, path] of [
        ['PATCH', ''],
        ['POST', '/rotate-secret'],
      ] as const) {
        const options = { organization: elsewhere, ...(method === 'PATCH' && { body: { name: 'Mine' } }) }
        const answer = await request(method, `/oauth-apps/${id}${path}`, bobs, options)
        assert.deepEqual([answer.status, answer.text], [404, NOT_FOUND], `${method} ${id}`)
      }
    }
    assert.deepEqual([await get(app.clientId), await digestIn(app.clientId)], [app, before])
  })

  it('refuses a member of the wrong type, as creation does, and changes nothing', async () => {
    const { app } = await create()
    const wrong = [
      { redirectUris: [] },
      { redirectUris: ['http://evil.test/cb'] },
      { redirectUris: null },
      { scopes: [] },
      { scopes: ['root'] },
      { name: '' },
      { name: null },
      { postLogoutRedirectUris: ['x'] },
      { logoUri: 'x' },
      [],
    ]
    for (const body of wrong) assert.equal((await change(app.clientId, body)).status, 400, JSON.stringify(body))
    assert.deepEqual(await get(app.clientId), app)
  })

  it('refuses another type, and accepts the current one', async () => {
    const { app } = await create()
    const message = 'cannot be changed: create another app'
    const body = { ...errorBody(400, 'Bad Request', `type: ${message}`), details: [{ path: 'type', message }] }
    for (const type of ['spa', 'native']) {
      const answer = await change(app.clientId, { type, name: 'Other' })
      assert.deepEqual([answer.status, answer.body], [400, body])
    }
    assert.equal((await change(app.clientId, { type: 'web' })).status, 200)
  })

  it('refuses changes of first-party status, organization and secret', async () => {
    const { app } = await create()
    const settings = {
      firstParty: true,
      organizationId: 'org_other',
      clientSecret: 'x',
      secretDigest: 'x',
      clientId: 'x',
    }
    for (const [member, value] of Object.entries(settings)) {
      const refused = await change(app.clientId, { name: 'Renamed', [member]: value })
      const error = `body: unknown member ${member}`
      assert.deepEqual([refused.status, (refused.body as { error: string }).error], [400, error])
    }
    assert.deepEqual(await get(app.clientId), app)
  })

  it('changes only the given members; null removes a value', async () => {
    const { app } = await create()
    for (const body of [
      { name: 'Renamed' },
      { redirectUris: ['https://new.example.test/cb'] },
      { postLogoutRedirectUris: [] },
      { homepageUri: null, logoUri: null },
      {},
    ]) {
      const before = (await get(app.clientId)) as App
      const answer = await change(app.clientId, body)
      const { updatedAt } = answer.body as App
      assert.deepEqual([answer.status, answer.body], [200, { ...before, ...body, updatedAt }])
      assert.ok(updatedAt >= before.updatedAt)
      assert.deepEqual(await get(app.clientId), answer.body)
    }
  })

  it('removes a scope from the app’s tokens and consents in every process, and from no other app’s', async () => {
    const { app } = await create()
    const { app: other } = await create()
    const scopes = ['openid', 'read:sandboxes', 'write:sandboxes']
    const tokenOf = ({ clientId }: { clientId: string }) =>
      ada.token({ scopes, organizationIds: [organization], clientId })
    const [mine, theirs] = [await tokenOf(app), await tokenOf(other)]
    await database.$client`INSERT INTO consents (user_id, client_id, scopes)
      VALUES (${ada.userId}, ${app.clientId}, ${['openid', 'email']})`
    for (const [id, agreed] of [
      [organization, scopes.slice(1)],
      [ada.personalOrganizationId, ['write:sandboxes']],
    ] as const) {
      await database.$client`INSERT INTO consent_organizations (user_id, client_id, organization_id, scopes)
        VALUES (${ada.userId}, ${app.clientId}, ${id}, ${agreed})`
    }
    const second = await anotherApi()
    const write = async (credential: string, api = {}) =>
      (await request('POST', '/sandbox', credential, { body: {}, ...api })).status
    assert.deepEqual([await write(mine.value), await write(mine.value, { api: second })], [200, 200])

    const narrowing = await change(app.clientId, { scopes: ['read:sandboxes'] })
    assert.equal(narrowing.status, 200, JSON.stringify(narrowing.body))
    const refused = await request('POST', '/sandbox', mine.value, { body: {} })
    assert.deepEqual([refused.status, refused.body], [403, FORBIDDEN])
    await waitFor(async () => (await write(mine.value, { api: second })) === 403)
    assert.equal((await request('GET', '/sandbox', mine.value)).status, 200)
    assert.equal(await write(theirs.value), 200)
    const [consent] = await database.$client`SELECT scopes FROM consents WHERE client_id = ${app.clientId}`
    assert.deepEqual(consent, { scopes: ['openid'] })
    const agreed = await database.$client`
      SELECT organization_id AS id, scopes FROM consent_organizations WHERE client_id = ${app.clientId}`
    assert.deepEqual([...agreed], [{ id: organization, scopes: ['read:sandboxes'] }])

    // If the scope is added again, users must consent again.
    assert.equal((await change(app.clientId, { scopes })).status, 200)
    assert.equal(await write(mine.value), 403)
  })

  it('records an event with the changed members', async () => {
    const { app } = await create()
    await change(app.clientId, { name: 'New', scopes: ['openid', 'openid'] })
    const [row] = await database.$client`
      SELECT actor_id, status_code, metadata - 'keyId' - 'keyName' AS metadata FROM audit_events
      WHERE target_id = ${app.clientId} AND action = 'oauth_app.update'`
    const metadata = { name: 'App', changed: { name: 'New', scopes: ['openid'] } }
    assert.deepEqual(row, { actor_id: ada.userId, status_code: 200, metadata })
  })
})

describe('POST /oauth-apps/{clientId}/rotate-secret', () => {
  it('refuses an app that cannot keep a secret', async () => {
    const message = 'must be web: an app of another type cannot keep a secret'
    const body = { ...errorBody(400, 'Bad Request', `type: ${message}`), details: [{ path: 'type', message }] }
    for (const type of ['spa', 'native']) {
      const { app } = await create({ type })
      const answer = await rotate(app.clientId)
      assert.deepEqual([answer.status, answer.body, await digestIn(app.clientId)], [400, body, null])
    }
  })

  it('returns a new secret once, and stores its digest in place of the old one', async () => {
    const { app, clientSecret } = await create()
    const answer = await rotate(app.clientId)
    const { clientSecret: next, ...rest } = answer.body as App
    assert.deepEqual([answer.status, rest], [201, { ...app, updatedAt: rest.updatedAt, secrets: rest.secrets }])
    assert.equal(answer.headers.get('cache-control'), 'no-store')
    assert.notEqual(next, clientSecret)
    assert.equal(Buffer.from(next, 'base64url').length, 32)
    assert.equal(await digestIn(app.clientId), hash('sha256', next))
    assert.deepEqual(await get(app.clientId), rest)
  })

  it('leaves one secret after concurrent rotations, and an event for each', async () => {
    const { app } = await create()
    const answers = await Promise.all([1, 2, 3].map(() => rotate(app.clientId)))
    const digests = answers.map(({ body }) => hash('sha256', (body as App).clientSecret))
    assert.ok(digests.includes(await digestIn(app.clientId)))
    assert.equal(((await get(app.clientId)) as App).secrets.length, 1)
    const rows = await database.$client`
      SELECT action, metadata::text FROM audit_events WHERE target_id = ${app.clientId} ORDER BY sequence`
    assert.deepEqual(
      rows.map(({ action }) => action),
      ['oauth_app.create', ...Array<string>(3).fill('oauth_app.rotate_secret')],
    )
    for (const { body } of answers) assert.ok(!JSON.stringify(rows).includes((body as App).clientSecret))
  })
})

describe('the name of an installation', () => {
  it('is refused for apps and APIs of organizations, also in a change', async () => {
    const api = await anotherApi({ BRAND_NAME: 'Acme' })
    const sendTo = (method: string, path: string, body: object) =>
      request(method, path, token, { api, organization, body })
    const identifier = 'https://invoices.example.test'
    const app = (await sendTo('POST', '/oauth-apps', good)).body as App
    const server = (await sendTo('POST', '/resource-servers', { identifier, name: 'Invoices' })).body as { id: string }
    for (const [method, path, body] of [
      ['POST', '/oauth-apps', { ...good, name: 'ACME Login' }],
      ['PATCH', `/oauth-apps/${app.clientId}`, { name: 'A.c.m.e' }],
      ['POST', '/resource-servers', { identifier: `${identifier}/2`, name: 'Acme API' }],
      ['PATCH', `/resource-servers/${server.id}`, { name: 'Acme' }],
    ] as const) {
      const answer = await sendTo(method, path, body)
      assert.equal(answer.status, 400, `${method} ${path}`)
      assert.match(answer.text, /name: must not contain \\"Acme\\" or look like it/)
    }
    assert.equal((await sendTo('PATCH', `/oauth-apps/${app.clientId}`, { name: 'Another App' })).status, 200)
  })
})
