import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { proofSigner } from '@daytona-auth/testing/proof-signer'
import {
  browser,
  claimsOf,
  post,
  redeem,
  refresh,
  revoke,
  type TestClient,
  type TokenAnswer,
  testProvider,
  userinfo,
} from './fixture.ts'

const provider = await testProvider({ after })
const person = await provider.person()
const at = browser(provider, person)
const spa = await provider.client(person, { type: 'spa' })
const web = await provider.client(person)
const strict = await provider.client(person, { dpopBoundAccessTokens: true })
const key = await proofSigner()
const stranger = await proofSigner()
const TOKEN_URL = `${provider.issuer}/oauth/token`
const USERINFO_URL = `${provider.issuer}/oauth/userinfo`

const proof = async (by = key, changes = {}, header = {}) => ({
  dpop: await by.proof('POST', TOKEN_URL, undefined, changes, header),
})
const authorize = (client: TestClient, more = {}) => at.authorize(client, { scope: 'openid offline_access', ...more })
const tokensOf = async (client: TestClient) => {
  const { status, body } = await redeem(provider, client, await authorize(client), await proof())
  assert.deepEqual([status, body['token_type']], [200, 'DPoP'])
  return { access: body['access_token'] ?? '', refreshing: body['refresh_token'] ?? '' }
}
const refreshing = (client: TestClient, token: string, headers?: Record<string, string>) =>
  post(provider, '/oauth/token', client, { grant_type: 'refresh_token', refresh_token: token }, headers)
const gist = ({ status, body }: TokenAnswer) => [status, body['error']]
const userinfoWith = async (token: string, by = key) =>
  userinfo(provider, token, {
    headers: { authorization: `DPoP ${token}`, dpop: await by.proof('GET', USERINFO_URL, token) },
  })

