import assert from 'node:assert/strict'
import { after, afterEach, describe, it } from 'node:test'
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import { textOf, visitor } from '../browser/visitor.ts'
import { acme, answerOf, mockUpstream, providerWithUpstream } from './mock-upstream.ts'

let time = Date.now()
const mock = await mockUpstream({ after })
const other = await mockUpstream({ after })
const { provider, open, begin } = await providerWithUpstream(
  { after },
  {
    ...acme(mock.issuer),
    UPSTREAM_OTHER_ISSUER: other.issuer,
    UPSTREAM_OTHER_CLIENT_ID: 'daytona',
    UPSTREAM_OTHER_CLIENT_SECRET: 'secret',
    FAILED_SIGN_INS_ADDRESS_LIMIT: '1000',
  },
  { now: () => time },
)
const ada = { sub: 'ada', email: 'ada@acme.example', email_verified: true, name: 'Ada' }
const { $client: sql } = provider.database

afterEach(() => {
  mock.reset()
  other.reset()
})

/** Runs a sign-in and returns the last page. */
async function attempt() {
  const { visit, page } = await open()
  const callback = await answerOf(await begin(visit, page))
  return { visit, callback, answer: await visit.follow(await visit.get(callback)) }
}

/** Nothing was created and no user is signed in. */
async function assertSignedOut(visit: Awaited<ReturnType<typeof open>>['visit']) {
  const [row] = await sql`SELECT count(*)::int AS users FROM users WHERE email LIKE '%acme.example'`
  assert.equal(row?.['users'], 0)
  assert.deepEqual(
    visit.cookies.filter(({ name }) => name.endsWith('_session')),
    [],
  )
}

describe('a callback is refused', () => {
  it('with a forged state, without one, or without the attempt', async () => {
    mock.claims = ada
    const { visit, page } = await open()
    const callback = await answerOf(await begin(visit, page))
    const requests = mock.tokenRequests
    for (const state of ['', 'x', 'A'.repeat(43), `${callback.searchParams.get('state')}x`]) {
      const forged = new URL(callback)
      forged.searchParams.set('state', state)
      const answer = await visit.get(forged)
      assert.equal(answer.status, 400)
      assert.match(textOf(answer), /This sign-in has expired/)
    }
    callback.searchParams.delete('state')
    assert.equal((await visit.get(callback)).status, 400)
    assert.equal(mock.tokenRequests, requests, 'a code was sent')
    await assertSignedOut(visit)
  })

  it('in another browser, also in one with an attempt of its own', async () => {
    mock.claims = ada
    const { visit, page } = await open()
    const callback = await answerOf(await begin(visit, page))
    assert.equal((await visitor(provider.issuer).get(callback)).status, 400)
    const victim = await open()
    await begin(victim.visit, victim.page)
    const requests = mock.tokenRequests
    const answer = await victim.visit.follow(await victim.visit.get(callback))
    assert.equal(answer.status, 400)
    assert.equal(mock.tokenRequests, requests)
    await assertSignedOut(victim.visit)
  })

  it('of another interaction of the same browser', async () => {
    mock.claims = ada
    const { visit, page } = await open()
    const callback = await answerOf(await begin(visit, page))
    const second = await open()
    const [, uid] = /interaction\/([^/]+)/.exec(second.page.url.pathname) ?? []
    for (const cookie of second.visit.cookies) visit.plant(cookie)
    const answer = await visit.get(`/oauth/interaction/${uid}/upstream/acme/callback${callback.search}`)
    assert.equal(answer.status, 400)
    await assertSignedOut(visit)
  })

  it('for another upstream provider than the one that the user chose (mix-up)', async () => {
    other.claims = ada
    const { visit, page } = await open()
    const callback = await answerOf(await begin(visit, page))
    const crossed = new URL(callback.href.replace('/acme/', '/other/'))
    assert.equal((await visit.get(crossed)).status, 400)
    const [, uid] = /interaction\/([^/]+)/.exec(page.url.pathname) ?? []
    assert.equal((await visit.get(`/oauth/interaction/${uid}/upstream/other/callback${callback.search}`)).status, 400)
    assert.equal(other.tokenRequests, 0)
  })

  it('with the iss of another issuer (RFC 9207)', async () => {
    mock.claims = ada
    mock.redirect = (url) => url.searchParams.set('iss', other.issuer)
    const { visit, answer } = await attempt()
    assert.equal(answer.status, 400)
    assert.match(textOf(answer), /The answer of Acme could not be verified/)
    await assertSignedOut(visit)
  })

  it('after ten minutes', async () => {
    mock.claims = ada
    const { visit, page } = await open()
    const callback = await answerOf(await begin(visit, page))
    time += 10 * 60_000
    const answer = await visit.get(callback)
    time -= 10 * 60_000
    assert.equal(answer.status, 400)
    await assertSignedOut(visit)
  })

  it('a second time', async () => {
    mock.claims = { ...ada, email_verified: false }
    const { visit, callback, answer } = await attempt()
    assert.match(textOf(answer), /Acme has not verified your email address/)
    const again = await visit.get(callback)
    assert.equal(again.status, 400)
    assert.match(textOf(again), /This sign-in has expired/)
  })

  it('with a code that was redeemed', async () => {
    mock.claims = ada
    const { visit, page } = await open()
    const callback = await answerOf(await begin(visit, page))
    // Redeemed by another client: the provider answers as for an unknown code.
    callback.searchParams.set('code', 'redeemed')
    const answer = await visit.follow(await visit.get(callback))
    assert.equal(answer.status, 400)
    assert.match(textOf(answer), /The answer of Acme could not be verified/)
    await assertSignedOut(visit)
  })

  it('after another user has signed in to this browser', async () => {
    mock.claims = ada
    const { visit, page } = await open()
    const callback = await answerOf(await begin(visit, page))
    const second = await open()
    other.claims = { sub: 'eve', email: 'eve@other.example', email_verified: true }
    await second.visit.follow(await second.visit.get(await answerOf(await begin(second.visit, second.page, 'other'))))
    for (const cookie of second.visit.cookies) if (cookie.name.includes('_session')) visit.plant(cookie)
    const answer = await visit.follow(await visit.get(callback))
    assert.equal(answer.status, 409)
    assert.match(textOf(answer), /This page is out of date/)
  })
})

