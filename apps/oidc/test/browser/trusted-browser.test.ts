import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { ACR } from '@daytona-auth/protocol/authentication-context'
import { type AuthenticatorApp, addAuthenticatorApp } from '../authenticator-app.ts'
import { DASHBOARD, PASSWORD, type Person, testProvider } from '../fixture.ts'
import { trailOf } from './harness.ts'
import { createOutbox } from './outbox.ts'
import { type Answer, arrive, authorizationRequest, inputOf, send, textOf, type Visitor, visitor } from './visitor.ts'

const FACTORS = '/oauth/account/factors'
const clock = { now: Date.now() }
const outbox = await createOutbox({ after })
const provider = await testProvider({ after }, { env: { OUTBOX_DIR: outbox.directory }, now: () => clock.now })
const { issuer, database } = provider
const { $client: sql } = database
const { clientId, redirectUri } = DASHBOARD(issuer)

const begin = (visit: Visitor, more: Record<string, string> = {}) =>
  arrive(visit, authorizationRequest(issuer, { client_id: clientId, redirect_uri: redirectUri, ...more }))

const enterPassword = async (visit: Visitor, { email }: Person, more: Record<string, string> = {}) =>
  send(visit, await begin(visit, more), 'sign-in', { email, password: PASSWORD })

const enterCode = (visit: Visitor, page: Answer, code: string, trust = '') =>
  send(visit, page, 'second-factor', { ticket: inputOf(page, 'ticket'), method: 'totp', code, trust })

const isAskedForCode = ({ html }: Answer) => html.includes('name="ticket"')

/** The cookie by which a browser is trusted, in a new browser without a session. */
function withoutSession(visit: Visitor): Visitor {
  const other = visitor(issuer)
  for (const cookie of visit.cookies) if (cookie.name.endsWith('_trusted')) other.plant(cookie)
  return other
}

/** An account that trusts a browser. */
async function trusting(): Promise<{ ada: Person; app: AuthenticatorApp; visit: Visitor }> {
  const ada = await provider.person()
  const app = await addAuthenticatorApp(provider, ada)
  const visit = visitor(issuer)
  const answer = await enterCode(visit, await enterPassword(visit, ada), app.codeAt(clock.now), 'yes')
  assert.equal(answer.status, 303)
  clock.now += 30_000
  return { ada, app, visit: withoutSession(visit) }
}

