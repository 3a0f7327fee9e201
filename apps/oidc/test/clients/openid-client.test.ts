import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import * as client from 'openid-client'
import { answerDevice } from '../browser/device.ts'
import { type Answer, inputOf, visitor } from '../browser/visitor.ts'
import { PASSWORD, type Person, testProvider, updatedAtOf } from '../fixture.ts'

const provider = await testProvider({ after })
const { issuer } = provider
const person = await provider.person()

/** Configures the client library as documented, against a provider on plain http. */
const discover = (id: string, secret?: string) =>
  client.discovery(
    new URL(issuer),
    id,
    undefined,
    secret === undefined ? client.None() : client.ClientSecretBasic(secret),
    {
      execute: [client.allowInsecureRequests],
    },
  )

describe('openid-client', () => {
  it('signs in a confidential app, reads userinfo, refreshes, revokes and signs out', async () => {
    const landing = 'https://app.example.com/bye'
    const app = await provider.client(person, { postLogoutRedirectUris: [landing] })
    const config = await discover(app.clientId, app.secret)
    const scope = 'openid profile email offline_access read:sandboxes'
    const { tokens, browser } = await signIn(config, app.redirectUri, scope, person)
    assert.equal(tokens.token_type, 'bearer')
    assert.equal(tokens.expires_in, 3600)
    assert.equal(tokens.claims()?.sub, person.userId)

    assert.deepEqual(await client.fetchUserInfo(config, tokens.access_token, person.userId), {
      sub: person.userId,
      name: 'Ada Lovelace',
      preferred_username: 'Ada Lovelace',
      updated_at: await updatedAtOf(provider, person),
      email: person.email,
      email_verified: true,
    })

    const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token ?? '')
    assert.notEqual(refreshed.refresh_token, tokens.refresh_token)
    assert.equal(refreshed.claims()?.sub, person.userId)

    await client.tokenRevocation(config, refreshed.access_token)
    await assert.rejects(client.fetchUserInfo(config, refreshed.access_token, person.userId), {
      code: 'OAUTH_WWW_AUTHENTICATE_CHALLENGE',
    })
    await assert.rejects(client.refreshTokenGrant(config, refreshed.refresh_token ?? ''), { error: 'invalid_grant' })

    const out = client.buildEndSessionUrl(config, {
      post_logout_redirect_uri: landing,
      id_token_hint: tokens.id_token ?? '',
      state: 's',
    })
    const left = await browser.get(out)
    assert.equal(left.location?.href, `${landing}?state=s`)
  })

  it('pushes its authorization request, for an app that has to', async () => {
    const app = await provider.client(person, { requirePushedAuthorizationRequests: true })
    const config = await discover(app.clientId, app.secret)
    const { tokens } = await signIn(
      config,
      app.redirectUri,
      'openid email',
      person,
      client.buildAuthorizationUrlWithPAR,
    )
    assert.equal(tokens.claims()?.sub, person.userId)
    assert.match(
      (await begin(config, app.redirectUri, 'openid email')).page.html,
      /Pushed Authorization Request must be used/,
    )
  })

  it('binds its tokens to a key, for an app that has to', async () => {
    const app = await provider.client(person, { dpopBoundAccessTokens: true })
    const config = await discover(app.clientId, app.secret)
    const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'))
    const { tokens } = await signIn(config, app.redirectUri, 'openid offline_access', person, undefined, { DPoP })
    assert.equal(tokens.token_type, 'dpop')
    const read = await client.fetchUserInfo(config, tokens.access_token, person.userId, { DPoP })
    assert.equal(read.sub, person.userId)
    const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token ?? '', undefined, { DPoP })
    assert.equal(refreshed.token_type, 'dpop')
    await assert.rejects(client.fetchUserInfo(config, refreshed.access_token, person.userId))
  })

  it('signs in a single-page app and a native one, which have no secret', async () => {
    const spa = await provider.client(person, { type: 'spa', redirectUris: ['https://spa.example.com/cb'] })
    const native = await provider.client(person, { type: 'native', redirectUris: ['http://127.0.0.1/cb'] })
    for (const [app, redirectUri] of [
      [spa, 'https://spa.example.com/cb'],
      [native, 'http://127.0.0.1:50123/cb'],
    ] as const) {
      const config = await discover(app.clientId)
      const { tokens } = await signIn(config, redirectUri, 'openid email', person)
      assert.equal(tokens.claims()?.['email'], person.email)
    }
  })

  it('connects a device after a person enters its code in another browser', async () => {
    const config = await discover('daytona-cli')
    const device = await client.initiateDeviceAuthorization(config, { scope: 'openid email' })
    assert.equal(device.interval, 5)
    await answerDevice(visitor(issuer), device.user_code, person)
    // The library waits for the interval before its first poll; by then, the answer exists.
    const tokens = await client.pollDeviceAuthorizationGrant(config, { ...device, interval: 0 })
    assert.equal(tokens.claims()?.sub, person.userId)
    assert.equal((await client.fetchUserInfo(config, tokens.access_token, person.userId)).email, person.email)
    assert.ok((await client.refreshTokenGrant(config, tokens.refresh_token ?? '')).refresh_token)

    const denied = await client.initiateDeviceAuthorization(config, { scope: 'openid email' })
    await answerDevice(visitor(issuer), denied.user_code, person, { decision: 'deny' })
    await assert.rejects(client.pollDeviceAuthorizationGrant(config, { ...denied, interval: 0 }), {
      error: 'access_denied',
    })
  })

  it('receives a denial', async () => {
    const app = await provider.client(person)
    const config = await discover(app.clientId, app.secret)
    const { visit, verifier, state, page } = await begin(config, app.redirectUri, 'openid')
    const uid = /\/oauth\/interaction\/([^/"]+)/.exec(page.html)?.[1]
    const denied = await visit.post(`/oauth/interaction/${uid}/cancel`, { csrf: inputOf(page, 'csrf') })
    const { location } = await follow(visit, denied)
    await assert.rejects(
      client.authorizationCodeGrant(config, location ?? new URL(issuer), {
        pkceCodeVerifier: verifier,
        expectedState: state,
      }),
      { error: 'access_denied' },
    )
  })
})

