import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { ACR } from '@daytona-auth/protocol/authentication-context'
import { addAuthenticatorApp, readQrCode } from './authenticator-app.ts'
import { organizationOf, trailOf } from './browser/harness.ts'
import { createOutbox } from './browser/outbox.ts'
import {
  type Answer,
  arrive,
  authorizationRequest,
  inputOf,
  send,
  textOf,
  type Visitor,
  visitor,
} from './browser/visitor.ts'
import { claimsOf, PASSWORD, type Person, post, redeem, refresh, testProvider } from './fixture.ts'

const clock = { now: Date.now() }
const outbox = await createOutbox({ after })
const env = { OUTBOX_DIR: outbox.directory, FAILED_SIGN_INS_LIMIT: '5' }
const provider = await testProvider({ after }, { env, now: () => clock.now })
const { issuer, database } = provider
const { $client: sql } = database
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

/** The hidden fields of the page that sets up a second factor. */
const stepOf = (page: Answer) => ({ ticket: inputOf(page, 'ticket'), set_up: inputOf(page, 'set_up') })

/** Answers every page with the password and, where it is asked for, a code. Ends at the app. */
async function signIn(visit: Visitor, page: Answer, { email }: Person, code?: () => string): Promise<URL> {
  let current = page
  for (let pages = 0; pages < 5 && current.location === undefined; pages++) {
    if (current.html.includes('name="set_up"')) {
      current = await visit.follow(await send(visit, current, 'enrollment', { ...stepOf(current), decision: 'later' }))
    } else if (current.html.includes('name="ticket"')) {
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

describe('a second factor that is set up during a sign-in', () => {
  const STRONG = { acr_values: ACR.multiFactor }

  /** Enters the password for an app that asks for a second factor. */
  async function atSetUp(ada: Person, more: Record<string, string> = STRONG) {
    const [visit, request] = [visitor(issuer), requestOf(more)]
    const page = await send(visit, await arrive(visit, request), 'sign-in', { email: ada.email, password: PASSWORD })
    const enter = (fields: Record<string, string>, from = page) =>
      send(visit, page, 'enrollment', { ...stepOf(from), ...fields })
    return { visit, request, page, enter, code: () => codeOf(page) }
  }

  /** The code of an app that has read the QR code of a page. */
  const codeOf = ({ html }: Answer) =>
    readQrCode(/href="(otpauth:[^"]*)"/.exec(html)?.[1]?.replaceAll('&amp;', '&') ?? '').codeAt(clock.now)

  const factorsOf = async ({ userId }: Person) =>
    (await sql`SELECT FROM totp_factors WHERE user_id = ${userId}`).length +
    (await sql`SELECT FROM recovery_codes WHERE user_id = ${userId}`).length

  const nextOf = ({ html }: Answer) => /class="button" href="([^"]*)"/.exec(html)?.[1] ?? ''

  it('refuses a forged, crossed or expired step, another password since, an address that is not verified, and wrong codes', async () => {
    const [ada, eve] = [await provider.person(), await provider.person()]
    const [own, other] = [await atSetUp(ada), await atSetUp(eve)]
    const code = own.code()
    const wrong = {
      'no ticket': { ticket: '', code },
      'a forged ticket': { ticket: `${inputOf(own.page, 'ticket')}x`, code },
      'the ticket of another interaction': { ticket: inputOf(other.page, 'ticket'), code },
      'the secret of another account': { set_up: inputOf(other.page, 'set_up'), code: other.code() },
      'no secret': { set_up: '', code },
      'a wrong code': { code: code === '000000' ? '000001' : '000000' },
      'no passkey': { method: 'passkey', response: '{}' },
    }
    for (const [what, fields] of Object.entries(wrong)) {
      assert.equal((await own.enter(fields)).status, 400, what)
      await sql`DELETE FROM second_factor_attempts WHERE user_id = ${ada.userId}`
    }
    await sql`UPDATE users SET email_verified = false WHERE id = ${ada.userId}`
    assert.equal((await own.enter({ code })).status, 400, 'an address that is not verified')
    await sql`UPDATE users SET email_verified = true, disabled_at = now() WHERE id = ${ada.userId}`
    assert.equal((await own.enter({ code })).status, 400, 'a disabled account')
    await sql`UPDATE users SET disabled_at = NULL WHERE id = ${ada.userId}`
    await sql`UPDATE user_credentials SET secret = secret || 'x' WHERE user_id = ${ada.userId}`
    assert.equal((await own.enter({ code })).status, 400, 'another password')
    clock.now += 10 * 60_000 + 1
    assert.equal((await other.enter({ code: other.code() })).status, 400, 'an expired ticket')
    assert.deepEqual([await factorsOf(ada), await factorsOf(eve)], [0, 0])
  })

  it('is never a further one: with the password of an account that has one, nothing is added', async () => {
    const ada = await provider.person()
    const early = await atSetUp(ada)
    await addAuthenticatorApp(provider, ada)
    const before = await sql`SELECT secret FROM totp_factors WHERE user_id = ${ada.userId}`
    for (const fields of [{ code: early.code() }, { decision: 'later' }]) {
      assert.equal((await early.enter(fields)).status, 400)
    }
    // The ticket of the second factor, whose page follows the password now.
    const late = await atSetUp(ada)
    assert.doesNotMatch(late.page.html, /name="set_up"/)
    const fields = { ticket: inputOf(late.page, 'ticket'), set_up: inputOf(early.page, 'set_up'), code: early.code() }
    assert.equal((await send(late.visit, late.page, 'enrollment', fields)).status, 400)
    assert.deepEqual(await sql`SELECT secret FROM totp_factors WHERE user_id = ${ada.userId}`, before)
  })

  it('is added once by concurrent requests, and limited with the codes of the account', async () => {
    const ada = await provider.person()
    const [one, two] = [await atSetUp(ada), await atSetUp(ada)]
    const answers = await Promise.all([one, two].map(({ enter, code }) => enter({ code: code() })))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 400])
    const eve = await provider.person()
    const guess = await atSetUp(eve)
    for (let count = 0; count < 5; count++) assert.equal((await guess.enter({ code: '1' })).status, 400)
    assert.equal((await guess.enter({ code: guess.code() })).status, 429)
    assert.equal(await factorsOf(eve), 0)
  })

  it('is of the account from then on: the tokens state it, it is mailed, and what began without it ends', async () => {
    const [ada, elsewhere] = [await provider.person(), visitor(issuer)]
    await signIn(elsewhere, await arrive(elsewhere, requestOf()), ada)
    const { visit, request, enter, code } = await atSetUp(ada)
    const codes = await enter({ code: code() })
    assert.equal(codes.html.match(/class="item"/g)?.length, 10)
    const page = await visit.follow(await visit.get(nextOf(codes)))
    const { idToken } = await tokensOf(await signIn(visit, page, ada), request)
    assert.deepEqual([idToken['acr'], idToken['amr']], [ACR.multiFactor, WITH_CODE])
    assert.match((await outbox.next(ada.email)).content, /Subject: Two-step sign-in is on/)
    assert.ok((await trailOf(provider, ada)).some(({ action }) => action === 'user.add_factor'))
    const silent = await elsewhere.get(requestOf({ prompt: 'none' }).url)
    assert.equal(silent.location?.searchParams.get('error'), 'login_required')
    assert.match((await atSetUp(ada)).page.html, /authenticator app shows/)
  })

  it('is not offered for an address that is not verified, and can be left out unless the app requires it', async () => {
    const ada = await provider.person()
    const acr = { essential: true, value: ACR.multiFactor }
    const required = { claims: JSON.stringify({ id_token: { acr } }) }
    const { visit, page, enter } = await atSetUp(ada, required)
    assert.doesNotMatch(page.html, /value="later"/)
    const callback = await visit.follow(await enter({ decision: 'later' }))
    assert.equal(callback.location?.searchParams.get('error'), 'unmet_authentication_requirements')
    await sql`UPDATE users SET email_verified = false WHERE id = ${ada.userId}`
    const [again, request] = [visitor(issuer), requestOf(STRONG)]
    const step = await send(again, await arrive(again, request), 'sign-in', { email: ada.email, password: PASSWORD })
    assert.equal(step.status, 303)
  })

  it('opens the organizations of the consent page that need it, after the password', async () => {
    const ada = await provider.person()
    const organization = await organizationOf(provider, ada, 'Careful')
    await sql`UPDATE organizations SET require_second_factor = true WHERE id = ${organization}`
    const [visit, request] = [visitor(issuer), requestOf({ scope: 'openid read:sandboxes' })]
    const signInPage = await arrive(visit, request)
    const consent = await visit.follow(
      await send(visit, signInPage, 'sign-in', { email: ada.email, password: PASSWORD }),
    )
    const choice = new RegExp(`value="${organization}"[^>]* disabled`)
    assert.match(consent.html, choice)
    const href = /href="([^"]*\/enrollment)"/.exec(consent.html)?.[1] ?? ''
    assert.match((await visit.get(href)).html, /name="set_up"/)
    // A password of more than five minutes ago is entered again.
    clock.now += 5 * 60_000 + 1000
    const password = await visit.get(href)
    assert.match(textOf(password), /Enter your password again/)
    const fields = { email: ada.email, password: PASSWORD, decision: inputOf(password, 'decision') }
    const page = await send(visit, password, 'sign-in', fields)
    const codes = await send(visit, page, 'enrollment', { ...stepOf(page), code: codeOf(page) })
    const again = await visit.follow(await visit.get(nextOf(codes)))
    assert.doesNotMatch(again.html, choice)
    assert.match(again.html, new RegExp(`value="${organization}"`))
  })
})
