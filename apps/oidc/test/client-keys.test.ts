import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, beforeEach, describe, it } from 'node:test'
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose'
import * as client from 'openid-client'
import { ROUTES } from '../src/provider/endpoint-paths.ts'
import { browser, type TestClient, testProvider, userinfo } from './fixture.ts'

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

const provider = await testProvider({ after }, { env: { OUTBOUND_NETWORKS: '127.0.0.0/8' } })
const { issuer } = provider
const person = await provider.person()
const own = await generateKeyPair('ES256', { extractable: true })
const foreign = await generateKeyPair('ES256')
const publicJwk = { ...(await exportJWK(own.publicKey)), kid: 'first', alg: 'ES256', use: 'sig' }
const app = await provider.client(person, { jwks: { keys: [publicJwk] } })
const withSecret = await provider.client(person)
const at = browser(provider, person)

const seconds = () => Math.floor(Date.now() / 1000)
let ids = 0
const claimsFor = ({ clientId }: TestClient, more: JWTPayload = {}): JWTPayload => ({
  iss: clientId,
  sub: clientId,
  aud: issuer,
  jti: `assertion ${ids++}`,
  iat: seconds(),
  exp: seconds() + 60,
  ...more,
})
const sign = (claims: JWTPayload, key: Parameters<SignJWT['sign']>[0] = own.privateKey, alg = 'ES256', kid = 'first') =>
  new SignJWT(claims).setProtectedHeader({ alg, kid }).sign(key)

/** Sends a form with an assertion in place of a secret. */
async function send(
  path: string,
  fields: Record<string, string>,
  assertion: string,
  headers: Record<string, string> = {},
) {
  const response = await fetch(issuer + path, {
    method: 'POST',
    body: new URLSearchParams({ client_assertion_type: ASSERTION_TYPE, client_assertion: assertion, ...fields }),
    headers,
  })
  const text = await response.text()
  return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Record<string, string> }
}

/** An introspection is answered for any client that authenticates. */
const introspect = (assertion: string, fields: Record<string, string> = {}, headers: Record<string, string> = {}) =>
  send(ROUTES.introspection, { token: 'x', ...fields }, assertion, headers)

