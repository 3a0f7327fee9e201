import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, afterEach, describe, it } from 'node:test'
import { freePort } from '@daytona-auth/testing'
import { send, textOf } from '../browser/visitor.ts'
import { PASSWORD } from '../fixture.ts'
import { acme, answerOf, mockUpstream, providerWithUpstream } from './mock-upstream.ts'

let time = Date.now()
const mock = await mockUpstream({ after })
const hanging = createServer(() => {})
await new Promise<void>((resolve) => hanging.listen(0, '127.0.0.1', resolve))
after(() => hanging.closeAllConnections())
after(() => hanging.close())
const { port } = hanging.address() as { port: number }
const named = (name: string, issuer: string) =>
  Object.fromEntries(Object.entries(acme(issuer)).map(([key, value]) => [key.replace('ACME', name), value]))
const { provider, open, begin, owner } = await providerWithUpstream(
  { after },
  {
    ...acme(mock.issuer),
    ...named('HANGING', `http://127.0.0.1:${port}`),
    ...named('CLOSED', `http://127.0.0.1:${await freePort()}`),
    ...named('PRIVATE', 'https://10.0.0.1'),
    UPSTREAM_GITHUB_CLIENT_ID: 'daytona',
    UPSTREAM_GITHUB_CLIENT_SECRET: 'secret',
    // A step may take 4 s of it.
    HANDLER_TIMEOUT: '8s',
    FAILED_SIGN_INS_ADDRESS_LIMIT: '3',
  },
  { now: () => time },
)
const { $client: sql } = provider.database
const ada = { sub: 'ada', email: 'ada@acme.example', email_verified: true, name: 'Ada' }

afterEach(() => mock.reset())

async function attempt(parameters: Record<string, string> = {}) {
  const { visit, page } = await open(parameters)
  const authorization = await begin(visit, page)
  return { visit, page, authorization, answer: await visit.follow(await visit.get(await answerOf(authorization))) }
}

describe('the limit of answers from an address', () => {
  it('counts failed ones before the code is sent, and not those that sign in', async () => {
    mock.claims = ada
    for (let times = 0; times < 4; times++) assert.match(textOf((await attempt()).answer), /Example App/)
    mock.claims = { ...ada, aud: 'another' }
    for (let times = 0; times < 3; times++) assert.equal((await attempt()).answer.status, 400)
    const requests = mock.tokenRequests
    const { visit, page, answer } = await attempt()
    assert.equal(answer.status, 429)
    assert.match(textOf(answer), /Too many attempts/)
    assert.ok(Number(answer.headers.get('retry-after')) > 0)
    assert.equal(mock.tokenRequests, requests)
    // The password is another limit.
    await visit.follow(await send(visit, page, 'sign-in', { email: owner.email, password: PASSWORD }))
    assert.ok(visit.cookies.some(({ name }) => name.endsWith('_session')))
    time += 16 * 60_000
  })
})

describe('an upstream provider that does not answer', () => {
  for (const name of ['hanging', 'closed', 'private'] as const) {
    it(`(${name}) ends on the sign-in page within the time limit, where the password works`, async () => {
      const { visit, page } = await open()
      const answer = await send(visit, page, `upstream/${name}`, {})
      assert.equal(answer.status, 503)
      // The time limit of a request ends on another page.
      const label = `${name.charAt(0).toUpperCase()}${name.slice(1)}`
      assert.match(textOf(answer), new RegExp(`${label} does not answer at the moment`))
      await visit.follow(await send(visit, answer, 'sign-in', { email: owner.email, password: PASSWORD }))
      assert.ok(visit.cookies.some(({ name: cookie }) => cookie.endsWith('_session')))
    })
  }

  it('does so at its token endpoint, too', async () => {
    mock.status = 502
    const { answer } = await attempt()
    assert.equal(answer.status, 503)
    assert.match(textOf(answer), /Acme does not answer at the moment/)
  })

  it('redirects at its token endpoint, and is not followed', async () => {
    mock.status = 307
    assert.match(textOf((await attempt()).answer), /Acme does not answer at the moment/)
  })
})

describe('an error of the upstream provider', () => {
  const ERRORS: [error: string, status: number, text: RegExp][] = [
    ['access_denied', 400, /You did not sign in with Acme\. Try again, or use your password/],
    ['login_required', 400, /Acme did not sign you in/],
    ['temporarily_unavailable', 503, /Acme does not answer at the moment/],
    ['<script>', 400, /Acme did not sign you in/],
  ]
  for (const [error, status, text] of ERRORS) {
    it(`${error} is shown in plain words on the sign-in page`, async () => {
      mock.redirect = (url) => {
        url.searchParams.delete('code')
        url.searchParams.set('error', error)
        url.searchParams.set('error_description', 'Call 555-1234 now')
      }
      const { answer } = await attempt()
      assert.equal(answer.status, status)
      assert.match(textOf(answer), text)
      assert.doesNotMatch(answer.html, /555-1234|<script>/)
      time += 16 * 60_000
    })
  }
})