describe('a token that was requested with a proof', () => {
  it('is bound to its key, and is accepted by userinfo with a proof only', async () => {
    const { access } = await tokensOf(web)
    assert.deepEqual(claimsOf(access)['cnf'], { jkt: key.thumbprint })
    assert.equal((await userinfoWith(access)).status, 200)

    const bearer = await userinfo(provider, access)
    assert.equal(bearer.status, 401)
    assert.match(bearer.headers.get('www-authenticate') ?? '', /^DPoP error="invalid_token"/)
    const another = await userinfoWith(access, stranger)
    assert.equal(another.status, 401)
    assert.match(another.headers.get('www-authenticate') ?? '', /^DPoP error="invalid_dpop_proof".*algs="ES256 /)
  })

  it('is introspected with its key, which the client has to check', async () => {
    const { access } = await tokensOf(web)
    const { body } = await post(provider, '/oauth/introspect', web, { token: access })
    assert.deepEqual([body['active'], body['token_type'], body['cnf']], [true, 'DPoP', { jkt: key.thumbprint }])
  })

  it('is revoked without a proof, as any other', async () => {
    const { access } = await tokensOf(web)
    assert.equal((await revoke(provider, web, access)).status, 200)
    assert.equal((await userinfoWith(access)).status, 401)
  })
})

describe('a refresh token', () => {
  it('of a public client is bound to the key, and so is its successor within the grace', async () => {
    const { refreshing: first } = await tokensOf(spa)
    assert.deepEqual(gist(await refreshing(spa, first)), [400, 'invalid_grant'])
    assert.deepEqual(gist(await refreshing(spa, first, await proof(stranger))), [400, 'invalid_grant'])
    const rotated = await refreshing(spa, first, await proof())
    assert.deepEqual([rotated.status, rotated.body['token_type']], [200, 'DPoP'])
    assert.deepEqual(claimsOf(rotated.body['access_token'])['cnf'], { jkt: key.thumbprint })

    // The same successor is answered again for a few seconds, to the holder of the key alone.
    assert.deepEqual(gist(await refreshing(spa, first)), [400, 'invalid_grant'])
    assert.deepEqual(gist(await refreshing(spa, first, await proof(stranger))), [400, 'invalid_grant'])
    const again = await refreshing(spa, first, await proof())
    assert.deepEqual([again.status, again.body['refresh_token']], [200, rotated.body['refresh_token']])
    const next = rotated.body['refresh_token'] ?? ''
    assert.deepEqual(gist(await refreshing(spa, next, await proof(stranger))), [400, 'invalid_grant'])
    assert.equal((await refreshing(spa, next, await proof())).status, 200)
  })

  it('of a confidential client is bound to its secret, and its access token to the key of each request', async () => {
    const { refreshing: first } = await tokensOf(web)
    const { status, body } = await refreshing(web, first, await proof(stranger))
    assert.deepEqual([status, claimsOf(body['access_token'])['cnf']], [200, { jkt: stranger.thumbprint }])
  })
})

describe('a code', () => {
  it('that was requested for a key is redeemed with it only', async () => {
    const requested = () => authorize(web, { dpop_jkt: key.thumbprint })
    assert.equal((await redeem(provider, web, await requested(), await proof())).status, 200)
    for (const headers of [{}, await proof(stranger)]) {
      const authorization = await requested()
      assert.deepEqual(gist(await redeem(provider, web, authorization, headers)), [400, 'invalid_grant'])
      // It was presented, so it is used.
      assert.deepEqual(gist(await redeem(provider, web, authorization, await proof())), [400, 'invalid_grant'])
    }
  })

  it('of an app that requires proofs is not redeemed without one', async () => {
    const authorization = await authorize(strict)
    const { status, body } = await redeem(provider, strict, authorization)
    assert.equal(status, 400)
    assert.match(body['error'] ?? '', /^invalid_(?:request|grant|dpop_proof)$/)
    assert.equal((await redeem(provider, strict, authorization, await proof())).status, 200)
  })
})

describe('an authorization request by POST', () => {
  it('keeps the key that its code is bound to', async () => {
    const fields = { client_id: web.clientId, redirect_uri: web.redirectUri, dpop_jkt: key.thumbprint }
    const { status, location } = await at.visitor.post('/oauth/authorize', fields)
    assert.deepEqual([status, location?.searchParams.get('dpop_jkt')], [303, key.thumbprint])
  })
})

describe('a proof at the token endpoint', () => {
  it('is accepted once, whichever of several requests comes first', async () => {
    const headers = await proof()
    const codes = [await authorize(web), await authorize(web), await authorize(web)]
    const answers = await Promise.all(codes.map((code) => redeem(provider, web, code, headers)))
    assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, 400, 400])
  })

  it('carries the nonce that the provider sent, if it carries one', async () => {
    const { headers } = await redeem(provider, web, await authorize(web), await proof())
    const nonce = headers.get('dpop-nonce')
    assert.ok(nonce)
    assert.equal((await redeem(provider, web, await authorize(web), await proof(key, { nonce }))).status, 200)
    const invented = await redeem(provider, web, await authorize(web), await proof(key, { nonce: 'invented' }))
    assert.deepEqual([...gist(invented), typeof invented.headers.get('dpop-nonce')], [400, 'use_dpop_nonce', 'string'])
  })

  const hourAgo = Math.floor(Date.now() / 1000) - 3600
  const FAULTS: Record<string, () => Promise<string>> = {
    'that is no JWT': async () => 'proof',
    'of 60,000 characters': async () => `a.${'b'.repeat(12_000)}.c`,
    'of another method': () => key.proof('GET', TOKEN_URL),
    'of another URL': () => key.proof('POST', USERINFO_URL),
    'of another issuer': () => key.proof('POST', 'https://evil.example/oauth/token'),
    'of a URL that is none': () => key.proof('POST', 'token'),
    'without an id': () => key.proof('POST', TOKEN_URL, undefined, { jti: undefined }),
    'with an id that is an object': () => key.proof('POST', TOKEN_URL, undefined, { jti: { $ne: '' } }),
    'with an id with a NUL': () => key.proof('POST', TOKEN_URL, undefined, { jti: '\u0000' }),
    'with an id of 3,000 characters': () => key.proof('POST', TOKEN_URL, undefined, { jti: 'j'.repeat(3000) }),
    'of an hour ago': () => key.proof('POST', TOKEN_URL, undefined, { iat: hourAgo }),
    'of another type': () => key.proof('POST', TOKEN_URL, undefined, {}, { typ: 'JWT' }),
    'without its key': () => key.proof('POST', TOKEN_URL, undefined, {}, { jwk: undefined }),
    'twice in one header': async () => `${(await proof()).dpop}, ${(await proof()).dpop}`,
  }
  for (const [what, make] of Object.entries(FAULTS)) {
    it(`${what} causes no 5xx, and leaves the code for another request if it is refused`, async () => {
      const authorization = await authorize(web)
      const { status, body } = await redeem(provider, web, authorization, { dpop: await make() })
      if (status === 200) return assert.deepEqual(claimsOf(body['access_token'])['cnf'], { jkt: key.thumbprint })
      assert.ok([400, 431].includes(status), String(status))
      // A proof of another time may be repeated with the nonce of the response.
      if (status === 400) assert.match(body['error'] ?? '', /^(?:invalid_dpop_proof|use_dpop_nonce)$/)
      assert.equal((await redeem(provider, web, authorization, await proof())).status, 200)
    })
  }
})

it('a request without a proof is answered with a bearer token, as before', async () => {
  const { body } = await redeem(provider, web, await authorize(web))
  assert.deepEqual([body['token_type'], claimsOf(body['access_token'])['cnf']], ['Bearer', undefined])
  assert.equal((await refresh(provider, web, body['refresh_token'] ?? '')).status, 200)
})