describe('a client assertion', () => {
  const basic = (id: string, secret: string) => ({
    authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
  })
  const refused: Record<string, () => Promise<{ status: number; body: Record<string, string> }>> = {
    'with the signature of another key': async () => introspect(await sign(claimsFor(app), foreign.privateKey)),
    'with a changed claim': async () => {
      const [header, , signature] = (await sign(claimsFor(app))).split('.')
      const payload = Buffer.from(JSON.stringify(claimsFor(app))).toString('base64url')
      return introspect([header, payload, signature].join('.'))
    },
    'without a signature': async () => introspect(new UnsecuredJWT(claimsFor(app)).encode()),
    'signed with the public key as a secret': async () =>
      introspect(await sign(claimsFor(app), Buffer.from(JSON.stringify(publicJwk)), 'HS256')),
    'that has expired': async () => introspect(await sign(claimsFor(app, { exp: seconds() - 60 }))),
    'without an expiry': async () => introspect(await sign(claimsFor(app, { exp: undefined as never }))),
    'with an expiry that is days away': async () =>
      introspect(await sign(claimsFor(app, { exp: seconds() + 200_000 }))),
    'with an expiry that is no number': async () => introspect(await sign(claimsFor(app, { exp: 'later' as never }))),
    'that is not valid yet': async () => introspect(await sign(claimsFor(app, { nbf: seconds() + 600 }))),
    'without a jti': async () => introspect(await sign(claimsFor(app, { jti: undefined as never }))),
    'with a jti that is no text': async () => introspect(await sign(claimsFor(app, { jti: { a: 1 } as never }))),
    'from another issuer': async () => introspect(await sign(claimsFor(app, { iss: withSecret.clientId }))),
    'without an issuer': async () => introspect(await sign(claimsFor(app, { iss: undefined as never }))),
    'for another audience': async () => introspect(await sign(claimsFor(app, { aud: 'https://other.example.com' }))),
    'without an audience': async () => introspect(await sign(claimsFor(app, { aud: undefined as never }))),
    'of an unknown client': async () => {
      const unknown = { ...app, clientId: 'app_unknown' }
      return introspect(await sign(claimsFor(unknown)))
    },
    'of a client that has a secret': async () => introspect(await sign(claimsFor(withSecret))),
    'of a client without authentication': async () =>
      introspect(await sign(claimsFor({ ...app, clientId: 'daytona-dashboard' }))),
  }
  for (const [what, ask] of Object.entries(refused)) {
    it(`is refused ${what}`, async () => {
      const { status, body } = await ask()
      assert.deepEqual([status, body['error']], [401, 'invalid_client'], JSON.stringify(body))
    })
  }

  const malformed: Record<string, () => Promise<{ status: number; body: Record<string, string> }>> = {
    'that is no JWT': () => introspect('x.y.z'),
    'of another type': async () => introspect(await sign(claimsFor(app)), { client_assertion_type: 'x' }),
    'beside the client_id of another app': async () =>
      introspect(await sign(claimsFor(app)), { client_id: withSecret.clientId }),
    'beside a secret': async () => introspect(await sign(claimsFor(app)), { client_secret: 'x' }),
    'beside Basic authentication': async () =>
      introspect(await sign(claimsFor(app)), {}, basic(withSecret.clientId, withSecret.secret ?? '')),
  }
  for (const [what, ask] of Object.entries(malformed)) {
    it(`is refused ${what}`, async () => {
      const { status, body } = await ask()
      assert.deepEqual([status, body['error']], [400, 'invalid_request'], JSON.stringify(body))
    })
  }

  it('is accepted once, also by concurrent requests, at any endpoint', async () => {
    const assertion = await sign(claimsFor(app))
    const answers = await Promise.all(Array.from({ length: 10 }, () => introspect(assertion)))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, ...Array.from({ length: 9 }, () => 401)])
    assert.equal((await send(ROUTES.revocation, { token: 'x' }, assertion)).status, 401)
  })

  it('may have the jti that another client used', async () => {
    const another = await provider.client(person, { jwks: { keys: [publicJwk] } })
    for (const each of [app, another]) {
      assert.equal((await introspect(await sign(claimsFor(each, { jti: 'shared' })))).status, 200)
    }
  })

  for (const aud of [issuer, `${issuer}${ROUTES.token}`, [issuer, 'https://other.example.com']]) {
    it(`is accepted for the audience ${JSON.stringify(aud).replaceAll(issuer, 'issuer')}`, async () => {
      assert.equal((await introspect(await sign(claimsFor(app, { aud })))).status, 200)
    })
  }
})

describe('an app with keys', () => {
  it('is refused with a secret, in a header and in the form', async () => {
    const secret = 'x'.repeat(43)
    for (const [fields, headers] of [
      [{}, { authorization: `Basic ${Buffer.from(`${app.clientId}:${secret}`).toString('base64')}` }],
      [{ client_id: app.clientId, client_secret: secret }, {}],
      [{ client_id: app.clientId }, {}],
    ] as const) {
      const body = new URLSearchParams({ token: 'x', ...fields })
      const { status } = await fetch(issuer + ROUTES.introspection, { method: 'POST', body, headers })
      assert.equal(status, 401)
    }
  })

  it('signs in with openid-client, pushes its request, refreshes and revokes', async () => {
    const config = await client.discovery(
      new URL(issuer),
      app.clientId,
      undefined,
      client.PrivateKeyJwt({ key: own.privateKey, kid: 'first' }),
      {
        execute: [client.allowInsecureRequests],
      },
    )
    const verifier = client.randomPKCECodeVerifier()
    const state = client.randomState()
    const url = await client.buildAuthorizationUrlWithPAR(config, {
      redirect_uri: app.redirectUri,
      scope: 'openid email offline_access',
      state,
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    })
    const { answer } = await at.attempt(app, Object.fromEntries(url.searchParams))
    const tokens = await client.authorizationCodeGrant(config, answer.location ?? url, {
      pkceCodeVerifier: verifier,
      expectedState: state,
    })
    assert.equal(tokens.claims()?.sub, person.userId)
    const { access_token } = await client.refreshTokenGrant(config, tokens.refresh_token ?? '')
    assert.equal((await userinfo(provider, access_token)).status, 200)
    assert.equal((await client.tokenIntrospection(config, access_token)).active, true)
    await client.tokenRevocation(config, access_token)
    assert.equal((await userinfo(provider, access_token)).status, 401)
  })
})