const foreign = await generateKeyPair('RS256')

/** Makes an id_token of the same claims with another signature. */
const TOKENS: Record<string, (claims: Record<string, unknown>) => Promise<string> | string> = {
  'without a signature (alg none)': (claims) => new UnsecuredJWT(claims).encode(),
  'signed by a foreign key': (claims) =>
    new SignJWT(claims).setProtectedHeader({ alg: 'RS256' }).sign(foreign.privateKey),
  'signed by the key that its own header names': async (claims) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', jwk: await exportJWK(foreign.publicKey) })
      .sign(foreign.privateKey),
  'signed with the client secret (HS256)': (claims) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256' })
      .sign(Buffer.from('secret of the client at the upstream provider')),
  'that is no token': () => 'x.y.z',
}

describe('an id_token is refused', () => {
  for (const [what, make] of Object.entries(TOKENS)) {
    it(what, async () => {
      mock.claims = ada
      const { visit, page } = await open()
      const authorization = await begin(visit, page)
      const nonce = authorization.searchParams.get('nonce')
      const now = Math.floor(Date.now() / 1000)
      const token = await make({ ...ada, iss: mock.issuer, aud: 'daytona', nonce, iat: now, exp: now + 300 })
      mock.respond = (body) => Object.assign(body, { id_token: token })
      const answer = await visit.follow(await visit.get(await answerOf(authorization)))
      assert.equal(answer.status, 400)
      assert.match(textOf(answer), /The answer of Acme could not be verified/)
      await assertSignedOut(visit)
    })
  }

  const now = Math.floor(Date.now() / 1000)
  const CLAIMS: Record<string, Record<string, unknown>> = {
    'with another nonce': { nonce: 'x' },
    'without a nonce': { nonce: undefined },
    'of another issuer': { iss: 'https://evil.example' },
    'for another client': { aud: 'another' },
    'for another authorized party': { aud: ['daytona', 'another'], azp: 'another' },
    'that has expired': { exp: now - 60 },
    'from the future': { nbf: now + 600 },
    'without a subject': { sub: undefined },
    'with an empty subject': { sub: '' },
    'with a subject that is too long': { sub: 'x'.repeat(256) },
    'with a subject that is no ASCII': { sub: 'ädä' },
  }
  for (const [what, claims] of Object.entries(CLAIMS)) {
    it(what, async () => {
      mock.claims = { ...ada, ...claims }
      const { visit, answer } = await attempt()
      assert.equal(answer.status, 400)
      assert.match(textOf(answer), /The answer of Acme could not be verified/)
      await assertSignedOut(visit)
    })
  }

  it('that is missing', async () => {
    mock.claims = ada
    mock.respond = (body) => delete body['id_token']
    assert.match(textOf((await attempt()).answer), /The answer of Acme could not be verified/)
  })
})

it('logs no code, state, token or address of a failed sign-in', async () => {
  mock.claims = { ...ada, aud: 'another' }
  const { callback } = await attempt()
  const log = JSON.stringify(provider.log.lines())
  assert.match(log, /upstream sign-in failed/)
  for (const secret of [callback.searchParams.get('code'), callback.searchParams.get('state'), 'ada@acme', 'eyJ']) {
    assert.ok(secret && !log.includes(secret), String(secret))
  }
})
