import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, describe, it } from 'node:test'
import { waitFor } from '@daytona-auth/testing'
import { createRemoteJWKSet, generateKeyPair, jwtVerify, SignJWT } from 'jose'
import { inputOf, textOf } from '../browser/visitor.ts'
import { browser, claimsOf, headerOf, redeem, testProvider } from '../fixture.ts'

// Named as the modules of the certification suite of the OpenID Foundation.

const received: string[] = []
const server = createServer(async (request, response) => {
  let form = ''
  for await (const chunk of request) form += chunk
  received.push(new URLSearchParams(form).get('logout_token') ?? '')
  response.end()
}).listen(0, '127.0.0.1')
await once(server, 'listening')
after(() => server.close())
const { port } = server.address() as AddressInfo // listens on TCP

const provider = await testProvider({ after }, { env: { OUTBOUND_NETWORKS: '127.0.0.0/8' } })
const { issuer } = provider
const person = await provider.person()
const LANDING = 'https://app.example.com/signed-out'
const app = await provider.client(person, {
  postLogoutRedirectUris: [LANDING],
  backchannelLogoutUri: `http://127.0.0.1:${port}/logout`,
})

async function signedIn() {
  const at = browser(provider, person)
  const { body } = await redeem(provider, app, await at.authorize(app))
  const idToken = body['id_token'] ?? ''
  return {
    at,
    idToken,
    logout: (parameters: Record<string, string>) => at.visitor.get(`/oauth/logout?${new URLSearchParams(parameters)}`),
    async isSignedIn() {
      const { answer } = await at.attempt(app, { prompt: 'none' })
      // The app may need consent again; the error of a person who is signed out is another one.
      return answer.location?.searchParams.get('error') !== 'login_required'
    },
  }
}
type SignedIn = Awaited<ReturnType<typeof signedIn>>

/** Signs out on the page that asks, and returns where the browser is sent. */
async function confirm({ at, logout }: SignedIn, parameters: Record<string, string>) {
  const page = await logout(parameters)
  assert.match(textOf(page), /^Sign out\?/)
  return at.visitor.post('/oauth/logout/confirm', { xsrf: inputOf(page, 'xsrf'), logout: 'yes' })
}

