import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, describe, it } from 'node:test'
import {
  cancelEmailChange,
  confirmEmailChange,
  createEmailChange,
  endUserAccess,
  setAccountDisabled,
} from '@daytona-auth/db/users'
import fc from 'fast-check'
import { rowsIn } from '../account-rows.ts'
import { PASSWORD, type Person, testProvider } from '../fixture.ts'
import { trailOf } from './harness.ts'
import { createOutbox } from './outbox.ts'
import { type Answer, inputOf, send, textOf, type Visitor, visitor } from './visitor.ts'

const PAGE = '/oauth/account/email'
const CURRENT = '/oauth/email-change/current'
const NEW = '/oauth/email-change/new'
const NEW_PASSWORD = 'violin harbor teacup 9'
const GONE = /This link does not work any more/

const outbox = await createOutbox({ after })
const provider = await testProvider(
  { after },
  { env: { OUTBOX_DIR: outbox.directory, FAILED_SIGN_INS_LIMIT: '50', FAILED_SIGN_INS_ADDRESS_LIMIT: '5000' } },
)
const { database, issuer } = provider
const { $client: sql } = database
const rows = rowsIn(provider)
const link = visitor(issuer)

let count = 0
const nextAddress = () => {
  count += 1
  return `new${count}@example.com`
}

/** Signs in to the page that changes the address. */
async function open(person: Person): Promise<{ visit: Visitor; page: Answer }> {
  const visit = visitor(issuer)
  const signIn = await visit.follow(await visit.get(PAGE))
  const page = await visit.follow(await send(visit, signIn, 'sign-in', { email: person.email, password: PASSWORD }))
  assert.deepEqual([page.url.pathname, page.status], [PAGE, 200])
  return { visit, page }
}

const ask = ({ visit, page }: Awaited<ReturnType<typeof open>>, email: string) =>
  visit.post(PAGE, { csrf: inputOf(page, 'csrf'), email })

/** Requests a change and returns the tokens of both mails. */
async function requested(person: Person, email = nextAddress(), opened?: Awaited<ReturnType<typeof open>>) {
  const at = opened ?? (await open(person))
  assert.equal((await ask(at, email)).status, 303)
  const current = (await outbox.next(person.email)).tokenOf(CURRENT)
  return { ...at, email, current, next: (await outbox.next(email)).tokenOf(NEW) }
}

const confirm = (path: string, token: string) => link.post(path, { token, decision: 'confirm' })
const addressOf = async ({ userId }: Person) =>
  (await sql`SELECT email FROM users WHERE id = ${userId}`)[0]?.['email'] as string
const actionsOf = async (person: Person) => (await trailOf(provider, person)).map(({ action }) => action)
const wait = ({ userId }: Person) =>
  sql`UPDATE mailed_tokens SET sent_at = sent_at - interval '1 minute', sent = 1 WHERE user_id = ${userId}`

