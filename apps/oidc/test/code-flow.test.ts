import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { after, describe, it } from 'node:test'
import {
  browser,
  claimsOf,
  DASHBOARD,
  headerOf,
  jwks,
  post,
  redeem,
  refresh,
  testProvider,
  updatedAtOf,
  userinfo,
} from './fixture.ts'

const provider = await testProvider({ after })
const { issuer } = provider
const person = await provider.person()
const dashboard = DASHBOARD(issuer)
const app = await provider.client(person)
const other = await provider.client(person)
const at = browser(provider, person)

const INVALID_GRANT = { error: 'invalid_grant', error_description: 'grant request is invalid' }

describe('redeeming a code', () => {
  it('refuses a code issued to another client', async () => {
    const { status, body } = await redeem(provider, other, await at.authorize(app))
    assert.deepEqual([status, body], [400, INVALID_GRANT])
  })

  it('refuses another redirect_uri than that of the authorization', async () => {
    const authorization = await at.authorize(app)
    const { status, body } = await redeem(provider, app, { ...authorization, redirectUri: `${app.redirectUri}/` })
    assert.deepEqual([status, body], [400, INVALID_GRANT])
  })

  it('refuses a wrong or missing code_verifier', async () => {
    const authorization = await at.authorize(app)
    const wrong = await redeem(provider, app, { ...authorization, verifier: 'x'.repeat(43) })
    assert.deepEqual([wrong.status, wrong.body], [400, INVALID_GRANT])
    const none = await post(provider, '/oauth/token', app, {
      grant_type: 'authorization_code',
      code: authorization.code,
      redirect_uri: authorization.redirectUri,
    })
    assert.deepEqual([none.status, none.body], [400, INVALID_GRANT])
  })

  it('refuses an expired code, to the second', async () => {
    const authorization = await at.authorize(app)
    await provider.database.$client`UPDATE oidc_artifacts
      SET payload = payload || jsonb_build_object('exp', floor(extract(epoch FROM now()))) WHERE model = 'AuthorizationCode'`
    const { status, body } = await redeem(provider, app, authorization)
    assert.deepEqual([status, body], [400, INVALID_GRANT])
  })

  it('refuses a wrong client secret, a missing one, and one in the query', async () => {
    const authorization = await at.authorize(app)
    const INVALID_CLIENT = { error: 'invalid_client', error_description: 'client authentication failed' }
    const wrong = await redeem(provider, { ...app, secret: `${app.secret}x` }, authorization)
    assert.deepEqual([wrong.status, wrong.body], [401, INVALID_CLIENT])
    const missing = await redeem(provider, { ...app, secret: undefined }, authorization)
    assert.deepEqual([missing.status, missing.body], [401, INVALID_CLIENT])
    const query = await post(
      provider,
      `/oauth/token?client_secret=${app.secret}`,
      { ...app, secret: undefined },
      {
        grant_type: 'authorization_code',
        code: authorization.code,
      },
    )
    assert.deepEqual([query.status, query.body], [401, INVALID_CLIENT])
  })

  it('accepts the client secret in the body', async () => {
    const authorization = await at.authorize(app)
    const { status } = await post(
      provider,
      '/oauth/token',
      { ...app, secret: undefined },
      {
        grant_type: 'authorization_code',
        code: authorization.code,
        redirect_uri: authorization.redirectUri,
        code_verifier: authorization.verifier,
        client_secret: app.secret ?? '',
      },
    )
    assert.equal(status, 200)
  })

  it('succeeds once; a second use within the code’s lifetime revokes the tokens of the first', async () => {
    const authorization = await at.authorize(app, { scope: 'openid offline_access' })
    const first = await redeem(provider, app, authorization)
    assert.equal(first.status, 200)
    const second = await redeem(provider, app, authorization)
    assert.deepEqual([second.status, second.body], [400, INVALID_GRANT])

    const later = await refresh(provider, app, first.body['refresh_token'] ?? '')
    assert.deepEqual([later.status, later.body], [400, INVALID_GRANT])
    assert.equal((await userinfo(provider, first.body['access_token'] ?? '')).status, 401)
    const [event] = await provider.database.$client`
      SELECT action, actor_id, metadata FROM audit_events WHERE target_id = ${String(claimsOf(first.body['access_token'])['gid'])}`
    assert.deepEqual(event, {
      action: 'grant.revoke',
      actor_id: null,
      metadata: { clientId: app.clientId, reason: 'code replayed' },
    })
  })

  it('is possible for a minute', async () => {
    await at.authorize(app)
    const [row] = await provider.database.$client`SELECT (payload->>'exp')::int - (payload->>'iat')::int AS seconds
      FROM oidc_artifacts WHERE model = 'AuthorizationCode' ORDER BY created_at DESC LIMIT 1`
    assert.equal(row?.['seconds'], 60)
  })

  it('consumes the code even if its user is disabled by then, and issues nothing', async () => {
    const someone = await provider.person()
    const authorization = await browser(provider, someone).authorize(app, { scope: 'openid offline_access' })
    await provider.database.$client`UPDATE users SET disabled_at = now() WHERE id = ${someone.userId}`
    const { status, body } = await redeem(provider, app, authorization)
    assert.deepEqual([status, body], [400, INVALID_GRANT])
    const rows = await provider.database.$client`SELECT model, consumed_at IS NOT NULL AS consumed
      FROM oidc_artifacts WHERE account_id = ${someone.userId} AND model <> 'Session'`
    assert.deepEqual([...rows], [{ model: 'AuthorizationCode', consumed: true }])
  })

  it('does not affect other grants of the same person and app', async () => {
    const kept = await redeem(provider, app, await at.authorize(app))
    const authorization = await at.authorize(app)
    await redeem(provider, app, authorization)
    await redeem(provider, app, authorization)
    assert.equal((await userinfo(provider, kept.body['access_token'] ?? '')).status, 200)
  })

  it('supports neither the password grant nor the implicit flow', async () => {
    for (const grant_type of ['password', 'implicit', 'client_credentials']) {
      const { status, body } = await post(provider, '/oauth/token', app, { grant_type, username: 'x', password: 'y' })
      assert.deepEqual([status, body['error']], [400, 'unsupported_grant_type'], grant_type)
    }
    const errorOf = async (response_type: string) => {
      const { answer } = await at.attempt(app, { response_type, nonce: 'n' })
      return Object.fromEntries(new URLSearchParams(answer.location?.hash.slice(1) || answer.location?.search))
    }
    for (const type of ['token', 'id_token', 'code id_token']) {
      assert.equal((await errorOf(type))['error'], 'unsupported_response_type', type)
    }
    // Only the account pages use it.
    const { error, error_description } = await errorOf('none')
    assert.deepEqual(
      [error, error_description],
      ['invalid_request', 'requested response_type is not allowed for this client'],
    )
  })
})

