import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { ACR } from '@daytona-auth/protocol/authentication-context'
import { addAuthenticatorApp } from './authenticator-app.ts'
import { type Answer, arrive, authorizationRequest, inputOf, send, type Visitor, visitor } from './browser/visitor.ts'
import { claimsOf, PASSWORD, type Person, post, redeem, refresh, testProvider } from './fixture.ts'

const clock = { now: Date.now() }
const provider = await testProvider({ after }, { now: () => clock.now })
const { issuer } = provider
const owner = await provider.person('Owner')
const app = await provider.client(owner)
const WITH_CODE = ['pwd', 'otp', 'mfa']

type Begun = ReturnType<typeof authorizationRequest>

const requestOf = (more: Record<string, string> = {}): Begun =>
  authorizationRequest(issuer, {
    client_id: app.clientId,
    redirect_uri: app.redirectUri,
    scope: 'openid offline_access',
    ...more,
  })

/** Answers every page with the password and, where it is asked for, a code. Ends at the app. */
async function signIn(visit: Visitor, page: Answer, { email }: Person, code?: () => string): Promise<URL> {
  let current = page
  for (let pages = 0; pages < 5 && current.location === undefined; pages++) {
    if (current.html.includes('name="ticket"')) {
      const fields = { ticket: inputOf(current, 'ticket'), method: 'totp', code: code?.() ?? '' }
      current = await visit.follow(await send(visit, current, 'second-factor', fields))
    } else if (current.html.includes('name="password"')) {
      current = await send(visit, current, 'sign-in', { email, password: PASSWORD })
      if (!current.html.includes('name="ticket"')) current = await visit.follow(current)
    } else current = await visit.follow(await send(visit, current, 'consent', { decision: 'allow' }))
  }
  if (!current.location) throw new Error(current.html)
  return current.location
}

/** Redeems the code of a callback. Returns the claims of both tokens, and the tokens. */
async function tokensOf(callback: URL, { verifier }: Begun) {
  const code = callback.searchParams.get('code') ?? ''
  const { status, body } = await redeem(provider, app, { code, verifier, redirectUri: app.redirectUri, callback })
  assert.equal(status, 200, JSON.stringify(body))
  return { body, idToken: claimsOf(body['id_token']), accessToken: claimsOf(body['access_token']) }
}

const signInOf = ({ acr, amr, auth_time }: Record<string, unknown>) => ({ acr, amr, auth_time })

describe('acr, amr and auth_time', () => {
  it('state a password in the id_token, the access token, introspection and after a refresh', async () => {
    const [ada, visit, request] = [await provider.person(), visitor(issuer), requestOf()]
    const expected = { acr: ACR.password, amr: ['pwd'], auth_time: Math.floor(clock.now / 1000) }
    const { body, idToken, accessToken } = await tokensOf(
      await signIn(visit, await arrive(visit, request), ada),
      request,
    )
    assert.deepEqual(signInOf(idToken), expected)
    assert.deepEqual(signInOf(accessToken), expected)
    const { body: answer } = await post(provider, '/oauth/introspect', app, { token: body['access_token'] ?? '' })
    assert.deepEqual(signInOf(answer), expected)
    clock.now += 60_000
    const { body: next } = await refresh(provider, app, body['refresh_token'] ?? '')
    assert.deepEqual(signInOf(claimsOf(next['id_token'])), expected)
    assert.deepEqual(signInOf(claimsOf(next['access_token'])), expected)
  })

  it('state the second factor, at the time when it was entered', async () => {
    const [ada, visit, request] = [await provider.person(), visitor(issuer), requestOf()]
    const authenticator = await addAuthenticatorApp(provider, ada)
    const page = await arrive(visit, request)
    const code = () => {
      clock.now += 120_000
      return authenticator.codeAt(clock.now)
    }
    const { body, idToken, accessToken } = await tokensOf(await signIn(visit, page, ada, code), request)
    const expected = { acr: ACR.multiFactor, amr: WITH_CODE, auth_time: Math.floor(clock.now / 1000) }
    assert.deepEqual(signInOf(idToken), expected)
    assert.deepEqual(signInOf(accessToken), expected)
    const { body: answer } = await post(provider, '/oauth/introspect', app, { token: body['access_token'] ?? '' })
    assert.deepEqual(signInOf(answer), expected)
  })
})

describe('acr_values', () => {
  it('lead to a sign-in that the session does not reach, and never without a page', async () => {
    const [ada, visit] = [await provider.person(), visitor(issuer)]
    await signIn(visit, await arrive(visit, requestOf()), ada)
    const silent = await visit.get(requestOf({ acr_values: ACR.multiFactor, prompt: 'none' }).url)
    assert.equal(silent.location?.searchParams.get('error'), 'login_required')
    const page = await arrive(visit, requestOf({ acr_values: ACR.multiFactor }))
    assert.match(page.html, /name="password"/)
    // The account gets a second factor in the meantime: then it is reached.
    const authenticator = await addAuthenticatorApp(provider, ada)
    const request = requestOf({ acr_values: ACR.multiFactor })
    const callback = await signIn(visit, await arrive(visit, request), ada, () => authenticator.codeAt(clock.now))
    assert.deepEqual(signInOf((await tokensOf(callback, request)).idToken).acr, ACR.multiFactor)
    const again = await visit.get(requestOf({ acr_values: `${ACR.multiFactor} ${ACR.password}`, prompt: 'none' }).url)
    assert.ok(again.location?.searchParams.has('code'))
  })

  it('are voluntary: an account without a second factor signs in again, once, and the acr says so', async () => {
    const [ada, visit] = [await provider.person(), visitor(issuer)]
    await signIn(visit, await arrive(visit, requestOf()), ada)
    const request = requestOf({ acr_values: ACR.multiFactor })
    const { idToken } = await tokensOf(await signIn(visit, await arrive(visit, request), ada), request)
    assert.equal(idToken['acr'], ACR.password)
  })

  it('ask for nothing if the session reaches one of them, or none is known', async () => {
    const [ada, visit] = [await provider.person(), visitor(issuer)]
    await signIn(visit, await arrive(visit, requestOf()), ada)
    for (const acr_values of [ACR.password, `${ACR.multiFactor} ${ACR.password}`, 'urn:example:other', ' ', '0']) {
      const answer = await visit.get(requestOf({ acr_values, prompt: 'none' }).url)
      assert.ok(answer.location?.searchParams.has('code'), `${acr_values} ${answer.location}`)
    }
  })

  it('with max_age, ask for the password and the code of an older sign-in again', async () => {
    const [ada, visit] = [await provider.person(), visitor(issuer)]
    const authenticator = await addAuthenticatorApp(provider, ada)
    await signIn(visit, await arrive(visit, requestOf()), ada, () => authenticator.codeAt(clock.now))
    clock.now += 301_000
    const silent = await visit.get(requestOf({ max_age: '300', prompt: 'none' }).url)
    assert.equal(silent.location?.searchParams.get('error'), 'login_required')
    const request = requestOf({ max_age: '300', acr_values: ACR.multiFactor })
    const page = await arrive(visit, request)
    const step = await send(visit, page, 'sign-in', { email: ada.email, password: PASSWORD })
    assert.match(step.html, /name="ticket"/)
    const { idToken } = await tokensOf(await signIn(visit, step, ada, () => authenticator.codeAt(clock.now)), request)
    assert.equal(idToken['auth_time'], Math.floor(clock.now / 1000))
  })
})
