import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { waitFor } from '@daytona-auth/testing'
import { arrive, authorizationRequest, inputOf, send, textOf, type Visitor } from './browser/visitor.ts'
import {
  authorizationPath,
  browser,
  CLI,
  claimsOf,
  DASHBOARD,
  PASSWORD,
  redeem,
  refresh,
  type TestClient,
  testProvider,
  userinfo,
} from './fixture.ts'

const provider = await testProvider({ after })
const { issuer, database } = provider
const person = await provider.person()
const LANDING = 'https://app.example.com/signed-out'
const app = await provider.client(person, { postLogoutRedirectUris: [LANDING] })
const dashboard = DASHBOARD(issuer)

const isActive = async (access = '') => (await userinfo(provider, access)).status === 200
const signOut = async (visitor: Visitor, fields: Record<string, string> = {}, answer = 'yes') => {
  const page = await visitor.get(`/oauth/logout?${new URLSearchParams(fields)}`)
  assert.equal(page.status, 200)
  return visitor.post('/oauth/logout/confirm', {
    xsrf: inputOf(page, 'xsrf'),
    ...(answer === 'yes' && { logout: 'yes' }),
  })
}

describe('signing out', () => {
  it('asks for confirmation, and does nothing without its token', async () => {
    const at = browser(provider, person)
    const { body } = await redeem(provider, app, await at.authorize(app))
    for (const fields of [{}, { logout: 'yes' }, { logout: 'yes', xsrf: 'guess' }]) {
      await at.visitor.get('/oauth/logout')
      const { status } = await at.visitor.post('/oauth/logout/confirm', fields)
      assert.equal(status, 400)
    }
    assert.ok(await isActive(body['access_token']))
  })

  it('ends every grant that was made in the session, of every app, the earlier ones too', async () => {
    const at = browser(provider, person)
    const made = []
    for (const client of [app, app, dashboard, dashboard]) {
      made.push({
        client,
        ...(await redeem(provider, client, await at.authorize(client, { scope: 'openid offline_access' }))),
      })
    }
    const elsewhere = await redeem(provider, app, await browser(provider, person).authorize(app))
    const left = await signOut(at.visitor)
    assert.equal(left.status, 303)
    for (const { client, body } of made) {
      assert.ok(!(await isActive(body['access_token'])))
      assert.equal((await refresh(provider, client, body['refresh_token'] ?? '')).body['error'], 'invalid_grant')
    }
    assert.ok(await isActive(elsewhere.body['access_token']))
    assert.deepEqual(
      [
        ...(await database.$client`SELECT actor_id, metadata FROM audit_events
        WHERE target_id = ${String(claimsOf(made[0]?.body['access_token'])['gid'])}`),
      ],
      [{ actor_id: person.userId, metadata: { clientId: app.clientId, reason: 'signed out' } }],
    )
    const { answer } = await at.attempt(dashboard, { prompt: 'none' })
    assert.equal(answer.location?.searchParams.get('error'), 'login_required')
  })

  it('does not end the CLI’s access, and the consent page announces that', async () => {
    const at = browser(provider, person)
    const request = authorizationRequest(issuer, { client_id: CLI.clientId, redirect_uri: CLI.redirectUri })
    await at.authorize(dashboard)
    const consent = await at.visitor.follow(await at.visitor.get(request.url))
    assert.match(textOf(consent), /Signing out of Daytona in this browser does not end this access/)
    const cli = await redeem(provider, CLI, await at.authorize(CLI, { scope: 'openid offline_access' }))
    const web = await redeem(provider, dashboard, await at.authorize(dashboard))
    const third = await at.visitor.follow(
      await at.visitor.get(
        authorizationRequest(issuer, { client_id: app.clientId, redirect_uri: app.redirectUri, prompt: 'consent' }).url,
      ),
    )
    assert.match(textOf(third), /Signing out of Daytona in this browser ends this access/)
    await signOut(at.visitor)
    assert.deepEqual(
      [await isActive(cli.body['access_token']), await isActive(web.body['access_token'])],
      [true, false],
    )
    const refreshed = await refresh(provider, CLI, cli.body['refresh_token'] ?? '')
    assert.equal(refreshed.status, 200)
    await database.$client`UPDATE users SET disabled_at = now() WHERE id = ${person.userId}`
    assert.equal((await refresh(provider, CLI, refreshed.body['refresh_token'] ?? '')).body['error'], 'invalid_grant')
    assert.equal(await isActive(refreshed.body['access_token']), false)
    await database.$client`UPDATE users SET disabled_at = NULL WHERE id = ${person.userId}`
  })

  it('is final, even if a concurrent request has read the session and saves it afterwards', async () => {
    const person = await provider.person()
    const at = browser(provider, person)
    await at.authorize(dashboard)
    const { $client: sql } = database
    const sessions = () => sql`SELECT uid FROM oidc_artifacts WHERE model = 'Session' AND account_id = ${person.userId}`
    const [session] = await sessions()
    assert.ok(session)
    const late = await sql.begin(async (tx) => {
      await tx`SELECT FROM oidc_artifacts WHERE model = 'Session' AND uid = ${session['uid']} FOR UPDATE`
      const attempt = at.attempt(dashboard)
      await waitFor(
        async () =>
          (await sql`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`)
            .length > 0,
      )
      await tx`DELETE FROM oidc_artifacts WHERE model = 'Session' AND uid = ${session['uid']}`
      return { attempt }
    })
    const { answer } = await late.attempt
    assert.deepEqual([answer.status, answer.location], [400, undefined])
    assert.deepEqual([...(await sessions())], [])
  })

  it('leaves no access to a concurrent authorization whose consent is removed', async () => {
    const person = await provider.person()
    const at = browser(provider, person)
    await at.authorize(app)
    const { $client: sql } = database
    const late = await sql.begin(async (tx) => {
      await tx`DELETE FROM consents WHERE user_id = ${person.userId}`
      const attempt = at.attempt(app)
      await waitFor(
        async () =>
          (await sql`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`)
            .length > 0,
      )
      return { attempt }
    })
    const { answer } = await late.attempt
    assert.equal(answer.location?.searchParams.get('error'), 'access_denied')
    const grants = await sql`SELECT id FROM grants WHERE user_id = ${person.userId}`
    assert.equal(grants.length, 1)
  })

  it('returns the person to the app, exactly at the registered address', async () => {
    const at = browser(provider, person)
    const { body } = await redeem(provider, app, await at.authorize(app))
    const hint = { id_token_hint: body['id_token'] ?? '', post_logout_redirect_uri: LANDING, state: 's' }
    const { status, location } = await at.visitor.get(`/oauth/logout?${new URLSearchParams(hint)}`)
    assert.deepEqual([status, location?.href], [303, `${LANDING}?state=s`])
  })

  it('redirects nowhere else: with no hint, a forged hint or an unregistered address', async () => {
    const at = browser(provider, person)
    const { body } = await redeem(provider, app, await at.authorize(app))
    const hint = body['id_token'] ?? ''
    for (const uri of [`${LANDING}/x`, 'https://evil.example', `${LANDING}?a=b`]) {
      const page = await at.visitor.get(
        `/oauth/logout?${new URLSearchParams({ id_token_hint: hint, post_logout_redirect_uri: uri })}`,
      )
      assert.equal(page.status, 400)
    }
    const forged = hint.replace(/\.[^.]+$/, '.AAAA')
    assert.equal((await at.visitor.get(`/oauth/logout?id_token_hint=${forged}`)).status, 400)
    const unsolicited = await signOut(at.visitor, { post_logout_redirect_uri: 'https://evil.example' })
    assert.equal(unsolicited.location?.href, `${issuer}/oauth/logout/success`)
  })

  it('of one app ends every grant that it got in the session, and no other', async () => {
    const at = browser(provider, person)
    const scope = { scope: 'openid offline_access' }
    const made = [
      await redeem(provider, app, await at.authorize(app, scope)),
      await redeem(provider, app, await at.authorize(app, scope)),
    ]
    const others = await redeem(provider, dashboard, await at.authorize(dashboard))
    const elsewhere = await redeem(provider, app, await browser(provider, person).authorize(app))
    const left = await signOut(at.visitor, { client_id: app.clientId }, 'no')
    assert.equal(left.location?.pathname, '/oauth/logout/success')
    for (const { body } of made) {
      assert.ok(!(await isActive(body['access_token'])))
      assert.equal((await refresh(provider, app, body['refresh_token'] ?? '')).body['error'], 'invalid_grant')
    }
    for (const { body } of [others, elsewhere]) assert.ok(await isActive(body['access_token']))
  })

  it('requires confirmation if the hint names another session of the same account', async () => {
    const [at, other] = [browser(provider, person), browser(provider, person)]
    await at.authorize(dashboard)
    await database.$client`
      UPDATE oidc_artifacts SET payload = jsonb_set(payload, '{loginTs}', to_jsonb(extract(epoch FROM now())::int - 3600))
      WHERE model = 'Session' AND account_id = ${person.userId}`
    const { body } = await redeem(provider, app, await other.authorize(app))
    const hint = { id_token_hint: body['id_token'] ?? '', post_logout_redirect_uri: LANDING }
    const page = await at.visitor.get(`/oauth/logout?${new URLSearchParams(hint)}`)
    assert.match(page.html, /<h1>Sign out\?<\/h1>/)
    assert.ok(await isActive(body['access_token']))
    const stranger = await browser(provider, person).visitor.get(`/oauth/logout?${new URLSearchParams(hint)}`)
    assert.deepEqual([stranger.status, stranger.location?.href], [303, LANDING])
  })

  it('needs no confirmation if the hint names the current session, and ends it with its grants', async () => {
    const at = browser(provider, person)
    const { body } = await redeem(provider, app, await at.authorize(app))
    const others = await redeem(provider, dashboard, await at.authorize(dashboard))
    const left = await at.visitor.get(`/oauth/logout?id_token_hint=${body['id_token']}`)
    assert.deepEqual([left.status, left.location?.pathname], [303, '/oauth/logout/success'])
    for (const token of [body['access_token'], others.body['access_token']]) assert.ok(!(await isActive(token)))
    assert.ok(!at.visitor.cookies.some(({ name }) => /session/.test(name)))
  })

  it('may be posted by the app', async () => {
    const body = new URLSearchParams({ state: 's', password: 'x' })
    const response = await fetch(`${issuer}/oauth/logout`, { method: 'POST', body, redirect: 'manual' })
    assert.deepEqual([response.status, response.headers.get('location')], [303, '/oauth/logout?state=s'])
  })
})

