import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { opensslMissing } from '@daytona-auth/testing'
import { isDocumentUrl } from '../src/provider/storage/client-documents.ts'
import { inputOf } from './browser/visitor.ts'
import { documentServer } from './document-server.ts'
import {
  authorizationPath,
  browser,
  claimsOf,
  PASSWORD,
  post,
  redeem,
  refresh,
  testProvider,
  userinfo,
} from './fixture.ts'

const REDIRECT_URI = 'http://127.0.0.1/callback'
const METADATA = { client_name: 'Agent', redirect_uris: [REDIRECT_URI], token_endpoint_auth_method: 'none' }

describe('the URL of a metadata document', () => {
  const WRONG = [
    '',
    'https://',
    'https://app.example',
    'https://app.example/',
    'http://app.example/client',
    'HTTPS://app.example/client',
    'https://APP.example/client',
    'https://app.example:443/client',
    'https://app.example/client#x',
    'https://app.example/client#',
    'https://user@app.example/client',
    'https://user:password@app.example/client',
    'https://app.example/../client',
    'https://app.example/a/./client',
    'https://app.example/%2e%2e/client',
    'https://app.example/a%2E/client',
    'https://app.example\\client',
    'https://app.example/client one',
    'https://app.example/clie\u0301nt',
    'javascript://app.example/client',
    `https://app.example/${'x'.repeat(250)}`,
  ]
  for (const url of WRONG) {
    it(`is not ${JSON.stringify(url.slice(0, 50))}`, () => assert.equal(isDocumentUrl(url), false))
  }

  it('is an https URL with a path, as URL parsers write it', () => {
    for (const url of ['https://app.example/client', 'https://app.example:8443/a/b.json?v=1']) {
      assert.equal(isDocumentUrl(url), true, url)
    }
  })
})

