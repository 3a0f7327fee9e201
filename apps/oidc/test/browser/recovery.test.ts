import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { setAccountDisabled } from '@daytona-auth/db/users'
import { waitFor } from '@daytona-auth/testing'
import { rowsIn } from '../account-rows.ts'
import { browser, DASHBOARD, PASSWORD, type Person, redeem, refresh, testProvider } from '../fixture.ts'
import { trailOf } from './harness.ts'
import { createOutbox } from './outbox.ts'
import { inputOf, textOf, visitor } from './visitor.ts'

const NEW_PASSWORD = 'violin harbor teacup 9'
const outbox = await createOutbox({ after })
const env = { OUTBOX_DIR: outbox.directory, FAILED_SIGN_INS_LIMIT: '3', SIGN_UPS_ADDRESS_LIMIT: '1000' }
const provider = await testProvider({ after }, { env: { ...env, FAILED_SIGN_INS_ADDRESS_LIMIT: '1000' } })
const { database, issuer } = provider
const { $client: sql } = database
const rows = rowsIn(provider)
const { get, post } = visitor(issuer)
const PAGE = '/oauth/recovery'
const GONE = /This link does not work any more/

const requestMail = (email: string) => post(PAGE, { email })

/** Requests a mail and returns its token. */
async function tokenFor({ email }: Person): Promise<string> {
  assert.equal((await requestMail(email)).status, 200)
  return (await outbox.next(email)).tokenOf('/oauth/recovery/password')
}

const signIn = (person: Person, password: string) => rows.canSignIn(visitor(issuer), person, password)

const unverified = (person: Person) => sql`UPDATE users SET email_verified = false WHERE id = ${person.userId}`

describe('the page that requests a mail', () => {
  it('refuses a form of another site', async () => {
    const ada = await provider.person()
    for (const headers of [{ origin: 'https://evil.example' }, { origin: 'null', 'sec-fetch-site': 'cross-site' }]) {
      assert.equal((await post(PAGE, { email: ada.email }, headers)).status, 403)
    }
    assert.deepEqual(
      (await trailOf(provider, ada)).map(({ action }) => action),
      ['user.create'],
    )
  })

  it('answers the same for an account, a disabled one, and text that is no address, and mails only the first', async () => {
    const [ada, disabled] = [await provider.person(), await provider.person()]
    await rows.change((tx) => setAccountDisabled(tx, disabled.userId, true, 'test'))
    const before = await outbox.count()
    const answers = []
    for (const email of [ada.email, disabled.email, 'unknown@example.com', 'no address', 'a\0b@example.com', '']) {
      const answer = await requestMail(email)
      answers.push({
        status: answer.status,
        text: textOf(answer).replace(email.trim(), '…').replace('a\uFFFDb@example.com', '…'),
      })
    }
    for (const answer of answers.slice(0, 5))
      assert.deepEqual({ ...answer, text: answer.text.length }, { status: 200, text: answers[0]?.text.length })
    await outbox.next(ada.email)
    assert.equal(await outbox.count(), before + 1)
  })

  it('counts requests for an account and an address before it looks for the account', async () => {
    for (const email of [(await provider.person()).email, 'nowhere@example.com']) {
      for (const status of [200, 200, 200, 429]) {
        const answer = await requestMail(email)
        assert.equal(answer.status, status)
        if (status === 429) assert.match(answer.headers.get('retry-after') ?? '', /^\d+$/)
      }
    }
  })

  it('mails in the language of the request', async () => {
    const ada = await provider.person()
    const visit = visitor(issuer, { 'accept-language': 'de' })
    const page = await visit.post('/oauth/recovery', { email: ada.email })
    assert.match(textOf(page), /^Sehen Sie in Ihr Postfach/)
    const { content } = await outbox.next(ada.email)
    assert.match(content, /^Jemand hat ein neues Passwort für das Konto von .* bei Daytona angefordert\./m)
    assert.match(content, /<html lang="de">/)
    // The name of the installation.
    assert.match(content, /^From: Daytona <no-reply@127\.0\.0\.1>\r?$/m)
    assert.doesNotMatch(content, /Someone|This link/)
  })

  for (const [what, kept, isVerified, requested, expected] of [
    ['the account, also if a stranger requests another one', 'de', true, 'en', 'de'],
    ['the account, if it is English', 'en', true, 'de', 'en'],
    ['the request for an account that has not verified the address', 'de', false, 'en', 'en'],
  ] as const) {
    it(`mails in the language of ${what}`, async () => {
      const ada = await provider.person()
      await sql`UPDATE users SET language = ${kept}, email_verified = ${isVerified} WHERE id = ${ada.userId}`
      await visitor(issuer, { 'accept-language': requested }).post('/oauth/recovery', { email: ada.email })
      assert.match((await outbox.next(ada.email)).content, new RegExp(`<html lang="${expected}">`))
    })
  }

  it('mails one link a minute, which replaces the previous one', async () => {
    const ada = await provider.person()
    const first = await tokenFor(ada)
    const before = await outbox.count()
    assert.equal((await requestMail(ada.email)).status, 200)
    await waitFor(async () => (await sql`SELECT FROM mailed_tokens WHERE user_id = ${ada.userId}`).length === 1)
    await sql`UPDATE mailed_tokens SET sent_at = sent_at - interval '1 minute' WHERE user_id = ${ada.userId}`
    const second = await tokenFor(ada)
    assert.equal(await outbox.count(), before + 1)
    assert.notEqual(first, second)
    assert.match(textOf(await get(`${PAGE}/password?token=${first}`)), GONE)
    assert.equal((await get(`${PAGE}/password?token=${second}`)).status, 200)
  })

  it('stores no token in plain text, and logs none', async () => {
    const ada = await provider.person()
    const token = await tokenFor(ada)
    const [row] =
      await sql`SELECT token_digest, mailed_tokens::text AS all FROM mailed_tokens WHERE user_id = ${ada.userId}`
    assert.ok(row)
    assert.ok(!String(row['all']).includes(token))
    assert.ok(!provider.log.text().includes(token))
  })
})

