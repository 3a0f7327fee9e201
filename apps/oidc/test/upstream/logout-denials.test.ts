import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { CompactEncrypt, EncryptJWT, exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import { send } from '../browser/visitor.ts'
import { companies } from './companies.ts'
import { LOGOUT_EVENT, logoutClaims, sendLogout, signLogoutToken } from './logout-tokens.ts'
import { acme, answerOf, mockUpstream } from './mock-upstream.ts'

const operators = await mockUpstream({ after })
const other = await mockUpstream({ after })
const CLIENT_SECRET = 'secret of the client at the upstream provider, and long enough to sign with'
const { provider, sql, open, mock, company, signIn } = await companies(
  { after },
  {
    ...acme(operators.issuer, CLIENT_SECRET),
    UPSTREAM_OTHER_ISSUER: other.issuer,
    UPSTREAM_OTHER_CLIENT_ID: 'daytona',
    UPSTREAM_OTHER_CLIENT_SECRET: CLIENT_SECRET,
    UPSTREAM_GITHUB_CLIENT_ID: 'daytona',
    UPSTREAM_GITHUB_CLIENT_SECRET: CLIENT_SECRET,
    FAILED_SIGN_INS_ADDRESS_LIMIT: '1000',
  },
)
const one = await company()
const two = await company()

const ADA = { sub: 'ada', email: 'ada@acme.example', email_verified: true, sid: 'the session of Ada' }
operators.claims = ADA
const { visit, page } = await open()
const { location } = await send(visit, page, 'upstream/acme', {})
if (!location) throw new Error('no authorization request')
await visit.follow(await visit.get(await answerOf(location)))
await signIn(`bob@${one.domain}`, { sub: 'bob', sid: 'the session of Bob' })

const sessions = async () => {
  const rows = await sql<{ email: string }[]>`
    SELECT email FROM oidc_artifacts JOIN users ON users.id = account_id WHERE model = 'Session' ORDER BY email`
  return rows.map(({ email }) => email)
}
const BOTH = [ADA.email, `bob@${one.domain}`].sort()

const foreign = await generateKeyPair('RS256')
const own = await generateKeyPair('ES256')
const now = Math.floor(Date.now() / 1000)
const VALID = { sub: 'ada', sid: ADA.sid }
const sign = (claims: Record<string, unknown>, header: Record<string, unknown> = {}) =>
  signLogoutToken(operators, { claims: { ...VALID, ...claims }, header })
const claims = logoutClaims(operators, VALID)
const signForeign = async (header: Record<string, unknown>) =>
  new SignJWT(claims)
    .setProtectedHeader({ alg: 'RS256', kid: String(operators.server.issuer.keys.toJSON()[0]?.kid), ...header })
    .sign(foreign.privateKey)

/** A token that ends nothing, for each claim and kind. */
const TOKENS: Record<string, () => Promise<string> | string> = {
  'without a signature (alg none)': () => new UnsecuredJWT(claims).encode(),
  'without a signature': async () => (await sign({})).replace(/[^.]*$/, ''),
  'with the signature of another token': async () =>
    (await sign({})).replace(/[^.]*$/, (await sign({ sid: 'x' })).split('.')[2] ?? ''),
  'signed by a foreign key': () => signForeign({}),
  'signed by the key that its own header names': async () => signForeign({ jwk: await exportJWK(foreign.publicKey) }),
  'signed with the client secret (HS256)': () =>
    new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(CLIENT_SECRET)),
  'signed with the public key as a secret (HS256)': () =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256' })
      .sign(Buffer.from(JSON.stringify(operators.server.issuer.keys.toJSON()[0]))),
  'signed with an algorithm that the provider does not use': () =>
    new SignJWT(claims).setProtectedHeader({ alg: 'ES256' }).sign(own.privateKey),
  'with a critical header': () => signForeign({ crit: ['b64'], b64: true }),
  'that is encrypted': () =>
    new EncryptJWT(claims).setProtectedHeader({ alg: 'dir', enc: 'A256GCM' }).encrypt(Buffer.alloc(32, 1)),
  'that is signed and encrypted': async () =>
    new CompactEncrypt(Buffer.from(await sign({})))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
      .encrypt(Buffer.alloc(32, 1)),
  'that is too long': () => sign({ padding: 'x'.repeat(8192) }),
  'that is no token': () => 'x.y.z',
  'that is empty': () => '',
  'of the type of an access token': () => sign({}, { typ: 'at+jwt' }),
  'of the type of a security event': () => sign({}, { typ: 'secevent+jwt' }),
  'without iss': () => sign({ iss: undefined }),
  'of another iss': () => sign({ iss: other.issuer }),
  'of an iss with a slash more': () => sign({ iss: `${operators.issuer}/` }),
  'without aud': () => sign({ aud: undefined }),
  'for another client': () => sign({ aud: 'another client' }),
  'for other clients': () => sign({ aud: ['another client', 'daytona2'] }),
  'without iat': () => sign({ iat: undefined }),
  'with iat in the future': () => sign({ iat: now + 60, exp: now + 120 }),
  'with iat more than five minutes ago': () => sign({ iat: now - 360 }),
  'with iat that is no number': () => sign({ iat: String(now) }),
  'with iat that is no integer': () => sign({ iat: now - 0.5 }),
  'without exp': () => sign({ exp: undefined }),
  'that has expired': () => sign({ iat: now - 120, exp: now - 60 }),
  'with exp that is no number': () => sign({ exp: String(now + 60) }),
  'that is not valid yet': () => sign({ nbf: now + 60 }),
  'without jti': () => sign({ jti: undefined }),
  'with an empty jti': () => sign({ jti: '' }),
  'with jti that is no text': () => sign({ jti: 1 }),
  'with a very long jti': () => sign({ jti: 'x'.repeat(513) }),
  'without events': () => sign({ events: undefined }),
  'with events that is a text': () => sign({ events: LOGOUT_EVENT }),
  'with events that is a list': () => sign({ events: [LOGOUT_EVENT] }),
  'with another event': () => sign({ events: { 'http://schemas.openid.net/event/other': {} } }),
  'with an event that is no object': () => sign({ events: { [LOGOUT_EVENT]: true } }),
  'with an event that is null': () => sign({ events: { [LOGOUT_EVENT]: null } }),
  'with an event that is a list': () => sign({ events: { [LOGOUT_EVENT]: [] } }),
  'with a nonce': () => sign({ nonce: 'x' }),
  'with a nonce that is null': () => sign({ nonce: null }),
  'with neither sub nor sid': () => sign({ sub: undefined, sid: undefined }),
  'with sub that is no text': () => sign({ sub: 1 }),
  'with an empty sub': () => sign({ sub: '' }),
  'with a sub of 256 characters': () => sign({ sub: 'x'.repeat(256) }),
  'with sid that is no text': () => sign({ sid: ['x'] }),
  'with an empty sid': () => sign({ sid: '' }),
  'with a sid of 256 characters': () => sign({ sid: 'x'.repeat(256) }),
}

