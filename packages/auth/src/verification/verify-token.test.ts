import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { tokenSigner } from '@daytona-auth/testing/token-signer'
import fc from 'fast-check'
import type { JWTHeaderParameters, JWTPayload } from 'jose'
import { isDenied } from '../principal/result.ts'
import type { TokenKeys } from './token-keys.ts'
import { verifySignatures } from './token-signatures.ts'
import { checkToken, isTooLong, looksLikeToken } from './verify-token.ts'

const RULES = { issuer: 'https://api.example.com', audience: 'https://api.example.com' }
const signer = await tokenSigner('ES256', 'kid')
const verify = await verifySignatures([{ kid: 'kid', alg: 'ES256', publicJwk: { ...signer.publicJwk } }], RULES)

/** The keys of a process whose last read of them succeeded or failed. */
const keysOf = (isCurrent: boolean): TokenKeys => ({
  verifierFor: (kid) => (kid === 'kid' ? verify : undefined),
  isLoaded: () => true,
  isCurrent: () => isCurrent,
  load: async () => {},
  close() {},
})
const keys = keysOf(true)

const iat = Math.floor(Date.now() / 1000)
const claims = (more: JWTPayload = {}): JWTPayload => ({
  iss: RULES.issuer,
  aud: RULES.audience,
  sub: 'usr_1',
  client_id: 'app_1',
  gid: 'grant_1',
  jti: 'jti_1',
  scope: 'openid read:volumes',
  iat,
  exp: iat + 3600,
  ...more,
})
const sign = (payload: JWTPayload = claims(), header: Partial<JWTHeaderParameters> = {}) => signer.sign(payload, header)
const outcome = async (token: string, by = keys) => {
  const found = await checkToken(by, token)
  return 'kind' in found && isDenied(found) ? found.reason : found
}
const encode = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

describe('the form of a token', () => {
  for (const [text, expected] of [
    ['', false],
    ['a', false],
    ['a.b', false],
    ['a.b.c', true],
    ['a.b.c.d', false],
    ['.b.c', false],
    ['a..c', false],
    ['a.b.', false],
    ['a.b.c ', false],
    ['a.b.c\n', false],
    ['a.b.c=', false],
    ['a+.b/.c', false],
    ['A-_.0-_.z-_', true],
    ['ä.b.c', false],
  ] as const) {
    it(`${expected ? 'is' : 'is not'} ${JSON.stringify(text)}`, () => assert.equal(looksLikeToken(text), expected))
  }

  it('has at most 8 KiB', () => {
    assert.deepEqual([isTooLong('a'.repeat(8192)), isTooLong('a'.repeat(8193))], [false, true])
  })
})

