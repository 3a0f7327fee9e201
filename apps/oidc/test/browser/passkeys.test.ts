import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { freePort } from '@daytona-auth/testing'
import { addAuthenticatorApp } from '../authenticator-app.ts'
import { claimsOf, DASHBOARD, PASSWORD, type Person, redeem, testProvider } from '../fixture.ts'
import { type ResponseSettings, softwareAuthenticator } from '../software-authenticator.ts'
import { trailOf } from './harness.ts'
import { createOutbox } from './outbox.ts'
import { type Answer, arrive, authorizationRequest, inputOf, send, textOf, type Visitor, visitor } from './visitor.ts'

const PASSKEYS = '/oauth/account/passkeys'
const clock = { now: Date.now() }
const outbox = await createOutbox({ after })
// The id of a relying party is a domain.
const port = String(await freePort())
const provider = await testProvider(
  { after },
  {
    env: {
      ISSUER: `http://localhost:${port}`,
      PORT: port,
      OUTBOX_DIR: outbox.directory,
      FAILED_SIGN_INS_LIMIT: '100',
    },
    now: () => clock.now,
  },
)
const { issuer, database } = provider
const { $client: sql } = database
const dashboard = DASHBOARD(issuer)

const unescaped = (text: string) =>
  text.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&lt;', '<').replaceAll('&amp;', '&')
const optionsOf = ({ html }: Answer) => unescaped(/data-options="([^"]*)"/.exec(html)?.[1] ?? '')

/** Opens the account page in a browser and signs in there. */
async function openPage({ email }: Person, code?: string): Promise<{ visit: Visitor; page: Answer }> {
  const visit = visitor(issuer)
  const signIn = await visit.follow(await visit.get(PASSKEYS))
  let answer = await send(visit, signIn, 'sign-in', { email, password: PASSWORD })
  if (code !== undefined) {
    answer = await send(visit, answer, 'second-factor', { ticket: inputOf(answer, 'ticket'), method: 'totp', code })
  }
  const page = await visit.follow(answer)
  assert.equal(page.url.pathname, PASSKEYS, textOf(page))
  return { visit, page }
}

const submit = (visit: Visitor, page: Answer, fields: Record<string, string>) =>
  visit.post(PASSKEYS, { csrf: inputOf(page, 'csrf'), ...fields })

const passkeysOf = async ({ userId }: Person) => (await sql`SELECT id FROM passkeys WHERE user_id = ${userId}`).length

/** An account with a passkey. */
async function withPasskey() {
  const ada = await provider.person()
  const authenticator = softwareAuthenticator(issuer)
  const { visit, page } = await openPage(ada)
  const added = await submit(visit, page, { response: authenticator.create(optionsOf(page)) })
  const codes = [...added.html.matchAll(/<li class="item">([^<]+)/g)].map(([, code]) => code ?? '')
  assert.equal(codes.length, 10, textOf(added))
  return { ada, authenticator, visit, page, codes }
}

/** Opens the page that signs in with a passkey, in a new browser. */
async function atPasskey(visit = visitor(issuer)) {
  const request = authorizationRequest(issuer, { client_id: dashboard.clientId, redirect_uri: dashboard.redirectUri })
  const signIn = await arrive(visit, request)
  const href = /href="([^"]*\/passkey)"/.exec(signIn.html)?.[1] ?? ''
  return { visit, request, page: await visit.get(href) }
}

const signIn = async (response: (options: string) => string) => {
  const { visit, page } = await atPasskey()
  return send(visit, page, 'passkey', { response: response(optionsOf(page)) })
}

const INVALID: Record<string, ResponseSettings> = {
  'another origin': { origin: 'https://evil.example' },
  'another relying party': { rpId: 'evil.example' },
  'another challenge': { challenge: Buffer.alloc(56).toString('base64url') },
  'no challenge': { challenge: '' },
  'another type': { type: 'webauthn.other' },
  'an unverified user': { isVerified: false },
}

