import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { addAuthenticatorApp, readQrCode } from '../authenticator-app.ts'
import {
  browser,
  DASHBOARD,
  PASSWORD,
  type Person,
  post as provide,
  redeem,
  refresh,
  testProvider,
} from '../fixture.ts'
import { factorResetTests } from './factor-reset.ts'
import { trailOf } from './harness.ts'
import { createOutbox } from './outbox.ts'
import {
  type Answer,
  authorizationRequest,
  type Fields,
  inputOf,
  send,
  textOf,
  type Visitor,
  visitor,
} from './visitor.ts'

const FACTORS = '/oauth/account/factors'
const TOTP = `${FACTORS}/totp`
const FRESH_MS = 5 * 60_000

const clock = { now: Date.now() }
const outbox = await createOutbox({ after })
const provider = await testProvider({ after }, { env: { OUTBOX_DIR: outbox.directory }, now: () => clock.now })
const { issuer, database } = provider
const { $client: sql } = database
const dashboard = DASHBOARD(issuer)

/** Opens an account page in a browser and signs in there; with a code if the account has a second factor. */
async function openPage(
  { email }: Person,
  path: string,
  { visit = visitor(issuer), code }: { visit?: Visitor; code?: string } = {},
): Promise<{ visit: Visitor; page: Answer }> {
  const signIn = await visit.follow(await visit.get(path))
  assert.match(signIn.html, /name="password"/, signIn.html)
  let page = await send(visit, signIn, 'sign-in', { email, password: PASSWORD })
  if (code !== undefined) {
    const fields = { ticket: inputOf(page, 'ticket'), method: 'totp', code }
    page = await send(visit, page, 'second-factor', fields)
  }
  page = await visit.follow(page)
  assert.deepEqual([page.url.pathname, page.status], [path, 200], textOf(page))
  return { visit, page }
}

const post = (visit: Visitor, page: Answer, path: string, fields: Fields) =>
  visit.post(path, { csrf: inputOf(page, 'csrf'), ...fields })

/** The address in the QR code, which the page shows as a link too. */
const uriOf = ({ html }: Answer) =>
  (/href="(otpauth:[^"]*)"/.exec(html)?.[1] ?? '').replaceAll('&amp;', '&').replaceAll('&#39;', "'")

const codesOf = ({ html }: Answer) => [...html.matchAll(/<li class="item">([^<]*)</g)].map(([, code = '']) => code)

const factorsOf = async ({ userId }: Person) => (await sql`SELECT FROM totp_factors WHERE user_id = ${userId}`).length

const actionsOf = async (person: Person) => (await trailOf(provider, person)).map(({ action }) => action)

/** Sets up an authenticator app on the pages. */
async function setUp(person: Person) {
  const { visit, page } = await openPage(person, TOTP)
  const app = readQrCode(uriOf(page))
  const shown = await post(visit, page, TOTP, { set_up: inputOf(page, 'set_up'), code: app.codeAt(clock.now) })
  return { visit, page, app, shown }
}

