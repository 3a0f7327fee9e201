import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { ACR } from '@daytona-auth/protocol/authentication-context'
import { addAuthenticatorApp } from './authenticator-app.ts'
import { arrive, authorizationRequest, inputOf, send, textOf, visitor } from './browser/visitor.ts'
import { browser, claimsOf, PASSWORD, post, redeem, type TestClient, testProvider, userinfo } from './fixture.ts'

const provider = await testProvider({ after })
const { issuer } = provider
const person = await provider.person()
const another = await provider.person()
const app = await provider.client(person)
const narrow = await provider.client(person, { scopes: ['openid', 'profile'] })

const claims = (value: object) => ({ scope: 'openid', claims: JSON.stringify(value) })
const essentialAcr = (...values: string[]) => claims({ id_token: { acr: { essential: true, values } } })
const requestOf = (parameters: Record<string, string>) =>
  authorizationRequest(issuer, { client_id: app.clientId, redirect_uri: app.redirectUri, ...parameters })

async function signedIn() {
  const at = browser(provider, person)
  await at.authorize(app)
  return at
}
const errorOf = async (parameters: Record<string, string>, at = browser(provider, person)) =>
  (await at.attempt(app, parameters)).answer.location?.searchParams.get('error')

/** Redeems the code of an authorization. Returns the response, the id_token's claims and those of userinfo. */
async function tokensOf(parameters: Record<string, string>, client: TestClient = app) {
  const { status, body } = await redeem(provider, client, await browser(provider, person).authorize(client, parameters))
  assert.equal(status, 200, JSON.stringify(body))
  const profile = (await (await userinfo(provider, body['access_token'] ?? '')).json()) as Record<string, unknown>
  return { scope: body['scope'], idToken: claimsOf(body['id_token']), userinfo: profile }
}

describe('the claims parameter is refused', () => {
  const at = signedIn()
  const malformed: Record<string, string> = {
    'that is not JSON': '{',
    'that is not an object': '[]',
    'that is null': 'null',
    'with neither member': '{"access_token":{}}',
    'with another userinfo': '{"userinfo":"name"}',
    'with another id_token': '{"id_token":[]}',
    'with a sub that is no text': '{"id_token":{"sub":{"value":1}}}',
    'with a sub of userinfo that is no text': '{"userinfo":{"sub":{"value":["x"]}}}',
    'with an acr that is a text': `{"id_token":{"acr":"${ACR.password}"}}`,
    'with values that are no list': '{"id_token":{"acr":{"essential":true,"values":"x"}}}',
    'with values that are no texts': '{"id_token":{"acr":{"essential":true,"values":[1]}}}',
    'with an essential that is a text': '{"id_token":{"acr":{"essential":"true","values":[]}}}',
  }
  for (const [what, value] of Object.entries(malformed)) {
    it(what, async () => {
      assert.equal(await errorOf({ scope: 'openid', claims: value }, await at), 'invalid_request')
      const pushed = await post(provider, '/oauth/par', app, {
        redirect_uri: app.redirectUri,
        response_type: 'code',
        scope: 'openid',
        claims: value,
      })
      assert.deepEqual([pushed.status, pushed.body['error']], [400, 'invalid_request'])
    })
  }

  it('without the scope openid', async () => {
    assert.equal(await errorOf({ scope: 'profile', claims: '{"userinfo":{"name":null}}' }, await at), 'invalid_request')
  })

  it('twice', async () => {
    const url = new URL(requestOf(claims({ userinfo: { name: null } })).url)
    url.searchParams.append('claims', '{}')
    const { location } = await (await at).visitor.get(url)
    assert.equal(location?.searchParams.get('error'), 'invalid_request')
  })

  it('with generated values, without a server error', async () => {
    const visit = (await at).visitor
    const parts = [
      '{',
      '}',
      '"id_token"',
      '"userinfo"',
      ':',
      '"acr"',
      '"sub"',
      'null',
      '[',
      ']',
      ',',
      '"__proto__"',
      '1e999',
    ]
    for (let round = 0; round < 50; round++) {
      const value = [...randomBytes(1 + (round % 12))].map((byte) => parts[byte % parts.length]).join('')
      const { status } = await visit.get(requestOf({ scope: 'openid', prompt: 'none', claims: value }).url)
      assert.ok(status < 500, value)
    }
  })
})

