import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { digestOf } from '@daytona-auth/auth'
import { ROUTES } from '../src/provider/endpoint-paths.ts'
import { visitor } from './browser/visitor.ts'
import { browser, claimsOf, post, redeem, refresh, type TestClient, testProvider } from './fixture.ts'

const provider = await testProvider({ after })
const { issuer, database } = provider
const person = await provider.person()
const web = await provider.client(person)
const another = await provider.client(person)
const spa = await provider.client(person, { type: 'spa', redirectUris: ['https://spa.example.com/cb'] })
const strict = await provider.client(person, { requirePushedAuthorizationRequests: true })
const at = browser(provider, person)
await at.authorize(web)

const verifier = randomBytes(32).toString('base64url')

function requestOf(client: TestClient, changes: Record<string, string> = {}): Record<string, string> {
  return {
    client_id: client.clientId,
    redirect_uri: client.redirectUri,
    response_type: 'code',
    scope: 'openid email',
    state: 'the state',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...changes,
  }
}

/** Pushes a request as the client is registered. Returns its `request_uri`. */
async function push(client: TestClient, changes: Record<string, string> = {}): Promise<string> {
  const { status, body } = await post(provider, ROUTES.pushed_authorization_request, client, requestOf(client, changes))
  assert.equal(status, 201, JSON.stringify(body))
  return body['request_uri'] ?? ''
}

/** Opens a pushed request as its app sends the browser there. */
const urlOf = (client: TestClient, request_uri: string, more: Record<string, string> = {}) =>
  `${issuer}/oauth/authorize?${new URLSearchParams({ client_id: client.clientId, request_uri, ...more })}`

const finish = (client: TestClient, answer: { readonly location: URL | undefined }) =>
  redeem(provider, client, {
    code: answer.location?.searchParams.get('code') ?? '',
    verifier,
    redirectUri: client.redirectUri,
    callback: answer.location ?? new URL(issuer),
  })