describe('the set-up of an authenticator app', () => {
  it('refuses forms without a token, of another site and with a secret of another account or session', async () => {
    const [ada, eve] = [await provider.person(), await provider.person()]
    const [own, hers] = [await openPage(ada, TOTP), await openPage(eve, TOTP)]
    const app = readQrCode(uriOf(hers.page))
    const fields = { set_up: inputOf(hers.page, 'set_up'), code: app.codeAt(clock.now) }
    assert.equal((await own.visit.post(TOTP, fields)).status, 403)
    const csrf = inputOf(own.page, 'csrf')
    assert.equal((await own.visit.post(TOTP, { ...fields, csrf }, { origin: 'https://evil.example' })).status, 403)
    assert.equal((await own.visit.post(FACTORS, { decision: 'remove' })).status, 403)
    for (const set_up of [fields.set_up, '', 'x', `${fields.set_up.slice(0, -1)}_`, 'a.b.c.d.e']) {
      const answer = await post(own.visit, own.page, TOTP, { ...fields, set_up })
      assert.deepEqual([answer.status, answer.location?.pathname], [303, TOTP], set_up)
    }
    // The same account in another browser.
    const other = await openPage(ada, TOTP)
    const answer = await post(own.visit, own.page, TOTP, {
      set_up: inputOf(other.page, 'set_up'),
      code: readQrCode(uriOf(other.page)).codeAt(clock.now),
    })
    assert.deepEqual([answer.status, answer.location?.pathname], [303, TOTP])
    assert.deepEqual([await factorsOf(ada), await factorsOf(eve)], [0, 0])
  })

  it('refuses a wrong code, keeps the secret then, and needs a recent sign-in', async () => {
    const ada = await provider.person()
    const { visit, page } = await openPage(ada, TOTP)
    const [set_up, app] = [inputOf(page, 'set_up'), readQrCode(uriOf(page))]
    for (const code of ['', '12345', '1234567', app.codeAt(clock.now + 90_000), app.codeAt(clock.now - 90_000)]) {
      const again = await post(visit, page, TOTP, { set_up, code })
      assert.deepEqual([again.status, uriOf(again)], [400, uriOf(page)])
      assert.match(textOf(again), /That code is wrong/)
    }
    clock.now += FRESH_MS + 1000
    const late = await post(visit, page, TOTP, { set_up, code: app.codeAt(clock.now) })
    assert.equal(late.location?.pathname, '/oauth/authorize')
    assert.equal((await visit.get(TOTP)).location?.pathname, '/oauth/authorize')
    assert.equal(await factorsOf(ada), 0)
  })

  it('turns on two-step sign-in, ends what began without it, is mailed and audited, and shows ten codes once', async () => {
    const ada = await provider.person()
    const at = browser(provider, ada)
    const { body } = await redeem(
      provider,
      dashboard,
      await at.authorize(dashboard, { scope: 'openid offline_access' }),
    )
    const { visit, app, shown } = await setUp(ada)
    assert.equal(shown.status, 200)
    const codes = codesOf(shown)
    assert.equal(codes.length, 10)
    assert.ok(!JSON.stringify([...(await sql`SELECT * FROM totp_factors`)]).includes(app.codeAt(clock.now)))
    assert.match((await outbox.next(ada.email)).content, /Subject: Two-step sign-in is on/)
    assert.deepEqual((await actionsOf(ada)).slice(-2), ['user.add_factor', 'grant.revoke'])
    // Access and sessions from before are gone.
    assert.equal((await refresh(provider, dashboard, body['refresh_token'] ?? '')).status, 400)
    assert.match((await at.visitor.follow(await at.visitor.get('/oauth/account'))).html, /name="password"/)
    // This session has proven both, and continues.
    const factors = await visit.get(FACTORS)
    assert.equal(factors.status, 200)
    assert.match(textOf(factors), /Authenticator app On .* 10 are left/)
    assert.ok(codes.every((code) => !factors.html.includes(code)))
    const back = await visit.get(
      `/oauth/authorize?client_id=daytona-account&response_type=none&scope=openid&redirect_uri=${encodeURIComponent(issuer + FACTORS)}`,
    )
    assert.equal(back.location?.pathname, FACTORS)
    // The next sign-in asks for a code: not the one that confirmed the app.
    const other = visitor(issuer)
    const signIn = await other.follow(await other.get(FACTORS))
    const step = await send(other, signIn, 'sign-in', { email: ada.email, password: PASSWORD })
    const enter = (code: string) =>
      send(other, step, 'second-factor', { ticket: inputOf(step, 'ticket'), method: 'totp', code })
    assert.equal((await enter(app.codeAt(clock.now))).status, 400)
    assert.equal((await enter(codes[3] ?? '')).status, 303)
  })

  it('is done once: the form of a second tab changes nothing', async () => {
    const ada = await provider.person()
    const { visit, page, app } = await setUp(ada)
    const again = await post(visit, page, TOTP, { set_up: inputOf(page, 'set_up'), code: app.codeAt(clock.now) })
    assert.deepEqual([again.status, again.location?.pathname], [303, FACTORS])
    assert.equal((await visit.get(TOTP)).location?.pathname, FACTORS)
    assert.equal((await actionsOf(ada)).filter((action) => action === 'user.add_factor').length, 1)
  })
})

