import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { redisMissing, redisServer, waitFor } from '@daytona-auth/testing'
import { answerDevice, answerPage, arriveAtConsent, confirmCode, enterCode } from './browser/device.ts'
import { organizationOf } from './browser/harness.ts'
import { inputOf, textOf, visitor } from './browser/visitor.ts'
import {
  CLI,
  claimsOf,
  DEVICE_CODE,
  PASSWORD,
  post,
  refresh,
  type TestClient,
  type TestProvider,
  testProvider,
  userinfo,
} from './fixture.ts'

/** The clock advances with every read, so that no poll comes too soon; tests of limits use the real clock. */
let ahead = 0
function hurrying(): number {
  ahead += 4000
  return Date.now() + ahead
}
const UNLIMITED = { DEVICE_CODES_ADDRESS_LIMIT: '1000', USER_CODE_GUESSES_ADDRESS_LIMIT: '1000' }
const provider = await testProvider({ after }, { now: hurrying, env: { ...UNLIMITED, ACCESS_TOKEN_TTL: '30d' } })
const { issuer, database } = provider
const sql = database.$client
const ada = await provider.person()
const eve = await provider.person('Eve')
const native = await provider.client(ada, { type: 'native', redirectUris: ['http://127.0.0.1/cb'] })

const requestDeviceCode = (client: TestClient, fields: Record<string, string> = {}, at: TestProvider = provider) =>
  post(at, '/oauth/device_authorization', client, { scope: 'openid email', ...fields })

async function requestCode(client: TestClient = CLI, fields: Record<string, string> = {}, at: TestProvider = provider) {
  const { status, body } = await requestDeviceCode(client, fields, at)
  assert.equal(status, 200, JSON.stringify(body))
  return { deviceCode: body['device_code'] ?? '', userCode: body['user_code'] ?? '', body }
}
const poll = (deviceCode: string, client: TestClient = CLI, at: TestProvider = provider) =>
  post(at, '/oauth/token', client, { grant_type: DEVICE_CODE, device_code: deviceCode })
const denial = async (answer: ReturnType<typeof post>) => {
  const { status, body } = await answer
  return [status, body['error']]
}
const stored = async () => JSON.stringify([...(await sql`SELECT * FROM oidc_artifacts`)])

describe('requesting a device code', () => {
  it('is refused for apps that are not native', async () => {
    const web = await provider.client(ada)
    const spa = await provider.client(ada, { type: 'spa' })
    const dashboard = { ...CLI, clientId: 'daytona-dashboard' }
    for (const client of [web, spa, dashboard]) {
      assert.deepEqual(await denial(requestDeviceCode(client)), [400, 'invalid_request'], client.clientId)
      assert.deepEqual(await denial(poll('x', client)), [400, 'invalid_request'], client.clientId)
    }
    assert.deepEqual(await denial(requestDeviceCode({ ...web, secret: 'wrong' })), [401, 'invalid_client'])
    assert.deepEqual(await denial(requestDeviceCode({ ...CLI, clientId: 'unknown' })), [401, 'invalid_client'])
  })

  it('is refused only for scopes that the app is not registered for, and for other resources', async () => {
    assert.deepEqual(await denial(requestDeviceCode(native, { scope: 'admin:organization' })), [400, 'invalid_scope'])
    assert.deepEqual(await denial(requestDeviceCode(CLI, { resource: 'https://elsewhere.example' })), [
      400,
      'invalid_target',
    ])
    assert.deepEqual(await denial(requestDeviceCode(CLI, { scope: 'openid\0' })), [400, 'invalid_scope'])
  })

  it('is refused for an address that exceeds its limit', async (t) => {
    const now = Date.now()
    const limited = await testProvider(t, { env: { DEVICE_CODES_ADDRESS_LIMIT: '2' }, now: () => now })
    for (let i = 0; i < 2; i++) await requestCode(CLI, {}, limited)
    const { status, body, headers } = await requestDeviceCode(CLI, {}, limited)
    assert.deepEqual([status, body['error']], [429, 'slow_down'])
    assert.equal(headers.get('retry-after'), '900')
  })

  it('returns the members of RFC 8628, and stores neither code', async () => {
    const { deviceCode, userCode, body } = await requestCode()
    assert.match(deviceCode, /^[\w-]{43}$/)
    assert.match(userCode, /^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/)
    assert.deepEqual(body, {
      device_code: deviceCode,
      user_code: userCode,
      verification_uri: `${issuer}/oauth/device`,
      verification_uri_complete: `${issuer}/oauth/device?user_code=${userCode}`,
      expires_in: 600,
      interval: 5,
    })
    await arriveAtConsent(visitor(issuer), userCode, ada)
    const everything = await stored()
    for (const secret of [deviceCode, userCode, userCode.replace('-', '')]) assert.ok(!everything.includes(secret))
  })
})

