import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { redisMissing, redisServer, waitFor } from '@daytona-auth/testing'
import { hash } from '@node-rs/argon2'
import { PASSWORD, type Person, type TestProvider, testProvider } from '../fixture.ts'
import { trailOf } from './harness.ts'
import { type Answer, arrive, authorizationRequest, inputOf, send, textOf, type Visitor, visitor } from './visitor.ts'

const REDIRECT = 'https://cobalt.example/callback'
const WINDOW = 15 * 60_000

let time = Date.now()
const provider = await testProvider({ after }, { now: () => time })
const { clientId } = await provider.client(await provider.person(), { type: 'spa', redirectUris: [REDIRECT] })
const request = (extra: Record<string, string> = {}) =>
  authorizationRequest(provider.issuer, { client_id: clientId, redirect_uri: REDIRECT, ...extra })

/** Opens the sign-in page in a new browser. */
async function atSignIn(extra: Record<string, string> = {}): Promise<{ visit: Visitor; page: Answer }> {
  const visit = visitor(provider.issuer)
  return { visit, page: await arrive(visit, request(extra)) }
}

/** The same at a separate provider. */
async function atSignInOf({ issuer, person, client }: TestProvider): Promise<{ visit: Visitor; page: Answer }> {
  const visit = visitor(issuer)
  const app = await client(await person(), { type: 'spa', redirectUris: [REDIRECT] })
  const authorization = authorizationRequest(issuer, { client_id: app.clientId, redirect_uri: REDIRECT })
  return { visit, page: await arrive(visit, authorization) }
}

const sessionOf = ({ cookies }: Visitor) => cookies.filter(({ name }) => name.includes('_session'))

