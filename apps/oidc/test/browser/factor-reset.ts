import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { it } from 'node:test'
import { createMailTranslations } from '@daytona-auth/accounts/mail/mail-translations'
import { inAudit, systemAuthority } from '@daytona-auth/db/audit'
import { findFactorReset, linkIdentity, setAccountDisabled } from '@daytona-auth/db/users'
import { createLogger, createMailer } from '@daytona-auth/service'
import { waitFor } from '@daytona-auth/testing'
import { advanceFactorResets } from '../../src/flows/factor-reset/advance-resets.ts'
import { type AuthenticatorApp, addAuthenticatorApp } from '../authenticator-app.ts'
import { browser, claimsOf, DASHBOARD, PASSWORD, type Person, redeem, type TestProvider } from '../fixture.ts'
import { trailOf } from './harness.ts'
import type { Outbox } from './outbox.ts'
import { inputOf, send, textOf, visitor } from './visitor.ts'

const PAGE = '/oauth/recovery/factors'
const HOUR_MS = 60 * 60_000
const WAIT_MS = 72 * HOUR_MS
const GONE = /This link does not work any more/

interface Setting {
  readonly provider: TestProvider
  readonly outbox: Outbox
  readonly clock: { now: number }
}

/** The tests of the removal of lost second factors, on a provider with a clock that they set. */
export function factorResetTests({ provider, outbox, clock }: Setting): void {
  const { issuer, database } = provider
  const { $client: sql } = database
  const { get, post } = visitor(issuer)
  const mailer = createMailer({ outboxDirectory: outbox.directory, from: 'auth@example.com' })
  assert.ok(mailer)
  const logger = createLogger({ service: 'oidc', stream: provider.log.stream })

  /** Runs the task as the provider does once a minute; with the mailer of the test, which may fail. */
  const advance = (sending = mailer) =>
    advanceFactorResets({
      database,
      mailer: sending,
      issuer,
      mailsIn: createMailTranslations('Daytona'),
      waitMs: WAIT_MS,
      logger,
      now: () => clock.now,
    })

  const pendingOf = ({ userId }: Person) => findFactorReset(database, userId)
  const actionsOf = async (person: Person) => (await trailOf(provider, person)).map(({ action }) => action)
  const change = (work: Parameters<typeof inAudit<unknown>>[3]) =>
    inAudit<unknown>(database, systemAuthority('test'), [], work)

  async function withApp(): Promise<{ person: Person; app: AuthenticatorApp }> {
    const person = await provider.person()
    return { person, app: await addAuthenticatorApp(provider, person) }
  }

  async function startToken({ email }: Person): Promise<string> {
    assert.equal((await post(PAGE, { email })).status, 200)
    return (await outbox.next(email)).tokenOf(`${PAGE}/start`)
  }

  async function start(person: Person): Promise<void> {
    const started = await post(`${PAGE}/start`, { token: await startToken(person) })
    assert.match(textOf(started), /The waiting time has started/)
  }

  /** Starts, and returns the token of the mail that announces the removal. */
  async function announce(person: Person): Promise<string> {
    await start(person)
    await advance()
    return (await outbox.next(person.email)).tokenOf(`${PAGE}/cancel`)
  }

  async function enterPassword(person: Person) {
    const visit = visitor(issuer)
    const page = await visit.follow(await visit.get('/oauth/account/factors'))
    return { visit, page: await send(visit, page, 'sign-in', { email: person.email, password: PASSWORD }) }
  }

  it('answers the same for every address, and mails only an account with second factors', async () => {
    const { person } = await withApp()
    const [plain, disabled] = [await provider.person(), (await withApp()).person]
    await change((tx) => setAccountDisabled(tx, disabled.userId, true, 'test'))
    const before = await outbox.count()
    const texts = []
    for (const email of [person.email, plain.email, disabled.email, 'unknown@example.com', 'a\0b@example.com']) {
      const answer = await post(PAGE, { email })
      assert.equal(answer.status, 200)
      texts.push(textOf(answer).replace(email, '…').replace('a\uFFFDb@example.com', '…'))
    }
    assert.equal(new Set(texts).size, 1, texts.join('\n'))
    await outbox.next(person.email)
    assert.equal(await outbox.count(), before + 1)
    assert.equal((await post(PAGE, { email: person.email }, { origin: 'https://evil.example' })).status, 403)
  })

  it('starts only by a mailed link that is neither forged, expired, used nor of an account without factors', async () => {
    const [{ person }, { person: late }, { person: bare }] = [await withApp(), await withApp(), await withApp()]
    const token = await startToken(person)
    const expired = await startToken(late)
    await sql`UPDATE mailed_tokens SET expires_at = now() - interval '1 second' WHERE user_id = ${late.userId}`
    const without = await startToken(bare)
    await sql`DELETE FROM totp_factors WHERE user_id = ${bare.userId}`
    for (const wrong of ['', '\0', randomBytes(32).toString('base64url'), `${token}x`, expired, without]) {
      const sent = await post(`${PAGE}/start`, { token: wrong })
      assert.deepEqual([sent.status, GONE.test(textOf(sent))], [404, true], wrong)
    }
    // A GET, as of a mail scanner, starts nothing.
    assert.match(textOf(await get(`${PAGE}/start?token=${token}`)), /in 72 hours/)
    assert.deepEqual([await pendingOf(person), await pendingOf(late), await pendingOf(bare)], Array(3).fill(undefined))
    assert.equal((await post(`${PAGE}/start`, { token }, { origin: 'https://evil.example' })).status, 403)
    assert.match(textOf(await post(`${PAGE}/start`, { token })), /have announced that to every address/)
    assert.equal((await post(`${PAGE}/start`, { token })).status, 404)
    const rows = await sql`SELECT mailed_tokens::text AS row FROM mailed_tokens WHERE user_id = ${person.userId}`
    assert.ok(!JSON.stringify([...rows]).includes(token) && !provider.log.text().includes(token))
  })

  it('removes the factors after the wait, an announcement and a reminder, and the password alone signs in then', async () => {
    const { person } = await withApp()
    await change((tx) =>
      linkIdentity(tx, person.userId, { issuer: 'https://idp.example', subject: 'ada', email: 'ada@idp.example' }),
    )
    await start(person)
    const { endsAt } = (await pendingOf(person)) ?? assert.fail()
    assert.equal(endsAt.getTime() - clock.now, WAIT_MS)
    await advance()
    const announced = [await outbox.next(person.email), await outbox.next('ada@idp.example')]
    for (const { content } of announced) assert.match(content, /Subject: Second factors of your Daytona/)
    clock.now += WAIT_MS - 24 * HOUR_MS - 1000
    assert.equal(await advance(), 0)
    clock.now += 1000
    await advance()
    for (const to of [person.email, 'ada@idp.example']) {
      assert.match((await outbox.next(to)).content, /Subject: Reminder: second factors/)
    }
    clock.now += 24 * HOUR_MS - 1
    assert.equal(await advance(), 0)
    assert.ok((await enterPassword(person)).page.html.includes('name="ticket"'))
    clock.now += 1
    await advance()
    assert.match((await outbox.next(person.email)).content, /Subject: Second factors of your Daytona account were/)
    assert.match((await outbox.next('ada@idp.example')).content, /You are signed out everywhere/)
    const { page } = await enterPassword(person)
    assert.equal(page.status, 303)
    const actions = (await actionsOf(person)).filter((action) => String(action).includes('factor_reset'))
    assert.deepEqual(actions, ['user.request_factor_reset', 'user.start_factor_reset', 'user.complete_factor_reset'])
    assert.equal(await pendingOf(person), undefined)
  })

  it('writes in the language of the last sign-in, which a request for the address does not change', async () => {
    const { person, app } = await withApp()
    const languageOf = async () => (await sql`SELECT language FROM users WHERE id = ${person.userId}`)[0]?.['language']
    const visit = visitor(issuer, { 'accept-language': 'de' })
    const page = await visit.follow(await visit.get('/oauth/account/factors'))
    const asked = await send(visit, page, 'sign-in', { email: person.email, password: PASSWORD })
    // The password alone is no sign-in.
    assert.equal(await languageOf(), null)
    const code = app.codeAt(clock.now)
    await send(visit, asked, 'second-factor', { ticket: inputOf(asked, 'ticket'), method: 'totp', code })
    assert.equal(await languageOf(), 'de')
    await start(person)
    for (const [subject, wait] of [
      ['Zweite Faktoren', WAIT_MS],
      ['Erinnerung', 24 * HOUR_MS],
      ['wurden entfernt', 0],
    ] as const) {
      await advance()
      assert.match((await outbox.next(person.email)).content, new RegExp(subject), subject)
      clock.now += wait
    }
    // Without a second factor, the password signs in.
    await enterPassword(person)
    assert.equal(await languageOf(), 'en')
  })

  it('ends sessions with the factors; the tokens of the next sign-in state that it was without one', async () => {
    const { person, app } = await withApp()
    const { visit, page } = await enterPassword(person)
    const code = app.codeAt(clock.now)
    await visit.follow(
      await send(visit, page, 'second-factor', { ticket: inputOf(page, 'ticket'), method: 'totp', code }),
    )
    const sessionsOf = async () =>
      (await sql`SELECT FROM oidc_artifacts WHERE model = 'Session' AND account_id = ${person.userId}`).length
    assert.equal(await sessionsOf(), 1)
    await announce(person)
    clock.now += WAIT_MS
    await advance()
    await outbox.next(person.email)
    clock.now += WAIT_MS
    await advance()
    await outbox.next(person.email)
    await waitFor(async () => (await sessionsOf()) === 0)
    const dashboard = DASHBOARD(issuer)
    const { body } = await redeem(provider, dashboard, await browser(provider, person).authorize(dashboard))
    assert.equal(claimsOf(body['access_token'])['acr'], 'urn:daytona:acr:password')
  })

  it('is cancelled once by the link of a mail, and by no forged or crossed one', async () => {
    const [{ person }, { person: other }] = [await withApp(), await withApp()]
    const [token, foreign] = [await announce(person), await announce(other)]
    for (const wrong of ['', '\0', randomBytes(32).toString('base64url'), `${token}x`]) {
      assert.equal((await post(`${PAGE}/cancel`, { token: wrong })).status, 404, wrong)
    }
    assert.equal((await post(`${PAGE}/start`, { token })).status, 404)
    assert.match(textOf(await get(`${PAGE}/cancel?token=${token}`)), /Cancel the removal\?/)
    assert.equal((await post(`${PAGE}/cancel`, { token }, { origin: 'https://evil.example' })).status, 403)
    assert.equal((await pendingOf(person))?.stage, 'announced')
    assert.match(textOf(await post(`${PAGE}/cancel`, { token })), /The removal was cancelled/)
    assert.equal((await post(`${PAGE}/cancel`, { token })).status, 404)
    assert.deepEqual([await pendingOf(person), (await pendingOf(other))?.stage], [undefined, 'announced'])
    assert.equal((await actionsOf(person)).at(-1), 'user.cancel_factor_reset')
    const rows = await sql`SELECT factor_reset_links::text AS row FROM factor_reset_links`
    assert.ok(rows.length > 0 && !JSON.stringify([...rows]).includes(foreign))
    clock.now += 2 * WAIT_MS
    await advance()
    assert.equal((await sql`SELECT FROM totp_factors WHERE user_id = ${person.userId}`).length, 1)
  })

  it('is cancelled by a sign-in with a second factor, and in a session that is signed in', async () => {
    const { person, app } = await withApp()
    await start(person)
    const { visit, page } = await enterPassword(person)
    const enter = (code: string) =>
      send(visit, page, 'second-factor', { ticket: inputOf(page, 'ticket'), method: 'totp', code })
    await enter('000000')
    assert.ok(await pendingOf(person))
    const signedIn = await enter(app.codeAt(clock.now))
    assert.equal(await pendingOf(person), undefined)
    assert.equal((await actionsOf(person)).at(-1), 'user.cancel_factor_reset')
    // Started again while that session exists: its page says so.
    await sql`UPDATE mailed_tokens SET sent_at = sent_at - interval '1 minute' WHERE user_id = ${person.userId}`
    await start(person)
    const factors = await visit.follow(signedIn)
    assert.match(textOf(factors), /Your second factors will be removed on/)
    assert.equal((await visit.post('/oauth/account/factors', { decision: 'keep' })).status, 403)
    assert.ok(await pendingOf(person))
    const kept = await visit.post('/oauth/account/factors', { csrf: inputOf(factors, 'csrf'), decision: 'keep' })
    assert.match(textOf(await visit.follow(kept)), /Your second factors stay/)
    assert.equal(await pendingOf(person), undefined)
  })

  it('waits for its mails: without an announcement or a reminder, nothing is removed', async () => {
    const { person } = await withApp()
    await start(person)
    const failing = { ...mailer, send: () => Promise.reject(new Error('no SMTP server')) }
    await advance(failing)
    assert.equal((await pendingOf(person))?.stage, 'requested')
    clock.now += WAIT_MS
    await advance()
    await outbox.next(person.email)
    // The whole wait from the announcement that was sent.
    assert.equal((await pendingOf(person))?.endsAt.getTime(), clock.now + WAIT_MS)
    clock.now += WAIT_MS
    await advance(failing)
    assert.equal((await pendingOf(person))?.stage, 'announced')
    assert.equal((await sql`SELECT FROM totp_factors WHERE user_id = ${person.userId}`).length, 1)
  })

  it('ends without a removal if the account was disabled or has another address since', async () => {
    const [{ person: disabled }, { person: moved }] = [await withApp(), await withApp()]
    for (const person of [disabled, moved]) await announce(person)
    await change((tx) => setAccountDisabled(tx, disabled.userId, true, 'test'))
    await sql`UPDATE users SET email = 'moved@example.com' WHERE id = ${moved.userId}`
    for (let step = 0; step < 2; step++) {
      clock.now += WAIT_MS
      await advance()
    }
    for (const person of [disabled, moved]) {
      await waitFor(async () => (await pendingOf(person)) === undefined)
      assert.equal((await sql`SELECT FROM totp_factors WHERE user_id = ${person.userId}`).length, 1)
      assert.equal((await actionsOf(person)).at(-1), 'user.cancel_factor_reset')
    }
  })
}