describe('a request for another address', () => {
  it('needs a recent sign-in, when the page is shown and when its form is sent', async () => {
    const ada = await provider.person()
    const at = await open(ada)
    await sql`
      UPDATE oidc_artifacts SET payload = payload || jsonb_build_object('loginTs', floor(extract(epoch FROM now())) - 300)
      WHERE model = 'Session' AND account_id = ${ada.userId}`
    assert.match(textOf(await at.visit.follow(await at.visit.get(PAGE))), /Confirm it’s you/)
    assert.equal((await ask(at, nextAddress())).location?.pathname, '/oauth/authorize')
    assert.deepEqual([...(await sql`SELECT FROM mailed_tokens WHERE user_id = ${ada.userId}`)], [])
  })

  it('refuses text that is no address, and the address of the account in either spelling', async () => {
    const ada = await provider.person()
    const at = await open(ada)
    for (const email of [
      '',
      ' ',
      'ada',
      'a@b@c',
      'a\0@example.com',
      'x'.repeat(300),
      '<a@example.com>',
      ada.email,
      ` ${ada.email.toUpperCase()}`,
    ]) {
      const answer = await ask(at, email)
      assert.equal(answer.status, 400, email)
      assert.match(answer.html, /aria-invalid="true"/)
    }
    assert.ok(!(await actionsOf(ada)).includes('user.request_email_change'))
  })

  it('mails each address in the language of its account', async () => {
    const [ada, bob] = [await provider.person(), await provider.person()]
    const opened = await open(ada)
    await sql`UPDATE users SET language = CASE id WHEN ${ada.userId} THEN 'en' ELSE 'de' END
      WHERE id IN ${sql([ada.userId, bob.userId])}`
    assert.equal((await ask(opened, bob.email)).status, 303)
    assert.match((await outbox.next(bob.email)).content, /<html lang="de">/)
    assert.match((await outbox.next(ada.email)).content, /<html lang="en">/)
  })

  it('gets the same answer for a free and a taken address; the mail to the latter has no link to confirm', async () => {
    const [ada, bob, eve] = [await provider.person(), await provider.person(), await provider.person()]
    const shown = []
    for (const [person, email] of [
      [ada, nextAddress()],
      [bob, eve.email],
    ] as const) {
      const at = await open(person)
      const answer = await at.visit.follow(await ask(at, email))
      shown.push(textOf(answer).replaceAll(person.email, '…').replaceAll(email, '…'))
    }
    assert.equal(shown[0], shown[1])
    assert.match(shown[0] ?? '', /We have sent mails.*Waiting for confirmation/)
    const mail = await outbox.next(eve.email)
    assert.match(mail.content, /has an account already/)
    assert.ok(!mail.content.includes(NEW) && !mail.content.includes(bob.email))
    const approved = await confirm(CURRENT, (await outbox.next(bob.email)).tokenOf(CURRENT))
    assert.match(textOf(approved), /One address has confirmed/)
    assert.equal(await addressOf(bob), bob.email)
  })

  it('is limited for the account, and counts for the address before the work', async () => {
    const ada = await provider.person()
    const change = await requested(ada)
    const again = await ask(change, nextAddress())
    assert.equal(again.status, 429)
    assert.match(textOf(again), /You have requested this a moment ago/)
    assert.equal((await link.get(`${NEW}?token=${change.next}`)).status, 200, 'the refused request ended nothing')
  })

  it('stores and logs no token, and replaces the previous request', async () => {
    const ada = await provider.person()
    const first = await requested(ada)
    const stored = await sql`SELECT mailed_tokens::text AS all FROM mailed_tokens WHERE user_id = ${ada.userId}`
    assert.equal(stored.length, 2)
    for (const token of [first.current, first.next]) {
      assert.ok(!stored.some((row) => String(row['all']).includes(token)))
      assert.ok(!provider.log.text().includes(token))
    }
    await wait(ada)
    const second = await requested(ada, nextAddress(), first)
    for (const [path, token] of [
      [CURRENT, first.current],
      [NEW, first.next],
    ] as const) {
      assert.match(textOf(await confirm(path, token)), GONE)
    }
    assert.equal((await confirm(NEW, second.next)).status, 200)
    assert.equal((await confirm(CURRENT, second.current)).status, 200)
    assert.equal(await addressOf(ada), second.email)
  })

  it('can be cancelled on the page, which shows what it waits for', async () => {
    const ada = await provider.person()
    const change = await requested(ada)
    await confirm(NEW, change.next)
    const shown = textOf(await change.visit.get(PAGE))
    assert.match(shown, /Link to the new address confirmed Link to the current address not confirmed yet/)
    const csrf = inputOf(change.page, 'csrf')
    const done = await change.visit.follow(await change.visit.post(PAGE, { csrf, decision: 'cancel' }))
    assert.match(textOf(done), /The change was cancelled/)
    assert.match(textOf(await confirm(CURRENT, change.current)), GONE)
    assert.equal(await addressOf(ada), ada.email)
  })
})

