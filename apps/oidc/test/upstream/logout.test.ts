import assert from 'node:assert/strict'
import { after, beforeEach, describe, it } from 'node:test'
import { ACCOUNT_PAGES } from '../../src/pages/account-pages.ts'
import { addAuthenticatorApp } from '../authenticator-app.ts'
import {
  type Answer,
  arrive,
  authorizationRequest,
  inputOf,
  send,
  textOf,
  type Visitor,
  visitor,
} from '../browser/visitor.ts'
import {
  CLI,
  claimsOf,
  PASSWORD,
  type Person,
  redeem,
  refresh,
  type TestClient,
  type TestProvider,
  userinfo,
} from '../fixture.ts'
import { companies } from './companies.ts'
import { type LogoutToken, sendLogout, signLogoutToken } from './logout-tokens.ts'
import { acme, answerOf, mockUpstream, providerWithUpstream } from './mock-upstream.ts'

const mock = await mockUpstream({ after })
const LOCAL = { OUTBOUND_NETWORKS: '127.0.0.0/8' }
const { provider, owner, open, begin } = await providerWithUpstream({ after }, { ...acme(mock.issuer), ...LOCAL })
const { $client: sql } = provider.database
const app = await provider.client(owner, { backchannelLogoutUri: 'http://127.0.0.1:9/logout' })

beforeEach(() => mock.reset())

/** Authorizes an app in a browser, and signs in at the upstream provider if it asks. Returns the app's tokens. */
async function authorize(visit: Visitor, client: TestClient, at: TestProvider = provider) {
  const { clientId: client_id, redirectUri: redirect_uri } = client
  const request = authorizationRequest(at.issuer, { client_id, redirect_uri, scope: 'openid offline_access' })
  let answer = await arrive(visit, request)
  if (answer.html.includes('/upstream/acme')) {
    answer = await visit.follow(await visit.get(await answerOf(await begin(visit, answer))))
  }
  if (answer.html.includes('name="decision"')) {
    answer = await visit.follow(await send(visit, answer, 'consent', { decision: 'allow' }))
  }
  const code = answer.location?.searchParams.get('code')
  assert.ok(code && answer.location, `${answer.status} ${textOf(answer)}`)
  const { body } = await redeem(at, client, {
    code,
    verifier: request.verifier,
    redirectUri: redirect_uri,
    callback: answer.location,
  })
  return body
}

/** Signs a person in with a session there, in a new browser. */
async function signIn(sub: string, sid?: string) {
  mock.claims = { sub, email: `${sub}@acme.example`, email_verified: true, ...(sid !== undefined && { sid }) }
  const visit = visitor(provider.issuer)
  return { visit, tokens: await authorize(visit, app) }
}

const isActive = async ({ tokens }: Awaited<ReturnType<typeof signIn>>) =>
  (await userinfo(provider, tokens['access_token'] ?? '')).status === 200

async function logout(claims: LogoutToken['claims'] = {}, name = 'acme'): Promise<number> {
  const token = await signLogoutToken(mock, { claims })
  const { status, body } = await sendLogout(provider, name, { logout_token: token })
  assert.equal(status, 200, body)
  return status
}