describe('a recovery link', () => {
  it('is not accepted if it is forged, expired, crossed or of a disabled account', async () => {
    const [expired, disabled, other] = [await provider.person(), await provider.person(), await provider.person()]
    const tokens = [await tokenFor(expired), await tokenFor(disabled)]
    await sql`UPDATE mailed_tokens SET expires_at = now() - interval '1 second' WHERE user_id = ${expired.userId}`
    await rows.change((tx) => setAccountDisabled(tx, disabled.userId, true, 'test'))
    const unknown = randomBytes(32).toString('base64url')
    const invitation = await rows.invitationToken(other, 'invited@example.com')
    const verification = await rows.verificationToken(other)
    for (const token of ['', 'x', '\0', '%', unknown, `${unknown}x`, invitation, verification, ...tokens]) {
      for (const path of [`${PAGE}/password`, `${PAGE}/password/take-over`, `${PAGE}/keys`]) {
        const shown = await get(`${path}?token=${encodeURIComponent(token)}`)
        assert.equal(shown.status, 404, `GET ${path} ${token}`)
        assert.match(textOf(shown), GONE)
        const sent = await post(path, { token, password: NEW_PASSWORD, name: 'Eve' })
        assert.equal(sent.status, 404, `POST ${path} ${token}`)
      }
    }
    for (const path of [`${PAGE}/password`, `${PAGE}/password/take-over`, `${PAGE}/keys`]) {
      assert.equal((await get(path)).status, 404)
      assert.equal((await post(path, {})).status, 404)
    }
    const recovery = await tokenFor(other)
    for (const path of ['/oauth/verify-email', '/oauth/invitation', `${PAGE}/keys`]) {
      assert.equal((await get(`${path}?token=${recovery}`)).status, 404)
      assert.equal((await post(path, { token: recovery, password: PASSWORD })).status, 404)
      assert.equal((await get(`${path}/take-over?token=${recovery}`)).status, 404)
    }
    for (const person of [expired, other]) assert.equal(await signIn(person, PASSWORD), true)
  })

  it('refuses a form of another site, and a GET changes nothing', async () => {
    const ada = await provider.person()
    const token = await tokenFor(ada)
    for (let times = 0; times < 3; times += 1) assert.equal((await get(`${PAGE}/password?token=${token}`)).status, 200)
    for (const headers of [{ origin: 'https://evil.example' }, { origin: issuer, 'sec-fetch-site': 'same-site' }]) {
      assert.equal((await post(`${PAGE}/password`, { token, password: NEW_PASSWORD }, headers)).status, 403)
    }
    assert.equal(await signIn(ada, PASSWORD), true)
  })

  it('refuses a password that is short, common or the person’s own name, and stays redeemable', async () => {
    const ada = await provider.person('Ada Augusta King-Noel')
    const token = await tokenFor(ada)
    for (const password of ['', 'short', 'password1234', 'Ada Augusta King-Noel', ada.email, 'x'.repeat(2000)]) {
      const answer = await post(`${PAGE}/password`, { token, password })
      assert.equal(answer.status, 400, password)
      assert.ok(password === '' || password === ada.email || !answer.html.includes(password))
    }
    assert.equal((await post(`${PAGE}/password`, { token, password: NEW_PASSWORD })).status, 200)
  })

  it('is sent without a referrer', async () => {
    const token = await tokenFor(await provider.person())
    const shown = await get(`${PAGE}/password?token=${token}`)
    assert.equal(inputOf(shown, 'token'), token)
    assert.equal(shown.headers.get('referrer-policy'), 'no-referrer')
    assert.equal(shown.headers.get('cache-control'), 'no-store')
    assert.match(shown.headers.get('content-security-policy') ?? '', /default-src 'none'.*form-action 'self'/)
  })

  it('changes the password once, ends every session and grant, and leaves the keys', async () => {
    const ada = await provider.person()
    const at = browser(provider, ada)
    const tokens = (await redeem(provider, DASHBOARD(issuer), await at.authorize(DASHBOARD(issuer)))).body
    const key = await rows.people.key(ada.userId, ada.organizationId, { name: 'key' })
    const token = await tokenFor(ada)
    const answers = await Promise.all(
      // As a browser submits the page's own form under `no-referrer`.
      Array.from({ length: 3 }, () =>
        post(
          `${PAGE}/password`,
          { token, password: NEW_PASSWORD },
          { origin: 'null', 'sec-fetch-site': 'same-origin' },
        ),
      ),
    )
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 404, 404])
    assert.match(textOf(answers.find(({ status }) => status === 200) ?? assert.fail()), /One API key continues to work/)
    assert.equal(await signIn(ada, PASSWORD), false)
    assert.equal(await signIn(ada, NEW_PASSWORD), true)
    assert.equal(
      (await refresh(provider, DASHBOARD(issuer), tokens['refresh_token'] ?? '')).body['error'],
      'invalid_grant',
    )
    assert.equal((await at.visitor.get(`${issuer}/oauth/logout`)).html.includes('name="logout"'), false)
    assert.equal(await rows.keyStatus(key), 'active')
    const events = (await trailOf(provider, ada)).filter(({ action }) => /recover|revoke/.test(String(action)))
    assert.deepEqual(
      events.map(({ action, actorId }) => [action, actorId]),
      [
        ['user.request_recovery', null],
        ['user.recover', ada.userId],
        ['grant.revoke', ada.userId],
      ],
    )
    assert.match((await outbox.next(ada.email)).content, /API keys continue to work: the account has 1/)
  })

  it('offers by mail to revoke the keys, once', async () => {
    const ada = await provider.person()
    const key = await rows.people.key(ada.userId, ada.organizationId, { name: 'key' })
    const strangers = await provider.person()
    const other = await rows.people.key(strangers.userId, strangers.organizationId, { name: 'key' })
    assert.equal((await post(`${PAGE}/password`, { token: await tokenFor(ada), password: NEW_PASSWORD })).status, 200)
    const token = (await outbox.next(ada.email)).tokenOf('/oauth/recovery/keys')
    assert.match(textOf(await get(`${PAGE}/keys?token=${token}`)), /has one API key/)
    assert.equal((await post(`${PAGE}/keys`, { token }, { origin: 'https://evil.example' })).status, 403)
    assert.equal(await rows.keyStatus(key), 'active')
    const answers = await Promise.all([1, 2, 3].map(() => post(`${PAGE}/keys`, { token })))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 404, 404])
    assert.deepEqual([await rows.keyStatus(key), await rows.keyStatus(other)], ['revoked', 'active'])
    const actions = (await trailOf(provider, ada)).map(({ action }) => action)
    assert.deepEqual(actions.slice(-2), ['user.revoke_keys', 'api_key.delete'])
  })
})