describe('an authorization request to the upstream provider', () => {
  it('has PKCE, state, nonce and a maximum age, and passes on the login hint', async () => {
    const { visit, page } = await open({ login_hint: 'ada@acme.example' })
    const parameters = Object.fromEntries((await begin(visit, page)).searchParams)
    assert.match(String(parameters['state']), /^[\w-]{43}$/)
    assert.match(String(parameters['nonce']), /^[\w-]{43}$/)
    assert.match(String(parameters['code_challenge']), /^[\w-]{43}$/)
    const { state: _state, nonce: _nonce, code_challenge: _challenge, ...rest } = parameters
    assert.deepEqual(rest, {
      client_id: 'daytona',
      redirect_uri: `${provider.issuer}/oauth/upstream/acme/callback`,
      response_type: 'code',
      scope: 'openid email profile',
      code_challenge_method: 'S256',
      max_age: String(30 * 86_400),
      login_hint: 'ada@acme.example',
    })
  })

  it('passes on prompt=login and max_age', async () => {
    const request = async (parameters: Record<string, string>) => {
      const { visit, page } = await open(parameters)
      const { searchParams } = await begin(visit, page)
      return [searchParams.get('prompt'), searchParams.get('max_age')]
    }
    assert.deepEqual(await request({ prompt: 'login' }), ['login', '0'])
    assert.deepEqual(await request({ max_age: '300' }), [null, '300'])
    assert.deepEqual(await request({ max_age: '999999999' }), [null, String(30 * 86_400)])
  })

  it('is not begun without the form of our page', async () => {
    const { visit, page } = await open()
    const path = `${page.url.pathname}/upstream/acme`
    assert.equal((await visit.get(path)).status, 405)
    assert.equal((await visit.post(path, {})).status, 403)
    assert.equal((await send(visit, page, 'upstream/unknown', {})).status, 404)
  })
})

describe('the time of the sign-in', () => {
  const authTimeOf = async () => {
    const [row] = await sql`
      SELECT (payload ->> 'loginTs')::int AS at FROM oidc_artifacts JOIN users ON users.id = account_id
      WHERE model = 'Session' AND email = 'ada@acme.example' ORDER BY oidc_artifacts.created_at DESC LIMIT 1`
    return row?.['at']
  }
  const seconds = () => Math.floor(time / 1000)

  it('must be recent if the app demands it', async () => {
    for (const [parameters, authTime] of [
      [{ prompt: 'login' }, undefined],
      [{ prompt: 'login' }, seconds() - 600],
      [{ max_age: '300' }, undefined],
      [{ max_age: '300' }, seconds() - 600],
    ] as const) {
      time += 16 * 60_000
      mock.claims = { ...ada, auth_time: authTime }
      const { visit, answer } = await attempt(parameters)
      assert.equal(answer.status, 400)
      assert.match(textOf(answer), /Acme did not confirm that you have signed in again/)
      assert.ok(!visit.cookies.some(({ name }) => name.endsWith('_session')))
    }
    time += 16 * 60_000
    for (const parameters of [{ prompt: 'login' }, { max_age: '300' }]) {
      mock.claims = { ...ada, auth_time: seconds() }
      assert.match(textOf((await attempt(parameters)).answer), /Example App/)
      assert.equal(await authTimeOf(), seconds())
    }
  })

  it('is the one that the provider states, never later than now, and the earliest possible without one', async () => {
    for (const [stated, expected] of [
      [seconds() - 5000, seconds() - 5000],
      [seconds() + 5000, seconds()],
      [undefined, seconds() - 30 * 86_400],
      ['now', seconds() - 30 * 86_400],
    ] as const) {
      mock.claims = { ...ada, auth_time: stated }
      await attempt()
      assert.equal(await authTimeOf(), expected, String(stated))
    }
  })

  it('cannot be stated by GitHub, which is not offered then', async () => {
    assert.match((await open()).page.html, /Continue with GitHub/)
    assert.doesNotMatch((await open({ max_age: '300' })).page.html, /Continue with GitHub/)
  })
})

it('records each sign-in with its provider', async () => {
  mock.claims = ada
  await attempt()
  const [row] = await sql`
    SELECT metadata FROM audit_events WHERE action = 'user.sign_in' AND metadata ? 'issuer' LIMIT 1`
  assert.equal(row?.['metadata']['issuer'], mock.issuer)
})