describe('a logout token of an upstream provider', () => {
  it('ends the session that it names with its grants and tokens, and no other one', async () => {
    const [one, two, bob] = [await signIn('ada', 'one'), await signIn('ada', 'two'), await signIn('bob', 'three')]
    await logout({ sub: 'bob', sid: 'one' })
    await logout({ sid: 'of no session' })
    assert.deepEqual([await isActive(one), await isActive(two), await isActive(bob)], [true, true, true])

    await logout({ sid: 'one' })
    assert.deepEqual([await isActive(one), await isActive(two), await isActive(bob)], [false, true, true])
    assert.equal((await refresh(provider, app, one.tokens['refresh_token'] ?? '')).body['error'], 'invalid_grant')
    const page = await arrive(
      one.visit,
      authorizationRequest(provider.issuer, { client_id: app.clientId, redirect_uri: app.redirectUri }),
    )
    assert.ok(page.html.includes('/upstream/acme'), 'the browser is still signed in')
    const again = await authorize(two.visit, app)
    assert.ok(again['access_token'])
  })

  it('without sid ends every session of the person at that provider, and none that began with a password', async () => {
    const [one, two, unnamed] = [
      await signIn('cleo', 'one of Cleo'),
      await signIn('cleo', 'two of Cleo'),
      await signIn('cleo'),
    ]
    const bob = await signIn('bob', 'of Bob')
    await logout({ sub: 'cleo' })
    for (const ended of [one, two, unnamed]) assert.equal(await isActive(ended), false)
    assert.equal(await isActive(bob), true)
  })

  it('is passed on to the apps of the session, and recorded in the trail and the history of the person', async () => {
    const dora = await signIn('dora', 'of Dora')
    await logout({ sub: 'dora', sid: 'of Dora' })
    const { sub: userId, sid } = claimsOf(dora.tokens['id_token'])
    const [queued] = await sql`SELECT sid FROM backchannel_logouts WHERE user_id = ${String(userId)}`
    assert.deepEqual(queued, { sid })
    const events = await sql`
      SELECT action, actor_id AS actor, source, status_code AS status, metadata FROM audit_events
      WHERE organization_id = (SELECT id FROM organizations WHERE created_by = ${String(userId)} AND personal)
        AND action IN ('session.end_by_provider', 'grant.revoke') ORDER BY action DESC`
    const [ended, revoked, ...others] = events
    assert.deepEqual(others, [])
    assert.deepEqual(ended, {
      action: 'session.end_by_provider',
      actor: null,
      source: 'provider',
      status: 200,
      metadata: { issuer: mock.issuer, endedGrants: 1, endedKeys: 0 },
    })
    assert.equal(revoked?.['metadata'].clientId, app.clientId)
    assert.match(revoked?.['metadata'].endedBy, /^session\.end_by_provider /)

    const again = await signIn('dora', 'later')
    const history = await again.visit.follow(await again.visit.get(ACCOUNT_PAGES.history))
    assert.match(textOf(history), /Session ended because you signed out at another provider/)
  })

  it('leaves the CLI, which outlives sessions, and stores no name of a session', async () => {
    mock.claims = { sub: 'eve', email: 'eve@acme.example', email_verified: true, sid: 'the session of Eve' }
    const visit = visitor(provider.issuer)
    const cli = { ...CLI, redirectUri: 'http://127.0.0.1:8765/callback' }
    const tokens = await authorize(visit, cli)
    const stored = await sql`SELECT FROM oidc_artifacts WHERE payload::text LIKE '%the session of Eve%'`
    assert.equal(stored.length, 0)
    await logout({ sub: 'eve' })
    const [sessions] = await sql`SELECT count(*)::int AS n FROM oidc_artifacts JOIN users ON users.id = account_id
      WHERE model = 'Session' AND email = 'eve@acme.example'`
    assert.equal(sessions?.['n'], 0)
    assert.equal((await userinfo(provider, tokens['access_token'] ?? '')).status, 200)
  })

  const WAYS: Record<string, (visit: Visitor, page: Answer, fay: Person) => Promise<Answer>> = {
    'before the second factor': async (visit, page, fay) => {
      const app = authenticators.get(fay.userId)
      const code = { ticket: inputOf(page, 'ticket'), code: app?.codeAt(Date.now()) ?? '', method: 'totp' }
      return send(visit, page, 'second-factor', code)
    },
    'before the proof of an account': (visit, page, { email }) =>
      send(visit, page, 'sign-in', { email, password: PASSWORD }),
  }
  const authenticators = new Map<string, Awaited<ReturnType<typeof addAuthenticatorApp>>>()

  for (const [when, complete] of Object.entries(WAYS)) {
    for (const by of ['sid', 'sub'] as const) {
      it(`ends a sign-in that is not completed yet, by ${by}: ${when}`, async () => {
        const fay = await provider.person()
        if (when.endsWith('factor')) {
          authenticators.set(fay.userId, await addAuthenticatorApp(provider, fay))
          await sql`INSERT INTO user_identities (user_id, issuer, subject, email)
            VALUES (${fay.userId}, ${mock.issuer}, ${fay.userId}, ${fay.email})`
        }
        mock.claims = { sub: fay.userId, sid: fay.userId, email: fay.email, email_verified: true }
        const { visit, page } = await open()
        const waiting = await visit.follow(await visit.get(await answerOf(await begin(visit, page))))
        await logout({ [by]: fay.userId })
        const end = await visit.follow(await complete(visit, waiting, fay))
        assert.match(textOf(end), /This sign-in has expired/)
        const left = await sql`
          SELECT 1 FROM oidc_artifacts WHERE model = 'Session' AND account_id = ${fay.userId}
          UNION ALL SELECT 1 FROM grants WHERE user_id = ${fay.userId} AND revoked_at IS NULL`
        assert.equal(left.length, 0)
      })
    }
  }
})