describe('recovery codes and the removal of an app', () => {
  it('need a recent sign-in with the second factor', async () => {
    const ada = await provider.person()
    const app = await addAuthenticatorApp(provider, ada)
    const { visit, page } = await openPage(ada, FACTORS, { code: app.codeAt(clock.now) })
    // Signed in with the password only, as in a session of an earlier release.
    await sql`UPDATE oidc_artifacts SET payload = payload - 'acr' WHERE account_id = ${ada.userId}`
    for (const decision of ['remove', 'codes']) {
      assert.equal((await post(visit, page, FACTORS, { decision })).location?.pathname, '/oauth/authorize')
    }
    await sql`
      UPDATE oidc_artifacts SET payload = payload || '{"acr":"urn:daytona:acr:mfa"}' WHERE account_id = ${ada.userId}`
    clock.now += FRESH_MS + 1000
    for (const decision of ['remove', 'codes']) {
      assert.equal((await post(visit, page, FACTORS, { decision })).location?.pathname, '/oauth/authorize')
    }
    assert.equal(await factorsOf(ada), 1)
    assert.deepEqual(
      (await actionsOf(ada)).filter((action) => action !== 'user.sign_in' && action !== 'user.create'),
      [],
    )
  })

  it('replace the earlier codes', async () => {
    const ada = await provider.person()
    const app = await addAuthenticatorApp(provider, ada)
    const { visit, page } = await openPage(ada, FACTORS, { code: app.codeAt(clock.now) })
    const shown = await post(visit, page, FACTORS, { decision: 'codes' })
    const codes = codesOf(shown)
    assert.equal(codes.length, 10)
    assert.ok(codes.every((code) => !app.recoveryCodes.includes(code)))
    assert.match((await outbox.next(ada.email)).content, /Subject: New recovery codes/)
    assert.equal((await actionsOf(ada)).at(-1), 'user.create_recovery_codes')
    const other = visitor(issuer)
    const signIn = await other.follow(await other.get(FACTORS))
    const step = await send(other, signIn, 'sign-in', { email: ada.email, password: PASSWORD })
    const enter = (code: string) =>
      send(other, step, 'second-factor', { ticket: inputOf(step, 'ticket'), method: 'recovery-code', code })
    assert.equal((await enter(app.recoveryCodes[0] ?? '')).status, 400)
    assert.equal((await enter(codes[0] ?? '')).status, 303)
  })

  it('turn off two-step sign-in, end every session and token that states it, and are mailed and audited', async () => {
    const ada = await provider.person()
    const app = await addAuthenticatorApp(provider, ada)
    const { visit, page } = await openPage(ada, FACTORS, { code: app.codeAt(clock.now) })
    const owner = await provider.person()
    const client = await provider.client(owner)
    const request = authorizationRequest(issuer, { client_id: client.clientId, redirect_uri: client.redirectUri })
    const consent = await visit.follow(await visit.get(request.url))
    const allowed = await visit.follow(await send(visit, consent, 'consent', { decision: 'allow', resource: '' }))
    const code = allowed.location?.searchParams.get('code') ?? assert.fail(allowed.html)
    const { body } = await redeem(provider, client, {
      code,
      verifier: request.verifier,
      redirectUri: client.redirectUri,
      callback: new URL(client.redirectUri),
    })
    const introspect = async () =>
      (await provide(provider, '/oauth/introspect', client, { token: body['access_token'] ?? '' })).body
    const { active, acr } = await introspect()
    assert.deepEqual([active, acr], [true, 'urn:daytona:acr:mfa'])
    const removed = await visit.follow(await post(visit, page, FACTORS, { decision: 'remove' }))
    assert.match(removed.html, /name="password"/)
    assert.deepEqual(await introspect(), { active: false })
    assert.match((await outbox.next(ada.email)).content, /Subject: The authenticator app was removed/)
    assert.deepEqual((await actionsOf(ada)).slice(-2), ['user.remove_factor', 'grant.revoke'])
    for (const table of ['totp_factors', 'recovery_codes', 'second_factor_attempts']) {
      assert.deepEqual([...(await sql.unsafe(`SELECT FROM ${table} WHERE user_id = $1`, [ada.userId]))], [], table)
    }
    const again = await openPage(ada, FACTORS)
    const profile = await again.visit.get('/oauth/account')
    // Nothing is left to remove, or to create codes for.
    for (const decision of ['remove', 'codes', 'other']) {
      assert.equal((await post(again.visit, profile, FACTORS, { decision })).status, 303)
    }
    assert.equal((await actionsOf(ada)).filter((action) => action === 'user.remove_factor').length, 1)
  })
})

// Last: these move the clock by days.
describe('the removal of lost second factors', () => factorResetTests({ provider, outbox, clock }))