describe('adding a passkey', () => {
  for (const [what, settings] of Object.entries(INVALID)) {
    it(`refuses ${what}`, async () => {
      const ada = await provider.person()
      const { visit, page } = await openPage(ada)
      const response = softwareAuthenticator(issuer).create(optionsOf(page), settings)
      assert.equal((await submit(visit, page, { response })).status, 400)
      assert.equal(await passkeysOf(ada), 0)
    })
  }

  it('refuses a challenge of another account or session, an old one, and any other text', async () => {
    const [ada, eve] = [await provider.person(), await provider.person()]
    const [own, hers, other] = [await openPage(ada), await openPage(eve), await openPage(ada)]
    const authenticator = softwareAuthenticator(issuer)
    const texts = ['', '{}', 'null', '[]', '{"id":1}', '{"id":"x","response":null}', '\0', 'x'.repeat(20_000)]
    for (const response of [...texts, ...[hers, other].map(({ page }) => authenticator.create(optionsOf(page)))]) {
      assert.equal((await submit(own.visit, own.page, { response })).status, 400)
    }
    const response = authenticator.create(optionsOf(own.page))
    assert.equal((await own.visit.post(PASSKEYS, { response })).status, 403)
    clock.now += 5 * 60_000 + 1000
    const late = await submit(own.visit, own.page, { response })
    assert.equal(late.location?.pathname, '/oauth/authorize')
    assert.deepEqual([await passkeysOf(ada), await passkeysOf(eve)], [0, 0])
  })

  it('needs the second factor of the account', async () => {
    const ada = await provider.person()
    const app = await addAuthenticatorApp(provider, ada)
    const { visit, page } = await openPage(ada, app.codeAt(clock.now))
    await sql`
      UPDATE oidc_artifacts SET payload = payload || '{"acr":"urn:daytona:acr:trusted-browser"}'
      WHERE account_id = ${ada.userId}`
    const response = softwareAuthenticator(issuer).create(optionsOf(page))
    assert.equal((await submit(visit, page, { response })).location?.pathname, '/oauth/authorize')
    assert.equal(await passkeysOf(ada), 0)
  })

  it('is mailed and audited, and done once; removing it too', async () => {
    const { ada, authenticator, visit, page } = await withPasskey()
    assert.match((await outbox.next(ada.email)).content, /Subject: A passkey was added/)
    const again = await submit(visit, page, { response: authenticator.create(optionsOf(page)) })
    assert.equal(again.status, 400)
    assert.match(textOf(await visit.get(PASSKEYS)), /never used/)
    const eve = await openPage(await provider.person())
    const fields = { decision: 'remove', passkey: authenticator.id }
    assert.equal((await submit(eve.visit, eve.page, fields)).status, 303)
    assert.equal(await passkeysOf(ada), 1)
    const byPasskey = await atPasskey()
    const response = authenticator.get(optionsOf(byPasskey.page))
    await byPasskey.visit.follow(await send(byPasskey.visit, byPasskey.page, 'passkey', { response }))
    const sessions = async () =>
      (await sql`SELECT FROM oidc_artifacts WHERE model = 'Session' AND account_id = ${ada.userId}`).length
    assert.equal(await sessions(), 2)
    assert.equal((await submit(visit, page, fields)).status, 303)
    // It was the last factor: the session of the removal ends with the other one.
    assert.equal(await sessions(), 0)
    assert.match((await outbox.next(ada.email)).content, /Subject: A passkey was removed/)
    assert.equal((await signIn((options) => authenticator.get(options))).status, 400)
    const actions = (await trailOf(provider, ada)).map(({ action }) => action)
    assert.deepEqual(
      actions.filter((action) => String(action).includes('passkey')),
      ['user.add_passkey', 'user.remove_passkey'],
    )
  })

  it('stops at ten', async () => {
    const { ada, visit } = await withPasskey()
    await sql`
      INSERT INTO passkeys (id, user_id, public_key, counter, is_synchronized)
      SELECT ${ada.userId} || n, ${ada.userId}, '', 0, false FROM generate_series(1, 9) n`
    const page = await visit.get(PASSKEYS)
    const response = softwareAuthenticator(issuer).create(optionsOf(page))
    assert.equal((await submit(visit, page, { response })).status, 400)
    assert.equal(await passkeysOf(ada), 10)
  })
})

