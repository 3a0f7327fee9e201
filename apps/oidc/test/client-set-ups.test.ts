import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import {
  browser,
  CLI,
  claimsOf,
  post,
  redeem,
  refresh,
  revoke,
  type TestClient,
  testProvider,
  userinfo,
} from './fixture.ts'

// The requests of third-party client libraries, each configured as in its own documentation.

const provider = await testProvider({ after })
const { issuer } = provider
const person = await provider.person()
const web = await provider.client(person)
const strict = await provider.client(person, { requirePkce: true })
const spa = await provider.client(person, { type: 'spa' })
const at = browser(provider, person)

const NO_CHALLENGE = { code_challenge: '', code_challenge_method: '' }

/** Sends a form with the given Authorization header. */
async function send(path: string, form: Record<string, string>, authorization?: string) {
  const response = await fetch(new URL(path, issuer), {
    method: 'POST',
    body: new URLSearchParams(form),
    ...(authorization !== undefined && { headers: { authorization } }),
  })
  const body = (await response.json().catch(() => ({}))) as Record<string, string>
  return { status: response.status, body }
}

const basic = (id: string, secret: string) => `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`

/** An authorization without PKCE, as most server-side libraries send. */
async function authorizeWithoutPkce(client: TestClient) {
  const query = { client_id: client.clientId, redirect_uri: client.redirectUri, response_type: 'code', scope: 'openid' }
  return at.attempt(client, { ...query, ...NO_CHALLENGE })
}

describe('PKCE', () => {
  it('is not required for a web app, which redeems its code with its secret', async () => {
    const { answer } = await authorizeWithoutPkce(web)
    const code = answer.location?.searchParams.get('code')
    assert.ok(code, `${answer.location}`)
    const form = { grant_type: 'authorization_code', code, redirect_uri: web.redirectUri }
    // A verifier for a code that was issued without a challenge is a downgrade (RFC 9700 §4.8.2).
    const { answer: another } = await authorizeWithoutPkce(web)
    const downgraded = {
      ...form,
      code: String(another.location?.searchParams.get('code')),
      code_verifier: 'v'.repeat(43),
    }
    assert.equal((await post(provider, '/oauth/token', web, downgraded)).body['error'], 'invalid_grant')
    assert.equal((await post(provider, '/oauth/token', web, form)).status, 200)
  })

  it('is enforced for a web app once it has sent a challenge', async () => {
    const { code, redirectUri } = await at.authorize(web)
    const form = { grant_type: 'authorization_code', code, redirect_uri: redirectUri }
    assert.equal((await post(provider, '/oauth/token', web, form)).body['error'], 'invalid_grant')
  })

  for (const [what, client] of [
    ['a web app that requires it', strict],
    ['a page', spa],
    ['a native app', CLI],
  ] as const) {
    it(`is required for ${what}`, async () => {
      const { answer } = await authorizeWithoutPkce(client)
      const text = `${answer.location?.href} ${answer.html}`
      assert.ok(!answer.location?.searchParams.has('code'), text)
      assert.match(text, /PKCE|invalid_request/)
    })
  }

  it('is required for every app if the deployment is configured so', async (t) => {
    const forced = await testProvider(t, { env: { WEB_APPS_REQUIRE_PKCE: 'true' } })
    const owner = await forced.person()
    const app = await forced.client(owner)
    const { answer } = await browser(forced, owner).attempt(app, NO_CHALLENGE)
    assert.ok(!answer.location?.searchParams.has('code'))
  })
})

describe('Basic authentication with an empty secret', () => {
  it('identifies a public client at the token endpoint and at revocation', async () => {
    const { code, verifier, redirectUri } = await at.authorize(spa)
    const form = { grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: redirectUri }
    const { status, body } = await send('/oauth/token', form, basic(spa.clientId, ''))
    assert.equal(status, 200, JSON.stringify(body))
    assert.equal((await userinfo(provider, String(body['access_token']))).status, 200)
    assert.equal(
      (await send('/oauth/revoke', { token: String(body['access_token']) }, basic(spa.clientId, ''))).status,
      200,
    )
    assert.equal((await userinfo(provider, String(body['access_token']))).status, 401)
  })

  it('identifies a public client at device authorization', async () => {
    const { status, body } = await send('/oauth/device_authorization', { scope: 'openid' }, basic(CLI.clientId, ''))
    assert.deepEqual([status, typeof body['device_code']], [200, 'string'])
  })

  it('is refused for a confidential client, also with its client_id in the form', async () => {
    const { code, verifier, redirectUri } = await at.authorize(web)
    const form = { grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: redirectUri }
    for (const extra of [{}, { client_id: web.clientId }]) {
      const { status, body } = await send('/oauth/token', { ...form, ...extra }, basic(web.clientId, ''))
      assert.ok(status >= 400 && body['access_token'] === undefined, JSON.stringify(body))
    }
    const mixed = { ...form, client_id: web.clientId }
    const { status } = await send('/oauth/token', mixed, basic(spa.clientId, ''))
    assert.ok(status >= 400)
  })
})