describe('a trusted browser', () => {
  it('is not trusted unless the person chose it, and not after a wrong code', async () => {
    const ada = await provider.person()
    const app = await addAuthenticatorApp(provider, ada)
    const visit = visitor(issuer)
    const page = await enterPassword(visit, ada)
    assert.equal((await enterCode(visit, page, '000000', 'yes')).headers.get('set-cookie'), null)
    assert.equal((await enterCode(visit, page, app.codeAt(clock.now))).status, 303)
    assert.ok(visit.cookies.every(({ name }) => !name.endsWith('_trusted')))
    assert.deepEqual([...(await sql`SELECT FROM trusted_browsers WHERE user_id = ${ada.userId}`)], [])
  })

  it('needs no code, and its sign-in states that', async () => {
    const { ada, visit } = await trusting()
    const { content } = await outbox.next(ada.email)
    assert.match(content, /Subject: A browser was trusted/)
    const cookie = visit.cookies.find(({ name }) => name.endsWith('_trusted'))
    assert.match(cookie?.value ?? '', /^[\w-]{43}$/)
    assert.ok(!content.includes(cookie?.value ?? ''))
    assert.ok(!provider.log.text().includes(cookie?.value ?? ''))
    await sql`UPDATE users SET language = 'de' WHERE id = ${ada.userId}`
    assert.equal((await enterPassword(visit, ada)).status, 303)
    assert.deepEqual([...(await sql`SELECT language FROM users WHERE id = ${ada.userId}`)], [{ language: 'en' }])
    const [event] = await sql`
      SELECT metadata FROM audit_events WHERE action = 'user.sign_in' AND target_id = ${ada.userId} ORDER BY sequence DESC`
    assert.deepEqual(event?.['metadata'], { clientId, factor: 'trusted-browser' })
    const actions = (await trailOf(provider, ada)).map(({ action }) => action)
    assert.deepEqual(actions.slice(-3), ['user.sign_in', 'user.trust_browser', 'user.sign_in'])
  })

  it('needs the password, and is one of its own account only', async () => {
    const { ada, visit } = await trusting()
    const wrong = await send(visit, await begin(visit), 'sign-in', { email: ada.email, password: 'not the password' })
    assert.equal(wrong.status, 400)
    const eve = await provider.person()
    await addAuthenticatorApp(provider, eve)
    assert.ok(isAskedForCode(await enterPassword(visit, eve)))
    const other = visitor(issuer)
    const [cookie] = visit.cookies
    assert.ok(cookie)
    for (const value of ['', 'x', 'A'.repeat(43), `${cookie.value}A`, cookie.value.toLowerCase()]) {
      other.plant({ ...cookie, value })
      assert.ok(isAskedForCode(await enterPassword(other, ada)), value)
    }
  })

  it('does not replace the code that an app or a change of factors asks for', async () => {
    const { ada, app, visit } = await trusting()
    assert.ok(isAskedForCode(await enterPassword(withoutSession(visit), ada, { acr_values: ACR.multiFactor })))
    assert.equal((await enterPassword(visit, ada)).status, 303)
    await visit.follow(await begin(visit))
    // A page is shown, and its changes need the code.
    const signIn = await visit.follow(await visit.get(FACTORS))
    const page = await visit.follow(
      signIn.html.includes('name="password"')
        ? await send(visit, signIn, 'sign-in', { email: ada.email, password: PASSWORD })
        : signIn,
    )
    assert.match(textOf(page), /Trusted browsers/)
    for (const decision of ['remove', 'codes']) {
      const again = await visit.follow(await visit.post(FACTORS, { csrf: inputOf(page, 'csrf'), decision }))
      assert.match(again.html, /name="password"/, decision)
      const step = await send(visit, again, 'sign-in', { email: ada.email, password: PASSWORD })
      assert.ok(isAskedForCode(step), decision)
    }
    const deletion = await visit.follow(await visit.get('/oauth/account/deletion'))
    const step = await send(visit, deletion, 'sign-in', { email: ada.email, password: PASSWORD })
    assert.equal((await enterCode(visit, step, app.codeAt(clock.now))).status, 303)
  })

  it('ends on the account page, which is audited', async () => {
    const { ada, visit } = await trusting()
    const at = withoutSession(visit)
    const signIn = await at.follow(await at.get(FACTORS))
    const page = await at.follow(await send(at, signIn, 'sign-in', { email: ada.email, password: PASSWORD }))
    const fields = { csrf: inputOf(page, 'csrf'), decision: 'untrust', browser: inputOf(page, 'browser') }
    for (const browser of ['', 'x', 'A'.repeat(43)]) {
      assert.equal((await at.post(FACTORS, { ...fields, browser })).status, 303)
    }
    assert.equal((await enterPassword(withoutSession(visit), ada)).status, 303)
    const ended = await at.follow(await at.post(FACTORS, fields))
    assert.match(textOf(ended), /The trust in that browser has ended/)
    assert.ok(isAskedForCode(await enterPassword(withoutSession(visit), ada)))
    assert.equal((await trailOf(provider, ada)).filter(({ action }) => action === 'user.untrust_browser').length, 1)
  })

  it('ends after 30 days, and when the password is changed or recovered', async () => {
    const expired = await trusting()
    await sql`UPDATE trusted_browsers SET expires_at = expires_at - interval '30 days' - interval '1 hour'`
    assert.ok(isAskedForCode(await enterPassword(expired.visit, expired.ada)))
    const [row] =
      await sql`SELECT max(expires_at - created_at) <= interval '30 days 1 hour' AS "isBounded" FROM trusted_browsers`
    assert.equal(row?.['isBounded'], true)

    const changed = await trusting()
    const at = withoutSession(changed.visit)
    const path = '/oauth/account/password'
    const signIn = await at.follow(await at.get(path))
    const page = await at.follow(await send(at, signIn, 'sign-in', { email: changed.ada.email, password: PASSWORD }))
    const next = 'violin harbor teacup 9'
    await at.post(path, { csrf: inputOf(page, 'csrf'), password: PASSWORD, new_password: next })
    const other = withoutSession(changed.visit)
    const step = await send(other, await begin(other), 'sign-in', { email: changed.ada.email, password: next })
    assert.ok(isAskedForCode(step))

    const recovered = await trusting()
    await visitor(issuer).post('/oauth/recovery', { email: recovered.ada.email })
    await outbox.next(recovered.ada.email)
    const token = (await outbox.next(recovered.ada.email)).tokenOf('/oauth/recovery/password')
    assert.equal((await visitor(issuer).post('/oauth/recovery/password', { token, password: next })).status, 200)
    const { visit } = recovered
    assert.ok(
      isAskedForCode(await send(visit, await begin(visit), 'sign-in', { email: recovered.ada.email, password: next })),
    )
  })
})
