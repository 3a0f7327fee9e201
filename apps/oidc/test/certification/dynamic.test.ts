import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, describe, it } from 'node:test'
import { createRemoteJWKSet, exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose'
import { authorizationPath, browser, post, type TestClient, testProvider } from '../fixture.ts'

// Named as the modules of the certification suite of the OpenID Foundation. Its clients authenticate with `private_key_jwt`.

const provider = await testProvider(
  { after },
  { env: { CLIENT_REGISTRATION: 'open', OUTBOUND_NETWORKS: '127.0.0.0/8', REGISTRATIONS_ADDRESS_LIMIT: '1000' } },
)
const { issuer } = provider
const person = await provider.person()
const published = createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`))
const key = await generateKeyPair('RS256')
const jwk = { ...(await exportJWK(key.publicKey)), kid: 'first', alg: 'RS256', use: 'sig' }
const REDIRECT_URI = 'https://rp.example.com/callback'
const METADATA = {
  client_name: 'OIDC conformance',
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  redirect_uris: [REDIRECT_URI],
  token_endpoint_auth_method: 'private_key_jwt',
  scope: 'openid email offline_access',
}

async function register(metadata: object): Promise<{ status: number; body: Record<string, string> }> {
  const response = await fetch(`${issuer}/oauth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...METADATA, ...metadata }),
  })
  return { status: response.status, body: (await response.json()) as Record<string, string> }
}

async function registered(
  metadata: object = { jwks: { keys: [jwk] } },
  redirectUri = REDIRECT_URI,
): Promise<TestClient> {
  const { status, body } = await register(metadata)
  assert.equal(status, 201, JSON.stringify(body))
  return { clientId: body['client_id'] ?? '', secret: undefined, redirectUri }
}

let assertions = 0
const assertionOf = ({ clientId }: TestClient, privateKey = key.privateKey, kid = 'first') =>
  new SignJWT({ jti: `dynamic ${assertions++}` })
    .setProtectedHeader({ alg: 'RS256', kid })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(issuer)
    .setIssuedAt()
    .setExpirationTime('1m')
    .sign(privateKey)

const token = async (client: TestClient, fields: Record<string, string>, assertion?: string) =>
  post(provider, '/oauth/token', client, {
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion ?? (await assertionOf(client)),
    ...fields,
  })

async function flow(client: TestClient, parameters: Record<string, string> = {}) {
  const { code, verifier, callback } = await browser(provider, person).authorize(client, parameters)
  const redirectUri = parameters['redirect_uri'] ?? client.redirectUri
  const answer = await token(client, {
    grant_type: 'authorization_code',
    code,
    code_verifier: verifier,
    redirect_uri: redirectUri,
  })
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  return { callback, body: answer.body }
}

/** Begins an authorization at a redirect URI, and returns the status: that of a redirect, or of an error page. */
async function begin(client: TestClient, redirectUri: string): Promise<number> {
  const path = authorizationPath({ ...client, redirectUri })
  return (await fetch(issuer + path, { redirect: 'manual' })).status
}

describe('oidcc-dynamic-certification-test-plan', () => {
  it('oidcc-server', async () => {
    const { body } = await flow(await registered())
    assert.equal(body['token_type'], 'Bearer')
  })

  it('oidcc-ensure-client-assertion-with-iss-aud-succeeds', async () => {
    const client = await registered()
    const { status } = await post(provider, '/oauth/introspect', client, {
      token: 'x',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: await assertionOf(client),
    })
    assert.equal(status, 200)
  })

  it('oidcc-ensure-redirect-uri-in-authorization-request', async () => {
    const path = authorizationPath(await registered()).replace(/&redirect_uri=[^&]*/, '')
    assert.equal((await fetch(issuer + path, { redirect: 'manual' })).status, 400)
  })

  it('oidcc-idtoken-signature (of Basic, for clients that register themselves)', async () => {
    const { body } = await flow(await registered())
    const { protectedHeader } = await jwtVerify(body['id_token'] ?? '', published, { issuer })
    assert.equal(protectedHeader.alg, 'RS256')
  })

  it('oidcc-idtoken-rs256', async () => {
    const client = await registered({ jwks: { keys: [jwk] }, id_token_signed_response_alg: 'RS256' })
    const { body } = await flow(client)
    const { protectedHeader } = await jwtVerify(body['id_token'] ?? '', published, {
      issuer,
      audience: client.clientId,
    })
    assert.equal(protectedHeader.alg, 'RS256')
  })

  const withQuery = `${REDIRECT_URI}?foo=bar`
  const registeredWithQuery = () => registered({ jwks: { keys: [jwk] }, redirect_uris: [withQuery] }, withQuery)

  it('oidcc-redirect-uri-query-OK', async () => {
    const { callback } = await flow(await registeredWithQuery())
    assert.equal(callback.searchParams.get('foo'), 'bar')
  })

  it('oidcc-redirect-uri-query-mismatch', async () => {
    assert.equal(await begin(await registeredWithQuery(), `${REDIRECT_URI}?bar=foo`), 400)
  })

  it('oidcc-redirect-uri-query-added', async () => {
    assert.equal(await begin(await registered(), withQuery), 400)
  })

  it('oidcc-redirect-uri-regfrag', async () => {
    const { status, body } = await register({ jwks: { keys: [jwk] }, redirect_uris: [`${REDIRECT_URI}#foobar`] })
    assert.deepEqual([status, body['error']], [400, 'invalid_redirect_uri'])
  })

  it('oidcc-refresh-token', async () => {
    const client = await registered()
    const { body } = await flow(client, { scope: 'openid offline_access', prompt: 'consent' })
    const refreshed = await token(client, { grant_type: 'refresh_token', refresh_token: body['refresh_token'] ?? '' })
    assert.equal(refreshed.status, 200)
    assert.notEqual(refreshed.body['access_token'], body['access_token'])
    const other = await registered()
    const stolen = await token(other, {
      grant_type: 'refresh_token',
      refresh_token: refreshed.body['refresh_token'] ?? '',
    })
    assert.deepEqual([stolen.status, stolen.body['error']], [400, 'invalid_grant'])
  })

  describe('with keys at a URL', async () => {
    let keys: object[] = [jwk]
    const server = createServer((_request, response) => {
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys }))
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    after(() => server.close())
    const uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`

    it('oidcc-registration-jwks-uri', async () => {
      await flow(await registered({ jwks_uri: uri }))
    })

    it('oidcc-refresh-token-rp-key-rotation', async () => {
      const client = await registered({ jwks_uri: `${uri}?rotation` })
      const next = await generateKeyPair('RS256')
      keys = [jwk, { ...(await exportJWK(next.publicKey)), kid: 'second', alg: 'RS256', use: 'sig' }]
      const { body } = await flow(client, { scope: 'openid offline_access', prompt: 'consent' })
      const fields = { grant_type: 'refresh_token', refresh_token: body['refresh_token'] ?? '' }
      const { status } = await token(client, fields, await assertionOf(client, next.privateKey, 'second'))
      assert.equal(status, 200)
    })
  })
})