describe('scopes', () => {
  it('that the app is not registered for are omitted, and the response names the granted ones', async () => {
    const authorization = await at.authorize(web, { scope: 'openid email admin:organization write:volumes' })
    const { status, body } = await redeem(provider, web, authorization)
    assert.deepEqual([status, body['scope']], [200, 'openid email'])
  })

  it('default to the identity scopes', async () => {
    const { status, body } = await redeem(provider, web, await at.authorize(web, { scope: '' }))
    assert.equal(status, 200)
    assert.deepEqual(new Set(body['scope']?.split(' ')), new Set(['openid', 'profile', 'email']))
  })

  it('are refused before sign-in if none is left', async () => {
    const stranger = browser(provider, person)
    const url = new URL('/oauth/authorize', issuer)
    const { clientId: client_id, redirectUri: redirect_uri } = web
    url.search = `${new URLSearchParams({ client_id, redirect_uri, response_type: 'code', scope: 'admin:organization' })}`
    const answer = await stranger.visitor.get(url)
    assert.match(`${answer.location?.href} ${answer.html}`, /invalid_scope/)
  })
})

describe('the resource', () => {
  it('is the same with a trailing slash, at authorization, redemption and refresh', async () => {
    const resource = `${issuer}/`
    const { code, verifier, redirectUri } = await at.authorize(spa, {
      resource,
      scope: 'openid offline_access',
      prompt: 'consent',
    })
    const { body } = await post(provider, '/oauth/token', spa, {
      grant_type: 'authorization_code',
      code,
      code_verifier: verifier,
      redirect_uri: redirectUri,
      resource,
    })
    assert.equal(claimsOf(body['access_token'])['aud'], issuer, JSON.stringify(body))
    const renewed = await refresh(provider, spa, String(body['refresh_token']), { resource })
    assert.equal(claimsOf(renewed.body['access_token'])['aud'], issuer, JSON.stringify(renewed.body))
  })

  it('is refused if it is another', async () => {
    const { answer } = await at.attempt(spa, { resource: `${issuer}/other/` })
    assert.match(`${answer.location?.href} ${answer.html}`, /invalid_target/)
  })
})

describe('introspection by a client of its own tokens', () => {
  const offline = { scope: 'openid offline_access', prompt: 'consent' }

  it('reports an active refresh token as active, and a rotated or revoked one as inactive', async () => {
    const { body } = await redeem(provider, web, await at.authorize(web, offline))
    const token = String(body['refresh_token'])
    const introspect = async (of: string, by: TestClient) =>
      (await post(provider, '/oauth/introspect', by, { token: of })).body
    const answer = await introspect(token, web)
    assert.partialDeepStrictEqual(answer, { active: true, client_id: web.clientId, sub: person.userId, iss: issuer })
    assert.deepEqual(await introspect(token, strict), { active: false })
    const rotated = String((await refresh(provider, web, token)).body['refresh_token'])
    assert.deepEqual(await introspect(token, web), { active: false })
    assert.partialDeepStrictEqual(await introspect(rotated, web), { active: true })
    await revoke(provider, web, rotated)
    assert.deepEqual(await introspect(rotated, web), { active: false })
  })

  it('accepts a token of identity scopes only', async () => {
    const { body } = await redeem(provider, web, await at.authorize(web, { scope: 'openid' }))
    const { body: answer } = await post(provider, '/oauth/introspect', web, { token: String(body['access_token']) })
    assert.partialDeepStrictEqual(answer, { active: true, client_id: web.clientId, scope: 'openid', organizations: [] })
  })
})

describe('id_tokens', () => {
  it('are signed with the algorithm that the app chose, which discovery lists', async () => {
    const app = await provider.client(person, { idTokenSignedResponseAlg: 'ES256' })
    const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', issuer))
    for (const [client, alg] of [
      [web, 'RS256'],
      [app, 'ES256'],
    ] as const) {
      const { body } = await redeem(provider, client, await at.authorize(client))
      const token = String(body['id_token'])
      assert.equal(decodeProtectedHeader(token).alg, alg)
      await jwtVerify(token, keys, { issuer, audience: client.clientId })
    }
    const response = await fetch(new URL('/.well-known/openid-configuration', issuer))
    const discovery = (await response.json()) as Record<string, unknown>
    const algorithms = discovery['id_token_signing_alg_values_supported']
    assert.deepEqual(new Set(algorithms as string[]), new Set(['ES256', 'RS256']))
  })

  it('contain preferred_username for the scope profile, as userinfo does', async () => {
    const { body } = await redeem(provider, web, await at.authorize(web, { scope: 'openid profile' }))
    assert.equal(claimsOf(body['id_token'])['preferred_username'], 'Ada Lovelace')
    const answer = (await (await userinfo(provider, String(body['access_token']))).json()) as Record<string, unknown>
    assert.equal(answer['preferred_username'], 'Ada Lovelace')
  })
})

describe('cookies on http loopback', () => {
  it('have the product and the port in their names, so that no other app on localhost overwrites them', () => {
    const { port } = new URL(issuer)
    assert.ok(at.visitor.cookies.length > 0)
    for (const { name } of at.visitor.cookies) assert.match(name, new RegExp(`^daytona_auth_${port}_`))
  })
})