describe('a logout token is refused', () => {
  for (const [what, make] of Object.entries(TOKENS)) {
    it(what, async () => {
      const { status, headers, body } = await sendLogout(provider, 'acme', { logout_token: await make() })
      assert.equal(status, 400, body)
      assert.equal(headers.get('cache-control'), 'no-store')
      const answer = JSON.parse(body)
      assert.deepEqual(Object.keys(answer), ['error', 'error_description'])
      assert.equal(answer.error, 'invalid_request')
      assert.deepEqual(await sessions(), BOTH)
    })
  }

  it('at another provider of the deployment, at an organization, and of another organization', async () => {
    const ofAcme = await sign({})
    const ofOne = await signLogoutToken(mock, { claims: { sub: 'bob', sid: 'the session of Bob' } })
    for (const [name, token] of [
      ['other', ofAcme],
      [one.organizationId, ofAcme],
      ['acme', ofOne],
    ] as const) {
      const { status, body } = await sendLogout(provider, name, { logout_token: token })
      assert.equal(status, 400, `${name}: ${body}`)
    }
    // Both organizations have the same provider and client: the token is valid, and ends nothing of the other one.
    assert.equal((await sendLogout(provider, two.organizationId, { logout_token: ofOne })).status, 200)
    assert.deepEqual(await sessions(), BOTH)
  })

  it('at a provider that does not exist or sends none', async () => {
    for (const name of ['unknown', 'github', 'org_unknown', 'x'.repeat(65), '__proto__', 'constructor']) {
      const { status, headers } = await sendLogout(provider, name, { logout_token: await sign({}) })
      assert.ok(status === 404 || (name.length > 64 && status === 400), `${name}: ${status}`)
      assert.equal(headers.get('cache-control'), 'no-store')
      assert.match(headers.get('content-type') ?? '', /^application\/json/)
    }
  })

  it('twice in a form, beside nothing, in a query or in another form of body', async () => {
    const token = await sign({})
    const url = `${provider.issuer}/oauth/upstream/acme/backchannel-logout`
    const json = { 'content-type': 'application/json' }
    const requests: readonly [number, string, RequestInit][] = [
      [
        400,
        url,
        {
          body: new URLSearchParams([
            ['logout_token', token],
            ['logout_token', token],
          ]),
        },
      ],
      [400, url, { body: new URLSearchParams({ token }) }],
      [400, `${url}?logout_token=${token}`, { body: new URLSearchParams() }],
      [400, `${url}?logout_token=${token}`, {}],
      [415, url, { body: JSON.stringify({ logout_token: token }), headers: json }],
      [413, url, { body: new URLSearchParams({ logout_token: 'x'.repeat(16 * 1024) }) }],
    ]
    for (const [expected, to, init] of requests) {
      const { status, headers } = await fetch(to, { method: 'POST', ...init })
      assert.equal(status, expected, `${to.length} ${JSON.stringify(init).slice(0, 60)}`)
      assert.equal(headers.get('cache-control'), 'no-store')
    }
    for (const method of ['GET', 'PUT', 'DELETE']) assert.equal((await fetch(url, { method })).status, 405)
    assert.deepEqual(await sessions(), BOTH)
  })

  it('a second time, and is accepted with each usual type', async () => {
    for (const header of [
      { typ: undefined },
      { typ: 'JWT' },
      { typ: 'logout+jwt' },
      { typ: 'application/logout+JWT' },
    ]) {
      const token = await sign({ sid: 'of unknown' }, header)
      const first = await sendLogout(provider, 'acme', { logout_token: token })
      assert.deepEqual([first.status, first.body], [200, ''], JSON.stringify(header))
      assert.equal(first.headers.get('cache-control'), 'no-store')
      const again = await sendLogout(provider, 'acme', { logout_token: token })
      assert.match(again.body, /used before/)
      assert.equal(again.status, 400)
    }
    assert.deepEqual(await sessions(), BOTH)
  })

  it('without any of it in the log', async () => {
    const text = provider.log.text()
    assert.ok(text.includes('logout token has a nonce'))
    for (const secret of ['eyJ', ADA.sid, CLIENT_SECRET]) assert.equal(text.includes(secret), false, secret)
  })
})