describe('a claim about the person', () => {
  const wanted = { userinfo: { email: { essential: true } }, id_token: { email: null } }

  it('that the app is not registered for is not given', async () => {
    const got = await tokensOf(claims(wanted), narrow)
    assert.deepEqual([got.scope, got.userinfo, 'email' in got.idToken], ['openid', { sub: person.userId }, false])
  })

  it('that the person has not chosen is absent, also an essential one, and otherwise requests the scope profile', async () => {
    const chooser = await provider.person()
    const { $client: sql } = provider.database
    const wanted = claims({ userinfo: { locale: { essential: true } }, id_token: { zoneinfo: { essential: true } } })
    const read = async (client: TestClient) => {
      const { body } = await redeem(provider, client, await browser(provider, chooser).authorize(client, wanted))
      const profile = (await (await userinfo(provider, body['access_token'] ?? '')).json()) as Record<string, unknown>
      return [profile, claimsOf(body['id_token'])].map(({ locale, zoneinfo }) => [locale, zoneinfo])
    }
    assert.deepEqual(await read(app), [
      [undefined, undefined],
      [undefined, undefined],
    ])
    await sql`UPDATE users SET chosen_language = 'de', time_zone = 'UTC' WHERE id = ${chooser.userId}`
    assert.deepEqual(await read(app), [
      ['de', 'UTC'],
      ['de', 'UTC'],
    ])
    const without = await provider.client(person, { scopes: ['openid', 'email'] })
    assert.deepEqual(await read(without), [
      [undefined, undefined],
      [undefined, undefined],
    ])
  })

  it('that does not exist is not given', async () => {
    const got = await tokensOf(claims({ userinfo: { phone_number: null, __proto__: null }, id_token: { gid: null } }))
    assert.deepEqual([got.scope, got.userinfo, 'gid' in got.idToken], ['openid', { sub: person.userId }, false])
  })

  it('is asked for on the consent page, by its scope, and is not given if it is left out', async () => {
    const [visit, request] = [visitor(issuer), requestOf(claims(wanted))]
    const page = await arrive(visit, request)
    const consent = await visit.follow(await send(visit, page, 'sign-in', { email: another.email, password: PASSWORD }))
    assert.match(textOf(consent), /See your email address/)
    const { location } = await visit.follow(await send(visit, consent, 'consent', { decision: 'allow-chosen' }))
    const code = location?.searchParams.get('code') ?? ''
    const { body } = await redeem(provider, app, {
      code,
      verifier: request.verifier,
      redirectUri: app.redirectUri,
      callback: new URL(issuer),
    })
    assert.deepEqual([body['scope'], 'email' in claimsOf(body['id_token'])], ['openid', false])
    assert.deepEqual(await (await userinfo(provider, body['access_token'] ?? '')).json(), { sub: another.userId })
  })

  it('is given in the id_token and at userinfo, as its scope would', async () => {
    const got = await tokensOf(claims(wanted))
    assert.deepEqual(
      [got.scope, got.userinfo['email'], got.idToken['email']],
      ['openid email', person.email, person.email],
    )
    assert.equal('name' in got.userinfo, false)
  })

  it('is given to a pushed request too', async () => {
    const { verifier, url } = requestOf(claims(wanted))
    const fields = Object.fromEntries(new URL(url).searchParams)
    const pushed = await post(provider, '/oauth/par', app, fields)
    assert.equal(pushed.status, 201)
    const visit = (await signedIn()).visitor
    const query = new URLSearchParams({ client_id: app.clientId, request_uri: pushed.body['request_uri'] ?? '' })
    const { location } = await visit.follow(await visit.get(`${issuer}/oauth/authorize?${query}`))
    const code = location?.searchParams.get('code') ?? ''
    const { body } = await redeem(provider, app, {
      code,
      verifier,
      redirectUri: app.redirectUri,
      callback: new URL(issuer),
    })
    assert.equal(body['scope'], 'openid email')
  })
})

