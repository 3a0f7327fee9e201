import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, describe, it } from 'node:test'
import { ROUTES } from '../src/provider/endpoint-paths.ts'
import { authorizationRequest, type Visitor } from './browser/visitor.ts'
import { browser, claimsOf, DASHBOARD, post, redeem, type TestClient, testProvider } from './fixture.ts'

// Requests of the provider could reach this machine.
const provider = await testProvider({ after }, { env: { OUTBOUND_NETWORKS: '127.0.0.0/8' } })
const { issuer } = provider
const person = await provider.person()
const app = await provider.client(person, {
  requirePkce: true,
  redirectUris: ['https://app.example.com/callback', 'https://app.example.com/b'],
})
const native = await provider.client(person, {
  type: 'native',
  redirectUris: ['http://127.0.0.1/callback', 'http://[::1]/cb'],
})
const at = browser(provider, person)
const sink = await startSink()

/** A server that no request may reach. */
async function startSink() {
  const received: string[] = []
  const server = createServer((request, response) => {
    received.push(String(request.url))
    response.end()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  after(() => server.close())
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received } // listens on TCP
}

/** Builds an authorization request with parameters set, removed (undefined) or repeated (a list). */
async function ask(
  changes: Record<string, string | string[] | undefined>,
  { client = app, from }: { client?: TestClient; from?: Visitor } = {},
) {
  const { url } = authorizationRequest(issuer, { client_id: client.clientId, redirect_uri: client.redirectUri })
  const target = new URL(url)
  target.searchParams.set('state', 'the state')
  for (const [name, value] of Object.entries(changes)) {
    target.searchParams.delete(name)
    for (const one of [value ?? []].flat()) target.searchParams.append(name, one)
  }
  if (from) return from.get(target)
  const response = await fetch(target, { redirect: 'manual', headers: { accept: 'text/html' } })
  const location = response.headers.get('location')
  return {
    status: response.status,
    headers: response.headers,
    html: await response.text(),
    location: location === null ? undefined : new URL(location, issuer),
  }
}

/** A browser with a valid session. */
async function signedIn(): Promise<Visitor> {
  await at.authorize(app)
  return at.visitor
}

/** Returns the target of the link on an error page. */
function wayBack(html: string): URL | undefined {
  const [, href] = /<a href="(https:[^"]+)" rel="noopener noreferrer nofollow">Go back to /.exec(html) ?? []
  return href === undefined ? undefined : new URL(href.replaceAll('&amp;', '&'))
}

describe('an authorization request that cannot be trusted', () => {
  const wrong: Record<string, Record<string, string | string[] | undefined>> = {
    'an unknown client': { client_id: 'unknown' },
    'a client id that PostgreSQL cannot store': { client_id: 'a\0b' },
    'no client': { client_id: undefined },
    'no redirect_uri': { redirect_uri: undefined },
    'a longer path': { redirect_uri: 'https://app.example.com/callback/more' },
    'a prefix': { redirect_uri: 'https://app.example.com/' },
    'a query': { redirect_uri: 'https://app.example.com/callback?a=b' },
    'another case': { redirect_uri: 'https://app.example.com/Callback' },
    'another encoding': { redirect_uri: 'https://app.example.com/%63allback' },
    'a port': { redirect_uri: 'https://app.example.com:443/callback' },
    'another scheme': { redirect_uri: 'http://app.example.com/callback' },
    'a subdomain': { redirect_uri: 'https://evil.app.example.com/callback' },
    'a user in front of the host': { redirect_uri: 'https://app.example.com@evil.example/callback' },
    'a path with dot segments': { redirect_uri: 'https://app.example.com/x/../callback' },
    'two redirect_uris': { redirect_uri: ['https://app.example.com/callback', 'https://evil.example'] },
  }
  for (const [what, changes] of Object.entries(wrong)) {
    it(`is answered by a page without a redirect: ${what}`, async () => {
      const { status, headers, location, html } = await ask(changes)
      assert.deepEqual([status, location], [400, undefined])
      assert.match(headers.get('content-type') ?? '', /^text\/html/)
      assert.match(
        headers.get('content-security-policy') ?? '',
        /default-src 'none'.*form-action 'self'; frame-ancestors 'none'/,
      )
      assert.doesNotMatch(html, /evil/)
    })
  }

  it('may use another port only for a native app, on loopback', async () => {
    for (const redirect_uri of [
      'http://127.0.0.1:51004/callback',
      'http://[::1]:8080/cb',
      'http://127.0.0.1/callback',
    ]) {
      assert.equal((await ask({ redirect_uri }, { client: native })).status, 303, redirect_uri)
    }
    for (const redirect_uri of [
      'http://127.0.0.1:51004/other',
      'http://localhost:51004/callback',
      'http://127.0.0.2:1/callback',

      'http://127.0.0.1:51004/callback?x=y',
      'http://127.0.0.1.evil.example/callback',
      'https://127.0.0.1:1/callback',
    ]) {
      assert.equal((await ask({ redirect_uri }, { client: native })).status, 400, redirect_uri)
    }
  })
})

