import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { mintKey } from '@daytona-auth/auth'
import { browser, redeem, testProvider, userinfo } from './fixture.ts'

const provider = await testProvider({ after })
const { issuer } = provider
const person = await provider.person()
const spa = await provider.client(person, { type: 'spa', redirectUris: ['https://spa.example.com/callback'] })
const at = browser(provider, person)

const tokensFor = async (scope: string) => (await redeem(provider, spa, await at.authorize(spa, { scope }))).body
const accessFor = async (scope: string) => (await tokensFor(scope))['access_token'] ?? ''
const INVALID = { error: 'invalid_token', error_description: 'the access token is invalid or has expired' }

describe('/oauth/userinfo', () => {
  it('asks for a token', async () => {
    const response = await fetch(`${issuer}/oauth/userinfo`)
    assert.deepEqual(
      [response.status, response.headers.get('www-authenticate'), await response.json()],
      [401, 'Bearer', { error: 'invalid_token', error_description: 'no access token was provided' }],
    )
  })

  it('refuses what is no access token: an API key, an id_token, a forgery, noise', async () => {
    const { id_token: id, access_token: access = '' } = await tokensFor('openid')
    const tampered = access.replace(/\.[^.]+\./, `.${Buffer.from('{"sub":"usr_x"}').toString('base64url')}.`)
    for (const token of [mintKey().key, id ?? '', tampered, 'x', 'a.b.c', 'eyJhbGciOiJub25lIn0.e30.']) {
      const response = await userinfo(provider, token)
      assert.equal(response.status, 401)
      assert.deepEqual(await response.json(), INVALID)
      assert.match(response.headers.get('www-authenticate') ?? '', /^Bearer error="invalid_token"/)
    }
  })

  it('refuses a token without the scope openid, and names it', async () => {
    const response = await userinfo(provider, await accessFor('read:sandboxes'))
    assert.equal(response.status, 403)
    assert.match(response.headers.get('www-authenticate') ?? '', /error="insufficient_scope".*scope="openid"/)
  })

  it('refuses a token that stands in two places', async () => {
    const token = await accessFor('openid')
    const query = await fetch(`${issuer}/oauth/userinfo?access_token=x`, {
      headers: { authorization: `Bearer ${token}` },
    })
    assert.equal(query.status, 400)
    const body = await userinfo(provider, token, { method: 'POST', body: new URLSearchParams({ access_token: token }) })
    assert.equal(body.status, 400)
  })

  for (const [scope, claims] of [
    ['openid', {}],
    ['openid profile', { name: 'Ada Lovelace', preferred_username: 'Ada Lovelace' }],
    ['openid email', { email: person.email, email_verified: true }],
    [
      'openid profile email',
      { name: 'Ada Lovelace', preferred_username: 'Ada Lovelace', email: person.email, email_verified: true },
    ],
  ] as const) {
    it(`tells what the scopes open: ${scope}`, async () => {
      const token = await accessFor(scope)
      for (const method of ['GET', 'POST']) {
        const response = await userinfo(provider, token, { method })
        assert.equal(response.headers.get('cache-control'), 'no-store')
        assert.deepEqual([response.status, await response.json()], [200, { sub: person.userId, ...claims }])
      }
    })
  }

  it('tells a page of the app, and no other', async () => {
    const token = await accessFor('openid')
    const own = await userinfo(provider, token, { headers: { origin: 'https://spa.example.com' } })
    assert.deepEqual([own.status, own.headers.get('access-control-allow-origin')], [200, 'https://spa.example.com'])
    const foreign = await userinfo(provider, token, { headers: { origin: 'https://evil.example' } })
    assert.deepEqual([foreign.status, foreign.headers.get('access-control-allow-origin')], [400, null])
    const preflight = await fetch(`${issuer}/oauth/userinfo`, {
      method: 'OPTIONS',
      headers: { origin: 'https://any.example', 'access-control-request-headers': 'authorization' },
    })
    assert.deepEqual(
      [
        preflight.status,
        preflight.headers.get('access-control-allow-headers'),
        preflight.headers.get('access-control-allow-credentials'),
      ],
      [204, 'authorization', null],
    )
  })
})