describe('a pushed authorization request', () => {
  const refused: Record<string, [Record<string, string>, number, string]> = {
    'another redirect URI': [{ redirect_uri: 'https://app.example.com/other' }, 400, 'invalid_request'],
    'no redirect URI': [{ redirect_uri: '' }, 400, 'invalid_request'],
    'a response type that is not supported': [{ response_type: 'token' }, 400, 'unsupported_response_type'],
    'plain PKCE': [{ code_challenge_method: 'plain' }, 400, 'invalid_request'],
    'a request_uri': [{ request_uri: 'urn:ietf:params:oauth:request_uri:x' }, 400, 'request_uri_not_supported'],
    'an unsigned request object': [{ request: 'eyJhbGciOiJub25lIn0.e30.' }, 400, 'invalid_request_object'],
    'an unknown resource': [{ resource: 'https://api.example.com' }, 400, 'invalid_target'],
    'an unknown prompt': [{ prompt: 'x' }, 400, 'invalid_request'],
    'a max_age that is not a number': [{ max_age: 'soon' }, 400, 'invalid_request'],
    'only scopes that the app is not registered for': [{ scope: 'write:volumes' }, 400, 'invalid_scope'],
    'the client_id of another app': [{ client_id: another.clientId }, 400, 'invalid_request'],
  }
  for (const [what, [changes, status, error]] of Object.entries(refused)) {
    it(`is refused with ${what}`, async () => {
      const answer = await post(provider, ROUTES.pushed_authorization_request, web, requestOf(web, changes))
      assert.deepEqual([answer.status, answer.body['error']], [status, error], JSON.stringify(answer.body))
    })
  }

  it('is refused from a public client without PKCE', async () => {
    const { code_challenge: _, code_challenge_method: __, ...request } = requestOf(spa)
    const answer = await post(provider, ROUTES.pushed_authorization_request, spa, request)
    assert.deepEqual([answer.status, answer.body['error']], [400, 'invalid_request'])
  })

  it('is refused without the authentication of the client', async () => {
    for (const client of [
      { ...web, secret: 'wrong' },
      { ...web, secret: undefined },
    ]) {
      const { status, body } = await post(provider, ROUTES.pushed_authorization_request, client, requestOf(web))
      assert.deepEqual([status, body['error']], [401, 'invalid_client'])
    }
  })

  it('is refused if it is longer than an authorization request may be', async () => {
    const request = requestOf(web, { state: 'x'.repeat(9000) })
    assert.equal((await post(provider, ROUTES.pushed_authorization_request, web, request)).status, 413)
  })

  for (const [kind, client] of [
    ['a web app', web],
    ['a page', spa],
    ['an app that has to push', strict],
  ] as const) {
    it(`is answered with a code once: ${kind}`, async () => {
      const uri = await push(client)
      const first = await at.attempt(client, { request_uri: uri })
      assert.deepEqual(first.answer.location?.searchParams.get('state'), 'the state', first.answer.html)
      const { status, body } = await finish(client, first.answer)
      assert.equal(status, 200, JSON.stringify(body))
      assert.equal(claimsOf(body['id_token'])['sub'], person.userId)

      const again = await at.visitor.get(urlOf(client, uri))
      assert.deepEqual([again.status, again.location], [400, undefined])
      assert.match(again.html, /request_uri/)
    })
  }

  it('is answered with a code once if several browsers open it at the same time', async () => {
    const browsers = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const one = browser(provider, person)
        await one.authorize(web)
        return one
      }),
    )
    const uri = await push(web)
    const answers = await Promise.all(browsers.map((one) => one.attempt(web, { request_uri: uri })))
    const codes = answers.filter(({ answer }) => answer.location?.searchParams.has('code'))
    assert.equal(codes.length, 1)
    assert.ok(answers.every(({ answer }) => answer.status < 500))
  })

  it('survives the pages of a sign-in, and is used up by it', async () => {
    const guest = browser(provider, person)
    const uri = await push(web, { scope: 'openid profile' })
    const { answer } = await guest.attempt(web, { request_uri: uri })
    assert.equal((await finish(web, answer)).status, 200)
    assert.equal((await guest.visitor.get(urlOf(web, uri))).status, 400)
  })

  it('counts alone: parameters beside its reference are ignored', async () => {
    const uri = await push(web, { scope: 'openid' })
    const { answer } = await at.attempt(web, {
      request_uri: uri,
      scope: 'openid profile email',
      state: 'another',
      prompt: 'none',
    })
    assert.equal(answer.location?.searchParams.get('state'), 'the state')
    assert.equal((await finish(web, answer)).body['scope'], 'openid')
  })

  it('gets the prompt that its offline_access needs, and no scope that the app is not registered for', async () => {
    const uri = await push(web, { scope: 'openid offline_access write:volumes' })
    const { answer } = await at.attempt(web, { request_uri: uri })
    const { body } = await finish(web, answer)
    assert.equal(body['scope'], 'openid offline_access')
    assert.equal((await refresh(provider, web, body['refresh_token'] ?? '')).status, 200)
  })

  it('belongs to the app that pushed it', async () => {
    const { status, location } = await at.visitor.get(urlOf(another, await push(web)))
    assert.deepEqual([status, location], [400, undefined])
  })

  it('has a reference that cannot be invented, and whose stored form does not open it', async () => {
    const prefix = 'urn:ietf:params:oauth:request_uri:'
    const uri = await push(web)
    const id = uri.slice(prefix.length)
    for (const forged of [
      `${prefix}${randomBytes(32).toString('base64url')}`,
      `${prefix}digest:${digestOf(id).toString('base64url')}`,
      `${prefix}${id}x`,
      prefix,
    ]) {
      const { status, location } = await at.visitor.get(urlOf(web, forged))
      assert.deepEqual([status, location], [400, undefined], forged)
    }
    await visitor(issuer).get(urlOf(web, uri))
    const [row] = await database.$client`
      SELECT count(*)::int AS found FROM oidc_artifacts WHERE payload::text LIKE ${`%${id}%`}`
    assert.equal(row?.['found'], 0)
    assert.equal((await at.attempt(web, { request_uri: uri })).answer.location?.searchParams.has('code'), true)
  })

  it('expires after a minute', async () => {
    const uri = await push(web)
    const { count } = await database.$client`
      UPDATE oidc_artifacts SET payload = jsonb_set(payload, '{exp}', to_jsonb((payload->>'exp')::bigint - 61))
      WHERE model = 'PushedAuthorizationRequest' AND digest = ${digestOf(uri.split(':').at(-1) ?? '')}`
    assert.equal(count, 1)
    assert.equal((await at.visitor.get(urlOf(web, uri))).status, 400)
  })
})

describe('an app that has to push', () => {
  it('gets no code for another authorization request', async () => {
    const { answer } = await at.attempt(strict)
    assert.equal(answer.location?.searchParams.get('code') ?? null, null)
    assert.equal(answer.location?.searchParams.get('error'), 'invalid_request')
  })
})

describe('pushed requests of public clients', () => {
  const LIMIT = 3

  it('are limited for an address until they are answered; those of confidential clients are not', async (t) => {
    const limited = await testProvider(t, { env: { ANONYMOUS_AUTHORIZATIONS_ADDRESS_LIMIT: String(LIMIT) } })
    const owner = await limited.person()
    const page = await limited.client(owner, { type: 'spa', redirectUris: ['https://spa.example.com/cb'] })
    const app = await limited.client(owner)
    const pushes = async (client: TestClient) =>
      post(limited, ROUTES.pushed_authorization_request, client, requestOf(client))
    for (let count = 0; count < LIMIT * 3; count++) assert.equal((await pushes(app)).status, 201)

    const user = browser(limited, owner)
    for (let count = 0; count < LIMIT * 2; count++) {
      const { body } = await pushes(page)
      const { answer } = await user.attempt(page, { request_uri: body['request_uri'] ?? '' })
      assert.ok(answer.location?.searchParams.has('code'), `${count}: ${answer.html}`)
    }
    for (let count = 0; count < LIMIT; count++) assert.equal((await pushes(page)).status, 201)
    const { status, body, headers } = await pushes(page)
    assert.deepEqual([status, body['error']], [429, 'slow_down'])
    assert.ok(Number(headers.get('retry-after')) > 0)
  })
})