describe('the check of a token', () => {
  it('returns its claims, in milliseconds and with its scopes apart', async () => {
    assert.deepEqual(await outcome(await sign()), {
      kid: 'kid',
      tokenId: 'jti_1',
      grantId: 'grant_1',
      userId: 'usr_1',
      clientId: 'app_1',
      scopes: ['openid', 'read:volumes'],
      expiresAt: (iat + 3600) * 1000,
      confirmation: null,
      signIn: { acr: undefined, authenticatedAt: undefined },
    })
  })

  it('returns the thumbprint of the key that the token is bound to', async () => {
    const jkt = 'k'.repeat(43)
    const bound = await outcome(await sign(claims({ cnf: { jkt } })))
    assert.equal(typeof bound === 'object' && 'confirmation' in bound && bound.confirmation, jkt)
  })

  for (const [scope, expected] of [
    ['', []],
    [' ', []],
    ['openid', ['openid']],
    ['  openid   email ', ['openid', 'email']],
    ['openid\temail', ['openid\temail']],
  ] as const) {
    it(`reads the scopes of ${JSON.stringify(scope)}`, async () => {
      const found = await checkToken(keys, await sign(claims({ scope })))
      assert.deepEqual('scopes' in found && found.scopes, expected)
    })
  }

  for (const [what, header, expected] of [
    ['without a kid', { kid: undefined }, 'malformed'],
    ['with an empty kid', { kid: '' }, 'malformed'],
    ['with a kid of 257 characters', { kid: 'k'.repeat(257) }, 'malformed'],
    ['with a kid of 256 characters', { kid: 'k'.repeat(256) }, 'unknown-signing-key'],
    ['with an unknown kid', { kid: 'other' }, 'unknown-signing-key'],
    ['with a kid that is a number', { kid: 1 as unknown as string }, 'malformed'],
    ['with a confirmation', { cnf: { jkt: 'x' } }, 'malformed'],
    ['of another type', { typ: 'JWT' }, 'claims'],
    [
      'with a key of its own',
      { jwk: { kty: 'EC' }, jku: 'https://evil.example.com', x5u: 'https://evil.example.com' },
      'accepted',
    ],
  ] as const) {
    it(`of one ${what}: ${expected}`, async () => {
      const found = await outcome(await sign(claims(), header as Partial<JWTHeaderParameters>))
      assert.equal(typeof found === 'string' ? found : 'accepted', expected)
    })
  }

  for (const [what, head] of [
    ['is no JSON', 'not json'],
    ['is a list', []],
    ['is null', null],
    ['is a text', '"kid"'],
    ['has critical members', { alg: 'ES256', kid: 'kid', typ: 'at+jwt', crit: ['x'] }],
  ] as const) {
    it(`refuses one whose header ${what} as malformed`, async () => {
      const [, payload, signature] = (await sign()).split('.')
      assert.equal(await outcome(`${encode(head)}.${payload}.${signature}`), 'malformed')
    })
  }

  for (const [what, more, expected] of [
    ['has expired', { exp: iat - 10 }, 'expired'],
    ['is of another issuer', { iss: 'https://evil.example.com' }, 'claims'],
    ['is for several audiences', { aud: [RULES.audience] }, 'claims'],
    ['has an empty subject', { sub: '' }, 'claims'],
    ['has an empty grant', { gid: '' }, 'claims'],
    ['has an empty id', { jti: '' }, 'claims'],
    ['has an empty client', { client_id: '' }, 'claims'],
    ['has scopes in a list', { scope: ['openid'] }, 'claims'],
    ['is bound to a thumbprint of another length', { cnf: { jkt: 'x' } }, 'claims'],
    ['is bound to a certificate too', { cnf: { jkt: 'k'.repeat(43), 'x5t#S256': 'k'.repeat(43) } }, 'claims'],
    ['is not valid yet', { nbf: iat + 3600 }, 'claims'],
  ] as const) {
    it(`refuses one that ${what}: ${expected}`, async () => {
      assert.equal(await outcome(await sign(claims(more as unknown as JWTPayload))), expected)
    })
  }

  it('with an unknown key is a 503 if the keys could not be read, and a 401 if they were', async () => {
    const token = await sign(claims(), { kid: 'other' })
    const unread = await checkToken(keysOf(false), token)
    assert.ok('kind' in unread)
    assert.deepEqual([unread.reason, unread.statusCode, unread.retryAfterSeconds], ['unavailable', 503, 1])
    assert.equal(await outcome(token), 'unknown-signing-key')
    assert.equal(typeof (await outcome(await sign(), keysOf(false))), 'object', 'a known one is used')
  })

  it('accepts a signature in one spelling only', async () => {
    const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const token = await sign()
    const accepted = []
    for (const last of ALPHABET) if (typeof (await outcome(token.slice(0, -1) + last)) !== 'string') accepted.push(last)
    assert.deepEqual(accepted, [token.at(-1)])
    for (const padded of [`${token}=`, `${token}A`, `${token}==`])
      assert.equal(typeof (await outcome(padded)), 'string')
  })

  it('refuses any text without an exception', async () => {
    const part = fc.oneof(fc.string(), fc.base64String(), fc.jsonValue().map(encode))
    await fc.assert(
      fc.asyncProperty(part, part, part, async (...parts) => {
        const found = await checkToken(keys, parts.join('.'))
        assert.ok('kind' in found && found.statusCode === 401)
      }),
      { numRuns: 300 },
    )
  })
})
