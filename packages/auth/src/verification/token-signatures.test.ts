import assert from 'node:assert/strict'
import { createHmac, createPublicKey, type webcrypto } from 'node:crypto'
import { describe, it } from 'node:test'
import { type TokenSigner, tokenSigner } from '@daytona-auth/testing/token-signer'
import type { JWTHeaderParameters, JWTPayload } from 'jose'
import { verifySignatures } from './token-signatures.ts'

const RULES = { issuer: 'https://api.example.com', audience: 'https://api.example.com' }

async function signer(alg: 'ES256' | 'RS256' | 'EdDSA', kid: string) {
  const made = await tokenSigner(alg, kid)
  return { ...made, publicJwk: { ...made.publicJwk } }
}
const [es, other, rs, unused] = [
  await signer('ES256', 'es'),
  await signer('ES256', 'other'),
  await signer('RS256', 'rs'),
  await signer('EdDSA', 'ed'),
]
const verify = await verifySignatures([es, other, rs, unused], RULES)

const now = () => Math.floor(Date.now() / 1000)
const claims = (more: JWTPayload = {}): JWTPayload => ({
  iss: RULES.issuer,
  aud: RULES.audience,
  sub: 'usr_1',
  client_id: 'app_1',
  gid: 'grant_1',
  jti: 'jti_1',
  scope: 'openid',
  iat: now(),
  exp: now() + 60,
  ...more,
})
const sign = (by: Pick<TokenSigner, 'sign'>, payload = claims(), header: Partial<JWTHeaderParameters> = {}) =>
  by.sign(payload, header)
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

describe('the check of a signature', () => {
  for (const by of [es, rs]) {
    it(`returns the payload of a token by ${by.alg}`, async () => {
      const payload = claims({ extra: 1 })
      assert.deepEqual(verify(by.kid, await sign(by, payload)), payload)
    })
  }

  it('is made each time: the library caches no answer, which revocations would not invalidate', async () => {
    const token = await sign(es)
    for (const audience of ['ours', 'any'] as const) {
      const [first, again] = [verify(es.kid, token, audience), verify(es.kid, token, audience)]
      assert.deepEqual(first, again)
      assert.notEqual(first, again)
    }
  })

  it('returns nothing for a key that does not exist, or whose algorithm is not allowed', async () => {
    for (const kid of ['unknown', unused.kid, 'constructor', '__proto__', ''])
      assert.equal(verify(kid, await sign(es)), undefined, kid)
  })

  it('refuses a token of another key', async () => {
    const token = await sign(es)
    for (const kid of [other.kid, rs.kid]) assert.throws(() => verify(kid, token), { name: /Token|FastJwt|Error/ }, kid)
  })

  it('refuses a token without a signature, and one whose secret is the public key', () => {
    const payload = encode(claims())
    const none = encode({ alg: 'none', kid: es.kid, typ: 'at+jwt' })
    assert.throws(() => verify(es.kid, `${none}.${payload}.`))
    assert.throws(() => verify(es.kid, `${none}.${payload}.AA`))
    const pem = createPublicKey({ key: rs.publicJwk as webcrypto.JsonWebKey, format: 'jwk' }).export({
      type: 'spki',
      format: 'pem',
    })
    for (const secret of [pem, JSON.stringify(rs.publicJwk)]) {
      const head = encode({ alg: 'HS256', kid: rs.kid, typ: 'at+jwt' })
      const signature = createHmac('sha256', secret).update(`${head}.${payload}`).digest('base64url')
      assert.throws(() => verify(rs.kid, `${head}.${payload}.${signature}`))
    }
  })

  it('refuses a signature of another payload or header', async () => {
    const [head = '', payload = '', signature = ''] = (await sign(es)).split('.')
    const [, otherPayload = ''] = (await sign(es, claims({ sub: 'usr_2' }))).split('.')
    for (const forged of [
      `${head}.${otherPayload}.${signature}`,
      `${encode({ alg: 'ES256', typ: 'at+jwt', kid: 'es', x: 1 })}.${payload}.${signature}`,
    ]) {
      assert.throws(() => verify(es.kid, forged))
    }
  })

  const LATER = 3600
  const REFUSED: Record<string, () => Promise<string>> = {
    'of another issuer': () => sign(es, claims({ iss: 'https://evil.example.com' })),
    'of an issuer with a slash more': () => sign(es, claims({ iss: `${RULES.issuer}/` })),
    'for another audience': () => sign(es, claims({ aud: 'https://other.example.com' })),
    'that has expired': () => sign(es, claims({ exp: now() - 1 })),
    'that expires now': () => sign(es, claims({ exp: now() })),
    'that is not valid yet': () => sign(es, claims({ nbf: now() + LATER })),
    'of the type JWT': () => sign(es, claims(), { typ: 'JWT' }),
    'without a type': () => sign(es, claims(), { typ: undefined as unknown as string }),
    'with an expiry that is a text': () => sign(es, { ...claims(), exp: String(now() + LATER) as unknown as number }),
    ...Object.fromEntries(
      ['iss', 'sub', 'aud', 'client_id', 'iat', 'exp', 'jti', 'scope', 'gid'].map((name) => [
        `without ${name}`,
        () => {
          const { [name]: _, ...rest } = claims()
          return sign(es, rest)
        },
      ]),
    ),
  }
  for (const [what, make] of Object.entries(REFUSED)) {
    it(`refuses a token ${what}`, async () => {
      const token = await make()
      assert.throws(() => verify(es.kid, token))
    })
  }

  /** The denials that only concern our own API. */
  const OF_OURS = new Set(['for another audience', 'without scope'])
  it('for any audience refuses the same tokens, except those with another audience or without scopes', async () => {
    for (const [what, make] of Object.entries(REFUSED)) {
      const token = await make()
      if (OF_OURS.has(what)) assert.ok(verify(es.kid, token, 'any'), what)
      else assert.throws(() => verify(es.kid, token, 'any'), what)
    }
    const token = await sign(es, claims({ aud: 'https://other.example.com' }))
    for (const kid of [other.kid, rs.kid]) assert.throws(() => verify(kid, token, 'any'), kid)
    for (const kid of ['unknown', unused.kid, 'es for any audience', ''])
      assert.equal(verify(kid, token, 'any'), undefined)
    assert.equal(verify('es for any audience', token), undefined)
  })

  it('is not made for a key that has no public half', async () => {
    await assert.rejects(
      verifySignatures([{ kid: 'bad', alg: 'ES256', publicJwk: { kty: 'oct', k: 'c2VjcmV0' } }], RULES),
    )
    await assert.rejects(verifySignatures([{ kid: 'bad', alg: 'ES256', publicJwk: {} }], RULES))
  })

  it('of no keys knows none', async () => {
    assert.equal((await verifySignatures([], RULES))('es', await sign(es)), undefined)
  })
})
