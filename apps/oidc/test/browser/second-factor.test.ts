import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { addAuthenticatorApp } from '../authenticator-app.ts'
import { DASHBOARD, PASSWORD, type Person, testProvider } from '../fixture.ts'
import { trailOf } from './harness.ts'
import { createOutbox } from './outbox.ts'
import { type Answer, arrive, authorizationRequest, inputOf, send, textOf, type Visitor, visitor } from './visitor.ts'

const LIMIT = 3
const clock = { now: Date.now() }
const outbox = await createOutbox({ after })
const provider = await testProvider(
  { after },
  { env: { OUTBOX_DIR: outbox.directory, FAILED_SIGN_INS_LIMIT: String(LIMIT) }, now: () => clock.now },
)
const { issuer, database } = provider
const { $client: sql } = database
const { clientId, redirectUri } = DASHBOARD(issuer)

/** Enters the password of an account, in a new browser. */
async function enterPassword({ email }: Person, visit = visitor(issuer)): Promise<{ visit: Visitor; page: Answer }> {
  const request = authorizationRequest(issuer, { client_id: clientId, redirect_uri: redirectUri })
  const signIn = await arrive(visit, request)
  return { visit, page: await send(visit, signIn, 'sign-in', { email, password: PASSWORD }) }
}

const enterCode = (visit: Visitor, page: Answer, code: string, ticket = inputOf(page, 'ticket')) =>
  send(visit, page, 'second-factor', { ticket, code, method: inputOf(page, 'method') })

const sessionsOf = async ({ userId }: Person) =>
  (await sql`SELECT payload FROM oidc_artifacts WHERE model = 'Session' AND account_id = ${userId}`).length

const signInsOf = async (person: Person) =>
  (await trailOf(provider, person))
    .filter(({ action }) => action === 'user.sign_in')
    .map(({ statusCode }) => statusCode)

/** A later time step, so that the next code is another one. */
const nextCode = () => {
  clock.now += 30_000
}