describe('an authorization request that breaks a rule', () => {
  const wrong: Record<string, [Record<string, string | string[] | undefined>, string]> = {
    'no PKCE': [{ code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
    'plain PKCE': [{ code_challenge_method: 'plain' }, 'invalid_request'],
    'PKCE without a method, which defaults to plain': [{ code_challenge_method: undefined }, 'invalid_request'],
    'an invalid challenge': [{ code_challenge: 'short' }, 'invalid_request'],
    'a repeated parameter': [{ nonce: ['a', 'b'] }, 'invalid_request'],
    'an unsigned request object': [{ request: 'eyJhbGciOiJub25lIn0.e30.' }, 'invalid_request_object'],
    'a request_uri': [{ request_uri: `${sink.origin}/request` }, 'request_uri_not_supported'],
    'a registration': [{ registration: '{}' }, 'registration_not_supported'],
    'prompt none with another': [{ prompt: 'none login' }, 'invalid_request'],
    'an unknown prompt': [{ prompt: 'unknown' }, 'invalid_request'],
    'prompt none while signed out': [{ prompt: 'none' }, 'login_required'],
    'a max_age that is not a number': [{ max_age: 'soon' }, 'invalid_request'],
    'a response_mode that does not exist': [{ response_mode: 'web_message' }, 'unsupported_response_mode'],
    'a NUL, which text cannot contain': [{ nonce: 'a\0b' }, ''],
  }
  for (const [what, [changes, error]] of Object.entries(wrong)) {
    const isError = (location: URL | undefined) => {
      assert.equal(`${location?.origin}${location?.pathname}`, app.redirectUri)
      const { error_description: _, ...answer } = Object.fromEntries(location?.searchParams ?? [])
      assert.deepEqual(answer, { error, state: 'the state', iss: issuer })
    }

    it(`is answered by a page with a link back if no user is signed in: ${what}`, async () => {
      const { status, location, html } = await ask(changes)
      // The app waits for it in a frame.
      if (changes['prompt'] === 'none') {
        assert.equal(status, 303)
        return isError(location)
      }
      assert.deepEqual([status, location], [400, undefined])
      if (error !== '') isError(wayBack(html))
    })

    if (error === 'login_required') continue
    it(`returns to the app with the error, the state and the issuer: ${what}`, async () => {
      const { status, location } = await ask(changes, { from: await signedIn() })
      if (error === '') return assert.equal(status, 400)
      assert.equal(status, 303)
      isError(location)
    })
  }

  it('fetches nothing from a request_uri, also of a pushed request', async () => {
    const request_uri = `${sink.origin}/request`
    const { status, body } = await post(provider, ROUTES.pushed_authorization_request, app, {
      response_type: 'code',
      redirect_uri: app.redirectUri,
      request_uri,
    })
    assert.deepEqual([status, body['error']], [400, 'request_uri_not_supported'])
    assert.equal((await ask({ request_uri })).status, 400)
    assert.deepEqual(sink.received, [])
  })

  it('returns the error in the fragment if the app requested it, and in a form if it requested that', async () => {
    const fragment = await ask({ response_mode: 'fragment', prompt: 'none' })
    assert.equal(new URLSearchParams(fragment.location?.hash.slice(1)).get('error'), 'login_required')
    const form = await ask({ response_mode: 'form_post', prompt: 'none' })
    assert.equal(form.status, 400)
    assert.match(form.html, /<form method="post" action="https:\/\/app\.example\.com\/callback">/)
    assert.match(form.headers.get('content-security-policy') ?? '', /form-action https:;/)
  })

  it('is answered by a form that is not submitted automatically, if no user is signed in and the app requested a form', async () => {
    const { status, html, headers } = await ask({ response_mode: 'form_post', prompt: 'unknown' })
    assert.equal(status, 400)
    assert.match(html, /<form method="post" action="https:\/\/app\.example\.com\/callback">/)
    assert.match(html, /<input type="hidden" name="error" value="invalid_request">/)
    assert.match(html, /<input type="hidden" name="state" value="the state">/)
    assert.doesNotMatch(html, /<script/)
    assert.match(headers.get('content-security-policy') ?? '', /form-action https:;/)
  })

  it('returns at once to a first-party app', async () => {
    const { status, location } = await ask({ prompt: 'unknown' }, { client: DASHBOARD(issuer) })
    assert.deepEqual([status, location?.searchParams.get('error')], [303, 'invalid_request'])
  })
})

describe('an authorization request', () => {
  it('ignores unknown parameters', async () => {
    assert.equal((await ask({ utm_source: 'newsletter', dpop_jkt: 'x', authorization_details: '[]' })).status, 303)
  })

  it('is answered with the code, the state and the issuer', async () => {
    const { callback } = await at.authorize(app, { state: 'a b&c=d' })
    const { code, ...rest } = Object.fromEntries(callback.searchParams)
    assert.ok(code)
    assert.deepEqual(rest, { state: 'a b&c=d', iss: issuer })
  })

  it('is answered with a form if requested, which only the app may receive', async () => {
    const { answer } = await at.attempt(app, { response_mode: 'form_post' })
    assert.equal(answer.status, 200)
    assert.match(answer.html, /<form method="post" action="https:\/\/app\.example\.com\/callback">/)
    const policy = answer.headers.get('content-security-policy') ?? ''
    assert.match(policy, /form-action https:;/)
    assert.match(policy, /script-src 'sha256-[^']+'$/)
  })

  it('with form_post can be resumed by a tab that was not answered itself, and keeps the session', async () => {
    const own = browser(provider, person)
    const request = authorizationRequest(issuer, {
      client_id: app.clientId,
      redirect_uri: app.redirectUri,
      response_mode: 'form_post',
    })
    const waiting = await own.visitor.get(request.url)
    const uid = waiting.location?.pathname.split('/').at(-1)
    // The same person signs in and consents in another tab.
    await own.authorize(app)
    const resumed = await own.visitor.get(`/oauth/authorize/${uid}`)
    assert.equal(resumed.status, 200)
    assert.match(resumed.html, /<form method="post" action="https:\/\/app\.example\.com\/callback">/)
    assert.match(resumed.headers.get('content-security-policy') ?? '', /form-action https:;/)
    const { answer } = await own.attempt(app, { prompt: 'none' })
    assert.ok(answer.location?.searchParams.get('code'))
  })

  it('may be a POST: the browser continues with a GET and its cookies', async () => {
    const { url } = authorizationRequest(issuer, {
      client_id: app.clientId,
      redirect_uri: app.redirectUri,
      nonce: 'n\r\nx',
    })
    const fields = new URLSearchParams([...new URL(url).searchParams, ['client_secret', 'oops'], ['nonce', 'again']])
    const response = await fetch(`${issuer}/oauth/authorize`, { method: 'POST', body: fields, redirect: 'manual' })
    assert.equal(response.status, 303)
    const location = new URL(response.headers.get('location') ?? '', issuer)
    assert.equal(location.pathname, '/oauth/authorize')
    assert.equal(location.searchParams.get('client_secret'), null)
    assert.deepEqual(location.searchParams.getAll('nonce'), ['n\r\nx', 'again'])

    const other = await fetch(`${issuer}/oauth/authorize`, {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json' },
    })
    assert.equal(other.status, 415)
  })

  it('with prompt=none succeeds without a page if none is needed', async () => {
    await at.authorize(app)
    const { answer } = await at.attempt(app, { prompt: 'none' })
    assert.ok(answer.location?.searchParams.get('code'))
  })

  it('with prompt=login, or after max_age, requires the password again', async () => {
    const first = claimsOf((await redeem(provider, app, await at.authorize(app))).body['id_token'])
    const { answer } = await at.attempt(app, { prompt: 'none', max_age: '0' })
    assert.equal(answer.location?.searchParams.get('error'), 'login_required')

    await provider.database.$client`UPDATE oidc_artifacts
      SET payload = payload || '{"loginTs": 1000}' WHERE model = 'Session'`
    const expired = await at.attempt(app, { prompt: 'none', max_age: '60' })
    assert.equal(expired.answer.location?.searchParams.get('error'), 'login_required')
    const again = claimsOf((await redeem(provider, app, await at.authorize(app, { max_age: '60' }))).body['id_token'])
    assert.ok(Number(again['auth_time']) >= Number(first['auth_time']))
    const forced = claimsOf(
      (await redeem(provider, app, await at.authorize(app, { prompt: 'login' }))).body['id_token'],
    )
    assert.ok(Number(forced['auth_time']) >= Number(again['auth_time']))
  })

  it('shows the consent page for offline_access, so that every app gets its refresh token', async () => {
    await at.authorize(app)
    const { answer } = await at.attempt(app, { scope: 'openid offline_access', prompt: 'none' })
    const silent = await redeem(provider, app, { ...(await at.authorize(app, { scope: 'openid offline_access' })) })
    assert.equal(typeof silent.body['refresh_token'], 'string')
    assert.ok(answer.location?.searchParams.get('code'))
  })

  it('leaves no grant behind if it is abandoned', async () => {
    const before = await provider.database.$client`SELECT FROM grants`
    await ask({})
    await at.attempt(app, { prompt: 'none', scope: 'openid email read:sandboxes' })
    assert.equal((await provider.database.$client`SELECT FROM grants`).length, before.length)
  })
})

describe('a token request that breaks a rule', () => {
  it('is refused as RFC 6749 specifies', async () => {
    const cases: [Record<string, string>, number, string][] = [
      [{}, 400, 'invalid_request'],
      [{ grant_type: 'authorization_code' }, 400, 'invalid_request'],
      [{ grant_type: 'authorization_code', code: 'x' }, 400, 'invalid_request'],
      [{ grant_type: 'authorization_code', code: 'x', redirect_uri: app.redirectUri }, 400, 'invalid_grant'],
      [{ grant_type: 'authorization_code', code: 'a\0b', redirect_uri: app.redirectUri }, 400, 'invalid_grant'],
      [{ grant_type: 'refresh_token' }, 400, 'invalid_request'],
      [{ grant_type: 'refresh_token', refresh_token: 'é'.repeat(5000) }, 400, 'invalid_grant'],
    ]
    for (const [fields, status, error] of cases) {
      const answer = await post(provider, '/oauth/token', app, fields)
      assert.deepEqual([answer.status, answer.body['error']], [status, error], JSON.stringify(fields).slice(0, 90))
      assert.equal(answer.headers.get('cache-control'), 'no-store')
    }
  })

  it('is refused if a parameter is repeated, and if the body is not a form', async () => {
    const twice = await fetch(`${issuer}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams(`grant_type=x&grant_type=y&client_id=${native.clientId}`),
    })
    assert.deepEqual([twice.status, ((await twice.json()) as { error: string }).error], [400, 'invalid_request'])
    const json = await fetch(`${issuer}/oauth/token`, {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json' },
    })
    assert.deepEqual([json.status, ((await json.json()) as { error: string }).error], [415, 'invalid_request'])
  })

  it('must be a POST', async () => {
    for (const path of ['/oauth/token', '/oauth/revoke']) {
      assert.equal((await fetch(issuer + path)).status, 405)
    }
  })
})

describe('pages of other origins', () => {
  const spa = provider.client(person, { type: 'spa', redirectUris: ['https://spa.example.com/callback'] })

  it('may read the responses to their own public client, without credentials', async () => {
    const client = await spa
    const fields = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: 'x', client_id: client.clientId })
    const own = await fetch(`${issuer}/oauth/token`, {
      method: 'POST',
      body: fields,
      headers: { origin: 'https://spa.example.com' },
    })
    assert.equal(own.headers.get('access-control-allow-origin'), 'https://spa.example.com')
    assert.equal(own.headers.get('access-control-allow-credentials'), null)
    const foreign = await fetch(`${issuer}/oauth/token`, {
      method: 'POST',
      body: fields,
      headers: { origin: 'https://evil.example' },
    })
    assert.deepEqual([foreign.status, foreign.headers.get('access-control-allow-origin')], [400, null])
    const nowhere = await fetch(`${issuer}/oauth/token`, { method: 'POST', body: fields, headers: { origin: 'null' } })
    assert.deepEqual([nowhere.status, nowhere.headers.get('access-control-allow-origin')], [400, null])
  })

  it('may read nothing of a confidential client, and nothing at the authorization endpoint', async () => {
    const origin = 'https://app.example.com'
    const basic = Buffer.from(`${app.clientId}:${app.secret}`).toString('base64')
    const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: 'x' })
    const token = await fetch(`${issuer}/oauth/token`, {
      method: 'POST',
      body,
      headers: { origin, authorization: `Basic ${basic}` },
    })
    assert.equal(token.headers.get('access-control-allow-origin'), null)
    const authorize = await fetch(`${issuer}/oauth/authorize`, { headers: { origin } })
    assert.equal(authorize.headers.get('access-control-allow-origin'), null)
  })
})
