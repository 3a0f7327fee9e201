import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { rowsIn } from './account-rows.ts'
import { addAuthenticatorApp } from './authenticator-app.ts'
import { answerPage, confirmCode } from './browser/device.ts'
import { createOutbox } from './browser/outbox.ts'
import { type Answer, arrive, authorizationRequest, inputOf, send, type Visitor, visitor } from './browser/visitor.ts'
import {
  browser,
  CLI,
  DASHBOARD,
  DEVICE_CODE,
  PASSWORD,
  type Person,
  post,
  type TestClient,
  testProvider,
} from './fixture.ts'
import { collectRoutes } from './registered-routes.ts'

/** Every way in which a session, a grant or a token of an account could begin with its password or its mailbox alone. */
const registeredRoutes = collectRoutes({ after })
const outbox = await createOutbox({ after })
const provider = await testProvider(
  { after },
  {
    env: {
      OUTBOX_DIR: outbox.directory,
      FAILED_SIGN_INS_LIMIT: '10000',
      FAILED_SIGN_INS_ADDRESS_LIMIT: '10000',
      SIGN_UPS_ADDRESS_LIMIT: '10000',
    },
  },
)
const { issuer, database } = provider
const { $client: sql } = database
const rows = rowsIn(provider)
const owner = await provider.person('Owner')

/** An account with a second factor. */
async function protectedPerson(): Promise<Person> {
  const ada = await provider.person()
  await addAuthenticatorApp(provider, ada)
  return ada
}

/** What an account has that a sign-in begins, except what a second factor began. */
async function begunFor({ userId }: Person): Promise<string[]> {
  const found = await sql<{ what: string }[]>`
    SELECT model AS what FROM oidc_artifacts
    WHERE account_id = ${userId} AND payload ->> 'acr' IS DISTINCT FROM 'urn:daytona:acr:mfa'
    UNION ALL SELECT 'grant' FROM grants WHERE user_id = ${userId}`
  return found.map(({ what }) => what)
}

const requestOf = ({ clientId, redirectUri }: TestClient, more: Record<string, string> = {}) =>
  authorizationRequest(issuer, { client_id: clientId, redirect_uri: redirectUri, ...more })

/** A browser at the sign-in page of the dashboard. */
async function atSignIn(): Promise<{ visit: Visitor; page: Answer }> {
  const visit = visitor(issuer)
  return { visit, page: await arrive(visit, requestOf(DASHBOARD(issuer))) }
}

/** The tokens that the mailbox of an account receives, of every kind. */
async function mailedTokens(ada: Person): Promise<Record<string, string>> {
  const visit = visitor(issuer)
  await visit.post('/oauth/recovery', { email: ada.email })
  return {
    none: '',
    recovery: (await outbox.next(ada.email)).tokenOf('/oauth/recovery/password'),
    verification: await rows.verificationToken(ada),
    invitation: await rows.invitationToken(owner, ada.email),
  }
}

/** Submits a form with everything that a stranger with the password and a mailed token has, and continues to an app. */
async function submit(url: string, { email }: Person, token: string): Promise<void> {
  const { visit, page } = await atSignIn()
  const uid = /\/oauth\/interaction\/([^/]+)/.exec(page.url.pathname)?.[1] ?? ''
  const answer = await visit.post(url.replace(':uid', uid), {
    csrf: inputOf(page, 'csrf'),
    token,
    email,
    name: 'Ada',
    // The new password of a recovery is the old one, so that it is right for every form.
    password: PASSWORD,
    new_password: PASSWORD,
    decision: 'allow',
    ticket: '',
    code: '000000',
    method: 'totp',
  })
  assert.ok(answer.status < 500, `${url}: ${answer.status}`)
  await visit.follow(answer)
  // What follows in the same browser, without another proof.
  await visit.follow(await visit.get(requestOf(DASHBOARD(issuer)).url))
}

