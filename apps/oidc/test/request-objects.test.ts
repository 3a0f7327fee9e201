import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose'
import * as client from 'openid-client'
import { ROUTES } from '../src/provider/endpoint-paths.ts'
import { type Answer, authorizationRequest, send } from './browser/visitor.ts'
import { browser, type TestClient, testProvider } from './fixture.ts'

const provider = await testProvider({ after })
const { issuer } = provider
const person = await provider.person()
const own = await generateKeyPair('ES256', { extractable: true })
const foreign = await generateKeyPair('ES256')
const rsa = await generateKeyPair('RS256', { extractable: true })
const ec = { ...(await exportJWK(own.publicKey)), kid: 'ec', alg: 'ES256', use: 'sig' }
const jwks = { keys: [ec, { ...(await exportJWK(rsa.publicKey)), kid: 'rsa', alg: 'RS256', use: 'sig' }] }
const app = await provider.client(person, { jwks })
const strict = await provider.client(person, {
  jwks,
  requireSignedRequestObject: true,
  requestObjectSigningAlg: 'ES256',
})
/** An app with the FAPI 2.0 profile. */
const fapi = await provider.client(person, {
  jwks,
  requirePushedAuthorizationRequests: true,
  dpopBoundAccessTokens: true,
  requireSignedRequestObject: true,
})
const withSecret = await provider.client(person)
const at = browser(provider, person)
await at.authorize(withSecret)

type Key = Parameters<SignJWT['sign']>[0]
const seconds = () => Math.floor(Date.now() / 1000)

/** The claims of a request that is accepted. */
function claimsFor(to: TestClient, more: JWTPayload = {}): JWTPayload {
  const { url } = authorizationRequest(issuer, { client_id: to.clientId, redirect_uri: to.redirectUri })
  const parameters = Object.fromEntries(new URL(url).searchParams)
  return { ...parameters, state: 'signed', iss: to.clientId, aud: issuer, exp: seconds() + 60, nbf: seconds(), ...more }
}

const sign = (claims: JWTPayload, key: Key = own.privateKey, alg = 'ES256', typ = 'oauth-authz-req+jwt') =>
  new SignJWT(claims).setProtectedHeader({ alg, typ, kid: alg === 'RS256' ? 'rsa' : 'ec' }).sign(key)

/** Opens a signed request in the browser of a signed-in user. */
const open = (to: TestClient, request: string, more: [string, string][] = []) => {
  const query = new URLSearchParams([['client_id', to.clientId], ['request', request], ...more])
  return at.visitor.get(`${issuer}${ROUTES.authorization}?${query}`)
}

/** Allows what the consent page shows, if there is one. Returns the app's callback. */
async function allow(answer: Answer): Promise<URL> {
  const page = await at.visitor.follow(answer)
  const end = page.location
    ? page
    : await at.visitor.follow(await send(at.visitor, page, 'consent', { decision: 'allow' }))
  return end.location ?? assert.fail(end.html)
}

async function assertion(to: TestClient): Promise<string> {
  const claims = { iss: to.clientId, sub: to.clientId, aud: issuer, exp: seconds() + 60, jti: crypto.randomUUID() }
  return new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'ec' }).sign(own.privateKey)
}

/** Pushes a signed request. */
async function push(to: TestClient, fields: Record<string, string>) {
  const body = new URLSearchParams({
    client_id: to.clientId,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await assertion(to),
    ...fields,
  })
  const response = await fetch(issuer + ROUTES.pushed_authorization_request, { method: 'POST', body })
  return { status: response.status, body: (await response.json()) as Record<string, string> }
}

const absent = undefined as never