describe('a browser session', () => {
  it('is invalid if the user is disabled', async () => {
    const someone = await provider.person()
    const at = browser(provider, someone)
    await at.authorize(app)
    await database.$client`UPDATE users SET disabled_at = now() WHERE id = ${someone.userId}`
    const { answer } = await at.attempt(app, { prompt: 'none' })
    assert.equal(answer.location?.searchParams.get('error'), 'login_required')
  })

  it('leads back to the sign-in page if the user is disabled between sign-in and return', async () => {
    const someone = await provider.person()
    const at = browser(provider, someone)
    const uid = await interactionOf(at.visitor, app)
    const page = await at.visitor.get(`/oauth/interaction/${uid}`)
    const { location } = await at.visitor.post(`/oauth/interaction/${uid}/sign-in`, {
      csrf: inputOf(page, 'csrf'),
      email: someone.email,
      password: 'correct horse battery staple 7',
    })
    await database.$client`UPDATE users SET disabled_at = now() WHERE id = ${someone.userId}`
    const resumed = await at.visitor.get(location ?? issuer)
    assert.equal(resumed.status, 303)
    assert.match(String(resumed.location), /\/oauth\/interaction\//)
  })

  it('gets another id at sign-in, and the old one becomes invalid', async () => {
    const at = browser(provider, person)
    await at.authorize(app)
    const before = at.visitor.cookies.filter(({ name }) => name.includes('_session'))
    const url = authorizeUrl(app, { prompt: 'none' })
    const isSignedIn = async (cookies: readonly { name: string; value: string }[]) => {
      const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
      const answer = await fetch(url, { headers: { cookie }, redirect: 'manual' })
      return !/error=login_required/.test(String(answer.headers.get('location')))
    }
    await at.authorize(app, { prompt: 'login' })
    assert.ok(await isSignedIn(at.visitor.cookies))
    assert.ok(!(await isSignedIn(before)))
    const [id, signature] = at.visitor.cookies.filter(({ name }) => name.includes('_session'))
    if (!id || !signature) return assert.fail('no session cookies')
    assert.ok(!(await isSignedIn([id])), 'unsigned')
    assert.ok(!(await isSignedIn([{ ...id, value: `${id.value}x` }, signature])), 'with the signature of another')
  })

  it('ends with all its grants when another account signs in over it', async () => {
    const [first, second] = [await provider.person(), await provider.person()]
    const at = browser(provider, first)
    const { body } = await redeem(provider, app, await at.authorize(app))
    const uid = await interactionOf(at.visitor, app)
    const page = await at.visitor.get(`/oauth/interaction/${uid}`)
    const resumed = await at.visitor.post(`/oauth/interaction/${uid}/sign-in`, {
      csrf: inputOf(page, 'csrf'),
      email: second.email,
      password: 'correct horse battery staple 7',
    })
    const between = await at.visitor.follow(resumed)
    assert.equal(between.status, 200)
    assert.match(between.headers.get('content-security-policy') ?? '', /form-action 'self';/)
    assert.doesNotMatch(between.headers.get('content-security-policy') ?? '', /unsafe|script-src/)
    const switched = await at.visitor.follow(
      await at.visitor.post('/oauth/logout/confirm', { xsrf: inputOf(between, 'xsrf'), logout: 'yes' }),
    )
    assert.match(switched.html, /name="decision"/)
    assert.ok(!(await isActive(body['access_token'])))
  })

  it('reports auth_time as the time of the password check, not of the consent', async () => {
    const clock = { now: Date.now() }
    const later = await testProvider({ after }, { now: () => clock.now })
    const someone = await later.person()
    const theirs = await later.client(someone)
    const at = browser(later, someone)
    const checkedAt = Math.floor(clock.now / 1000)
    const request = authorizationRequest(later.issuer, {
      client_id: theirs.clientId,
      redirect_uri: theirs.redirectUri,
      scope: 'openid',
      max_age: '600',
    })
    const consent = async () => {
      const page = await arrive(at.visitor, { ...request })
      return at.visitor.follow(await send(at.visitor, page, 'sign-in', { email: someone.email, password: PASSWORD }))
    }
    const page = await consent()
    clock.now += 500_000
    const done = await at.visitor.follow(await send(at.visitor, page, 'consent', { decision: 'allow' }))
    const code = done.location?.searchParams.get('code') ?? ''
    const { body } = await redeem(later, theirs, {
      code,
      verifier: request.verifier,
      redirectUri: theirs.redirectUri,
      callback: new URL(theirs.redirectUri),
    })
    assert.equal(claimsOf(body['id_token'])['auth_time'], checkedAt)

    // The same after a password check longer ago than max_age: the password is required again.
    clock.now += 200_000
    const again = await arrive(at.visitor, request)
    assert.match(again.html, /name="password"/)
  })

  it('is compared with max_age also when the consent page returns', async () => {
    const clock = { now: Date.now() }
    const later = await testProvider({ after }, { now: () => clock.now })
    const someone = await later.person()
    const theirs = await later.client(someone)
    const { visitor: visit } = browser(later, someone)
    const request = authorizationRequest(later.issuer, {
      client_id: theirs.clientId,
      redirect_uri: theirs.redirectUri,
      scope: 'openid',
      max_age: '600',
    })
    const first = await arrive(visit, request)
    const fields = { email: someone.email, password: PASSWORD }
    const consent = await visit.follow(await send(visit, first, 'sign-in', fields))
    clock.now += 601_000
    const again = await visit.follow(await send(visit, consent, 'consent', { decision: 'allow' }))
    assert.match(again.html, /name="password"/)
    const done = await visit.follow(await send(visit, again, 'sign-in', fields))
    assert.ok(done.location?.searchParams.get('code'))
  })

  it('requires the password once for prompt=login and max_age=0, also with a consent page after it', async () => {
    for (const parameters of [{ prompt: 'login' }, { prompt: 'login consent' }, { max_age: '0', prompt: 'consent' }]) {
      const someone = await provider.person()
      const { visitor: visit } = browser(provider, someone)
      const request = authorizationRequest(issuer, {
        client_id: app.clientId,
        redirect_uri: app.redirectUri,
        scope: 'openid',
        ...parameters,
      })
      const page = await arrive(visit, request)
      const consent = await visit.follow(
        await send(visit, page, 'sign-in', { email: someone.email, password: PASSWORD }),
      )
      const done = await visit.follow(await send(visit, consent, 'consent', { decision: 'allow' }))
      assert.ok(done.location?.searchParams.get('code'), JSON.stringify(parameters))
    }
  })

  it('ends after SESSION_ABSOLUTE_TTL, regardless of its use', async () => {
    const clock = { now: Date.now() }
    const env = { SESSION_TTL: '14d', SESSION_ABSOLUTE_TTL: '30d' }
    const short = await testProvider({ after }, { env, now: () => clock.now })
    const someone = await short.person()
    const at = browser(short, someone)
    const ends = async () => {
      await at.authorize(DASHBOARD(short.issuer))
      const [row] = await short.database.$client<{ days: number }[]>`
        SELECT round(extract(epoch FROM expires_at - now()) / 86400)::int AS days FROM oidc_artifacts
        WHERE model = 'Session' AND account_id = ${someone.userId}`
      return row?.days
    }
    assert.equal(await ends(), 14)
    clock.now += 10 * 86_400_000
    assert.equal(await ends(), 14)
    clock.now += 13 * 86_400_000
    assert.equal(await ends(), 7)
  })

  it('bounds the grants of its apps by its absolute end, but not those of the CLI', async () => {
    const clock = { now: Date.now() }
    const env = { SESSION_TTL: '14d', SESSION_ABSOLUTE_TTL: '20d' }
    const short = await testProvider({ after }, { env, now: () => clock.now })
    const someone = await short.person()
    const at = browser(short, someone)
    const ends = async (client: TestClient) => {
      await at.authorize(client)
      const [row] = await short.database.$client<{ days: number }[]>`
        SELECT round(extract(epoch FROM expires_at - now()) / 86400)::int AS days FROM grants
        WHERE user_id = ${someone.userId} ORDER BY created_at DESC LIMIT 1`
      return row?.days ?? 0
    }
    assert.equal(await ends(DASHBOARD(short.issuer)), 20)
    clock.now += 10 * 86_400_000
    assert.equal(await ends(DASHBOARD(short.issuer)), 20)
    assert.ok((await ends(CLI)) >= 100)
  })

  it('has cookies that are inaccessible to scripts and other sites', async () => {
    const started = await fetch(authorizeUrl(app), { redirect: 'manual' })
    for (const cookie of started.headers.getSetCookie()) assert.match(cookie, /; samesite=lax; httponly$/i)
  })
})

const authorizeUrl = (client: TestClient, parameters: Record<string, string> = {}) =>
  issuer + authorizationPath(client, parameters)

async function interactionOf(visitor: Visitor, client: TestClient): Promise<string> {
  const { location } = await visitor.get(authorizeUrl(client, { prompt: 'login' }))
  return location?.pathname.split('/').pop() ?? ''
}

describe('a stored session', () => {
  it('has the browser and the address of a user who has signed in, and of no anonymous visitor', async () => {
    const user = await provider.person()
    const at = browser(provider, user)
    await at.visitor.get(authorizationPath(app))
    const seen = () => database.$client`SELECT payload -> 'seen' AS seen FROM oidc_artifacts
      WHERE model = 'Session' AND payload ? 'seen' AND (account_id = ${user.userId} OR account_id IS NULL)`
    assert.deepEqual([...(await seen())], [])
    await at.authorize(app)
    const [session, ...others] = await seen()
    const { at: seconds, address, userAgent } = session?.['seen'] ?? {}
    assert.deepEqual(others, [])
    assert.match(address, /^(127\.0\.0\.1|::1)$/)
    assert.match(userAgent, /node/)
    assert.ok(Math.abs(seconds * 1000 - Date.now()) < 60_000)
  })
})
