import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { errorBody, world } from '../../../test/world.ts'

const { request, person, database } = await world({ after })
const ada = await person('Ada')
const organization = await ada.organization()
const { value: token } = await ada.token()

const good = {
  name: 'App',
  type: 'web',
  redirectUris: ['https://app.example.test/callback'],
  scopes: ['openid', 'read:sandboxes'],
}
const create = (body: unknown) => request('POST', '/oauth-apps', token, { organization, body })
const NOT_FOUND = errorBody(404, 'Not Found', 'OAuth app not found')

describe('POST /oauth-apps', () => {
  const uris: Record<string, string> = {
    'http://app.example.test/cb': 'must be https, or http on localhost, 127.0.0.1 or [::1]',
    'http://127.0.0.2/cb': 'must be https, or http on localhost, 127.0.0.1 or [::1]',
    'http://localhost.evil.test/cb': 'must be https, or http on localhost, 127.0.0.1 or [::1]',
    'javascript:alert(1)': 'must be https, or http on localhost, 127.0.0.1 or [::1]',
    'com.example.app:/cb': 'must be https, or http on localhost, 127.0.0.1 or [::1]',
    'data:text/html,x': 'must be https, or http on localhost, 127.0.0.1 or [::1]',
    'https://app.example.test/cb#part': 'must not have a fragment',
    'https://app.example.test/cb#': 'must not have a fragment',
    'https://*.example.test/cb': 'must not have a wildcard',
    'https://app.example.test/*': 'must not have a wildcard',
    'https://user@app.example.test/cb': 'must not have a user or password',
    'https://APP.example.test/cb': 'must be written as browsers write it, in lower case',
    'https:\\\\app.example.test/cb': 'must be written as browsers write it, in lower case',
    ' https://app.example.test/cb': 'must be written as browsers write it, in lower case',
    'https://app.example.test/a/../cb': 'must be written as browsers write it, in lower case',
    '/callback': 'must be an absolute URI',
    '': 'must be an absolute URI',
  }
  for (const [uri, message] of Object.entries(uris)) {
    it(`refuses the redirect URI ${JSON.stringify(uri)}`, async () => {
      for (const member of ['redirectUris', 'postLogoutRedirectUris']) {
        const answer = await create({ ...good, [member]: ['https://app.example.test/cb', uri] })
        const path = `${member}.1`
        const body = { ...errorBody(400, 'Bad Request', `${path}: ${message}`), details: [{ path, message }] }
        assert.deepEqual([answer.status, answer.body], [400, body])
      }
    })
  }

  it('refuses empty redirect URIs and scopes, and unknown scopes and types', async () => {
    for (const wrong of [
      { redirectUris: [] },
      { redirectUris: undefined },
      { scopes: [] },
      { scopes: ['openid', 'root'] },

      { type: 'service' },
      { type: undefined },
      { name: '' },
      { logoUri: 'http://x.test/' },
      { homepageUri: 'x' },
    ]) {
      assert.equal((await create({ ...good, ...wrong })).status, 400, JSON.stringify(wrong))
    }
  })

  it('returns the secret of a web app once, and stores its digest', async () => {
    const answer = await create({ ...good, homepageUri: 'https://app.example.test' })
    assert.equal(answer.status, 201)
    assert.equal(answer.headers.get('cache-control'), 'no-store')
    const made = answer.body as { clientId: string; clientSecret: string; createdAt: string; secrets: object[] }
    const { clientSecret, ...whole } = made
    assert.deepEqual(whole, {
      clientId: made.clientId,
      name: 'App',
      type: 'web',
      redirectUris: ['https://app.example.test/callback'],
      postLogoutRedirectUris: [],
      scopes: ['openid', 'read:sandboxes'],
      homepageUri: 'https://app.example.test',
      logoUri: null,
      requirePkce: false,
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
      secrets: made.secrets,
      organizationId: organization,
      createdBy: ada.userId,
      createdAt: made.createdAt,
      updatedAt: made.createdAt,
    })
    assert.match(made.clientId, /^app_/)
    assert.ok(Buffer.from(clientSecret, 'base64url').length === 32)
    const [row] = await database.$client`
      SELECT first_party, encode(digest, 'hex') AS digest FROM oidc_clients
      JOIN oidc_client_secrets ON client_id = oidc_clients.id WHERE oidc_clients.id = ${made.clientId}`
    assert.deepEqual(row, { first_party: false, digest: hash('sha256', clientSecret) })
    const got = await request('GET', `/oauth-apps/${made.clientId}`, token, { organization })
    assert.deepEqual(got.body, whole)
    const trail = await database.$client`SELECT action FROM audit_events WHERE target_id = ${made.clientId}`
    assert.deepEqual([...trail], [{ action: 'oauth_app.create' }])
  })

  it('returns no secret for a type that cannot keep one, and accepts loopback redirects', async () => {
    for (const type of ['spa', 'native']) {
      const redirectUris = ['http://localhost:8080/cb', 'http://127.0.0.1/cb', 'http://[::1]:9/cb', 'https://a.test']
      const { status, body } = await create({ ...good, type, redirectUris })
      assert.deepEqual([status, Object.hasOwn(body as object, 'clientSecret')], [201, false])
      assert.deepEqual((body as { redirectUris: string[] }).redirectUris, redirectUris)
    }
  })
})

