import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { type TcpProxy, tcpProxy, waitFor } from '@daytona-auth/testing'
import { ACCOUNT_PAGES } from '../src/pages/account-pages.ts'
import { DISCOVERY, ROUTES, UPSTREAM_LOGOUT } from '../src/provider/endpoint-paths.ts'
import { confirmCode } from './browser/device.ts'
import { type Answer, arrive, authorizationRequest, type Fields, inputOf, send, visitor } from './browser/visitor.ts'
import { browser, CLI, DEVICE_CODE, PASSWORD, post, redeem, testProvider, userinfo } from './fixture.ts'
import { collectRoutes } from './registered-routes.ts'

/** What a request may take on a database that does not answer, and what a busy machine adds. */
const BOUND_MS = 6000
const SLACK_MS = 3000

const registeredRoutes = collectRoutes({ after })
let network: TcpProxy | undefined
const provider = await testProvider(
  { after },
  {
    env: { HANDLER_TIMEOUT: '5s' },
    through: async (url) => {
      network = await tcpProxy({ after }, url)
      return network.url
    },
  },
)
const { issuer, database } = provider
const person = await provider.person()
const app = await provider.client(person)
const at = browser(provider, person)
const tokens = (await redeem(provider, app, await at.authorize(app, { scope: 'openid offline_access' }))).body

const authorization = authorizationRequest(issuer, { client_id: app.clientId, redirect_uri: app.redirectUri })
const uidOf = ({ url }: Answer) => url.pathname.split('/')[3] ?? ''

/** A browser at the sign-in page. */
const guest = visitor(issuer)
const signInPage = await arrive(guest, authorization)

/** A browser at the consent page, with a session. */
const user = visitor(issuer)
const another = authorizationRequest(issuer, {
  client_id: app.clientId,
  redirect_uri: app.redirectUri,
  prompt: 'consent',
})
const consentPage = await user.follow(
  await send(user, await arrive(user, another), 'sign-in', { email: person.email, password: PASSWORD }),
)
assert.match(consentPage.html, /name="decision"/)
const signOutPage = await user.get(ROUTES.end_session)

/** A browser at the sign-in page for a device. */
const device = visitor(issuer)
const deviceCode = (await post(provider, ROUTES.device_authorization, CLI, { scope: 'openid' })).body
const devicePage = await confirmCode(device, deviceCode['user_code'] ?? '')
const codePage = await device.get(ROUTES.code_verification)

const secret = 'x'.repeat(43)
const basic = { authorization: `Basic ${Buffer.from(`${app.clientId}:${app.secret}`).toString('base64')}` }
const pushed = {
  redirect_uri: app.redirectUri,
  response_type: 'code',
  scope: 'openid',
  code_challenge: secret,
  code_challenge_method: 'S256',
}
/** As oidc-agent and golang.org/x/oauth2 name a public client. */
const basicOfPublic = { authorization: `Basic ${Buffer.from(`${CLI.clientId}:`).toString('base64')}` }
const interaction = `/oauth/interaction/${uidOf(signInPage)}`
const consent = `/oauth/interaction/${uidOf(consentPage)}`

type Ask = () => Promise<{ readonly status: number; readonly headers: Headers }>

const get =
  (path: string, visit = guest): Ask =>
  () =>
    visit.get(path)
const postAs =
  (path: string, fields: Fields, headers: Record<string, string> = {}, visit = guest): Ask =>
  () =>
    visit.post(path, fields, headers)
const submit = (path: string, page: Answer, fields: Fields, visit = guest): Ask =>
  postAs(path, { csrf: inputOf(page, 'csrf'), ...fields }, {}, visit)
const bearer =
  (path: string, method: string): Ask =>
  () =>
    fetch(issuer + path, { method, headers: { authorization: `Bearer ${tokens['access_token']}` } })

/** A client's own request: a browser would send `Origin`. */
const client =
  (path: string, fields: Record<string, string>, headers: Record<string, string> = {}): Ask =>
  () =>
    fetch(issuer + path, { method: 'POST', body: new URLSearchParams(fields), headers })