describe('the links of a change of the address', () => {
  it('are not accepted if forged, crossed, expired, or of another site or a disabled account; a GET changes nothing', async () => {
    const [ada, bob] = [await provider.person(), await provider.person()]
    const [change, other] = [await requested(ada), await requested(bob)]
    const unknown = randomBytes(32).toString('base64url')
    const foreign = [await rows.invitationToken(ada, 'x@example.com'), await rows.verificationToken(ada)]
    for (const [path, crossed] of [
      [CURRENT, change.next],
      [NEW, change.current],
    ] as const) {
      for (const token of ['', 'x', '\0', '%', unknown, `${crossed}x`, crossed, ...foreign]) {
        assert.match(textOf(await link.get(`${path}?token=${encodeURIComponent(token)}`)), GONE, `${path} ${token}`)
        for (const decision of ['confirm', 'cancel', '']) {
          assert.equal((await link.post(path, { token, decision })).status, 404, `${path} ${token} ${decision}`)
        }
      }
    }
    for (const path of [
      '/oauth/recovery/password',
      '/oauth/recovery/keys',
      '/oauth/verify-email',
      '/oauth/invitation',
    ]) {
      for (const token of [change.current, change.next]) {
        assert.equal((await link.get(`${path}?token=${token}`)).status, 404)
        assert.equal((await link.post(path, { token, password: NEW_PASSWORD })).status, 404)
      }
    }
    for (const [path, token] of [
      [CURRENT, change.current],
      [NEW, change.next],
    ] as const) {
      assert.equal((await link.get(`${path}?token=${token}`)).status, 200)
      const evil = { origin: 'https://evil.example' }
      assert.equal((await link.post(path, { token, decision: 'confirm' }, evil)).status, 403)
      assert.equal((await link.post(path, { token })).status, 400)
    }
    // Another person's confirmation of another change does not count.
    await confirm(NEW, other.next)
    assert.match(textOf(await confirm(CURRENT, change.current)), /One address has confirmed/)
    await sql`UPDATE mailed_tokens SET expires_at = now() WHERE user_id = ${ada.userId}`
    assert.match(textOf(await confirm(NEW, change.next)), GONE)
    await rows.change((tx) => setAccountDisabled(tx, bob.userId, true, 'test'))
    assert.match(textOf(await confirm(CURRENT, other.current)), GONE)
    await rows.change((tx) => setAccountDisabled(tx, bob.userId, false, 'test'))
    assert.match(textOf(await confirm(CURRENT, other.current)), GONE)
    assert.deepEqual([await addressOf(ada), await addressOf(bob)], [ada.email, bob.email])
  })

  for (const order of ['current first', 'new first', 'at once'] as const) {
    it(`change the address when both were confirmed, ${order}, once`, async () => {
      const ada = await provider.person()
      const { email, current, next } = await requested(ada)
      const steps = [() => confirm(CURRENT, current), () => confirm(NEW, next)]
      if (order === 'new first') steps.reverse()
      if (order === 'at once') {
        const answers = await Promise.all([...steps, ...steps, ...steps].map((step) => step()))
        const texts = answers.map(textOf)
        assert.equal(texts.filter((text) => /Your address was changed/.test(text)).length, 1)
        assert.equal(texts.filter((text) => /One address has confirmed/.test(text)).length, 1)
      } else {
        assert.match(textOf((await steps[0]?.()) ?? assert.fail()), /One address has confirmed/)
        assert.match(textOf((await steps[0]?.()) ?? assert.fail()), GONE)
        assert.equal(await addressOf(ada), ada.email)
        assert.match(textOf((await steps[1]?.()) ?? assert.fail()), /Your address was changed/)
      }
      for (const step of steps) assert.match(textOf(await step()), GONE)
      assert.equal(await addressOf(ada), email)
      assert.equal(await rows.canSignIn(visitor(issuer), { ...ada, email }, PASSWORD), true)
      assert.equal(await rows.canSignIn(visitor(issuer), ada, PASSWORD), false)
      for (const to of [ada.email, email]) assert.match((await outbox.next(to)).content, /was changed to/)
      const actions = await actionsOf(ada)
      assert.equal(actions.filter((action) => action === 'user.confirm_email_change').length, 2)
      assert.equal(actions.filter((action) => action === 'user.change_email').length, 1)
    })
  }

  it('end with a new password, with a recovery, with a sign-out by the operator, and by the mail to the current address', async () => {
    const people = [await provider.person(), await provider.person(), await provider.person(), await provider.person()]
    const [ada, bob, eve, cat] = people as [Person, Person, Person, Person]
    const changes = [await requested(ada), await requested(bob), await requested(eve), await requested(cat)]
    for (const { next } of changes) await confirm(NEW, next)
    const page = changes[0]?.page ?? assert.fail()
    const password = { csrf: inputOf(page, 'csrf'), password: PASSWORD, new_password: NEW_PASSWORD }
    assert.equal((await changes[0]?.visit.post('/oauth/account/password', password))?.status, 303)
    await link.post('/oauth/recovery', { email: bob.email })
    const token = (await outbox.next(bob.email)).tokenOf('/oauth/recovery/password')
    assert.equal((await link.post('/oauth/recovery/password', { token, password: NEW_PASSWORD })).status, 200)
    await rows.change((tx) => endUserAccess(tx, eve.userId, 'test'))
    const cancelled = await link.post(CURRENT, { token: changes[3]?.current ?? '', decision: 'cancel' })
    assert.match(textOf(cancelled), /The change was cancelled/)
    assert.equal((await actionsOf(cat)).at(-1), 'user.cancel_email_change')
    for (const { current } of changes) assert.match(textOf(await confirm(CURRENT, current)), GONE)
    assert.deepEqual(
      await Promise.all(people.map(addressOf)),
      people.map(({ email }) => email),
    )
  })

  it('change nothing if the address got an account in the meantime, also among two that ask for it at once', async () => {
    const [ada, bob] = [await provider.person(), await provider.person()]
    const email = nextAddress()
    const [one, two] = [await requested(ada, email), await requested(bob, email)]
    await Promise.all([confirm(CURRENT, one.current), confirm(CURRENT, two.current)])
    const answers = await Promise.all([confirm(NEW, one.next), confirm(NEW, two.next)])
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409])
    assert.equal([await addressOf(ada), await addressOf(bob)].filter((address) => address === email).length, 1)
    const statuses = [...(await trailOf(provider, ada)), ...(await trailOf(provider, bob))].flatMap((event) =>
      event['action'] === 'user.change_email' ? [event['statusCode']] : [],
    )
    assert.deepEqual(statuses.toSorted(), [200, 409])
  })

  it('need no approval by an address that was never verified, and end when it is verified', async () => {
    const [ada, bob] = [await provider.person(), await provider.person()]
    const changes = []
    for (const person of [ada, bob]) {
      await sql`UPDATE users SET email_verified = false WHERE id = ${person.userId}`
      const at = await open(person)
      assert.match(textOf(at.page), /was never confirmed/)
      const email = nextAddress()
      await ask(at, email)
      changes.push({ email, token: (await outbox.next(email)).tokenOf(NEW) })
    }
    const [one, two] = changes
    assert.match(textOf(await confirm(NEW, one?.token ?? '')), /Your address was changed/)
    assert.equal(await addressOf(ada), one?.email)
    const [row] = await sql`SELECT email_verified FROM users WHERE id = ${ada.userId}`
    assert.equal(row?.['email_verified'], true)
    await sql`UPDATE users SET email_verified = true WHERE id = ${bob.userId}`
    await confirm(NEW, two?.token ?? '')
    assert.equal(await addressOf(bob), bob.email)
  })
})