/** Enters a password in a new browser, and returns the page that follows. */
async function enterPassword({ email }: Person, password = PASSWORD) {
  const request = authorizationRequest(issuer, { client_id: dashboard.clientId, redirect_uri: dashboard.redirectUri })
  const visit = visitor(issuer)
  const page = await send(visit, await arrive(visit, request), 'sign-in', { email, password })
  const enter = (fields: Record<string, string>) =>
    send(visit, page, 'second-factor', { ticket: inputOf(page, 'ticket'), ...fields })
  return { request, visit, page, enter }
}

describe('an account with passkeys only', () => {
  it('is asked for one after its password, or for a recovery code, and has no session before', async () => {
    const { ada, authenticator, codes } = await withPasskey()
    await sql`DELETE FROM oidc_artifacts WHERE model = 'Session' AND account_id = ${ada.userId}`
    const step = await enterPassword(ada)
    assert.match(textOf(step.page), /Now use a passkey of your account/)
    assert.doesNotMatch(step.page.html, /name="code"/)
    assert.equal((await step.enter({ method: 'totp', code: '000000' })).status, 400)
    assert.equal(
      (await sql`SELECT FROM oidc_artifacts WHERE model = 'Session' AND account_id = ${ada.userId}`).length,
      0,
    )
    const response = authenticator.get(optionsOf(step.page))
    assert.equal((await step.enter({ method: 'passkey', response })).status, 303)
    const other = await enterPassword(ada)
    assert.equal((await other.enter({ method: 'recovery-code', code: codes[0] ?? '' })).status, 303)
  })

  it('ends every other session with its first passkey, and its own states both', async () => {
    const ada = await provider.person()
    const [own, other] = [await openPage(ada), await openPage(ada)]
    const add = async () =>
      submit(own.visit, own.page, { response: softwareAuthenticator(issuer).create(optionsOf(own.page)) })
    assert.equal((await add()).status, 200)
    assert.match((await other.visit.follow(await other.visit.get(PASSKEYS))).html, /name="password"/)
    const acr = await sql`SELECT payload ->> 'acr' AS acr FROM oidc_artifacts WHERE account_id = ${ada.userId}`
    assert.deepEqual([...acr], [{ acr: 'urn:daytona:acr:mfa' }])
    // Another one changes neither the recovery codes nor the sessions.
    assert.equal((await add()).status, 303)
    assert.equal(await passkeysOf(ada), 2)
  })
})