describe('a client with a metadata document', { skip: opensslMissing() }, async () => {
  if (opensslMissing()) return
  const server = await documentServer({ after })
  const ENV = {
    CLIENT_ID_METADATA_DOCUMENTS: 'true',
    REGISTRATIONS_ADDRESS_LIMIT: '1000',
    UNKNOWN_CREDENTIALS_PER_MINUTE: '10000',
  }
  const provider = await testProvider(
    { after },
    {
      env: { ...ENV, OUTBOUND_NETWORKS: '127.0.0.0/8', BRAND_NAME: 'Acme' },
    },
  )
  const guarded = await testProvider({ after }, { env: ENV })
  const person = await provider.person()
  const clientOf = (clientId: string) => ({ clientId, secret: undefined, redirectUri: REDIRECT_URI })
  const begin = async ({ issuer }: typeof provider, clientId: string) => {
    const response = await fetch(issuer + authorizationPath(clientOf(clientId)), { redirect: 'manual' })
    return { status: response.status, text: await response.text() }
  }
  const isStored = async (id: string, { database } = provider) =>
    (await database.$client`SELECT FROM oidc_clients WHERE id = ${id}`).length === 1
  const countRequests = (path: string) => server.requests.filter((one) => one === path).length

  const PRIVATE = [
    '10.0.0.1',
    '127.0.0.1',
    '127.1.2.3',
    '0.0.0.0',
    '100.64.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '192.0.0.8',
    '192.0.2.1',
    '192.168.1.1',
    '198.18.0.1',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '[::1]',
    '[::]',
    '[::ffff:7f00:1]',
    '[64:ff9b::7f00:1]',
    '[::7f00:1]',
    '[200::1]',
    '[fc00::1]',
    '[fe80::1]',
    '[2001:db8::1]',
    '[ff02::1]',
  ]
  for (const host of PRIVATE) {
    it(`is not fetched from ${host}`, async () => {
      const port = new URL(server.origin).port
      const url = `https://${host}:${port}/private`
      assert.equal(isDocumentUrl(url), true)
      assert.equal((await begin(guarded, url)).status, 400)
      assert.equal(await isStored(url, guarded), false)
      assert.equal(countRequests('/private'), 0)
    })
  }

  it('is not fetched from a name with a private address', async () => {
    const path = '/name'
    const url = `https://localhost:${new URL(server.origin).port}${path}`
    server.answers.set(path, { body: JSON.stringify({ ...METADATA, client_id: url }) })
    assert.equal((await begin(guarded, url)).status, 400)
    assert.deepEqual([countRequests(path), await isStored(url, guarded)], [0, false])
  })

  it('is not fetched from our own server, and not by http', async () => {
    for (const url of [`${provider.issuer}/client`, `${provider.issuer.replace('http:', 'https:')}/client`]) {
      assert.equal((await begin(provider, url)).status, 400)
    }
  })

  const valid = (path: string, more: object = {}) =>
    JSON.stringify({ client_id: server.origin + path, ...METADATA, ...more })
  const REFUSED: Record<string, (path: string) => Parameters<typeof server.answers.set>[1]> = {
    'that is not found': () => ({ status: 404, body: '' }),
    'with an error as its status': (path) => ({ status: 500, body: valid(path) }),
    'with another success as its status': (path) => ({ status: 203, body: valid(path) }),
    'that redirects': (path) => ({ status: 302, headers: { location: `${server.origin}/target` }, body: valid(path) }),
    'that redirects for good, to a private address': (path) => ({
      status: 308,
      headers: { location: 'https://169.254.169.254/target' },
      body: valid(path),
    }),
    'of another type': (path) => ({ headers: { 'content-type': 'text/html' }, body: valid(path) }),
    'of no type': (path) => ({ headers: { 'content-type': '' }, body: valid(path) }),
    'that is no JSON': () => ({ body: '<html>' }),
    'that is a list': (path) => ({ body: `[${valid(path)}]` }),
    'that is null': () => ({ body: 'null' }),
    'that is too long': (path) => ({ body: valid(path, { padding: 'x'.repeat(6000) }) }),
    'that never ends': () => ({}),
    'without a client_id': () => ({ body: JSON.stringify(METADATA) }),
    'of another path': () => ({ body: valid('/other') }),
    'with another spelling of its URL': (path) => ({ body: valid(path, { client_id: `${server.origin}${path}?` }) }),
    'with a secret': (path) => ({ body: valid(path, { client_secret: 'x' }) }),
    'with authentication by a secret': (path) => ({
      body: valid(path, { token_endpoint_auth_method: 'client_secret_basic' }),
    }),
    'with authentication by a secret in the form': (path) => ({
      body: valid(path, { token_endpoint_auth_method: 'client_secret_post' }),
    }),
    'with authentication by a secret as a key': (path) => ({
      body: valid(path, { token_endpoint_auth_method: 'client_secret_jwt' }),
    }),
    'without redirect URIs': (path) => ({ body: valid(path, { redirect_uris: [] }) }),
    'with a redirect URI by http': (path) => ({ body: valid(path, { redirect_uris: ['http://app.example.com/cb'] }) }),
    'with a redirect URI that is a script': (path) => ({ body: valid(path, { redirect_uris: ['javascript:x'] }) }),
    'with the implicit flow': (path) => ({ body: valid(path, { grant_types: ['implicit'] }) }),
    'with the name of the installation': (path) => ({ body: valid(path, { client_name: 'ACME Login' }) }),
    'with our own name': (path) => ({ body: valid(path, { client_name: 'Daytona CLI' }) }),
  }
  for (const [index, [what, answerOf]] of Object.entries(REFUSED).entries()) {
    it(`is refused with a document ${what}, which is not fetched again at once`, async () => {
      const path = `/refused/${index}`
      server.answers.set(path, answerOf(path))
      const url = server.origin + path
      for (let times = 0; times < 2; times += 1) assert.equal((await begin(provider, url)).status, 400)
      assert.deepEqual([countRequests(path), countRequests('/target'), await isStored(url)], [1, 0, false])
    })
  }

  it('is unknown unless the operator turns documents on, and at endpoints that begin no authorization', async (t) => {
    const url = server.publish('/elsewhere', METADATA)
    const off = await testProvider(t, { env: { OUTBOUND_NETWORKS: '127.0.0.0/8' } })
    assert.equal((await begin(off, url)).status, 400)
    for (const [path, fields] of [
      ['/oauth/token', { grant_type: 'authorization_code', code: 'x' }],
      ['/oauth/revoke', { token: 'x' }],
      ['/oauth/introspect', { token: 'x' }],
      ['/oauth/device_authorization', { scope: 'openid' }],
    ] as const) {
      assert.equal((await post(provider, path, clientOf(url), { ...fields })).body['error'], 'invalid_client', path)
    }
    assert.equal(countRequests('/elsewhere'), 0)
    const discovery = async ({ issuer }: typeof provider) =>
      (await (await fetch(`${issuer}/.well-known/oauth-authorization-server`)).json()) as Record<string, unknown>
    assert.equal('client_id_metadata_document_supported' in (await discovery(off)), false)
    assert.equal((await discovery(provider))['client_id_metadata_document_supported'], true)
  })

  it('is limited by the number of new documents that an address may name', async (t) => {
    const env = { ...ENV, OUTBOUND_NETWORKS: '127.0.0.0/8', REGISTRATIONS_ADDRESS_LIMIT: '2' }
    const limited = await testProvider(t, { env })
    const urls = ['/new/1', '/new/2', '/new/3'].map((path) => server.publish(path, METADATA))
    const statuses = []
    for (const url of [...urls, urls[0] ?? '']) statuses.push((await begin(limited, url)).status)
    assert.deepEqual(statuses, [303, 303, 429, 303])
    assert.equal(countRequests('/new/3'), 0)
  })

  it('signs a person in, whose consent page names the host of the document, and ends with its row', async () => {
    const url = server.publish('/agent', METADATA)
    const client = clientOf(url)
    const at = browser(provider, person)
    const redirectUri = 'http://127.0.0.1:4567/callback'
    const { visitor } = at
    const page = await visitor.follow(await visitor.get(`${provider.issuer}${authorizationPath(client)}`))
    const uid = /\/oauth\/interaction\/([^/"]+)/.exec(page.html)?.[1]
    const fields = { csrf: inputOf(page, 'csrf'), email: person.email, password: PASSWORD }
    const consent = await visitor.follow(await visitor.post(`/oauth/interaction/${uid}/sign-in`, fields))
    assert.match(consent.html, new RegExp(`App of ${new URL(url).host}, not verified by Acme`))
    assert.match(consent.html, /Any program on your device can pose as it/)

    const authorization = await at.authorize(client, { redirect_uri: redirectUri })
    assert.equal(authorization.callback.searchParams.get('iss'), provider.issuer)
    const { status, body } = await redeem(provider, client, authorization)
    assert.equal(status, 200, JSON.stringify(body))
    assert.equal(claimsOf(body['access_token'])['client_id'], url)
    assert.equal((await userinfo(provider, body['access_token'] ?? '')).status, 200)
    assert.equal(countRequests('/agent'), 1, 'the document is used again until it expires')
    const refreshed = await refresh(provider, client, body['refresh_token'] ?? '')
    assert.equal(refreshed.status, 200)
    await provider.database.$client`DELETE FROM oidc_clients WHERE id = ${url}`
    assert.equal(
      (await refresh(provider, client, refreshed.body['refresh_token'] ?? '')).body['access_token'],
      undefined,
    )
  })

  it('is read again when its document expired: a redirect URI that was removed is refused, with an audit event', async () => {
    const metadata = { ...METADATA, redirect_uris: [REDIRECT_URI, 'https://old.example.com/cb'] }
    const url = server.publish('/changing', metadata, { 'cache-control': 'max-age=999999' })
    assert.equal((await begin(provider, url)).status, 303)
    const [row] = await provider.database.$client`
      SELECT document_expires_at <= now() + interval '1 hour' AS "isBounded" FROM client_registrations WHERE client_id = ${url}`
    assert.equal(row?.['isBounded'], true)
    server.publish('/changing', METADATA)
    const old = { ...clientOf(url), redirectUri: 'https://old.example.com/cb' }
    const open = async () => (await fetch(provider.issuer + authorizationPath(old), { redirect: 'manual' })).status
    assert.equal(await open(), 303)
    await provider.database
      .$client`UPDATE client_registrations SET document_expires_at = now() WHERE client_id = ${url}`
    // The cached client is evicted by a notification.
    await provider.database.$client`UPDATE oidc_clients SET name = 'Agent ' WHERE id = ${url}`
    let status = 303
    for (const begun = Date.now(); status === 303 && Date.now() - begun < 20_000; ) status = await open()
    assert.equal(status, 400)
    assert.equal(countRequests('/changing'), 2)
    const events = await provider.database.$client`
      SELECT metadata FROM audit_events WHERE action = 'oauth_app.update' AND target_id = ${url}`
    assert.ok(events[0]?.['metadata'].changed.includes('redirectUris'))
  })
})