describe('the holder of an address gets its account', () => {
  const KINDS = {
    recovery: { path: `${PAGE}/password`, tokenOf: tokenFor },
    verification: { path: '/oauth/verify-email', tokenOf: (eve: Person) => rows.verificationToken(eve) },
    invitation: {
      path: '/oauth/invitation',
      tokenOf: async (eve: Person) => rows.invitationToken(await provider.person(), eve.email),
    },
  }
  for (const [kind, { path, tokenOf }] of Object.entries(KINDS)) {
    const form = { name: 'Ada', password: NEW_PASSWORD }

    it(`${kind}: a verified account is never taken over`, async () => {
      const ada = await provider.person()
      const token = await tokenOf(ada)
      assert.equal((await get(`${path}/take-over?token=${token}`)).status, 404)
      assert.equal((await post(`${path}/take-over`, { token, ...form })).status, 404)
      assert.equal(await signIn(ada, PASSWORD), true)
    })

    it(`${kind}: refuses a form of another site, and a name or password that may not be chosen`, async () => {
      const eve = await provider.person('Eve')
      await unverified(eve)
      const token = await tokenOf(eve)
      const cross = await post(`${path}/take-over`, { token, ...form }, { origin: 'https://evil.example' })
      assert.equal(cross.status, 403)
      for (const wrong of [{ ...form, name: '' }, { ...form, password: 'short' }, { name: 'Ada' }]) {
        assert.equal((await post(`${path}/take-over`, { token, ...wrong })).status, 400)
      }
      assert.equal(await signIn(eve, PASSWORD), true)
    })

    it(`${kind}: its holder gets a new account, and everything of the previous one ends`, async () => {
      const eve = await provider.person('Eve')
      await unverified(eve)
      const at = browser(provider, eve)
      const dashboard = DASHBOARD(issuer)
      const tokens = (await redeem(provider, dashboard, await at.authorize(dashboard))).body
      const key = await rows.people.key(eve.userId, eve.organizationId, { name: 'key' })
      const token = await tokenOf(eve)
      const page = await visitor(issuer).follow(await get(`${path}/take-over?token=${token}`))
      assert.match(textOf(page), /Everything in that account is deleted/)
      const answers = await Promise.all([1, 2, 3].map(() => post(`${path}/take-over`, { token, ...form })))
      assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 404, 404])

      assert.equal(await signIn(eve, PASSWORD), false)
      assert.equal(await signIn(eve, NEW_PASSWORD), true)
      assert.equal((await refresh(provider, dashboard, tokens['refresh_token'] ?? '')).body['error'], 'invalid_grant')
      assert.equal(await rows.keyStatus(key), undefined)
      const [user] = await sql`SELECT id, name, email_verified FROM users WHERE email = ${eve.email}`
      assert.deepEqual([user?.['name'], user?.['email_verified']], ['Ada', true])
      assert.notEqual(user?.['id'], eve.userId)
      const [taken] = await sql`SELECT actor_id, metadata FROM audit_events
        WHERE action = 'user.take_over' AND target_id = ${user?.['id']}`
      assert.deepEqual(taken?.['actor_id'], user?.['id'])
      assert.equal(taken?.['metadata'].replacedUserId, eve.userId)
      assert.ok(
        (await sql`SELECT FROM audit_events WHERE action = 'user.delete' AND target_id = ${eve.userId}`).length > 0,
      )
      const mails = [await outbox.next(eve.email)]
      assert.match(mails[0]?.content ?? '', /Your new Daytona account/)
    })
  }

  it('a recovery link of an unverified account leads there, and changes no password', async () => {
    const eve = await provider.person('Eve')
    await unverified(eve)
    const token = await tokenFor(eve)
    const shown = await get(`${PAGE}/password?token=${token}`)
    assert.equal(shown.location?.pathname, `${PAGE}/password/take-over`)
    assert.equal((await post(`${PAGE}/password`, { token, password: NEW_PASSWORD })).status, 404)
    assert.equal(await signIn(eve, PASSWORD), true)
  })

  it('an account that is the only owner among several members stays', async () => {
    const eve = await provider.person('Eve')
    await unverified(eve)
    const shared = await rows.people.organization(eve.userId)
    await rows.people.member(shared, (await provider.person()).userId, 'member')
    const token = await tokenFor(eve)
    const answer = await post(`${PAGE}/password/take-over`, { token, name: 'Ada', password: NEW_PASSWORD })
    assert.equal(answer.status, 409)
    assert.match(textOf(answer), /only owner of an organization/)
    assert.equal(await signIn(eve, PASSWORD), true)
  })
})

describe('without a mailer', () => {
  it('the page says that this service sends no mail, and a request has the same answer for every address', async (t) => {
    const silent = await testProvider(t)
    const ada = await silent.person()
    const visit = visitor(silent.issuer)
    assert.match(textOf(await visit.get(PAGE)), /sends no mail/)
    assert.equal((await visit.post(PAGE, { email: ada.email })).status, 200)
  })
})