describe('the provider of an organization', () => {
  it('ends the sessions that it has signed in, and none of the deployment or of another organization', async (t) => {
    const set = await companies(t, { ...acme(mock.issuer), ...LOCAL })
    const [one, two] = [await set.company(), await set.company()]
    const emails = [`ada@${one.domain}`, `ada@${two.domain}`]
    for (const email of emails) await set.signIn(email, { sub: 'ada', sid: 'same' })
    const sessions = async () => {
      const rows = await set.sql<{ email: string }[]>`
        SELECT email FROM oidc_artifacts JOIN users ON users.id = account_id WHERE model = 'Session' ORDER BY email`
      return rows.map(({ email }) => email)
    }
    const end = async (name: string, claims: Record<string, unknown>) => {
      const token = await signLogoutToken(set.mock, { claims })
      const { status } = await sendLogout(set.provider, name, { logout_token: token })
      assert.equal(status, 200)
    }
    assert.deepEqual(await sessions(), emails)
    await end(two.organizationId, { sid: 'same' })
    assert.deepEqual(await sessions(), [emails[0]])
    await end(two.organizationId, { sub: 'ada' })
    assert.deepEqual(await sessions(), [emails[0]])
    await end(one.organizationId, { sub: 'ada' })
    assert.deepEqual(await sessions(), [])
  })
})

describe('requests with logout tokens', () => {
  it('count for their address before the signature is verified, unless they are valid', async (t) => {
    const few = await providerWithUpstream(t, { ...acme(mock.issuer), FAILED_SIGN_INS_ADDRESS_LIMIT: '3' })
    const post = async (token: string) => (await sendLogout(few.provider, 'acme', { logout_token: token })).status
    const valid = () => signLogoutToken(mock, { claims: { sub: 'unknown' } })
    for (let times = 0; times < 5; times++) assert.equal(await post(await valid()), 200)
    const forged = (await valid()).replace(/[^.]*$/, 'AAAA')
    assert.deepEqual([await post(forged), await post(forged), await post('x')], [400, 400, 400])
    const { status, headers, body } = await sendLogout(few.provider, 'acme', { logout_token: await valid() })
    assert.equal(status, 429)
    assert.equal(headers.get('cache-control'), 'no-store')
    assert.ok(Number(headers.get('retry-after')) > 0)
    assert.equal(JSON.parse(body).error, 'slow_down')
  })

  it('are refused while the provider does not answer', async (t) => {
    const set = await providerWithUpstream(t, acme('http://127.0.0.1:1'))
    const { status, headers, body } = await sendLogout(set.provider, 'acme', {
      logout_token: await signLogoutToken(mock, { claims: { sub: 'x' } }),
    })
    assert.equal(status, 400, body)
    assert.equal(headers.get('cache-control'), 'no-store')
    assert.equal(body.includes('eyJ'), false)
  })
})