describe('a passkey as second factor', () => {
  /** Enters the password of an account that has an authenticator app and a passkey. */
  async function atSecondFactor() {
    const made = await withPasskey()
    const app = await addAuthenticatorApp(provider, made.ada)
    const { request, visit, page } = await enterPassword(made.ada)
    const enter = (response: string, from = page) =>
      send(visit, page, 'second-factor', { ticket: inputOf(from, 'ticket'), method: 'passkey', response })
    return { ...made, app, request, visit, page, enter }
  }

  for (const [what, settings] of Object.entries(INVALID)) {
    if (what === 'an unverified user') continue
    it(`refuses ${what}`, async () => {
      const { authenticator, page, enter } = await atSecondFactor()
      const refused = await enter(authenticator.get(optionsOf(page), settings))
      assert.equal(refused.status, 400)
      assert.match(textOf(refused), /This passkey was not accepted/)
    })
  }

  it('refuses the passkey of another account, a challenge of another step, a repeated response, and any text', async () => {
    const [own, other, passwordless] = [await atSecondFactor(), await atSecondFactor(), await atPasskey()]
    const responses = [
      other.authenticator.get(optionsOf(own.page)),
      own.authenticator.get(optionsOf(other.page)),
      own.authenticator.get(optionsOf(passwordless.page)),
      '',
      '{}',
      '\0',
      'x'.repeat(20_000),
    ]
    for (const response of responses) assert.equal((await own.enter(response)).status, 400)
    // Without the verification of its user it is no sign-in of its own.
    const weak = own.authenticator.get(optionsOf(own.page), { isVerified: false })
    assert.equal((await send(passwordless.visit, passwordless.page, 'passkey', { response: weak })).status, 400)
    const right = own.authenticator.get(optionsOf(own.page), { counter: 1 })
    assert.equal((await own.enter(right)).status, 303)
    assert.notEqual((await own.enter(right)).status, 303)
  })

  it('is offered after the password, and states both in amr, also of a user that it did not verify', async () => {
    const { ada, authenticator, request, visit, page, enter } = await atSecondFactor()
    assert.deepEqual(JSON.parse(optionsOf(page)).allowCredentials, [{ id: authenticator.id, type: 'public-key' }])
    const answer = await enter(authenticator.get(optionsOf(page), { isVerified: false }))
    assert.equal(answer.status, 303)
    const callback = await visit.get(answer.location ?? '')
    const code = callback.location?.searchParams.get('code') ?? assert.fail(callback.html)
    const { body } = await redeem(provider, dashboard, {
      code,
      verifier: request.verifier,
      redirectUri: dashboard.redirectUri,
      callback: new URL(dashboard.redirectUri),
    })
    const { acr, amr } = claimsOf(body['id_token'])
    assert.deepEqual([acr, amr], ['urn:daytona:acr:mfa', ['pwd', 'hwk', 'user', 'mfa']])
    const last = (await trailOf(provider, ada)).findLast(({ action }) => action === 'user.sign_in')
    assert.equal(last?.['statusCode'], 200)
  })

  it('is limited with the codes of the account', async () => {
    const { ada, authenticator, page, enter } = await atSecondFactor()
    await sql`
      INSERT INTO second_factor_attempts (user_id, attempts, since) VALUES (${ada.userId}, 100, now())
      ON CONFLICT (user_id) DO UPDATE SET attempts = 100`
    assert.equal((await enter(authenticator.get(optionsOf(page)))).status, 429)
  })
})

describe('removing one of several factors', () => {
  it('keeps the session of the removal, and ends every other one', async () => {
    const { ada, authenticator, visit, page } = await withPasskey()
    await addAuthenticatorApp(provider, ada)
    await sql`
      UPDATE oidc_artifacts SET payload = payload || '{"acr":"urn:daytona:acr:mfa"}' WHERE account_id = ${ada.userId}`
    const other = await atPasskey()
    const response = authenticator.get(optionsOf(other.page))
    await other.visit.follow(await send(other.visit, other.page, 'passkey', { response }))
    const removed = await submit(visit, page, { decision: 'remove', passkey: authenticator.id })
    assert.match(textOf(await visit.follow(removed)), /Every other session and app has to sign in again/)
    const sessions = await sql`SELECT FROM oidc_artifacts WHERE model = 'Session' AND account_id = ${ada.userId}`
    assert.equal(sessions.length, 1)
  })
})