/** For each route, requests that get as far as the database. */
const REQUESTS: Readonly<Record<string, readonly Ask[]>> = {
  [`POST ${ROUTES.token}`]: [
    client(ROUTES.token, { grant_type: 'refresh_token', refresh_token: tokens['refresh_token'] ?? '' }, basic),
    client(ROUTES.token, { grant_type: 'refresh_token', refresh_token: secret }, basicOfPublic),
    client(ROUTES.token, { grant_type: 'authorization_code', code: secret, redirect_uri: app.redirectUri }, basic),
    client(ROUTES.token, { grant_type: DEVICE_CODE, client_id: CLI.clientId, device_code: secret }),
  ],
  [`POST ${ROUTES.revocation}`]: [
    client(ROUTES.revocation, { token: secret }, basic),
    client(ROUTES.revocation, { token: secret }, basicOfPublic),
  ],
  [`POST ${ROUTES.introspection}`]: [client(ROUTES.introspection, { token: secret }, basic)],
  [`POST ${ROUTES.device_authorization}`]: [
    client(ROUTES.device_authorization, { client_id: CLI.clientId, scope: 'openid' }),
    client(ROUTES.device_authorization, { scope: 'openid' }, basicOfPublic),
  ],
  [`POST ${ROUTES.pushed_authorization_request}`]: [
    client(ROUTES.pushed_authorization_request, { ...pushed, client_id: app.clientId }, basic),
    client(ROUTES.pushed_authorization_request, {
      ...pushed,
      client_id: CLI.clientId,
      redirect_uri: CLI.redirectUri,
    }),
  ],
  [`GET ${ROUTES.authorization}`]: [get(authorization.url), get(authorization.url, user)],
  [`GET ${ROUTES.authorization}/:uid`]: [
    get(`${ROUTES.authorization}/${uidOf(signInPage)}`),
    get(`${ROUTES.authorization}/${uidOf(consentPage)}`, user),
  ],
  [`GET ${ROUTES.code_verification}`]: [
    get(ROUTES.code_verification, user),
    get(`${ROUTES.code_verification}?user_code=${deviceCode['user_code']}`, user),
  ],
  [`POST ${ROUTES.code_verification}`]: [
    postAs(
      ROUTES.code_verification,
      { xsrf: inputOf(codePage, 'xsrf'), user_code: deviceCode['user_code'] ?? '' },
      {},
      device,
    ),
  ],
  [`GET ${ROUTES.code_verification}/:uid`]: [get(`${ROUTES.code_verification}/${uidOf(devicePage)}`, device)],
  [`GET ${ROUTES.end_session}`]: [get(ROUTES.end_session, user)],
  [`GET ${ROUTES.end_session}/success`]: [get(`${ROUTES.end_session}/success?client_id=app_unknown`, user)],
  [`POST ${ROUTES.end_session}/confirm`]: [
    postAs(`${ROUTES.end_session}/confirm`, { xsrf: inputOf(signOutPage, 'xsrf'), logout: 'yes' }, {}, user),
  ],
  [`GET ${ROUTES.userinfo}`]: [bearer(ROUTES.userinfo, 'GET')],
  [`POST ${ROUTES.userinfo}`]: [bearer(ROUTES.userinfo, 'POST')],
  'GET /oauth/interaction/:uid': [get(interaction), get(consent, user)],
  'GET /oauth/interaction/:uid/sign-in': [get(`${interaction}/sign-in`)],
  'POST /oauth/interaction/:uid/sign-in': [
    submit(`${interaction}/sign-in`, signInPage, { email: person.email, password: PASSWORD }),
  ],
  'POST /oauth/interaction/:uid/second-factor': [
    submit(`${interaction}/second-factor`, signInPage, { ticket: secret }),
  ],
  'GET /oauth/interaction/:uid/enrollment': [get(`${consent}/enrollment`, user)],
  'POST /oauth/interaction/:uid/enrollment': [
    submit(`${interaction}/enrollment`, signInPage, { ticket: secret, code: '000000' }),
  ],
  'GET /oauth/interaction/:uid/passkey': [get(`${interaction}/passkey`)],
  'POST /oauth/interaction/:uid/passkey': [submit(`${interaction}/passkey`, signInPage, { response: '{}' })],
  'GET /oauth/interaction/:uid/sign-up': [get(`${interaction}/sign-up`)],
  'POST /oauth/interaction/:uid/sign-up': [
    submit(`${interaction}/sign-up`, signInPage, { email: 'new@example.com', name: 'New', password: PASSWORD }),
  ],
  'POST /oauth/interaction/:uid/cancel': [submit(`${interaction}/cancel`, signInPage, {})],
  'POST /oauth/interaction/:uid/upstream/:name': [submit(`${interaction}/upstream/acme`, signInPage, {})],
  'POST /oauth/interaction/:uid/organization': [
    submit(`${interaction}/organization`, signInPage, { email: person.email }),
  ],
  'GET /oauth/interaction/:uid/upstream/:name/callback': [get(`${interaction}/upstream/acme/callback?state=x`)],
  [`POST ${UPSTREAM_LOGOUT}`]: [
    client(UPSTREAM_LOGOUT.replace(':name', person.organizationId), { logout_token: 'x.y.z' }),
  ],
  'GET /oauth/interaction/:uid/consent': [get(`${consent}/consent`, user)],
  'POST /oauth/interaction/:uid/consent': [
    submit(`${consent}/consent`, consentPage, { decision: 'allow', organization: person.organizationId }, user),
  ],
  'GET /oauth/invitation': [get(`/oauth/invitation?token=${secret}`)],
  'POST /oauth/invitation': [postAs('/oauth/invitation', { token: secret, password: PASSWORD })],
  'POST /oauth/invitation/sign-up': [postAs('/oauth/invitation/sign-up', { token: secret })],
  'GET /oauth/verify-email': [get(`/oauth/verify-email?token=${secret}`)],
  'POST /oauth/verify-email': [postAs('/oauth/verify-email', { token: secret, password: PASSWORD })],
  'GET /oauth/invitation/take-over': [get(`/oauth/invitation/take-over?token=${secret}`)],
  'POST /oauth/invitation/take-over': [postAs('/oauth/invitation/take-over', { token: secret })],
  'GET /oauth/verify-email/take-over': [get(`/oauth/verify-email/take-over?token=${secret}`)],
  'POST /oauth/verify-email/take-over': [postAs('/oauth/verify-email/take-over', { token: secret })],
  'POST /oauth/recovery': [postAs('/oauth/recovery', { email: person.email })],
  'GET /oauth/recovery/password': [get(`/oauth/recovery/password?token=${secret}`)],
  'POST /oauth/recovery/password': [postAs('/oauth/recovery/password', { token: secret })],
  'GET /oauth/recovery/password/take-over': [get(`/oauth/recovery/password/take-over?token=${secret}`)],
  'POST /oauth/recovery/password/take-over': [postAs('/oauth/recovery/password/take-over', { token: secret })],
  'GET /oauth/recovery/keys': [get(`/oauth/recovery/keys?token=${secret}`)],
  'POST /oauth/recovery/keys': [postAs('/oauth/recovery/keys', { token: secret })],
  'POST /oauth/recovery/factors': [postAs('/oauth/recovery/factors', { email: person.email })],
  'GET /oauth/recovery/factors/start': [get(`/oauth/recovery/factors/start?token=${secret}`)],
  'POST /oauth/recovery/factors/start': [postAs('/oauth/recovery/factors/start', { token: secret })],
  'GET /oauth/recovery/factors/cancel': [get(`/oauth/recovery/factors/cancel?token=${secret}`)],
  'POST /oauth/recovery/factors/cancel': [postAs('/oauth/recovery/factors/cancel', { token: secret })],
  'GET /oauth/email-change/current': [get(`/oauth/email-change/current?token=${secret}`)],
  'POST /oauth/email-change/current': [postAs('/oauth/email-change/current', { token: secret })],
  'GET /oauth/email-change/new': [get(`/oauth/email-change/new?token=${secret}`)],
  'POST /oauth/email-change/new': [postAs('/oauth/email-change/new', { token: secret })],
  ...Object.fromEntries(Object.values(ACCOUNT_PAGES).map((path) => [`GET ${path}`, [get(path, user)]])),
  ...Object.fromEntries(
    Object.values(ACCOUNT_PAGES)
      .filter((path) => path !== ACCOUNT_PAGES.history)
      .map((path) => [`POST ${path}`, [postAs(path, {}, {}, user)]]),
  ),
  'GET /health/ready': [get('/health/ready')],
}