describe('keys that an app publishes', async () => {
  const keys = { keys: [publicJwk] }
  const fetched: string[] = []
  const publish: RequestListener = (_request, response) => void response.end(JSON.stringify(keys))
  let answer = publish
  const server = createServer((request, response) => {
    fetched.push(String(request.url))
    answer(request, response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  after(() => server.close())
  const { port } = server.address() as AddressInfo // listens on TCP
  let paths = 0
  const publishing = (host = '127.0.0.1') => provider.client(person, { jwksUri: `http://${host}:${port}/${paths++}` })

  beforeEach(() => {
    fetched.length = 0
    answer = publish
  })

  it('are fetched once for several assertions, valid and forged', async () => {
    const each = await publishing()
    for (let count = 0; count < 5; count++) {
      assert.equal((await introspect(await sign(claimsFor(each)))).status, 200)
      assert.equal((await introspect(await sign(claimsFor(each), foreign.privateKey))).status, 401)
    }
    assert.equal(fetched.length, 1)
  })

  const unusable: Record<string, RequestListener> = {
    'a redirect': (_request, response) => void response.writeHead(302, { location: '/elsewhere' }).end(),
    'an error': (_request, response) => void response.writeHead(500).end(),
    'another format': (_request, response) => void response.end('<!doctype html>'),
    'no list': (_request, response) => void response.end('{"keys":{}}'),
    'a private key': (_request, response) =>
      void response.end(JSON.stringify({ keys: [{ ...publicJwk, d: publicJwk.x }] })),
    'a shared secret': (_request, response) => void response.end('{"keys":[{"kty":"oct","k":"AAAA"}]}'),
    'more than 64 KiB': (_request, response) => void response.end(JSON.stringify({ ...keys, x: 'x'.repeat(70_000) })),
  }
  for (const [what, answerWith] of Object.entries(unusable)) {
    it(`do not authenticate their app if their URL answers ${what}`, async () => {
      answer = answerWith
      const { status, body } = await introspect(await sign(claimsFor(await publishing())))
      assert.deepEqual([status, body['error']], [401, 'invalid_client'], JSON.stringify(body))
      assert.equal(fetched.includes('/elsewhere'), false)
    })
  }

  it('are not fetched again for a while after their URL failed', async () => {
    answer = unusable['an error'] ?? answer
    const each = await publishing()
    for (let count = 0; count < 5; count++) assert.equal((await introspect(await sign(claimsFor(each)))).status, 401)
    assert.equal(fetched.length, 1)
  })

  it('are not fetched from addresses that are not public, unless the operator allows it', async (t) => {
    const careful = await testProvider(t)
    const owner = await careful.person()
    for (const host of ['127.0.0.1', 'localhost']) {
      const each = await careful.client(owner, { jwksUri: `http://${host}:${port}/inside` })
      const claims = claimsFor(each, { aud: careful.issuer })
      const body = new URLSearchParams({
        token: 'x',
        client_assertion_type: ASSERTION_TYPE,
        client_assertion: await sign(claims),
      })
      const response = await fetch(careful.issuer + ROUTES.introspection, { method: 'POST', body })
      assert.deepEqual([response.status, ((await response.json()) as { error: string }).error], [401, 'invalid_client'])
    }
    assert.deepEqual(fetched, [])
  })
})