describe('signing in with a passkey', () => {
  for (const [what, settings] of Object.entries({
    ...INVALID,
    'the handle of another user': { userHandle: Buffer.from('usr_other').toString('base64url') },
  })) {
    it(`refuses ${what}`, async () => {
      const { ada, authenticator } = await withPasskey()
      const before = await sql`SELECT FROM oidc_artifacts WHERE model = 'Session' AND account_id = ${ada.userId}`
      assert.equal((await signIn((options) => authenticator.get(options, settings))).status, 400)
      const after = await sql`SELECT FROM oidc_artifacts WHERE model = 'Session' AND account_id = ${ada.userId}`
      assert.equal(after.length, before.length)
    })
  }

  it('refuses the key of another credential, a challenge of another browser, an old one, and any other text', async () => {
    const { authenticator } = await withPasskey()
    const forged = (options: string) =>
      JSON.stringify({
        ...JSON.parse(softwareAuthenticator(issuer).get(options)),
        id: authenticator.id,
        rawId: authenticator.id,
      })
    assert.equal((await signIn(forged)).status, 400)
    assert.equal((await signIn((options) => softwareAuthenticator(issuer).get(options))).status, 400)
    const other = await atPasskey()
    assert.equal((await signIn(() => authenticator.get(optionsOf(other.page)))).status, 400)
    for (const text of ['', '{}', 'null', '[]', '{"id":1}', `{"id":"${authenticator.id}"}`, '\0', 'x'.repeat(20_000)]) {
      assert.equal((await signIn(() => text)).status, 400, text.slice(0, 20))
    }
    const old = await atPasskey()
    clock.now += 10 * 60_000 + 1
    const late = await send(old.visit, old.page, 'passkey', { response: authenticator.get(optionsOf(old.page)) })
    assert.equal(late.status, 400)
  })

  it('refuses a counter that was seen, as of a copied key, and a disabled account', async () => {
    const { ada, authenticator } = await withPasskey()
    assert.equal((await signIn((options) => authenticator.get(options, { counter: 5 }))).status, 303)
    for (const counter of [5, 4, 0]) {
      assert.equal((await signIn((options) => authenticator.get(options, { counter }))).status, 400, String(counter))
    }
    assert.equal((await signIn((options) => authenticator.get(options, { counter: 6 }))).status, 303)
    await sql`UPDATE users SET disabled_at = now() WHERE id = ${ada.userId}`
    assert.equal((await signIn((options) => authenticator.get(options, { counter: 7 }))).status, 400)
  })

  it('needs neither an address nor a code, and the tokens state it', async () => {
    const { ada, authenticator } = await withPasskey()
    await addAuthenticatorApp(provider, ada)
    await sql`UPDATE users SET language = 'de' WHERE id = ${ada.userId}`
    const { visit, request, page } = await atPasskey()
    assert.match(page.headers.get('content-security-policy') ?? '', /script-src 'self';/)
    const answer = await visit.follow(
      await send(visit, page, 'passkey', { response: authenticator.get(optionsOf(page)) }),
    )
    const callback = answer.location ?? answer.url
    const code = callback.searchParams.get('code') ?? ''
    const { body } = await redeem(provider, dashboard, {
      code,
      verifier: request.verifier,
      redirectUri: dashboard.redirectUri,
      callback,
    })
    const { sub, acr, amr } = claimsOf(body['id_token'])
    assert.deepEqual([sub, acr, amr], [ada.userId, 'urn:daytona:acr:mfa', ['hwk', 'user', 'mfa']])
    const [event] = await sql`
      SELECT metadata FROM audit_events WHERE action = 'user.sign_in' AND target_id = ${ada.userId} ORDER BY sequence DESC`
    assert.deepEqual(event?.['metadata'], { clientId: dashboard.clientId, factor: 'passkey' })
    assert.deepEqual([...(await sql`SELECT language FROM users WHERE id = ${ada.userId}`)], [{ language: 'en' }])
  })

  it('needs the new password once after a recovery, which does not remove it', async () => {
    const { ada, authenticator } = await withPasskey()
    await outbox.next(ada.email)
    await visitor(issuer).post('/oauth/recovery', { email: ada.email })
    const token = (await outbox.next(ada.email)).tokenOf('/oauth/recovery/password')
    const password = 'violin harbor teacup 9'
    assert.equal((await visitor(issuer).post('/oauth/recovery/password', { token, password })).status, 200)
    assert.equal((await signIn((options) => authenticator.get(options))).status, 400)
    const step = await enterPassword(ada, password)
    const response = authenticator.get(optionsOf(step.page))
    assert.equal((await step.enter({ method: 'passkey', response })).status, 303)
    assert.equal((await signIn((options) => authenticator.get(options))).status, 303)
  })
})