describe('an account with a second factor', () => {
  it('gets no session by any form of any route, with its password and every mailed token', async (t) => {
    const ada = await protectedPerson()
    const routes = registeredRoutes().filter(({ method, url }) => method === 'POST' && url.startsWith('/oauth'))
    assert.ok(routes.length > 20, String(routes.length))
    for (const [kind, token] of Object.entries(await mailedTokens(ada))) {
      await Promise.all(routes.map(({ url }) => submit(url, ada, token)))
      assert.deepEqual(await begunFor(ada), [], kind)
    }
    t.diagnostic(`${routes.length} forms`)
  })

  for (const [name, clientOf] of Object.entries({
    'the dashboard': async () => DASHBOARD(issuer),
    'the command line': async () => CLI,
    'a web app': () => provider.client(owner),
    'a browser app': () => provider.client(owner, { type: 'spa' }),
    'a native app': () => provider.client(owner, { type: 'native', redirectUris: ['http://127.0.0.1/cb'] }),
  })) {
    it(`gives ${name} no code after its password`, async () => {
      const ada = await protectedPerson()
      const { answer } = await browser(provider, ada).attempt(await clientOf())
      assert.equal(answer.location, undefined)
      assert.match(answer.html, /name="ticket"/)
      assert.deepEqual(await begunFor(ada), [])
    })
  }

  it('approves no device after its password', async () => {
    const ada = await protectedPerson()
    const { body } = await post(provider, '/oauth/device_authorization', CLI, { scope: 'openid' })
    const visit = visitor(issuer)
    const signIn = await confirmCode(visit, body['user_code'] ?? '')
    const step = await answerPage(visit, signIn, 'sign-in', { email: ada.email, password: PASSWORD })
    assert.match(step.html, /name="ticket"/)
    await answerPage(visit, step, 'consent', { decision: 'allow' })
    const poll = await post(provider, '/oauth/token', CLI, {
      grant_type: DEVICE_CODE,
      device_code: body['device_code'] ?? '',
    })
    assert.equal(poll.body['error'], 'authorization_pending')
    assert.deepEqual(await begunFor(ada), [])
  })

  it('asks for it after a recovery of the password', async () => {
    const ada = await protectedPerson()
    const { recovery = '' } = await mailedTokens(ada)
    const visit = visitor(issuer)
    const password = 'violin harbor teacup 9'
    const recovered = await visit.post('/oauth/recovery/password', { token: recovery, password })
    assert.equal(recovered.status, 200)
    const { page } = await atSignIn().then(async ({ visit: at, page: signIn }) => ({
      page: await send(at, signIn, 'sign-in', { email: ada.email, password }),
    }))
    assert.match(page.html, /name="ticket"/)
    assert.deepEqual(await begunFor(ada), [])
  })

  it('cannot be taken over with its address, which is verified', async () => {
    const ada = await protectedPerson()
    const { recovery = '', verification = '', invitation = '' } = await mailedTokens(ada)
    for (const [path, token] of [
      ['/oauth/recovery/password', recovery],
      ['/oauth/verify-email', verification],
      ['/oauth/invitation', invitation],
    ] as const) {
      const answer = await visitor(issuer).post(`${path}/take-over`, {
        token,
        name: 'Eve',
        password: 'violin harbor teacup 9',
      })
      assert.equal(answer.status, 404, path)
    }
  })

  it('leaves nothing of an unverified account to the holder of its address: the factor ends with it', async () => {
    const ada = await protectedPerson()
    await sql`UPDATE users SET email_verified = false WHERE id = ${ada.userId}`
    const token = await rows.verificationToken(ada)
    const visit = visitor(issuer)
    const taken = await visit.post('/oauth/verify-email/take-over', {
      token,
      name: 'Eve',
      password: 'violin harbor teacup 9',
    })
    assert.equal(taken.status, 200)
    const left = await sql`SELECT FROM totp_factors WHERE user_id = ${ada.userId}`
    assert.deepEqual([...left], [])
    const [former] = await sql`SELECT deleted_at IS NOT NULL AS "isDeleted" FROM users WHERE id = ${ada.userId}`
    assert.equal(former?.['isDeleted'], true)
  })

  it('is asked for again by a session that began without it, on every page and by every prompt', async () => {
    const ada = await provider.person()
    const at = browser(provider, ada)
    const dashboard = DASHBOARD(issuer)
    await at.authorize(dashboard)
    // The session began before, and was not ended by the pages.
    await addAuthenticatorApp(provider, ada)
    const silent = await at.visitor.get(requestOf(dashboard, { prompt: 'none' }).url)
    assert.equal(silent.location?.searchParams.get('error'), 'login_required')
    for (const path of [
      '/oauth/account',
      '/oauth/account/password',
      '/oauth/account/factors',
      '/oauth/account/deletion',
    ]) {
      const page = await at.visitor.follow(await at.visitor.get(path))
      assert.match(page.html, /name="password"/, path)
    }
    const { answer } = await at.attempt(dashboard)
    assert.match(answer.html, /name="ticket"/)
    const { body } = await post(provider, '/oauth/device_authorization', CLI, { scope: 'openid' })
    assert.match((await confirmCode(at.visitor, body['user_code'] ?? '')).html, /name="password"/)
  })
})