/** Removes the parts of a page that differ between interactions. */
const shape = (page: Answer, email: string) =>
  page.html
    .replaceAll(email, 'EMAIL')
    .replace(/name="csrf" value="[^"]*"/g, 'CSRF')
    .replace(/data-options="[^"]*"/, 'OPTIONS')
    .replace(/\/oauth\/interaction\/[^/"]+/g, 'INTERACTION')

describe('sign-in', () => {
  it('answers a wrong password, an unknown address, a disabled account and invalid input alike', async () => {
    const [ada, disabled] = [await provider.person(), await provider.person()]
    await provider.database.$client`UPDATE users SET disabled_at = now() WHERE id = ${disabled.userId}`
    const { visit, page } = await atSignIn()
    const answers = []
    for (const [email, password] of [
      [ada.email, 'not the password'],
      ['unknown@example.com', 'not the password'],
      [disabled.email, PASSWORD],
      ['not an address', ''],
      ['nul@example.com\0', 'x'],
      [`${'x'.repeat(5000)}@example.com`, 'x'],
      [ada.email, 'x'.repeat(20_000)],
    ] as const) {
      const answer = await send(visit, page, 'sign-in', { email, password })
      answers.push([
        answer.status,
        shape(answer, email.replace('\0', '\ufffd'))
          .replace(/value="[^"]*" aria/, 'value="EMAIL" aria')
          // A too long address is not shown again, and its field has the focus.
          .replace(' autofocus', ''),
      ])
    }
    assert.equal(answers[0]?.[0], 400)
    assert.match(String(answers[0]?.[1]), /That email address and password do not match an account\./)
    for (const answer of answers) assert.deepEqual(answer, answers[0])
  })

  it('records failures of a known account in its own audit trail, and a sign-in with its app', async () => {
    const ada = await provider.person()
    const { visit, page } = await atSignIn()
    await send(visit, page, 'sign-in', { email: ada.email, password: 'not the password' })
    await waitFor(async () => (await trailOf(provider, ada)).length === 2)
    await send(visit, page, 'sign-in', { email: ada.email.toUpperCase(), password: PASSWORD })
    assert.deepEqual((await trailOf(provider, ada)).slice(1), [
      { action: 'user.sign_in', statusCode: 401, actorId: null, targetId: ada.userId },
      { action: 'user.sign_in', statusCode: 200, actorId: ada.userId, targetId: ada.userId },
    ])
  })

  it('redirects with 303, so that the browser does not send the password again', async () => {
    const ada = await provider.person()
    const { visit, page } = await atSignIn()
    const answer = await send(visit, page, 'sign-in', { email: ada.email, password: PASSWORD })
    assert.equal(answer.status, 303)
    assert.equal(answer.location?.origin, provider.issuer)
    assert.equal(answer.headers.get('cache-control'), 'no-store')
    assert.equal((await visit.follow(answer)).status, 200)
  })

  it('invalidates an earlier session cookie', async () => {
    const ada = await provider.person()
    const { visit: attacker } = await atSignIn()
    await attacker.get('/oauth/logout')
    const planted = sessionOf(attacker)
    assert.equal(planted.length, 2)

    const { visit: victim, page } = await atSignIn()
    for (const cookie of planted) victim.plant(cookie)
    await victim.follow(await send(victim, page, 'sign-in', { email: ada.email, password: PASSWORD }))
    assert.notEqual(sessionOf(victim)[0]?.value, planted[0]?.value)
    assert.match(textOf(await arrive(attacker, request())), /^Sign in/)
  })

  it('rehashes the password if the hashing parameters have changed', async () => {
    const ada = await provider.person()
    const stored = async () =>
      (await provider.database.$client`SELECT secret FROM user_credentials WHERE user_id = ${ada.userId}`)[0]?.[
        'secret'
      ]
    const old = await hash(PASSWORD, { memoryCost: 8192, timeCost: 1, parallelism: 1 })
    await provider.database.$client`UPDATE user_credentials SET secret = ${old} WHERE user_id = ${ada.userId}`
    for (let times = 0; times < 2; times++) {
      const { visit, page } = await atSignIn()
      assert.equal((await send(visit, page, 'sign-in', { email: ada.email, password: PASSWORD })).status, 303)
      assert.match(await stored(), /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    }
  })

  it('supports two tabs at once', async () => {
    const ada = await provider.person()
    const visit = visitor(provider.issuer)
    const [left, right] = [request({ state: 'left' }), request({ state: 'right' })]
    const pages = [await arrive(visit, left), await arrive(visit, right)] as const
    assert.notEqual(pages[0].url.href, pages[1].url.href)
    const finish = async (page: Answer) =>
      page.location ? page : await visit.follow(await send(visit, page, 'consent', { decision: 'allow' }))
    const signIn = { email: ada.email, password: PASSWORD }
    const first = await finish(await visit.follow(await send(visit, pages[1], 'sign-in', signIn)))
    assert.equal(first.location?.searchParams.get('state'), 'right')
    assert.match(first.location?.searchParams.get('code') ?? '', /./)

    // The other page was opened before the sign-in: its form has no effect now.
    const stale = await send(visit, pages[0], 'sign-in', signIn)
    assert.equal(stale.status, 409)
    assert.match(textOf(stale), /out of date/)
    // Started again, it ends with its own state.
    const again = await visit.follow(await visit.get(left.url))
    const done = await finish(again)
    assert.equal(done.location?.searchParams.get('state'), 'left')
    assert.match(done.location?.searchParams.get('code') ?? '', /./)
  })

  it('prefills the address from login_hint, as text', async () => {
    const { page } = await atSignIn({ login_hint: '"><script>alert(1)</script>' })
    assert.ok(!page.html.includes('<script>'))
    assert.match(page.html, /value="&quot;&gt;&lt;script&gt;alert\(1\)&lt;\/script&gt;"/)
  })

  it('requires the password again if the app requests it', async () => {
    const ada = await provider.person()
    const { visit, page } = await atSignIn()
    await visit.follow(await send(visit, page, 'sign-in', { email: ada.email, password: PASSWORD }))
    const again = await arrive(visit, request({ prompt: 'login' }))
    assert.match(textOf(again), /^Confirm it’s you/)
    assert.equal(inputOf(again, 'email'), ada.email)
  })

  it('returns to the app with an error when cancelled', async () => {
    const { visit, page } = await atSignIn({ state: 'kept' })
    const { location } = await visit.follow(await send(visit, page, 'cancel', {}))
    assert.equal(`${location?.origin}${location?.pathname}`, REDIRECT)
    assert.deepEqual(Object.fromEntries(location?.searchParams ?? []), {
      error: 'access_denied',
      error_description: 'The user denied access',
      state: 'kept',
      iss: provider.issuer,
    })
  })
})

describe('failed sign-ins', () => {
  /** Sends so many attempts, one after the other. */
  async function fail(email: string, times: number): Promise<Answer[]> {
    const { visit, page } = await atSignIn()
    const answers = []
    for (let count = 0; count < times; count++) {
      answers.push(await send(visit, page, 'sign-in', { email, password: 'not the password' }))
    }
    return answers
  }

  it('are limited to ten in a window, with the same answer whether or not the account exists', async () => {
    const ada = await provider.person()
    const known = await fail(ada.email, 11)
    const unknown = await fail('stranger@example.com', 11)
    assert.deepEqual(
      known.map(({ status }) => status),
      [...Array<number>(10).fill(400), 429],
    )
    assert.deepEqual(
      unknown.map((page) => [page.status, shape(page, 'stranger@example.com')]),
      known.map((page) => [page.status, shape(page, ada.email)]),
    )
    assert.equal(known[10]?.headers.get('retry-after'), '900')
    assert.match(known[10]?.html ?? '', /Too many attempts\. Try again in 15 minutes\./)

    const { visit, page } = await atSignIn()
    const right = { email: ada.email, password: PASSWORD }
    assert.equal((await send(visit, page, 'sign-in', right)).status, 429)
    time += WINDOW
    assert.equal((await send(visit, page, 'sign-in', right)).status, 303)
  })

  it('are counted across processes in Redis', { skip: redisMissing() }, async (t) => {
    const redis = await redisServer(t)
    const env = { REDIS_URL: redis.url, FAILED_SIGN_INS_LIMIT: '2' }
    const attempting = async () => {
      const instance = await testProvider(t, { env })
      await waitFor(() => instance.log.text().includes('limits are shared over Redis'))
      const { visit, page } = await atSignInOf(instance)
      return async (password: string) =>
        (await send(visit, page, 'sign-in', { email: 'person1@example.com', password })).status
    }
    const [here, there] = [await attempting(), await attempting()]
    assert.deepEqual([await here('wrong'), await there('wrong'), await here(PASSWORD)], [400, 400, 429])
  })

  it('are all counted if they are concurrent', async () => {
    const ada = await provider.person()
    const { visit, page } = await atSignIn()
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => send(visit, page, 'sign-in', { email: ada.email, password: 'wrong' })),
    )
    assert.equal(answers.filter(({ status }) => status === 400).length, 10)
    assert.equal(answers.filter(({ status }) => status === 429).length, 10)
    time += WINDOW
  })

  it('over many accounts from one address are limited too, but not where an account has signed in before', async (t) => {
    const strict = await testProvider(t, { env: { FAILED_SIGN_INS_LIMIT: '2', FAILED_SIGN_INS_ADDRESS_LIMIT: '3' } })
    const [ada, eve] = [await strict.person(), await strict.person()]
    const known = await atSignInOf(strict)
    const signedIn = await send(known.visit, known.page, 'sign-in', { email: ada.email, password: PASSWORD })
    assert.equal(signedIn.status, 303)
    const cookie = known.visit.cookies.find(({ name }) => name.endsWith('_known')) ?? assert.fail()
    const again = await atSignInOf(strict)
    again.visit.plant(cookie)
    const { visit, page } = await atSignInOf(strict)
    const statuses = []
    for (let count = 0; count < 4; count++) {
      const answer = await send(visit, page, 'sign-in', { email: `victim${count}@example.com`, password: 'x' })
      statuses.push(answer.status)
    }
    assert.deepEqual(statuses, [400, 400, 400, 429])
    const enter = async ({ visit, page }: typeof again, { email }: Person, password: string) =>
      (await send(visit, page, 'sign-in', { email, password })).status
    // Not in another browser, of another account, or with a changed entry.
    assert.equal(await enter({ visit, page }, ada, PASSWORD), 429)
    assert.equal(await enter(again, eve, PASSWORD), 429)
    const [id, signedInAt = '', signature] = cookie.value.split('.')
    for (const value of [
      '',
      '~~',
      'x'.repeat(2000),
      `x.${signedInAt}.${signature}`,
      `${id}.${signedInAt}0.${signature}`,
    ]) {
      const forging = await atSignInOf(strict)
      forging.visit.plant({ ...cookie, value })
      assert.equal(await enter(forging, ada, PASSWORD), 429, value)
    }
    // The known browser has a limit of its own.
    assert.deepEqual([await enter(again, ada, 'wrong'), await enter(again, ada, 'wrong')], [400, 400])
    assert.equal(await enter(again, ada, PASSWORD), 429)
    const other = await atSignInOf(strict)
    other.visit.plant(cookie)
    assert.equal(await enter(other, ada, PASSWORD), 429)
  })
})

describe('an overload', () => {
  it('asks to try again in a moment', async (t) => {
    const busy = await testProvider(t, { env: { PASSWORD_HASHING_CONCURRENCY: '1', PASSWORD_HASHING_QUEUE: '1' } })
    const { visit, page } = await atSignInOf(busy)
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, count) =>
        send(visit, page, 'sign-in', { email: `${count}@example.com`, password: 'x' }),
      ),
    )
    const refused = answers.filter(({ status }) => status === 503)
    assert.ok(refused.length > 0)
    assert.equal(refused.length + answers.filter(({ status }) => status === 400).length, 20)
    assert.equal(refused[0]?.headers.get('retry-after'), '5')
    assert.match(refused[0] ? textOf(refused[0]) : '', /^Please try again in a moment/)
  })
})