describe('polling', () => {
  it('is refused with an unknown code, a code of another app, or an internal storage id', async () => {
    const { deviceCode } = await requestCode()
    const [row] =
      await sql`SELECT digest FROM oidc_artifacts WHERE model = 'DeviceCode' ORDER BY created_at DESC LIMIT 1`
    const reference = `digest:${Buffer.from(row?.['digest']).toString('base64url')}`
    for (const code of ['', 'x', reference]) {
      const expected = code === '' ? 'invalid_request' : 'invalid_grant'
      assert.deepEqual(await denial(poll(code)), [400, expected], code)
    }
    assert.deepEqual(await denial(poll(deviceCode, native)), [400, 'invalid_grant'])
  })

  it('is authorization_pending until the person answers, and slow_down within the interval', async (t) => {
    let now = Date.now()
    const slow = await testProvider(t, { now: () => now })
    const { deviceCode } = await requestCode(CLI, {}, slow)
    const other = await requestCode(CLI, {}, slow)
    const at = async (seconds: number) => {
      now += seconds * 1000
      return denial(poll(deviceCode, CLI, slow))
    }
    assert.deepEqual(await at(0), [400, 'authorization_pending'])
    assert.deepEqual(await at(1), [400, 'slow_down'])
    assert.deepEqual(await at(2.9), [400, 'slow_down'])
    assert.deepEqual(await at(0.2), [400, 'authorization_pending'])
    assert.deepEqual(await at(5), [400, 'authorization_pending'])
    assert.deepEqual(await denial(poll(other.deviceCode, CLI, slow)), [400, 'authorization_pending'])
  })

  it('is expired_token after the code has expired, and the page shows it as well', async () => {
    const { deviceCode, userCode } = await requestCode()
    const visit = visitor(issuer)
    const consent = await arriveAtConsent(visit, userCode, ada)
    await sql`UPDATE oidc_artifacts SET payload = payload || '{"exp": 1}' WHERE model = 'DeviceCode'`
    assert.deepEqual(await denial(poll(deviceCode)), [400, 'expired_token'])
    assert.match(textOf(await answerPage(visit, consent, 'consent', { decision: 'allow' })), /has expired/)
    assert.match(textOf(await enterCode(visitor(issuer), userCode)), /has expired/)
    assert.deepEqual(await denial(poll(deviceCode)), [400, 'expired_token'])
  })
})