describe('a required sub', () => {
  for (const place of ['id_token', 'userinfo']) {
    it(`of ${place} that is another person gets no code without a page, and the sign-in page with one`, async () => {
      const at = await signedIn()
      const parameters = claims({ [place]: { sub: { value: another.userId } } })
      assert.equal(await errorOf({ ...parameters, prompt: 'none' }, at), 'login_required')
      assert.match((await arrive(at.visitor, requestOf(parameters))).html, /name="password"/)
    })
  }

  it('that is the person gets a code', async () => {
    const parameters = { ...claims({ id_token: { sub: { value: person.userId } } }), prompt: 'none' }
    assert.equal(await errorOf(parameters, await signedIn()), null)
  })
})

describe('an essential acr', () => {
  it('that does not exist is refused, with a session or without', async () => {
    for (const values of [['urn:example:other'], []]) {
      const at = await signedIn()
      assert.equal(await errorOf(essentialAcr(...values), at), 'unmet_authentication_requirements')
      assert.equal(await errorOf({ ...essentialAcr(...values), prompt: 'none' }), 'unmet_authentication_requirements')
    }
  })

  it('that the account cannot reach ends the authorization after one sign-in', async () => {
    const at = await signedIn()
    assert.equal(await errorOf({ ...essentialAcr(ACR.multiFactor), prompt: 'none' }, at), 'login_required')
    assert.equal(await errorOf(essentialAcr(ACR.multiFactor), at), 'unmet_authentication_requirements')
    // `acr_values` does not replace it.
    const both = { ...essentialAcr(ACR.multiFactor), acr_values: ACR.password }
    assert.equal(await errorOf(both, await signedIn()), 'unmet_authentication_requirements')
    assert.equal(await errorOf(essentialAcr(ACR.multiFactor)), 'unmet_authentication_requirements')
    const single = claims({ id_token: { acr: { essential: true, value: ACR.multiFactor } } })
    assert.equal(await errorOf(single), 'unmet_authentication_requirements')
  })

  it('that the session reaches asks for nothing', async () => {
    for (const values of [[ACR.password], [ACR.password, 'urn:example:other']]) {
      assert.equal(await errorOf({ ...essentialAcr(...values), prompt: 'none' }, await signedIn()), null)
    }
  })

  it('is reached by the second factor of the account', async () => {
    const owner = await provider.person()
    const authenticator = await addAuthenticatorApp(provider, owner)
    const [visit, request] = [visitor(issuer), requestOf(essentialAcr(ACR.multiFactor))]
    const page = await arrive(visit, request)
    const step = await send(visit, page, 'sign-in', { email: owner.email, password: PASSWORD })
    const code = authenticator.codeAt(Date.now())
    const fields = { ticket: inputOf(step, 'ticket'), method: 'totp', code }
    const consent = await visit.follow(await send(visit, step, 'second-factor', fields))
    const { location } = await visit.follow(await send(visit, consent, 'consent', { decision: 'allow' }))
    assert.ok(location?.searchParams.has('code'), String(location))
  })

  it('as a voluntary one is like acr_values: one sign-in, then a code', async () => {
    const at = await signedIn()
    const parameters = claims({ id_token: { acr: { values: [ACR.multiFactor] } } })
    assert.equal(await errorOf({ ...parameters, prompt: 'none' }, at), 'login_required')
    assert.equal(await errorOf(parameters, at), null)
  })
})