/** Routes that answer without the database, from what the process has in memory. */
const NEEDS_NO_DATABASE = new Set([
  'GET /health',
  ...DISCOVERY.map((path) => `GET ${path}`),
  `GET ${ROUTES.jwks}`,
  `POST ${ROUTES.authorization}`, // sends the browser on with GET
  `POST ${ROUTES.end_session}`,
  'GET /oauth/recovery',
  'GET /oauth/recovery/factors',
  'GET /oauth/upstream/:name/signed-out',
  'GET /oauth/upstream/:name/callback', // redirects to the interaction of its cookie
])

const routes = registeredRoutes()
const isStatic = ({ method, url }: (typeof routes)[number]) => method === 'OPTIONS' || url.startsWith('/oauth/assets/')

/** Sends all requests at once. Returns those whose answer was not the expected one, and how long the slowest took. */
async function askAll(isExpected: (status: number, headers: Headers) => boolean) {
  let slowestMs = 0
  const answers = await Promise.all(
    Object.entries(REQUESTS).flatMap(([name, requests]) =>
      requests.map(async (ask, index) => {
        const askedAt = performance.now()
        const { status, headers } = await ask()
        slowestMs = Math.max(slowestMs, performance.now() - askedAt)
        return isExpected(status, headers) ? [] : `${name} (${index}): ${status}`
      }),
    ),
  )
  return { unexpected: answers.flat(), slowestMs }
}