describe('the page for the code', () => {
  it('refuses cross-origin forms and forms without a token, and reveals nothing about the code', async () => {
    const { deviceCode, userCode } = await requestCode()
    const visit = visitor(issuer)
    const xsrf = inputOf(await visit.get('/oauth/device'), 'xsrf')
    const fields = { xsrf, user_code: userCode }
    for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }]) {
      const { status, html } = await visit.post('/oauth/device', fields, headers as Record<string, string>)
      assert.equal(status, 403)
      assert.ok(!html.includes('Daytona CLI'))
    }
    const forged = await visit.post('/oauth/device', { ...fields, xsrf: 'x' })
    assert.equal(forged.status, 400)
    assert.ok(!forged.html.includes('Daytona CLI'))
    // Without a session, or with an expired one, a page explains it and links to the form.
    const strange = await visitor(issuer).post('/oauth/device', { ...fields, confirm: 'yes' })
    assert.equal(strange.status, 400)
    assert.match(textOf(strange), /^This page is out of date/)
    assert.deepEqual(await denial(poll(deviceCode)), [400, 'authorization_pending'])
  })

  it('reports an unknown code, escapes it, and limits attempts', async (t) => {
    const now = Date.now()
    const limited = await testProvider(t, { env: { USER_CODE_GUESSES_ADDRESS_LIMIT: '3' }, now: () => now })
    const { userCode } = await requestCode(CLI, {}, limited)
    const visit = visitor(limited.issuer)
    assert.equal((await enterCode(visit, userCode)).status, 200)
    for (const wrong of ['BCDF-GHJK', '"><script>alert(1)</script>', '']) {
      const { status, html } = await enterCode(visit, wrong)
      assert.equal(status, 400)
      assert.match(html, /role="alert"/)
      assert.ok(!html.includes('<script>'))
    }
    const stopped = await enterCode(visitor(limited.issuer), userCode)
    assert.equal(stopped.status, 429)
    assert.equal(stopped.headers.get('retry-after'), '900')
    assert.match(textOf(stopped), /^Please wait Too many attempts\. Try again in 15 minutes\./)
  })

  it('counts across processes in Redis', { skip: redisMissing() }, async (t) => {
    const { url } = await redisServer(t)
    const env = { REDIS_URL: url, DEVICE_CODES_ADDRESS_LIMIT: '2', USER_CODE_GUESSES_ADDRESS_LIMIT: '1' }
    const [here, there] = await Promise.all([testProvider(t, { env }), testProvider(t, { env })])
    for (const { log } of [here, there]) await waitFor(() => log.text().includes('limits are shared over Redis'))
    for (const process of [here, there]) await requestCode(CLI, {}, process)
    assert.deepEqual(await denial(requestDeviceCode(CLI, {}, here)), [429, 'slow_down'])
    assert.equal((await enterCode(visitor(here.issuer), 'BCDF-GHJK')).status, 400)
    assert.equal((await enterCode(visitor(there.issuer), 'BCDF-GHJK')).status, 429)
  })

  it('fills in the code of the link and does not submit itself', async () => {
    const { deviceCode, userCode, body } = await requestCode()
    const page = await visitor(issuer).get(body['verification_uri_complete'] ?? '')
    assert.equal(inputOf(page, 'user_code'), userCode)
    assert.ok(!page.html.includes('Daytona CLI') && !page.html.includes('<script'))
    assert.equal(
      page.headers.get('content-security-policy'),
      "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    )
    assert.deepEqual(await denial(poll(deviceCode)), [400, 'authorization_pending'])
    const injected = await visitor(issuer).get(`/oauth/device?user_code=${encodeURIComponent('"><b>')}&user_code=x`)
    assert.equal(inputOf(injected, 'user_code'), '')
    assert.ok(!provider.log.text().includes(userCode))
  })

  it('shows the code, the app, its scopes and the requesting address before sign-in', async () => {
    const { userCode } = await requestCode(native, { scope: 'openid read:sandboxes' })
    const text = textOf(await enterCode(visitor(issuer), userCode.toLowerCase().replace('-', ' ')))
    for (const part of [userCode, 'Example App', 'not verified', 'sandboxes', '127.0.0.1', 'node', 'codes match']) {
      assert.ok(text.includes(part), `${part} in ${text}`)
    }
  })

  it('leads to a sign-in, to the consent page, which is always shown, and to the end', async () => {
    const visit = visitor(issuer)
    for (const isFirst of [true, false]) {
      const { deviceCode, userCode } = await requestCode()
      const page = await confirmCode(visit, userCode)
      assert.equal(page.html.includes('name="password"'), isFirst)
      const consent = isFirst
        ? await answerPage(visit, page, 'sign-in', { email: ada.email, password: PASSWORD })
        : page
      assert.match(textOf(consent), /Is the device yours\?/)
      assert.deepEqual(await denial(poll(deviceCode)), [400, 'authorization_pending'])
      assert.match(textOf(await answerPage(visit, consent, 'consent', { decision: 'allow' })), /Device connected/)
      assert.equal((await poll(deviceCode)).status, 200)
    }
  })
})