describe('GET and DELETE /oauth-apps', () => {
  it('answer 404 to apps of other organizations and to first-party ones', async () => {
    const bob = await person('Bob')
    const elsewhere = await bob.organization()
    const bobs = (await bob.token()).value
    const { clientId } = (await create(good)).body as { clientId: string }
    for (const id of [clientId, 'daytona-dashboard', 'app_unknown', 'x'.repeat(128)]) {
      for (const method of ['GET', 'DELETE']) {
        const answer = await request(method, `/oauth-apps/${id}`, bobs, { organization: elsewhere })
        assert.deepEqual([answer.status, answer.text], [404, JSON.stringify(NOT_FOUND)])
      }
    }
    assert.deepEqual((await request('GET', '/oauth-apps', bobs, { organization: elsewhere })).body, [])
  })

  it('list the organization’s apps, newest first and without secrets', async () => {
    const other = await ada.organization()
    const { value } = await ada.key(other, ['admin:organization'])
    const ids: unknown[] = []
    const secrets: string[] = []
    for (const type of ['web', 'spa']) {
      const { body } = await request('POST', '/oauth-apps', value, { body: { ...good, type } })
      const { clientId, clientSecret } = body as { clientId: string; clientSecret?: string }
      ids.unshift(clientId)
      if (clientSecret !== undefined) secrets.push(clientSecret)
    }
    const { body } = await request('GET', '/oauth-apps', value)
    assert.deepEqual(
      (body as { clientId: string }[]).map(({ clientId }) => clientId),
      ids,
    )
    assert.equal(secrets.length, 1)
    for (const secret of secrets) assert.ok(!JSON.stringify(body).includes(secret))
  })

  it('delete an app with its grants, tokens and the keys created with them', async () => {
    const { clientId } = (await create(good)).body as { clientId: string }
    const app = await ada.token({ scopes: ['admin:organization'], organizationIds: [organization], clientId })
    const body = {
      name: 'of the app',
      permissions: ['read:sandboxes'],
      expiresAt: new Date(Date.now() + 60_000).toISOString(),
    }
    const key = (await request('POST', '/api-keys', app.value, { body })).body as { id: string; value: string }
    assert.equal((await request('GET', '/users/me', app.value)).status, 200)
    assert.equal((await request('GET', '/users/me', key.value)).status, 200)
    assert.equal((await request('DELETE', `/oauth-apps/${clientId}`, token, { organization })).status, 204)
    assert.equal((await request('GET', '/users/me', app.value)).status, 401)
    assert.equal((await request('GET', '/users/me', key.value)).status, 401)
    const trail = await database.$client`
      SELECT action, actor_id FROM audit_events WHERE target_id IN (${clientId}, ${key.id}) ORDER BY sequence`
    assert.deepEqual(
      trail.slice(-2).toSorted((a, b) => (a['action'] < b['action'] ? -1 : 1)),
      [
        { action: 'api_key.delete', actor_id: null },
        { action: 'oauth_app.delete', actor_id: ada.userId },
      ],
    )
    assert.equal((await request('DELETE', `/oauth-apps/${clientId}`, token, { organization })).status, 404)
  })
})