const isUnavailable = (status: number, headers: Headers) => status === 503 && headers.get('retry-after') !== null

it(`has a request for every route of the provider (${routes.length} routes)`, () => {
  const missing = routes
    .filter((route) => !isStatic(route))
    .map(({ method, url }) => `${method} ${url}`)
    .filter((name) => !(name in REQUESTS) && !NEEDS_NO_DATABASE.has(name))
  assert.deepEqual(missing, [])
  const names = new Set(routes.map(({ method, url }) => `${method} ${url}`))
  for (const name of [...Object.keys(REQUESTS), ...NEEDS_NO_DATABASE]) assert.ok(names.has(name), name)
})

describe('a database that hangs', () => {
  it(`is answered 503 within ${BOUND_MS} ms by each of ${Object.keys(REQUESTS).length} routes, and by all after it is back`, async (t) => {
    network?.stall()
    t.after(() => network?.pass())
    const unaffected = async () => {
      for (const route of routes) {
        if (!isStatic(route) && !NEEDS_NO_DATABASE.has(`${route.method} ${route.url}`)) continue
        const { status } = await fetch(issuer + route.url, { method: route.method, redirect: 'manual' })
        assert.ok(status < 500, `${route.method} ${route.url}: ${status}`)
      }
    }
    // The first requests find clients in memory; the later ones read them, since nothing invalidates those any more.
    const cached = await askAll(isUnavailable)
    assert.deepEqual(cached.unexpected, [], 'while clients are cached')
    await unaffected()
    const read = await askAll(isUnavailable)
    assert.deepEqual(read.unexpected, [], 'when clients are read')
    await unaffected()

    network?.cut()
    network?.pass()
    await waitFor(async () => (await fetch(`${issuer}/health/ready`)).status === 200)
    // What so many requests at once take on this machine while the database answers is not due to its silence.
    const usualMs = await waitFor(async () => {
      const { unexpected, slowestMs } = await askAll((status) => status < 500)
      return unexpected.length === 0 && slowestMs
    })
    for (const { slowestMs } of [cached, read]) {
      const times = `${Math.round(slowestMs)} ms, and ${Math.round(usualMs)} ms otherwise`
      assert.ok(slowestMs <= BOUND_MS + SLACK_MS + usualMs, times)
    }
    const { body } = await redeem(provider, app, await at.authorize(app, { scope: 'openid' }))
    assert.equal((await userinfo(provider, body['access_token'] ?? '')).status, 200)
  })
})

describe('requests that wait for a lock', () => {
  /** Another token each time: one that was not found is not looked up again. */
  const refreshUnknown = () =>
    post(provider, ROUTES.token, app, {
      grant_type: 'refresh_token',
      refresh_token: randomBytes(32).toString('base64url'),
    })

  it('occupy neither verification nor health, and end by themselves', async () => {
    const { body } = await redeem(provider, app, await at.authorize(app, { scope: 'openid' }))
    const locked = Promise.withResolvers<void>()
    const release = Promise.withResolvers<void>()
    const lock = database.$client.begin(async (tx) => {
      await tx`LOCK TABLE oidc_artifacts IN ACCESS EXCLUSIVE MODE`
      locked.resolve()
      await release.promise
    })
    await locked.promise
    // One after the other: those of the same turn would share a statement, and so a connection.
    const waiting: ReturnType<typeof refreshUnknown>[] = []
    await waitFor(async () => {
      waiting.push(refreshUnknown(), refreshUnknown())
      const [row] = await database.$client`SELECT count(*)::int AS n FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'daytona-auth oidc' AND wait_event_type = 'Lock'`
      return row?.['n'] === 10
    })
    assert.equal((await fetch(`${issuer}/health/ready`)).status, 200)
    assert.equal((await userinfo(provider, body['access_token'] ?? '')).status, 200)
    assert.equal((await bearer(ROUTES.userinfo, 'GET')()).status, 200)
    for (const { status, headers } of await Promise.all(waiting))
      assert.ok(isUnavailable(status, headers), String(status))
    release.resolve()
    await lock
    assert.equal((await refreshUnknown()).status, 400)
  })
})
