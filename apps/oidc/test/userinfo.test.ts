import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { mintKey } from '@daytona-auth/auth'
import { waitFor } from '@daytona-auth/testing'
import { browser, claimsOf, redeem, testProvider, updatedAtOf, userinfo } from './fixture.ts'

const provider = await testProvider({ after })
const { issuer } = provider
const person = await provider.person()
const spa = await provider.client(person, { type: 'spa', redirectUris: ['https://spa.example.com/callback'] })
const at = browser(provider, person)
const updatedAt = await updatedAtOf(provider, person)

const obtainTokens = async (scope: string) => (await redeem(provider, spa, await at.authorize(spa, { scope }))).body
const obtainAccessToken = async (scope: string) => (await obtainTokens(scope))['access_token'] ?? ''
const INVALID = { error: 'invalid_token', error_description: 'the access token is invalid or has expired' }

describe('/oauth/userinfo', () => {
  it('requires a token', async () => {
    const response = await fetch(`${issuer}/oauth/userinfo`)
    assert.deepEqual(
      [response.status, response.headers.get('www-authenticate'), await response.json()],
      [401, 'Bearer scope="openid"', { error: 'invalid_token', error_description: 'no access token was provided' }],
    )
  })

  it('refuses everything that is not an access token: an API key, an id_token, a forgery, random text', async () => {
    const { id_token: id, access_token: access = '' } = await obtainTokens('openid')
    const tampered = access.replace(/\.[^.]+\./, `.${Buffer.from('{"sub":"usr_x"}').toString('base64url')}.`)
    for (const token of [mintKey().key, id ?? '', tampered, 'x', 'a.b.c', 'eyJhbGciOiJub25lIn0.e30.']) {
      const response = await userinfo(provider, token)
      assert.equal(response.status, 401)
      assert.deepEqual(await response.json(), INVALID)
      assert.match(response.headers.get('www-authenticate') ?? '', /^Bearer error="invalid_token".*scope="openid"/)
    }
  })

  it('refuses a token without the scope openid, and names the scope', async () => {
    const response = await userinfo(provider, await obtainAccessToken('read:sandboxes'))
    assert.equal(response.status, 403)
    assert.match(response.headers.get('www-authenticate') ?? '', /error="insufficient_scope".*scope="openid"/)
  })

  it('refuses a token in two places', async () => {
    const token = await obtainAccessToken('openid')
    const query = await fetch(`${issuer}/oauth/userinfo?access_token=x`, {
      headers: { authorization: `Bearer ${token}` },
    })
    assert.equal(query.status, 400)
    const body = await userinfo(provider, token, { method: 'POST', body: new URLSearchParams({ access_token: token }) })
    assert.equal(body.status, 400)
  })

  for (const [scope, claims] of [
    ['openid', {}],
    ['openid profile', { name: 'Ada Lovelace', preferred_username: 'Ada Lovelace', updated_at: updatedAt }],
    ['openid email', { email: person.email, email_verified: true }],
    [
      'openid profile email',
      {
        name: 'Ada Lovelace',
        preferred_username: 'Ada Lovelace',
        updated_at: updatedAt,
        email: person.email,
        email_verified: true,
      },
    ],
  ] as const) {
    it(`returns the claims of the scopes: ${scope}`, async () => {
      const token = await obtainAccessToken(scope)
      for (const method of ['GET', 'POST']) {
        const response = await userinfo(provider, token, { method })
        assert.equal(response.headers.get('cache-control'), 'no-store')
        assert.deepEqual([response.status, await response.json()], [200, { sub: person.userId, ...claims }])
      }
    })
  }

  it('has the same updated_at as the id_token, and the new one immediately after a change', async () => {
    const person = await provider.person()
    const body = (
      await redeem(provider, spa, await browser(provider, person).authorize(spa, { scope: 'openid profile' }))
    ).body
    const read = async () =>
      ((await (await userinfo(provider, body['access_token'] ?? '')).json()) as { updated_at: unknown }).updated_at
    assert.equal(await read(), claimsOf(body['id_token'])['updated_at'])
    await provider.database.$client`
      UPDATE users SET name = 'Grace Hopper', updated_at = '2030-01-01T00:00:00.9Z' WHERE id = ${person.userId}`
    const later = 1_893_456_000
    await waitFor(async () => (await read()) === later)
    const second = await redeem(
      provider,
      spa,
      await browser(provider, person).authorize(spa, { scope: 'openid profile' }),
    )
    assert.equal(claimsOf(second.body['id_token'])['updated_at'], later)
  })

  it('has the language and the time zone only if they are chosen, as the id_token, and never of the last sign-in', async () => {
    const person = await provider.person()
    const { $client: sql } = provider.database
    const read = async (scope: string) => {
      const { body } = await redeem(provider, spa, await browser(provider, person).authorize(spa, { scope }))
      const profile = (await (await userinfo(provider, body['access_token'] ?? '')).json()) as Record<string, unknown>
      return [profile, claimsOf(body['id_token'])].map((claims) =>
        Object.entries(claims).filter(([name]) => name === 'locale' || name === 'zoneinfo'),
      )
    }
    await sql`UPDATE users SET language = 'de' WHERE id = ${person.userId}`
    assert.deepEqual(await read('openid profile'), [[], []])
    await sql`UPDATE users SET chosen_language = 'de' WHERE id = ${person.userId}`
    assert.deepEqual(await read('openid profile'), Array(2).fill([['locale', 'de']]))
    await sql`UPDATE users SET time_zone = 'Europe/Vienna' WHERE id = ${person.userId}`
    const both = [
      ['locale', 'de'],
      ['zoneinfo', 'Europe/Vienna'],
    ]
    assert.deepEqual(await read('openid profile'), [both, both])
    assert.deepEqual(await read('openid email'), [[], []])
    await sql`UPDATE users SET chosen_language = NULL WHERE id = ${person.userId}`
    assert.deepEqual(await read('openid profile'), Array(2).fill([['zoneinfo', 'Europe/Vienna']]))
  })

  it('has a new choice immediately, also for a token that was verified before', async () => {
    const person = await provider.person()
    const at = browser(provider, person)
    const { body } = await redeem(provider, spa, await at.authorize(spa, { scope: 'openid profile' }))
    const read = async () =>
      ((await (await userinfo(provider, body['access_token'] ?? '')).json()) as Record<string, unknown>)['zoneinfo']
    assert.equal(await read(), undefined)
    for (const zone of ['Europe/Vienna', 'UTC', null]) {
      await provider.database.$client`UPDATE users SET time_zone = ${zone} WHERE id = ${person.userId}`
      await waitFor(async () => (await read()) === (zone ?? undefined))
    }
  })

  it('is readable for a page of the app, and for no other origin', async () => {
    const token = await obtainAccessToken('openid')
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
