import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { digestOf } from '@daytona-auth/auth'
import { proofSigner } from '@daytona-auth/testing/proof-signer'
import { createRemoteJWKSet, exportJWK, generateKeyPair, type JWTPayload, jwtVerify, SignJWT } from 'jose'
import { ROUTES } from '../../src/provider/endpoint-paths.ts'
import { send, type Visitor, visitor } from '../browser/visitor.ts'
import { browser, claimsOf, type TestClient, testProvider, userinfo } from '../fixture.ts'

// Named as the modules of the certification suite of the OpenID Foundation, without their common prefix.

const provider = await testProvider({ after }, { env: { AUTHORIZATION_CODE_TTL: '5m' } })
const { issuer, database } = provider
const person = await provider.person()
const own = await generateKeyPair('ES256', { extractable: true })
const pss = await generateKeyPair('PS256', { extractable: true })
const rsa = await generateKeyPair('RS256', { extractable: true })
const jwks = {
  keys: [
    { ...(await exportJWK(own.publicKey)), kid: 'ES256', use: 'sig' },
    { ...(await exportJWK(pss.publicKey)), kid: 'PS256', use: 'sig' },
    { ...(await exportJWK(rsa.publicKey)), kid: 'RS256', use: 'sig' },
  ],
}
const signers = { ES256: own, PS256: pss, RS256: rsa }
const settings = {
  jwks,
  requirePushedAuthorizationRequests: true,
  dpopBoundAccessTokens: true,
  idTokenSignedResponseAlg: 'ES256',
} as const
const app = await provider.client(person, settings)
const another = await provider.client(person, settings)
const key = await proofSigner()
const stranger = await proofSigner()
const keys = createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`))
const at = browser(provider, person)
// `attempt` shows the consent page to an app that asks for `offline_access`; here the requests are pushed.
const SIGNED_IN = await provider.client(person)
await at.authorize(SIGNED_IN)

const verifier = randomBytes(32).toString('base64url')
const seconds = () => Math.floor(Date.now() / 1000)
const assertion = (client: TestClient, changes: JWTPayload = {}, alg: keyof typeof signers = 'ES256') =>
  new SignJWT({
    iss: client.clientId,
    sub: client.clientId,
    aud: issuer,
    jti: randomBytes(16).toString('hex'),
    iat: seconds(),
    exp: seconds() + 60,
    ...changes,
  })
    .setProtectedHeader({ alg, kid: alg })
    .sign(signers[alg].privateKey)

interface Sending {
  readonly client?: TestClient
  /** Undefined: none is sent. */
  readonly assertion?: string | undefined
  readonly dpop?: string | undefined
  /** Replaces, or removes if undefined, parameters. */
  readonly changes?: Readonly<Record<string, string | undefined>>
}

async function post(path: string, fields: Readonly<Record<string, string | undefined>>, sending: Sending = {}) {
  const { client = app, dpop, changes } = sending
  const proof = 'assertion' in sending ? sending.assertion : await assertion(client)
  const form = {
    ...fields,
    ...(proof && {
      client_assertion: proof,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    }),
    ...changes,
  }
  const body = new URLSearchParams()
  for (const [name, value] of Object.entries(form)) if (value !== undefined) body.set(name, value)
  const response = await fetch(issuer + path, { method: 'POST', body, headers: dpop ? { dpop } : {} })
  return { status: response.status, body: (await response.json()) as Record<string, string> }
}
type Response = Awaited<ReturnType<typeof post>>

const push = (sending: Sending = {}) =>
  post(
    ROUTES.pushed_authorization_request,
    {
      client_id: (sending.client ?? app).clientId,
      redirect_uri: app.redirectUri,
      response_type: 'code',
      scope: 'openid email',
      state: 'the state',
      nonce: 'the nonce',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    },
    sending,
  )
const urlOf = (uri = '', client = app, more: Record<string, string> = {}) =>
  `${issuer}/oauth/authorize?${new URLSearchParams({ client_id: client.clientId, request_uri: uri, ...more })}`

/** Opens a pushed request as its app sends the browser there, and allows it. Returns the callback. */
async function open(uri: string, { client = app, visit = at.visitor as Visitor, more = {} } = {}): Promise<URL> {
  let page = await visit.follow(await visit.get(urlOf(uri, client, more)))
  if (page.html.includes('name="decision"')) {
    page = await visit.follow(await send(visit, page, 'consent', { decision: 'allow' }))
  }
  if (!page.location) throw new Error(`${page.status} ${page.html}`)
  return page.location
}
async function authorize(sending: Sending = {}): Promise<URL> {
  const { status, body } = await push(sending)
  assert.equal(status, 201, JSON.stringify(body))
  return open(body['request_uri'] ?? '', { client: sending.client ?? app })
}

const proof = (by = key, changes = {}) => by.proof('POST', issuer + ROUTES.token, undefined, changes)
const redeem = async (callback: URL, sending: Sending = {}) =>
  post(
    ROUTES.token,
    {
      grant_type: 'authorization_code',
      code: callback.searchParams.get('code') ?? '',
      redirect_uri: app.redirectUri,
      code_verifier: verifier,
      client_id: (sending.client ?? app).clientId,
    },
    { dpop: await proof(), ...sending },
  )
const refresh = async (token: string, sending: Sending = {}) =>
  post(
    ROUTES.token,
    { grant_type: 'refresh_token', refresh_token: token, client_id: (sending.client ?? app).clientId },
    { dpop: await proof(), ...sending },
  )
const gist = ({ status, body }: Response) => [status, body['error']]
const userinfoWith = async (token: string, changes = {}, by = key, scheme = 'DPoP') =>
  userinfo(provider, token, {
    headers: {
      authorization: `${scheme} ${token}`,
      dpop: await by.proof('GET', issuer + ROUTES.userinfo, token, changes),
    },
  })

/** Checks the tokens of a code: bound to the key, with an id_token of the request. */
async function check(callback: URL, response: Response, nonce: string | undefined = 'the nonce') {
  assert.deepEqual([response.status, response.body['token_type']], [200, 'DPoP'], JSON.stringify(response.body))
  assert.equal(callback.searchParams.get('iss'), issuer)
  const { payload } = await jwtVerify(response.body['id_token'] ?? '', keys, {
    issuer,
    audience: app.clientId,
    algorithms: ['ES256'],
  })
  assert.deepEqual([payload.sub, payload['nonce']], [person.userId, nonce])
  const access = response.body['access_token'] ?? ''
  assert.deepEqual(claimsOf(access)['cnf'], { jkt: key.thumbprint })
  assert.equal((await userinfoWith(access)).status, 200)
  return access
}
async function refuse(sending: Sending, error = 'invalid_request') {
  const response = await push(sending)
  assert.deepEqual(gist(response), [400, error], JSON.stringify(response.body))
}

describe('fapi2-security-profile-final-test-plan', () => {
  it('discovery-end-point-verification', async () => {
    const response = await fetch(`${issuer}/.well-known/openid-configuration`)
    const document = (await response.json()) as Record<string, unknown>
    const listed = (name: string) => document[name] as string[]
    assert.deepEqual(listed('code_challenge_methods_supported'), ['S256'])
    for (const grant of ['password', 'implicit']) assert.equal(listed('grant_types_supported').includes(grant), false)
    assert.equal(document['authorization_response_iss_parameter_supported'], true)
    assert.equal(document['pushed_authorization_request_endpoint'], issuer + ROUTES.pushed_authorization_request)
    assert.ok(listed('token_endpoint_auth_methods_supported').includes('private_key_jwt'))
    assert.ok(listed('token_endpoint_auth_signing_alg_values_supported').includes('PS256'))
    assert.ok(listed('dpop_signing_alg_values_supported').includes('ES256'))
  })

  it('happy-flow', async () => {
    for (const client of [app, another]) {
      const callback = await authorize({ client })
      assert.equal(callback.searchParams.get('state'), 'the state')
      const response = await redeem(callback, { client })
      assert.equal(response.status, 200)
    }
    const callback = await authorize()
    const access = await check(callback, await redeem(callback))
    assert.equal((await userinfo(provider, access)).status, 401)
  })

  it('user-rejects-authentication', async () => {
    const visit = visitor(issuer)
    const { body } = await push()
    const page = await visit.follow(await visit.get(urlOf(body['request_uri'])))
    const { location } = await visit.follow(await send(visit, page, 'cancel', {}))
    const { error, state, iss } = Object.fromEntries(location?.searchParams ?? [])
    assert.deepEqual([error, state, iss], ['access_denied', 'the state', issuer])
  })

  describe('authorization requests', () => {
    it('ensure-authorization-request-without-state-success', async () => {
      const callback = await authorize({ changes: { state: undefined } })
      assert.equal(callback.searchParams.has('state'), false)
      await check(callback, await redeem(callback))
    })

    it('ensure-authorization-request-without-nonce-success', async () => {
      const callback = await authorize({ changes: { nonce: undefined } })
      const { body } = await redeem(callback)
      assert.equal('nonce' in claimsOf(body['id_token']), false)
    })

    for (const [module, length] of [
      ['ensure-authorization-request-with-64-char-nonce-success', 64],
      ['ensure-authorization-request-with-long-nonce', 384],
    ] as const) {
      it(module, async () => {
        const nonce = randomBytes(length / 2).toString('hex')
        const callback = await authorize({ changes: { nonce } })
        await check(callback, await redeem(callback), nonce)
      })
    }

    it('ensure-authorization-request-with-long-state', async () => {
      const state = randomBytes(192).toString('hex')
      assert.equal((await authorize({ changes: { state } })).searchParams.get('state'), state)
    })

    it('ensure-other-scope-order-succeeds', async () => {
      const callback = await authorize({ changes: { scope: 'email openid' } })
      await check(callback, await redeem(callback))
    })

    it('test-claims-parameter-identity-claims', async () => {
      const claims = JSON.stringify({
        userinfo: { email: null },
        id_token: { email: { essential: true }, phone: null },
      })
      const callback = await authorize({ changes: { scope: 'openid', claims } })
      const { body } = await redeem(callback)
      assert.equal(claimsOf(body['id_token'])['email'], person.email)
      const profile = (await (await userinfoWith(body['access_token'] ?? '')).json()) as Record<string, unknown>
      assert.equal(profile['email'], person.email)
    })

    for (const [module, parameter] of [
      ['ensure-different-nonce-inside-and-outside-request-object', 'nonce'],
      ['ensure-different-state-inside-and-outside-request-object', 'state'],
    ] as const) {
      it(module, async () => {
        const { body } = await push()
        const callback = await open(body['request_uri'] ?? '', { more: { [parameter]: 'another' } })
        assert.equal(callback.searchParams.get('state'), 'the state')
        await check(callback, await redeem(callback))
      })
    }

    it('state-only-outside-request-object-not-used', async () => {
      const { body } = await push({ changes: { state: undefined } })
      const callback = await open(body['request_uri'] ?? '', { more: { state: 'another' } })
      assert.equal(callback.searchParams.has('state'), false)
    })

    it('ensure-request-object-without-redirect-uri-fails', () => refuse({ changes: { redirect_uri: undefined } }))
    it('ensure-redirect-uri-in-authorization-request', () => refuse({ changes: { redirect_uri: '' } }))

    it('plain-fapi-tolerate-unregistered-redirect-uri', () =>
      refuse({ changes: { redirect_uri: 'https://app.example.com/unregistered' } }))

    it('ensure-unsigned-authorization-request-without-using-par-fails', async () => {
      const { answer } = await at.attempt(app)
      const { error, code } = Object.fromEntries(answer.location?.searchParams ?? [])
      assert.deepEqual([error, code], ['invalid_request', undefined])
    })

    it('ensure-response-type-code-idtoken-fails', () =>
      refuse({ changes: { response_type: 'code id_token' } }, 'unsupported_response_type'))
    it('ensure-response-type-token-fails', () =>
      refuse({ changes: { response_type: 'token' } }, 'unsupported_response_type'))
  })

  describe('pushed requests', () => {
    it('par-ensure-reused-request-uri-prior-to-auth-completion-succeeds', async () => {
      const { body } = await push()
      const visit = visitor(issuer)
      assert.match((await visit.follow(await visit.get(urlOf(body['request_uri'])))).html, /name="password"/)
      const callback = await open(body['request_uri'] ?? '')
      await check(callback, await redeem(callback))
    })

    it('par-attempt-reuse-request_uri', async () => {
      const { body } = await push()
      await open(body['request_uri'] ?? '')
      const { status, location } = await at.visitor.get(urlOf(body['request_uri']))
      assert.deepEqual([status, location], [400, undefined])
    })

    it('par-attempt-to-use-expired-request_uri', async () => {
      const { body } = await push()
      const id = body['request_uri']?.split(':').at(-1) ?? ''
      await database.$client`
        UPDATE oidc_artifacts SET payload = jsonb_set(payload, '{exp}', to_jsonb((payload->>'exp')::bigint - 61))
        WHERE model = 'PushedAuthorizationRequest' AND digest = ${digestOf(id)}`
      const { status, location } = await at.visitor.get(urlOf(body['request_uri']))
      assert.deepEqual([status, location], [400, undefined])
    })

    it('par-attempt-to-use-request_uri-for-different-client', async () => {
      const { body } = await push()
      const { status, location } = await at.visitor.get(urlOf(body['request_uri'], another))
      assert.deepEqual([status, location], [400, undefined])
    })

    it('par-authorization-request-containing-request_uri-form-param', () =>
      refuse({ changes: { request_uri: 'urn:ietf:params:oauth:request_uri:x' } }, 'request_uri_not_supported'))

    it('par-attempt-invalid-http-method', async () => {
      const { status } = await fetch(issuer + ROUTES.pushed_authorization_request, { method: 'PUT' })
      assert.equal(status, 405)
    })

    it('par-ensure-pkce-required', () =>
      refuse({ changes: { code_challenge: undefined, code_challenge_method: undefined } }))
    it('par-plain-pkce-rejected', () => refuse({ changes: { code_challenge_method: 'plain' } }))

    it('par-without-duplicate-parameters', async () => {
      const callback = await authorize()
      await check(callback, await redeem(callback))
    })
  })

  describe('assertions of clients', () => {
    const early = () => ({ iat: seconds() + 600, nbf: seconds() + 600, exp: seconds() + 660 })
    const atPush: Record<string, () => Promise<string>> = {
      'par-ensure-jwt-client-assertions-nbf-over-60-seconds-in-the-future-fails': () => assertion(app, early()),
      'par-test-array-as-audience-fails': () => assertion(app, { aud: [issuer] }),
      'par-test-par-endpoint-url-as-audience-fails': () =>
        assertion(app, { aud: issuer + ROUTES.pushed_authorization_request }),
      'par-test-token-endpoint-url-as-audience-fails': () => assertion(app, { aud: issuer + ROUTES.token }),
    }
    for (const [module, make] of Object.entries(atPush)) {
      it(module, async () => {
        assert.deepEqual(gist(await push({ assertion: await make() })), [401, 'invalid_client'])
      })
    }

    it('par-ensure-jwt-client-assertions-nbf-8-seconds-in-the-future-is-accepted', async () => {
      const { status } = await push({ assertion: await assertion(app, { nbf: seconds() + 8, iat: seconds() + 8 }) })
      assert.equal(status, 201)
    })

    it('ensure-client-assertion-in-token-endpoint', async () => {
      const callback = await authorize()
      const { status, body } = await redeem(callback, { assertion: undefined })
      assert.match(`${status} ${body['error']}`, /^40[01] invalid_(?:client|request)$/)
      await check(callback, await redeem(callback))
    })

    const atToken: Record<string, () => Promise<string>> = {
      'ensure-signed-client-assertion-with-RS256-fails': () => assertion(app, {}, 'RS256'),
      'ensure-client-assertion-with-exp-is-5-minutes-in-past-fails': () => assertion(app, { exp: seconds() - 300 }),
      'ensure-client-assertion-with-wrong-aud-fails': () => assertion(app, { aud: 'https://other.example.com' }),
      'ensure-client-assertion-with-no-sub-fails': () => assertion(app, { sub: undefined as never }),
    }
    for (const [module, make] of Object.entries(atToken)) {
      it(module, async () => {
        const callback = await authorize()
        assert.deepEqual(gist(await redeem(callback, { assertion: await make() })), [401, 'invalid_client'])
        // Nothing was consumed. PS256 is an algorithm of the profile.
        await check(callback, await redeem(callback, { assertion: await assertion(app, {}, 'PS256') }))
      })
    }
  })

  describe('codes', () => {
    it('ensure-client-id-in-token-endpoint', async () => {
      const callback = await authorize()
      const response = await redeem(callback, { changes: { client_id: another.clientId } })
      assert.deepEqual(gist(response), [400, 'invalid_request'])
      await check(callback, await redeem(callback))
    })

    it('ensure-holder-of-key-required', async () => {
      const callback = await authorize()
      const { status, body } = await redeem(callback, { dpop: undefined })
      assert.match(`${status} ${body['error']}`, /^400 invalid_(?:dpop_proof|request|grant)$/)
      await check(callback, await redeem(callback))
    })

    it('ensure-authorization-code-is-bound-to-client', async () => {
      assert.deepEqual(gist(await redeem(await authorize(), { client: another })), [400, 'invalid_grant'])
    })

    it('attempt-reuse-authorization-code-after-one-second', async () => {
      const callback = await authorize()
      const access = await check(callback, await redeem(callback))
      assert.deepEqual(gist(await redeem(callback)), [400, 'invalid_grant'])
      assert.equal((await userinfoWith(access)).status, 401)
    })

    it('ensure-token-endpoint-fails-with-expired-auth-code', async () => {
      const callback = await authorize()
      const digest = digestOf(callback.searchParams.get('code') ?? '')
      const [row] = await database.$client`
        SELECT (payload->>'exp')::int - (payload->>'iat')::int AS lifetime FROM oidc_artifacts WHERE digest = ${digest}`
      // That of other apps is five minutes here.
      assert.equal(row?.['lifetime'], 60)
      await database.$client`
        UPDATE oidc_artifacts SET payload = jsonb_set(payload, '{exp}', to_jsonb((payload->>'exp')::bigint - 61))
        WHERE digest = ${digest}`
      assert.deepEqual(gist(await redeem(callback)), [400, 'invalid_grant'])
    })

    for (const [module, code_verifier] of [
      ['ensure-pkce-code-verifier-required', undefined],
      ['incorrect-pkce-code-verifier-rejected', randomBytes(32).toString('base64url')],
    ] as const) {
      it(module, async () => {
        const { status, body } = await redeem(await authorize(), { changes: { code_verifier } })
        assert.deepEqual([status, body['error']], [400, 'invalid_grant'])
      })
    }
  })

  describe('proofs', () => {
    const atPar = (by = key) => by.proof('POST', issuer + ROUTES.pushed_authorization_request)

    it('ensure-mismatched-dpop-jkt-fails', async () =>
      refuse({ dpop: await atPar(), changes: { dpop_jkt: stranger.thumbprint } }))

    it('ensure-token-endpoint-fails-with-mismatched-dpop-proof-jkt', async () => {
      assert.deepEqual(gist(await redeem(await authorize({ dpop: await atPar(stranger) }))), [400, 'invalid_grant'])
    })

    it('ensure-token-endpoint-fails-with-mismatched-dpop-jkt', async () => {
      const callback = await authorize({ changes: { dpop_jkt: stranger.thumbprint } })
      assert.deepEqual(gist(await redeem(callback)), [400, 'invalid_grant'])
    })

    it('ensure-dpopproof-at-par-endpoint-binding-success', async () => {
      const callback = await authorize({ dpop: await atPar() })
      await check(callback, await redeem(callback))
    })

    it('ensure-dpop-auth-code-binding-success', async () => {
      const callback = await authorize({ dpop: await atPar(), changes: { dpop_jkt: key.thumbprint } })
      await check(callback, await redeem(callback))
    })

    for (const [module, offset] of [
      ['ensure-dpopproof-with-iat-10seconds-before-succeeds', -10],
      ['ensure-dpopproof-with-iat-10seconds-after-succeeds', 10],
    ] as const) {
      it(module, async () => {
        const response = await redeem(await authorize(), { dpop: await proof(key, { iat: seconds() + offset }) })
        assert.equal(response.status, 200, JSON.stringify(response.body))
        const { status } = await userinfoWith(response.body['access_token'] ?? '', { iat: seconds() + offset })
        assert.equal(status, 200)
      })
    }

    it('check-dpop-proof-nbf-exp', async () => {
      const times = { nbf: seconds() - 5, exp: seconds() + 60 }
      const response = await redeem(await authorize(), { dpop: await proof(key, times) })
      assert.equal(response.status, 200)
      assert.equal((await userinfoWith(response.body['access_token'] ?? '', times)).status, 200)
    })

    it('access-token-type-header-case-sensitivity', async () => {
      const { body } = await redeem(await authorize())
      for (const scheme of ['dpop', 'DPOP', 'dPoP']) {
        assert.equal((await userinfoWith(body['access_token'] ?? '', {}, key, scheme)).status, 200, scheme)
      }
    })

    it('dpop-negative-tests', async () => {
      const { body } = await redeem(await authorize())
      const access = body['access_token'] ?? ''
      const USERINFO = issuer + ROUTES.userinfo
      const used = await key.proof('GET', USERINFO, access)
      const refused: Record<string, [string, string]> = {
        'no proof': ['DPoP', ''],
        'another scheme': ['Bearer', await key.proof('GET', USERINFO, access)],
        'another key': ['DPoP', await stranger.proof('GET', USERINFO, access)],
        'another method': ['DPoP', await key.proof('POST', USERINFO, access)],
        'another URL': ['DPoP', await key.proof('GET', `${issuer}/users/me`, access)],
        'another token': ['DPoP', await key.proof('GET', USERINFO, 'another')],
        'no token': ['DPoP', await key.proof('GET', USERINFO)],
        'an old time': ['DPoP', await key.proof('GET', USERINFO, access, { iat: seconds() - 3600 })],
        'a later time': ['DPoP', await key.proof('GET', USERINFO, access, { iat: seconds() + 3600 })],
        'no id': ['DPoP', await key.proof('GET', USERINFO, access, { jti: undefined })],
        'another type': ['DPoP', await key.proof('GET', USERINFO, access, {}, { typ: 'JWT' })],
        'a changed signature': ['DPoP', `${used.slice(0, used.lastIndexOf('.'))}.${'A'.repeat(86)}`],
      }
      for (const [what, [scheme, dpop]] of Object.entries(refused)) {
        const headers = { authorization: `${scheme} ${access}`, ...(dpop && { dpop }) }
        assert.equal((await userinfo(provider, access, { headers })).status, 401, what)
      }
      const answers = [200, 401]
      for (const status of answers) {
        const headers = { authorization: `DPoP ${access}`, dpop: used }
        assert.equal((await userinfo(provider, access, { headers })).status, status)
      }
    })
  })

  it('refresh-token', async () => {
    const callback = await authorize({ changes: { scope: 'openid offline_access', prompt: 'consent' } })
    const { body } = await redeem(callback)
    const token = body['refresh_token'] ?? ''
    assert.deepEqual(gist(await refresh(token, { client: another })), [400, 'invalid_grant'])
    assert.equal((await refresh(token, { assertion: undefined })).status, 401)
    const { status, body: answer } = await refresh(token, { dpop: undefined })
    assert.match(`${status} ${answer['error']}`, /^400 invalid_(?:dpop_proof|request|grant)$/)
    const next = await refresh(token)
    assert.deepEqual([next.status, next.body['token_type']], [200, 'DPoP'], JSON.stringify(next.body))
    assert.equal((await userinfo(provider, next.body['access_token'] ?? '')).status, 401)
    assert.equal((await userinfoWith(next.body['access_token'] ?? '')).status, 200)
  })
})

describe('an app without one of the settings of the profile', () => {
  it('may send assertions for the token endpoint, signed with RS256', async () => {
    const { dpopBoundAccessTokens: _, ...others } = settings
    const client = await provider.client(person, others)
    const sent = await push({ client, assertion: await assertion(client, { aud: issuer + ROUTES.token }, 'RS256') })
    assert.equal(sent.status, 201)
  })
})