describe('the second factor of a sign-in', () => {
  it('is needed after the password: there is no session before, and no sign-in is recorded', async () => {
    const ada = await provider.person()
    await addAuthenticatorApp(provider, ada)
    const { page } = await enterPassword(ada)
    assert.equal(page.status, 200)
    assert.equal(page.location, undefined)
    assert.match(textOf(page), /Enter the code that your authenticator app shows/)
    assert.equal(page.headers.get('cache-control'), 'no-store')
    assert.equal(page.url.search, '')
    assert.equal(await sessionsOf(ada), 0)
    assert.deepEqual(await signInsOf(ada), [])
  })

  it('is not asked for after a wrong password', async () => {
    const ada = await provider.person()
    await addAuthenticatorApp(provider, ada)
    const visit = visitor(issuer)
    const signIn = await arrive(visit, authorizationRequest(issuer, { client_id: clientId, redirect_uri: redirectUri }))
    const answer = await send(visit, signIn, 'sign-in', { email: ada.email, password: 'not the password' })
    assert.equal(answer.status, 400)
    assert.ok(!answer.html.includes('name="ticket"'))
  })

  it('refuses a wrong code, one of another account and any other text', async () => {
    const [ada, eve] = [await provider.person(), await provider.person()]
    const [app, other] = [await addAuthenticatorApp(provider, ada), await addAuthenticatorApp(provider, eve)]
    const wrong = String((Number(app.codeAt(clock.now)) + 1) % 1_000_000).padStart(6, '0')
    for (const code of [
      wrong,
      other.codeAt(clock.now),
      other.recoveryCodes[0] ?? '',
      ' ',
      '\0',
      '%00',
      '0'.repeat(64),
    ]) {
      const { visit, page } = await enterPassword(ada)
      const answer = await enterCode(visit, page, code)
      assert.deepEqual([code, answer.status, answer.location], [code, 400, undefined])
      await sql`DELETE FROM second_factor_attempts`
    }
    assert.equal(await sessionsOf(ada), 0)
    assert.ok((await signInsOf(ada)).every((status) => status === 401))
  })

  it('accepts a code once, in whichever browser, and no earlier one afterwards', async () => {
    const ada = await provider.person()
    const app = await addAuthenticatorApp(provider, ada)
    const [first, second, third] = [await enterPassword(ada), await enterPassword(ada), await enterPassword(ada)]
    const code = app.codeAt(clock.now)
    const earlier = app.codeAt(clock.now - 30_000)
    assert.equal((await enterCode(first.visit, first.page, code)).status, 303)
    assert.equal((await enterCode(second.visit, second.page, code)).status, 400)
    assert.equal((await enterCode(second.visit, second.page, earlier)).status, 400)
    nextCode()
    assert.equal((await enterCode(second.visit, second.page, app.codeAt(clock.now))).status, 303)
    const late = [clock.now - 90_000, clock.now + 90_000].map((instant) => app.codeAt(instant))
    for (const each of late) assert.equal((await enterCode(third.visit, third.page, each)).status, 400)
  })

  it('accepts one of several requests with the same code', async () => {
    const ada = await provider.person()
    const app = await addAuthenticatorApp(provider, ada)
    const browsers = [await enterPassword(ada), await enterPassword(ada), await enterPassword(ada)]
    const code = app.codeAt(clock.now)
    const answers = await Promise.all(browsers.map(({ visit, page }) => enterCode(visit, page, code)))
    assert.equal(answers.filter(({ status }) => status === 303).length, 1)
  })

  it('limits the attempts of an account, from every browser, also with the right code', async () => {
    const ada = await provider.person()
    const app = await addAuthenticatorApp(provider, ada)
    const { visit, page } = await enterPassword(ada)
    for (let attempt = 0; attempt < LIMIT; attempt++) {
      assert.equal((await enterCode(visit, page, '000000')).status, 400)
    }
    const other = await enterPassword(ada)
    for (const code of [app.codeAt(clock.now), app.recoveryCodes[0] ?? '']) {
      const refused = await enterCode(other.visit, other.page, code)
      assert.equal(refused.status, 429)
      assert.ok(Number(refused.headers.get('retry-after')) > 800)
      assert.match(textOf(refused), /Too many attempts/)
    }
    // Another account is not affected.
    const eve = await provider.person()
    const its = await addAuthenticatorApp(provider, eve)
    const signIn = await enterPassword(eve)
    assert.equal((await enterCode(signIn.visit, signIn.page, its.codeAt(clock.now))).status, 303)
    // The window ends by the clock of the database, and an accepted code resets the count.
    await sql`UPDATE second_factor_attempts SET since = since - interval '16 minutes'`
    assert.equal((await enterCode(visit, page, '000000')).status, 400)
    assert.equal((await enterCode(visit, page, app.codeAt(clock.now))).status, 303)
    assert.deepEqual([...(await sql`SELECT FROM second_factor_attempts WHERE user_id = ${ada.userId}`)], [])
  })

  it('needs the ticket of this sign-in: not a forged one, of another interaction or account, or an old one', async () => {
    const [ada, eve] = [await provider.person(), await provider.person()]
    const app = await addAuthenticatorApp(provider, ada)
    await addAuthenticatorApp(provider, eve)
    const [own, other, hers] = [await enterPassword(ada), await enterPassword(ada), await enterPassword(eve)]
    const ticket = inputOf(own.page, 'ticket')
    const [content = '', signature = ''] = ticket.split('.')
    const forged = Buffer.from(JSON.stringify({ userId: eve.userId, password: '', issuedAt: clock.now }))
    const tickets = ['', '.', 'x.y', content, `${content}.`, `${forged.toString('base64url')}.${signature}`]
    for (const each of [...tickets, inputOf(other.page, 'ticket'), inputOf(hers.page, 'ticket')]) {
      const answer = await enterCode(own.visit, own.page, app.codeAt(clock.now), each)
      assert.equal(answer.status, 400, each)
      assert.match(answer.html, /name="password"/)
    }
    clock.now += 10 * 60_000 + 1
    assert.equal((await enterCode(own.visit, own.page, app.codeAt(clock.now))).status, 400)
    assert.deepEqual([await sessionsOf(ada), await sessionsOf(eve)], [0, 0])
  })

  it('ends with a change of the password, and for a disabled account', async () => {
    const ada = await provider.person()
    const app = await addAuthenticatorApp(provider, ada)
    const [changed, disabled] = [await enterPassword(ada), await enterPassword(ada)]
    await sql`UPDATE user_credentials SET secret = secret || ' ' WHERE user_id = ${ada.userId}`
    assert.equal((await enterCode(changed.visit, changed.page, app.codeAt(clock.now))).status, 400)
    await sql`UPDATE user_credentials SET secret = rtrim(secret) WHERE user_id = ${ada.userId}`
    await sql`UPDATE users SET disabled_at = now() WHERE id = ${ada.userId}`
    assert.equal((await enterCode(disabled.visit, disabled.page, app.codeAt(clock.now))).status, 400)
    assert.equal(await sessionsOf(ada), 0)
  })

  it('is a recovery code as well, once each, which is mailed', async () => {
    const ada = await provider.person()
    const { recoveryCodes } = await addAuthenticatorApp(provider, ada)
    const [code = ''] = recoveryCodes
    const { visit, page } = await enterPassword(ada)
    const shown = await send(visit, page, 'second-factor', {
      ticket: inputOf(page, 'ticket'),
      method: 'recovery-code',
    })
    assert.deepEqual([shown.status, inputOf(shown, 'method')], [200, 'recovery-code'])
    assert.match(textOf(shown), /Enter one of your recovery codes/)
    assert.deepEqual([...(await sql`SELECT FROM second_factor_attempts WHERE user_id = ${ada.userId}`)], [])
    const answer = await enterCode(visit, shown, ` ${code.toUpperCase().replaceAll('-', ' ')} `)
    assert.equal(answer.status, 303)
    const { content } = await outbox.next(ada.email)
    assert.match(content, /Subject: A recovery code was used/)
    assert.match(content, /9 recovery codes are left/)
    assert.ok(!content.includes(code))
    const again = await enterPassword(ada)
    assert.equal((await enterCode(again.visit, again.page, code)).status, 400)
    const [event] = await sql`
      SELECT metadata FROM audit_events WHERE action = 'user.sign_in' AND status_code = 200 AND target_id = ${ada.userId}`
    assert.deepEqual(event?.['metadata'], { clientId, factor: 'recovery-code' })
  })

  it('leaves neither the code nor the ticket in the log', async () => {
    const ada = await provider.person()
    const app = await addAuthenticatorApp(provider, ada)
    const { visit, page } = await enterPassword(ada)
    const [code, ticket] = [app.codeAt(clock.now), inputOf(page, 'ticket')]
    assert.equal((await enterCode(visit, page, '123123')).status, 400)
    assert.equal((await enterCode(visit, page, code)).status, 303)
    const log = provider.log.text()
    assert.ok(!log.includes(ticket))
    // As a number of its own: a duration may contain the same digits.
    for (const each of [code, '123123']) assert.doesNotMatch(log, new RegExp(`(?<![\\d.])${each}(?!\\d)`))
  })
})
