import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { arrive, authorizationRequest, inputOf, send, visitor } from './browser/visitor.ts'
import { browser, claimsOf, PASSWORD, redeem, refresh, testProvider } from './fixture.ts'

const clock = { now: Date.now() }
const env = { REFRESH_TOKEN_TTL: '10d', REFRESH_TOKEN_ABSOLUTE_TTL: '30d' }
const provider = await testProvider({ after }, { env, now: () => clock.now })
const { issuer, database } = provider
const person = await provider.person()
const DAY = 86_400

describe('a native app', () => {
  for (const uri of ['com.example.app:/callback', 'com.example.app://callback', 'https://app.example.com/claimed']) {
    it(`gets its code at ${uri}, and at no other address`, async () => {
      const app = await provider.client(person, { type: 'native', redirectUris: [uri] })
      const { callback, ...authorization } = await browser(provider, person).authorize(app)
      assert.ok(callback.href.startsWith(`${uri}?code=`), callback.href)
      assert.equal((await redeem(provider, app, { ...authorization, callback })).status, 200)
      for (const other of [
        `${uri}/x`,
        uri.replace('app', 'apps'),
        uri.replace(':/', ':8080/'),
        'javascript:alert(1)',
      ]) {
        const request = authorizationRequest(issuer, { client_id: app.clientId, redirect_uri: other })
        const answer = await visitor(issuer).get(request.url)
        assert.deepEqual([answer.status, answer.location], [400, undefined], other)
      }
    })
  }
})

describe('refresh tokens of an app', () => {
  const lifetimes = [
    { what: 'those of the deployment by default', members: {}, idle: 10, end: 30 },
    { what: 'shorter ones', members: { refreshTokenTtl: 2 * DAY, refreshTokenAbsoluteTtl: 5 * DAY }, idle: 2, end: 5 },
    {
      what: 'none longer than the deployment’s',
      members: { refreshTokenTtl: 300 * DAY, refreshTokenAbsoluteTtl: 300 * DAY },
      idle: 10,
      end: 30,
    },
  ]
  for (const { what, members, idle, end } of lifetimes) {
    it(`have lifetimes: ${what}`, async () => {
      const app = await provider.client(person, members)
      const { body } = await redeem(
        provider,
        app,
        await browser(provider, person).authorize(app, { scope: 'openid offline_access' }),
      )
      const days = async () => {
        const [row] = await database.$client<{ days: number }[]>`
          SELECT round(extract(epoch FROM expires_at - now()) / ${DAY})::int AS days
          FROM oidc_artifacts
          WHERE model = 'RefreshToken' AND client_id = ${app.clientId} AND consumed_at IS NULL`
        return row?.days
      }
      assert.equal(await days(), idle)
      const before = clock.now
      clock.now += (end - 1) * DAY * 1000
      const { status } = await refresh(provider, app, body['refresh_token'] ?? '')
      assert.equal(status, 200)
      assert.equal(await days(), 1)
      clock.now = before
    })
  }
})

describe('defaultMaxAge of an app', () => {
  it('asks for the password of an older sign-in, unless the request has a max_age of its own', async () => {
    const app = await provider.client(person, { defaultMaxAge: 600 })
    const at = browser(provider, person)
    const { body } = await redeem(provider, app, await at.authorize(app))
    assert.equal(typeof claimsOf(body['id_token'])['auth_time'], 'number')
    const ask = async (parameters: Record<string, string>) =>
      (await at.attempt(app, { prompt: 'none', ...parameters })).answer.location?.searchParams.get('error') ?? 'none'
    assert.equal(await ask({}), 'none')
    const before = clock.now
    clock.now += 601_000
    assert.deepEqual([await ask({}), await ask({ max_age: '3600' })], ['login_required', 'none'])
    const request = authorizationRequest(issuer, { client_id: app.clientId, redirect_uri: app.redirectUri })
    const page = await arrive(at.visitor, request)
    assert.ok(inputOf(page, 'csrf'))
    const done = await at.visitor.follow(
      await send(at.visitor, page, 'sign-in', { email: person.email, password: PASSWORD }),
    )
    assert.ok(done.location?.searchParams.get('code'))
    clock.now = before
  })
})