describe('oidcc-rp-initiated-logout-certification-test-plan', () => {
  it('oidcc-rp-initiated-logout-discovery-endpoint-verification', async () => {
    const response = await fetch(`${issuer}/.well-known/openid-configuration`)
    const document = (await response.json()) as Record<string, unknown>
    assert.equal(document['end_session_endpoint'], `${issuer}/oauth/logout`)
  })

  const redirected: Record<string, [(idToken: string) => Record<string, string>, string]> = {
    'oidcc-rp-initiated-logout': [
      (id_token_hint) => ({ id_token_hint, post_logout_redirect_uri: LANDING, state: 'a b' }),
      `${LANDING}?state=a+b`,
    ],
    'oidcc-rp-initiated-logout-no-state': [
      (id_token_hint) => ({ id_token_hint, post_logout_redirect_uri: LANDING }),
      LANDING,
    ],
    'oidcc-rp-initiated-logout-no-post-logout-redirect-uri': [
      (id_token_hint) => ({ id_token_hint, state: 'x' }),
      `${issuer}/oauth/logout/success`,
    ],
    'all parameters of the specification': [
      (id_token_hint) => ({
        id_token_hint,
        client_id: app.clientId,
        post_logout_redirect_uri: LANDING,
        state: 'x',
        logout_hint: person.email,
        ui_locales: 'de en',
      }),
      `${LANDING}?state=x`,
    ],
  }
  for (const [module, [parameters, target]] of Object.entries(redirected)) {
    it(module, async () => {
      const session = await signedIn()
      const { status, location } = await session.logout(parameters(session.idToken))
      assert.deepEqual([status, location?.href], [303, target])
      assert.equal(await session.isSignedIn(), false)
    })
  }

  const asked: Record<string, Record<string, string>> = {
    'oidcc-rp-initiated-logout-no-params': {},
    'oidcc-rp-initiated-logout-only-state': { state: 'x' },
    'oidcc-rp-initiated-logout-no-id-token-hint': { post_logout_redirect_uri: LANDING, state: 'x' },
  }
  for (const [module, parameters] of Object.entries(asked)) {
    it(module, async () => {
      const session = await signedIn()
      const left = await confirm(session, parameters)
      assert.equal(left.location?.href, `${issuer}/oauth/logout/success`)
      assert.equal(await session.isSignedIn(), false)
    })
  }

  it('client_id in place of the hint: the person confirms, and returns to the app', async () => {
    const session = await signedIn()
    const left = await confirm(session, { client_id: app.clientId, post_logout_redirect_uri: LANDING, state: 'x' })
    assert.equal(left.location?.href, `${LANDING}?state=x`)
    assert.equal(await session.isSignedIn(), false)
  })

  const refused: Record<string, (idToken: string) => Promise<Record<string, string>>> = {
    'oidcc-rp-initiated-logout-bad-post-logout-redirect-uri': async (id_token_hint) => ({
      id_token_hint,
      post_logout_redirect_uri: 'https://app.example.com/other',
    }),
    'oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri': async (id_token_hint) => ({
      id_token_hint,
      post_logout_redirect_uri: `${LANDING}?foo=bar`,
    }),
    'oidcc-rp-initiated-logout-modified-id-token-hint': async (idToken) => {
      const [header, , signature] = idToken.split('.')
      const claims = { ...claimsOf(idToken), sub: 'another' }
      const id_token_hint = [header, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.')
      return { id_token_hint, post_logout_redirect_uri: LANDING }
    },
    'oidcc-rp-initiated-logout-bad-id-token-hint': async (idToken) => {
      const { privateKey } = await generateKeyPair('RS256')
      const id_token_hint = await new SignJWT(claimsOf(idToken))
        .setProtectedHeader({ ...headerOf(idToken), alg: 'RS256' })
        .sign(privateKey)
      return { id_token_hint, post_logout_redirect_uri: LANDING }
    },
    'the client_id of another app beside the hint': async (id_token_hint) => ({
      id_token_hint,
      client_id: 'daytona-dashboard',
      post_logout_redirect_uri: LANDING,
    }),
  }
  for (const [module, parametersOf] of Object.entries(refused)) {
    it(module, async () => {
      const session = await signedIn()
      const { status, location } = await session.logout(await parametersOf(session.idToken))
      assert.deepEqual([status, location], [400, undefined])
      assert.equal(await session.isSignedIn(), true)
    })
  }
})

describe('oidcc-backchannel-rp-initiated-logout-certification-test-plan', () => {
  it('oidcc-backchannel-logout-discovery-endpoint-verification', async () => {
    const response = await fetch(`${issuer}/.well-known/openid-configuration`)
    const document = (await response.json()) as Record<string, unknown>
    assert.equal(document['backchannel_logout_supported'], true)
    assert.equal(document['backchannel_logout_session_supported'], true)
    assert.ok((document['claims_supported'] as string[]).includes('sid'))
  })

  it('oidcc-backchannel-rp-initiated-logout', async () => {
    const session = await signedIn()
    const { sid } = claimsOf(session.idToken)
    const { location } = await session.logout({
      id_token_hint: session.idToken,
      post_logout_redirect_uri: LANDING,
      state: 'x',
    })
    assert.equal(location?.href, `${LANDING}?state=x`)
    const token = await waitFor(() => received.find((each) => claimsOf(each)['sid'] === sid))
    const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`)), {
      issuer,
      audience: app.clientId,
      typ: 'logout+jwt',
      requiredClaims: ['iat', 'exp', 'jti', 'events', 'sub', 'sid'],
    })
    assert.equal('nonce' in payload, false)
    assert.equal(await session.isSignedIn(), false)
  })
})