describe('the tokens of a code', () => {
  it('are an access token for the API, an id_token for the app and, if the app requested it, a refresh token', async () => {
    const nonce = 'n-0S6_WzA2Mj'
    const authorization = await at.authorize(app, { scope: 'openid profile offline_access read:sandboxes', nonce })
    const { status, headers, body } = await redeem(provider, app, authorization)
    assert.equal(status, 200)
    assert.equal(headers.get('cache-control'), 'no-store')
    assert.deepEqual(Object.keys(body).sort(), [
      'access_token',
      'expires_in',
      'id_token',
      'refresh_token',
      'scope',
      'token_type',
    ])
    assert.equal(body['expires_in'], 3600)
    assert.equal(body['token_type'], 'Bearer')
    assert.equal(body['scope'], 'openid profile offline_access read:sandboxes')

    const keys = await jwks(provider)
    const accessHeader = headerOf(body['access_token'])
    assert.deepEqual(accessHeader, { alg: 'ES256', typ: 'at+jwt', kid: keys.find(({ alg }) => alg === 'ES256')?.kid })
    const { iat, exp, jti, gid, auth_time: signedInAt, ...access } = claimsOf(body['access_token'])
    assert.deepEqual(access, {
      iss: issuer,
      sub: person.userId,
      aud: issuer,
      client_id: app.clientId,
      scope: 'openid profile offline_access read:sandboxes',
      acr: 'urn:daytona:acr:password',
      amr: ['pwd'],
    })
    assert.equal(Number(exp) - Number(iat), 3600)
    assert.match(String(jti), /^[\w-]{20,}$/)
    assert.match(String(gid), /^grant_[0-9a-v]{26}$/)

    assert.deepEqual(headerOf(body['id_token']), { alg: 'RS256', kid: keys.find(({ alg }) => alg === 'RS256')?.kid })
    const {
      iat: issued,
      exp: ends,
      auth_time: authTime,
      updated_at: updatedAt,
      sid,
      ...id
    } = claimsOf(body['id_token'])
    assert.equal(updatedAt, await updatedAtOf(provider, person))
    assert.match(String(sid), /^[\w-]{20,}$/)
    assert.deepEqual(id, {
      iss: issuer,
      sub: person.userId,
      aud: app.clientId,
      nonce,
      acr: 'urn:daytona:acr:password',
      amr: ['pwd'],
      name: 'Ada Lovelace',
      preferred_username: 'Ada Lovelace',
      at_hash: hash('sha256', body['access_token'] ?? '', 'buffer')
        .subarray(0, 16)
        .toString('base64url'),
    })
    assert.equal(authTime, signedInAt)
    assert.ok(Number(authTime) <= Number(issued) && Number(issued) < Number(ends))
  })

  it('include no refresh token for a confidential app that did not request offline_access', async () => {
    const { body } = await redeem(provider, app, await at.authorize(app, { scope: 'openid' }))
    assert.equal(body['refresh_token'], undefined)
  })

  it('include a refresh token for the dashboard and for native apps by policy', async () => {
    const dashboardTokens = await redeem(provider, dashboard, await at.authorize(dashboard, { scope: 'openid' }))
    assert.equal(typeof dashboardTokens.body['refresh_token'], 'string')
    const native = await provider.client(person, { type: 'native', redirectUris: ['http://127.0.0.1/callback'] })
    const nativeTokens = await redeem(provider, native, await at.authorize(native, { scope: 'openid' }))
    assert.equal(typeof nativeTokens.body['refresh_token'], 'string')
  })

  it('have only the scopes that the app is registered for', async () => {
    const narrowed = await redeem(provider, app, await at.authorize(app, { scope: 'openid write:sandboxes' }))
    assert.equal(narrowed.body['scope'], 'openid')
    const { answer } = await at.attempt(app, { scope: 'write:sandboxes' })
    assert.equal(answer.location?.searchParams.get('error'), 'invalid_scope')
    const ignored = await redeem(provider, app, await at.authorize(app, { scope: 'openid made:up' }))
    assert.equal(ignored.body['scope'], 'openid')
  })

  it('have the API as their only audience', async () => {
    const { answer } = await at.attempt(app, { resource: 'https://elsewhere.example.com' })
    assert.equal(answer.location?.searchParams.get('error'), 'invalid_target')
    const { status, body } = await redeem(provider, app, await at.authorize(app, { resource: issuer }))
    assert.deepEqual([status, claimsOf(body['access_token'])['aud']], [200, issuer])
  })

  it('are all RS256, and for another audience, if the deployment is configured so', async (t) => {
    const audience = 'https://api.example.com'
    const rsa = await testProvider(t, { env: { ACCESS_TOKEN_ALG: 'RS256', API_AUDIENCE: audience } })
    const someone = await rsa.person()
    const client = DASHBOARD(rsa.issuer)
    const { body } = await redeem(rsa, client, await browser(rsa, someone).authorize(client))
    assert.equal(headerOf(body['access_token'])['alg'], 'RS256')
    assert.equal(claimsOf(body['access_token'])['aud'], audience)
    assert.equal((await userinfo(rsa, body['access_token'] ?? '')).status, 200)
  })
})