describe('a device code', () => {
  it('belongs to the browser that confirmed it first: another person’s confirmation is refused', async () => {
    const { deviceCode, userCode } = await requestCode()
    const consent = await arriveAtConsent(visitor(issuer), userCode, ada)
    const eves = visitor(issuer)
    for (const answer of [
      await enterCode(eves, userCode),
      await eves.get(consent.url),
      await eves.post(`${consent.url.pathname}/consent`, { csrf: inputOf(consent, 'csrf'), decision: 'allow' }),
      await eves.get(consent.url.pathname.replace('interaction', 'device')),
    ]) {
      assert.ok(answer.status >= 400, `${answer.status} ${answer.html}`)
      assert.ok(!answer.html.includes('Daytona CLI'))
    }
    assert.deepEqual(await denial(poll(deviceCode)), [400, 'authorization_pending'])
  })

  it('is assigned to one of two concurrent confirmations', async () => {
    for (let i = 0; i < 5; i++) {
      const { userCode } = await requestCode()
      const visits = Array.from({ length: 8 }, () => visitor(issuer))
      const questions = await Promise.all(visits.map((visit) => enterCode(visit, userCode)))
      const confirmed = await Promise.all(
        visits.map((visit, n) =>
          visit.post('/oauth/device', {
            xsrf: inputOf(questions[n] ?? assert.fail(), 'xsrf'),
            user_code: userCode,
            confirm: 'yes',
          }),
        ),
      )
      assert.deepEqual(confirmed.filter(({ status }) => status !== 400).length, 1)
    }
  })

  it('stays with the account that signed in: an interaction does not follow an account switch', async () => {
    const { deviceCode, userCode } = await requestCode()
    const visit = visitor(issuer)
    const consent = await arriveAtConsent(visit, userCode, ada)
    // Another person signs in to the same browser, in another tab.
    const other = await requestCode()
    const second = await confirmCode(visit, other.userCode)
    const page = await visit.get(`${second.url.pathname}/sign-in`)
    const between = await answerPage(visit, page, 'sign-in', { email: eve.email, password: PASSWORD })
    const xsrf = inputOf(between, 'xsrf')
    await visit.follow(await visit.post('/oauth/logout/confirm', { xsrf, logout: 'yes' }))
    const late = await answerPage(visit, consent, 'consent', { decision: 'allow' })
    assert.ok(late.status >= 400, `${late.status} ${late.html}`)
    const { status, body } = await poll(deviceCode)
    assert.equal(status, 400, JSON.stringify(body))
  })

  it('is consumed by a denial on either page, which every poll of the device reports', async () => {
    const denials: ((userCode: string) => Promise<unknown>)[] = [
      (userCode) => answerDevice(visitor(issuer), userCode, ada, { decision: 'deny' }),
      async (userCode) => {
        const visit = visitor(issuer)
        return answerPage(visit, await confirmCode(visit, userCode), 'cancel', {})
      },
      async (userCode) => {
        const visit = visitor(issuer)
        const xsrf = inputOf(await enterCode(visit, userCode), 'xsrf')
        const fields = { xsrf, user_code: userCode, confirm: 'yes', abort: 'yes' }
        assert.match(textOf(await visit.post('/oauth/device', fields)), /Access denied/)
      },
    ]
    for (const deny of denials) {
      const { deviceCode, userCode } = await requestCode()
      await deny(userCode)
      for (let i = 0; i < 2; i++) assert.deepEqual(await denial(poll(deviceCode)), [400, 'access_denied'])
      assert.match(textOf(await enterCode(visitor(issuer), userCode)), /used already/)
      assert.deepEqual(await denial(poll(deviceCode)), [400, 'access_denied'])
    }
  })

  it('is answered once, even with concurrent approvals, denials and polls', async () => {
    const grants = async () => Number((await sql`SELECT count(*) FROM grants`)[0]?.['count'])
    const visit = visitor(issuer)
    for (let round = 0; round < 8; round++) {
      const { deviceCode, userCode } = await requestCode()
      const consent = await arriveAtConsent(visit, userCode, ada)
      const before = await grants()
      const answer = (decision: string) => answerPage(visit, consent, 'consent', { decision })
      const [polled, ...pages] = await Promise.all([poll(deviceCode), ...['allow', 'deny', 'allow'].map(answer)])
      pages.push(await answer('allow'), await answer('deny'))
      const reported = pages.filter(({ html }) => html.includes('Device connected')).length
      const inserted = (await grants()) - before
      assert.ok(reported <= inserted && inserted <= 1, `${reported} reported of ${inserted}`)
      const { status, body } = polled.status === 200 ? polled : await poll(deviceCode)
      assert.deepEqual([status, body['error']], inserted === 1 ? [200, undefined] : [400, 'access_denied'])
    }
  })

  it('cannot be approved by a person who was disabled before', async () => {
    const gone = await provider.person()
    const { deviceCode, userCode } = await requestCode()
    const visit = visitor(issuer)
    const consent = await arriveAtConsent(visit, userCode, gone)
    await sql`UPDATE users SET disabled_at = now() WHERE id = ${gone.userId}`
    assert.equal((await answerPage(visit, consent, 'consent', { decision: 'allow' })).status, 400)
    assert.deepEqual(await denial(poll(deviceCode)), [400, 'authorization_pending'])
  })
})