describe('any sequence of requests, confirmations and endings', () => {
  const ENDINGS = ['cancel', 'expire', 'sign out', 'disable and enable'] as const
  const steps = fc.array(
    fc.oneof(fc.record({ kind: fc.constant('request' as const) }), fc.record({ kind: fc.constantFrom(...ENDINGS) }), {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('confirm' as const),
        side: fc.constantFrom('current' as const, 'new' as const),
        of: fc.nat(2),
      }),
    }),
    { minLength: 3, maxLength: 12 },
  )

  it('gives the address of the last request, if both of its tokens were confirmed while it was open', async () => {
    let changed = 0
    await fc.assert(
      fc.asyncProperty(steps, async (sequence) => {
        const { userId, email } = await provider.person()
        const requests: { readonly email: string; readonly current: Buffer; readonly new: Buffer }[] = []
        let address = email
        let open: { readonly index: number; readonly confirmed: Set<string> } | undefined
        for (const step of [{ kind: 'request' as const }, ...sequence]) {
          if (step.kind === 'request') {
            const request = { email: nextAddress(), current: randomBytes(32), new: randomBytes(32) }
            await sql`DELETE FROM mailed_tokens WHERE user_id = ${userId}`
            await rows.change((tx) =>
              createEmailChange(tx, userId, {
                email: address,
                newEmail: request.email,
                currentDigest: request.current,
                newDigest: request.new,
                expiresAt: new Date(Date.now() + 60_000),
              }),
            )
            open = { index: requests.push(request) - 1, confirmed: new Set() }
          } else if (step.kind === 'confirm') {
            const index = step.of % requests.length
            const request = requests[index] ?? assert.fail()
            const { kind } = await rows.change((tx) => confirmEmailChange(tx, userId, step.side, request[step.side]))
            const isOpen = open?.index === index && !open.confirmed.has(step.side)
            const isLast = isOpen && open?.confirmed.add(step.side).size === 2
            assert.equal(kind, isLast ? 'changed' : isOpen ? 'waiting' : 'gone')
            if (!isLast) continue
            address = request.email
            open = undefined
            changed += 1
          } else {
            const digest = requests.at(-1)?.current ?? assert.fail()
            if (step.kind === 'cancel') {
              assert.equal(
                await rows.change((tx) => cancelEmailChange(tx, userId, digest)),
                open && requests[open.index]?.email,
              )
            }
            if (step.kind === 'expire') await sql`UPDATE mailed_tokens SET expires_at = now() WHERE user_id = ${userId}`
            if (step.kind === 'sign out') await rows.change((tx) => endUserAccess(tx, userId, 'test'))
            if (step.kind === 'disable and enable') {
              for (const isDisabled of [true, false]) {
                await rows.change((tx) => setAccountDisabled(tx, userId, isDisabled, 'test'))
              }
            }
            open = undefined
          }
          const [row] = await sql`SELECT email FROM users WHERE id = ${userId}`
          assert.equal(row?.['email'], address)
        }
      }),
      { numRuns: 60 },
    )
    assert.ok(changed >= 10, `only ${changed} changes`)
  })
})