describe('a request object', () => {
  const refused: Record<string, () => Promise<string> | string> = {
    'with the signature of another key': () => sign(claimsFor(app), foreign.privateKey),
    'with a changed claim': async () => {
      const [header, , signature] = (await sign(claimsFor(app))).split('.')
      const payload = Buffer.from(JSON.stringify(claimsFor(app, { scope: 'openid email' }))).toString('base64url')
      return [header, payload, signature].join('.')
    },
    'without a signature': () => new UnsecuredJWT(claimsFor(app)).encode(),
    'signed with the public key as a secret': () => sign(claimsFor(app), Buffer.from(JSON.stringify(ec)), 'HS256'),
    'that has expired': () => sign(claimsFor(app, { exp: seconds() - 60 })),
    'without an expiry': () => sign(claimsFor(app, { exp: absent })),
    'with an expiry that is days away': () => sign(claimsFor(app, { exp: seconds() + 200_000 })),
    'with an expiry that is no number': () => sign(claimsFor(app, { exp: 'later' as never })),
    'that is not valid yet': () => sign(claimsFor(app, { nbf: seconds() + 600 })),
    'that was made long ago': () => sign(claimsFor(app, { nbf: seconds() - 7200 })),
    'that is valid for more than an hour': () => sign(claimsFor(app, { nbf: seconds() - 1800, exp: seconds() + 1860 })),
    'for another audience': () => sign(claimsFor(app, { aud: 'https://other.example' })),
    'without an audience': () => sign(claimsFor(app, { aud: absent })),
    'of another issuer': () => sign(claimsFor(app, { iss: strict.clientId })),
    'without an issuer': () => sign(claimsFor(app, { iss: absent })),
    'of another client': () => sign(claimsFor(app, { client_id: strict.clientId })),
    'that a client assertion could be': () => sign(claimsFor(app, { sub: app.clientId })),
    'of the type of another token': () => sign(claimsFor(app), own.privateKey, 'ES256', 'at+jwt'),
    'with a request inside': () => sign(claimsFor(app, { request: 'x' })),
    'with a request_uri inside': () => sign(claimsFor(app, { request_uri: 'urn:x' })),
    'with several scopes': () => sign(claimsFor(app, { scope: ['openid'] })),
    'with a scope that the app is not registered for': () => sign(claimsFor(app, { scope: 'openid write:volumes' })),
    'with claims about a person': () => sign(claimsFor(app, { claims: { userinfo: { email: null } } })),
    'that is encrypted': () => 'a.b.c.d.e',
    'that is no token': () => 'x',
    'with members that are no object': () => `${Buffer.from('{"alg":"ES256"}').toString('base64url')}.W10.x`,
  }

  for (const [what, make] of Object.entries(refused)) {
    it(`is refused ${what}, in the browser and pushed`, async () => {
      const request = await make()
      const answer = await open(app, request)
      assert.ok(answer.status < 500, String(answer.status))
      assert.equal(answer.location?.searchParams.get('code') ?? null, null, what)
      const pushed = await push(app, { request })
      assert.ok(pushed.status >= 400 && pushed.status < 500, `${what}: ${pushed.status}`)
      assert.match(pushed.body['error'] ?? '', /^invalid_request(_object)?$/, what)
    })
  }

  it('is refused twice, beside a request_uri, oversized, of an app without keys, and for a device', async () => {
    const request = await sign(claimsFor(app))
    const code = ({ location }: { location: URL | undefined }) => location?.searchParams.get('code') ?? null
    assert.equal(code(await open(app, request, [['request', request]])), null)
    assert.equal(code(await open(app, request, [['request_uri', 'urn:ietf:params:oauth:request_uri:x']])), null)
    assert.equal(code(await open(withSecret, await sign(claimsFor(withSecret)))), null)
    const large = await push(app, { request: await sign(claimsFor(app, { nonce: 'x'.repeat(200_000) })) })
    assert.ok(large.status >= 400 && large.status < 500, String(large.status))
    const device = await fetch(issuer + ROUTES.device_authorization, {
      method: 'POST',
      body: new URLSearchParams({ client_id: 'daytona-cli', request }),
    })
    assert.equal(device.status, 400)
  })

  it('is required of an app that has to sign, with its algorithm', async () => {
    const { url } = authorizationRequest(issuer, { client_id: strict.clientId, redirect_uri: strict.redirectUri })
    assert.equal((await at.visitor.get(url)).location?.searchParams.get('error'), 'invalid_request')
    const plain = Object.fromEntries(new URL(url).searchParams)
    assert.equal((await push(strict, plain)).body['error'], 'invalid_request')
    const other = await sign(claimsFor(strict), rsa.privateKey, 'RS256')
    assert.equal((await push(strict, { request: other })).body['error'], 'invalid_request_object')
    assert.equal((await push(app, { request: await sign(claimsFor(app), rsa.privateKey, 'RS256') })).status, 201)
  })

  it('decides alone: parameters outside of it are ignored', async () => {
    const request = await sign(claimsFor(app))
    const outside: [string, string][] = [
      ['state', 'unsigned'],
      ['redirect_uri', 'https://evil.example/cb'],
      ['scope', 'openid write:volumes'],
      ['prompt', 'none'],
    ]
    const callback = await allow(await open(app, request, outside))
    assert.equal(`${callback.origin}${callback.pathname}`, app.redirectUri)
    assert.equal(callback.searchParams.get('state'), 'signed')
    assert.ok(callback.searchParams.has('code'))
  })
})