describe('the tokens of a device', () => {
  it('are for the chosen scopes and organizations, under a grant of that person and app, and of no session', async () => {
    const engines = await organizationOf(provider, ada, 'Analytical Engines')
    const { deviceCode, userCode } = await requestCode(native, { scope: 'openid email read:sandboxes' })
    const visit = visitor(issuer)
    const consent = await arriveAtConsent(visit, userCode, ada)
    const none = await answerPage(visit, consent, 'consent', { decision: 'allow' })
    assert.match(textOf(none), /Choose at least one organization/)
    await answerPage(visit, none, 'consent', { decision: 'allow', organization: [engines] })

    const { status, body } = await poll(deviceCode, native)
    assert.equal(status, 200)
    assert.equal(body['scope'], 'openid email read:sandboxes')
    const { sub, client_id, gid, aud } = claimsOf(body['access_token'])
    assert.deepEqual([sub, client_id, aud], [ada.userId, native.clientId, issuer])
    assert.equal(claimsOf(body['id_token'])['sub'], ada.userId)
    const [grant] = await sql`
      SELECT user_id, client_id, scopes, organization_ids, session_uid IS NOT NULL AS session FROM grants WHERE id = ${String(gid)}`
    assert.deepEqual(grant, {
      user_id: ada.userId,
      client_id: native.clientId,
      session: false,
      scopes: ['openid', 'email', 'read:sandboxes'],
      organization_ids: [engines],
    })
    const [event] = await sql`
      SELECT actor_id, metadata FROM audit_events WHERE action = 'consent.allow' AND target_id = ${native.clientId} ORDER BY sequence DESC LIMIT 1`
    assert.equal(event?.['actor_id'], ada.userId)
    assert.deepEqual(event?.['metadata']['device'], { address: '127.0.0.1', userAgent: 'node' })

    const rotated = await refresh(provider, native, body['refresh_token'] ?? '')
    assert.equal(rotated.status, 200)
    assert.notEqual(rotated.body['refresh_token'], body['refresh_token'])
  })

  it('are issued to at most one of fifty concurrent polls, and then the grant is revoked', async () => {
    const { deviceCode, userCode } = await requestCode()
    await answerDevice(visitor(issuer), userCode, ada)
    const answers = await Promise.all(Array.from({ length: 50 }, () => poll(deviceCode)))
    const winners = answers.filter(({ status }) => status === 200)
    assert.ok(winners.length <= 1, `${winners.length} succeeded`)
    for (const { body } of answers) if (!body['access_token']) assert.equal(body['error'], 'invalid_grant')
    const [grant] = await sql`SELECT revoked_reason FROM grants ORDER BY created_at DESC LIMIT 1`
    assert.deepEqual(grant, { revoked_reason: 'code replayed' })
    for (const { body } of winners) {
      assert.equal((await userinfo(provider, body['access_token'] ?? '')).status, 401)
      assert.deepEqual(await denial(refresh(provider, CLI, body['refresh_token'] ?? '')), [400, 'invalid_grant'])
    }
  })

  it('are issued to one of twenty concurrent polls at the ordinary pace, and stay valid', async (t) => {
    const now = Date.now()
    const paced = await testProvider(t, { now: () => now })
    const person = await paced.person()
    const { deviceCode, userCode } = await requestCode(CLI, {}, paced)
    await answerDevice(visitor(paced.issuer), userCode, person)
    const answers = await Promise.all(Array.from({ length: 20 }, () => poll(deviceCode, CLI, paced)))
    const winners = answers.filter(({ status }) => status === 200)
    assert.equal(winners.length, 1)
    for (const { body } of answers) if (!body['access_token']) assert.equal(body['error'], 'slow_down')
    assert.equal((await userinfo(paced, winners[0]?.body['access_token'] ?? '')).status, 200)
  })

  it('are revoked when the code is replayed', async () => {
    const replayed = await requestCode()
    await answerDevice(visitor(issuer), replayed.userCode, ada)
    const { body } = await poll(replayed.deviceCode)
    assert.equal((await userinfo(provider, body['access_token'] ?? '')).status, 200)
    assert.deepEqual(await denial(poll(replayed.deviceCode)), [400, 'invalid_grant'])
    assert.equal((await userinfo(provider, body['access_token'] ?? '')).status, 401)
  })

  it('outlive the browser session in which they were approved, redeemed before its end or after', async () => {
    const visit = visitor(issuer)
    const [used, waiting] = [await requestCode(), await requestCode()]
    for (const { userCode } of [used, waiting]) await answerDevice(visit, userCode, ada)
    const tokens = await poll(used.deviceCode)
    const page = await visit.get('/oauth/logout')
    await visit.post('/oauth/logout/confirm', { xsrf: inputOf(page, 'xsrf'), logout: 'yes' })
    assert.equal((await userinfo(provider, tokens.body['access_token'] ?? '')).status, 200)
    const later = await poll(waiting.deviceCode)
    assert.equal(later.status, 200)
    for (const { body } of [tokens, later]) {
      assert.equal((await refresh(provider, CLI, body['refresh_token'] ?? '')).status, 200)
    }
  })

  it('are revoked with the grant, before or after they are redeemed', async () => {
    const { deviceCode, userCode } = await requestCode()
    await answerDevice(visitor(issuer), userCode, ada)
    const { body } = await poll(deviceCode)
    await post(provider, '/oauth/revoke', CLI, { token: body['refresh_token'] ?? '' })
    assert.equal((await userinfo(provider, body['access_token'] ?? '')).status, 401)
    const waiting = await requestCode()
    await answerDevice(visitor(issuer), waiting.userCode, ada)
    await sql`UPDATE grants SET revoked_at = now() WHERE user_id = ${ada.userId} AND revoked_at IS NULL`
    assert.deepEqual(await denial(poll(waiting.deviceCode)), [400, 'invalid_grant'])
  })

  it('are not issued to a person who was disabled in the meantime', async () => {
    const gone = await provider.person()
    const { deviceCode, userCode } = await requestCode()
    await answerDevice(visitor(issuer), userCode, gone)
    await sql`UPDATE users SET disabled_at = now() WHERE id = ${gone.userId}`
    assert.deepEqual(await denial(poll(deviceCode)), [400, 'invalid_grant'])
  })
})