/** How the library builds an authorization request, or pushes it. */
type BuildUrl = (config: client.Configuration, parameters: Record<string, string>) => URL | Promise<URL>

async function signIn(
  config: client.Configuration,
  redirectUri: string,
  scope: string,
  who: Person,
  build: BuildUrl = client.buildAuthorizationUrl,
  options: client.AuthorizationCodeGrantOptions = {},
) {
  const { visit, verifier, state, nonce, page } = await begin(config, redirectUri, scope, build)
  let answer = page
  for (let pages = 0; pages < 3 && answer.location === undefined; pages++) {
    const uid = /\/oauth\/interaction\/([^/"]+)/.exec(answer.html)?.[1]
    const isConsent = answer.html.includes('name="decision"')
    const organization = /name="organization"[^>]*value="([^"]*)"/.exec(answer.html)?.[1] ?? ''
    const fields = isConsent ? { decision: 'allow', organization } : { email: who.email, password: PASSWORD }
    const path = `/oauth/interaction/${uid}/${isConsent ? 'consent' : 'sign-in'}`
    answer = await follow(visit, await visit.post(path, { csrf: inputOf(answer, 'csrf'), ...fields }))
  }
  const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true }
  const callback = answer.location ?? new URL(issuer)
  const tokens = await client.authorizationCodeGrant(config, callback, checks, undefined, options)
  return { tokens, browser: visit }
}

async function begin(
  config: client.Configuration,
  redirectUri: string,
  scope: string,
  build: BuildUrl = client.buildAuthorizationUrl,
) {
  const visit = visitor(issuer)
  const [verifier, state, nonce] = [client.randomPKCECodeVerifier(), client.randomState(), client.randomNonce()]
  const url = await build(config, {
    redirect_uri: redirectUri,
    scope,
    state,
    nonce,
    code_challenge_method: 'S256',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
  })
  return { visit, verifier, state, nonce, page: await follow(visit, await visit.get(url)) }
}

const follow = (visit: ReturnType<typeof visitor>, answer: Answer): Promise<Answer> => visit.follow(answer)