describe('a request object of an app with the FAPI 2.0 profile', () => {
  // Modules of FAPI 2.0 Message Signing, which accept this error only.
  const refused: Record<string, () => Promise<string> | string> = {
    'ensure-request-object-without-nbf-fails': () => sign(claimsFor(fapi, { nbf: absent })),
    'ensure-request-object-without-exp-fails': () => sign(claimsFor(fapi, { exp: absent })),
    'ensure-request-object-with-exp-over-60-fails': () => sign(claimsFor(fapi, { exp: seconds() + 4200 })),
    'ensure-request-object-with-nbf-over-60-fails': () => sign(claimsFor(fapi, { nbf: seconds() - 4200 })),
    'ensure-signed-request-object-with-RS256-fails': () => sign(claimsFor(fapi), rsa.privateKey, 'RS256'),
    'ensure-request-object-signature-algorithm-is-not-none': () => new UnsecuredJWT(claimsFor(fapi)).encode(),
    'ensure-request-object-with-invalid-signature-fails': () => sign(claimsFor(fapi), foreign.privateKey),
    'ensure-request-object-with-bad-aud-fails': () => sign(claimsFor(fapi, { aud: 'https://other.example' })),
  }
  for (const [module, make] of Object.entries(refused)) {
    it(module, async () => {
      const { status, body } = await push(fapi, { request: await make() })
      assert.deepEqual([status, body['error']], [400, 'invalid_request_object'], JSON.stringify(body))
    })
  }

  it('ensure-unsigned-request-at-par-endpoint-fails', async () => {
    const { url } = authorizationRequest(issuer, { client_id: fapi.clientId, redirect_uri: fapi.redirectUri })
    const { status, body } = await push(fapi, Object.fromEntries(new URL(url).searchParams))
    assert.deepEqual([status, body['error']], [400, 'invalid_request'])
  })

  it('is accepted a few seconds before its time, and with several audiences', async () => {
    for (const changes of [{ nbf: seconds() + 8 }, { aud: [issuer, 'https://other.example'] }]) {
      const { status, body } = await push(fapi, { request: await sign(claimsFor(fapi, changes)) })
      assert.equal(status, 201, JSON.stringify(body))
    }
  })
})

describe('a request object that was used', () => {
  it('may be opened again until it expires, if it is in the URL: the user may reload the page', async () => {
    const request = await sign(claimsFor(app, { jti: crypto.randomUUID() }))
    const codes = [await allow(await open(app, request)), await allow(await open(app, request))].map((callback) => {
      assert.equal(`${callback.origin}${callback.pathname}`, app.redirectUri)
      return callback.searchParams.get('code')
    })
    assert.ok(codes.every(Boolean))
    assert.notEqual(codes[0], codes[1])
  })

  it('is answered once if it was pushed', async () => {
    const { body } = await push(app, { request: await sign(claimsFor(app, { jti: crypto.randomUUID() })) })
    const query = new URLSearchParams({ client_id: app.clientId, request_uri: body['request_uri'] ?? '' })
    const url = `${issuer}${ROUTES.authorization}?${query}`
    assert.ok((await allow(await at.visitor.get(url))).searchParams.has('code'))
    const again = await at.visitor.get(url)
    assert.deepEqual([again.status, again.location], [400, undefined])
  })
})

describe('openid-client', () => {
  const key = { key: own.privateKey, kid: 'ec' }
  const discover = () =>
    client.discovery(new URL(issuer), strict.clientId, undefined, client.PrivateKeyJwt(key), {
      execute: [client.allowInsecureRequests],
    })

  it('signs its requests, by value and pushed, for an app that has to', async () => {
    const config = await discover()
    const metadata = config.serverMetadata()
    assert.equal(metadata['request_parameter_supported'], true)
    assert.deepEqual(metadata['request_object_signing_alg_values_supported'], [
      'ES256',
      'ES384',
      'RS256',
      'PS256',
      'EdDSA',
    ])
    for (const isPushed of [false, true]) {
      const verifier = client.randomPKCECodeVerifier()
      const signed = await client.buildAuthorizationUrlWithJAR(
        config,
        {
          redirect_uri: strict.redirectUri,
          scope: 'openid email',
          state: 'the state',
          code_challenge: await client.calculatePKCECodeChallenge(verifier),
          code_challenge_method: 'S256',
        },
        key,
      )
      const url = isPushed ? await client.buildAuthorizationUrlWithPAR(config, signed.searchParams) : signed
      const callback = await allow(await at.visitor.get(url))
      const tokens = await client.authorizationCodeGrant(config, callback, {
        pkceCodeVerifier: verifier,
        expectedState: 'the state',
      })
      assert.equal(tokens.claims()?.sub, person.userId)
    }
  })
})
