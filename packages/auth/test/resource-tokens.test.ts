import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { proofSigner } from '@daytona-auth/testing/proof-signer'
import fc from 'fast-check'
import { exportSPKI, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { isDenied } from '../src/principal/result.ts'
import { ADDRESS, AUDIENCE, claimsOf, ISSUER, sign, verifierOn, world } from './world.ts'

const OTHER = 'https://invoices.example.com'

const here = await world({ after })
const signer = await here.signer()
const rsa = await here.signer('RS256')
await here.publish(signer)
await here.publish(rsa)
const { verifier } = await verifierOn({ after }, here.url)
const owner = await here.user()
const app = await here.client()
const grantId = await here.grant(owner, app, { scopes: ['openid', 'read:sandboxes'] })
const key = await proofSigner()
const stranger = await generateKeyPair('ES256', { extractable: true })

/** The claims of a token for another API. */
const claims = (more: JWTPayload = {}) =>
  claimsOf({ userId: owner, clientId: app, grantId }, { aud: OTHER, scope: 'invoices:read', ...more })
const check = async (token: string) => {
  const found = await verifier.checkResourceToken(token)
  return 'kind' in found ? found.reason : found
}
const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds
const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
const header = { alg: 'ES256', typ: 'at+jwt', kid: signer.kid }

describe('a token for another audience, checked for introspection,', () => {
  it('has its audience, its own scopes, and its expiry in milliseconds', async () => {
    const payload = claims()
    assert.deepEqual(await check(await sign(signer, payload)), {
      kid: signer.kid,
      tokenId: payload.jti,
      grantId,
      userId: owner,
      clientId: app,
      scopes: ['invoices:read'],
      expiresAt: (payload.exp ?? 0) * 1000,
      confirmation: null,
      signIn: { acr: undefined, authenticatedAt: undefined },
      audience: OTHER,
    })
  })

  it('may have no scopes, be signed with RS256, and be bound to a key', async () => {
    const bound = { cnf: { jkt: key.thumbprint } }
    for (const [token, scopes, confirmation] of [
      [await sign(signer, claims({ scope: undefined } as never)), [], null],
      [await sign(signer, claims({ scope: '' })), [], null],
      [await sign(rsa, claims()), ['invoices:read'], null],
      [await sign(signer, claims(bound)), ['invoices:read'], key.thumbprint],
    ] as const) {
      assert.partialDeepStrictEqual(await check(token), { scopes, confirmation, audience: OTHER })
    }
  })

  it('may have our own audience: the caller compares it', async () => {
    assert.partialDeepStrictEqual(await check(await sign(signer, claims({ aud: AUDIENCE }))), { audience: AUDIENCE })
  })

  const FORGERIES: Record<string, [token: () => string | Promise<string>, reason: string]> = {
    'that is unsigned': [() => `${encode({ ...header, alg: 'none' })}.${encode(claims())}.`, 'signature'],
    'of alg none with a signature': [
      () => `${encode({ ...header, alg: 'none' })}.${encode(claims())}.eHg`,
      'signature',
    ],
    'of HS256 keyed with our public key': [
      async () => {
        const input = `${encode({ ...header, alg: 'HS256' })}.${encode(claims())}`
        const pem = await exportSPKI(signer.publicKey)
        return `${input}.${createHmac('sha256', pem).update(input).digest('base64url')}`
      },
      'signature',
    ],
    'signed by a stranger': [() => sign({ ...signer, privateKey: stranger.privateKey }, claims()), 'signature'],
    'with the kid of another algorithm': [() => sign({ ...rsa, kid: signer.kid }, claims()), 'signature'],
    'with an unknown kid': [() => sign({ ...signer, kid: 'unknown' }, claims()), 'unknown-signing-key'],
    'that is an id_token': [() => sign(signer, claims(), { typ: 'JWT' }), 'claims'],
    'that is a logout token': [() => sign(signer, claims(), { typ: 'logout+jwt' }), 'claims'],
    'that brings its own key': [
      () =>
        new SignJWT(claims()).setProtectedHeader({ ...header, kid: 'x', jwk: { kty: 'EC' } }).sign(stranger.privateKey),
      'unknown-signing-key',
    ],
    'of another issuer': [() => sign(signer, claims({ iss: 'https://evil.example' })), 'claims'],
    'of our issuer with a slash': [() => sign(signer, claims({ iss: `${ISSUER}/` })), 'claims'],
    'that has expired': [() => sign(signer, claims({ exp: inSeconds(-1) })), 'expired'],
    'that is not valid yet': [() => sign(signer, claims({ nbf: inSeconds(60) })), 'claims'],
    'for several audiences': [() => sign(signer, claims({ aud: [OTHER, AUDIENCE] })), 'claims'],
    'for one audience in a list': [() => sign(signer, claims({ aud: [OTHER] })), 'claims'],
    'without an audience': [() => sign(signer, claims({ aud: undefined } as never)), 'claims'],
    'without a user': [() => sign(signer, claims({ sub: '' })), 'claims'],
    'without a client': [() => sign(signer, claims({ client_id: undefined })), 'claims'],
    'without a grant': [() => sign(signer, claims({ gid: undefined })), 'claims'],
    'with scopes in a list': [() => sign(signer, claims({ scope: ['invoices:read'] })), 'claims'],
    'bound to a certificate': [() => sign(signer, claims({ cnf: { 'x5t#S256': 'x' } })), 'claims'],
    'bound to a key and a certificate': [
      () => sign(signer, claims({ cnf: { jkt: key.thumbprint, 'x5t#S256': 'x' } })),
      'claims',
    ],
    'longer than any token': [() => sign(signer, claims({ more: 'x'.repeat(8192) })), 'malformed'],
    'that is an API key': [() => `dta_${'x'.repeat(49)}`, 'malformed'],
    'that is empty': [() => '', 'malformed'],
  }
  for (const [what, [token, reason]] of Object.entries(FORGERIES)) {
    it(`${what} is refused: ${reason}`, async () => {
      assert.equal(await check(await token()), reason)
    })
  }

  it('is refused with any change of its text', async () => {
    const token = await sign(signer, claims())
    await fc.assert(
      fc.asyncProperty(
        fc.nat(token.length - 1),
        fc.constantFrom(...'AZaz09-_.='),
        fc.constantFrom('replace', 'insert', 'remove'),
        async (at, character, how) => {
          const changed =
            token.slice(0, at) + (how === 'remove' ? '' : character) + token.slice(how === 'insert' ? at : at + 1)
          fc.pre(changed !== token)
          assert.equal(typeof (await check(changed)), 'string', changed)
        },
      ),
    )
  })
})

describe('a token for another audience authenticates no request', () => {
  const ORIGIN = 'https://api.example.com/sandbox'
  const WAYS: Record<string, (token: string) => Promise<unknown>> = {
    'as a bearer token': async (token) => verifier.verify(token, ADDRESS),
    'introspected as one of ours': async (token) => verifier.verifyForClient(token, 'app_1'),
    'with a proof of its key': async (token) =>
      verifier.verifyBound(
        token,
        { proof: await key.proof('GET', ORIGIN, token), method: 'GET', url: ORIGIN },
        ADDRESS,
      ),
    'checked as one of ours': (token) => verifier.checkToken(token),
  }
  for (const [way, verify] of Object.entries(WAYS)) {
    it(way, async () => {
      for (const more of [
        {},
        { scope: 'openid read:sandboxes' },
        { scope: 'admin:organization' },
        { cnf: { jkt: key.thumbprint } },
        { aud: `${AUDIENCE}/` },
        { aud: AUDIENCE.toUpperCase() },
        { aud: `${AUDIENCE}/invoices` },
        { aud: [AUDIENCE, OTHER] },
        { aud: '' },
      ]) {
        const answer = await verify(await sign(signer, claims(more)))
        assert.ok(isDenied(answer as never), JSON.stringify(more))
        assert.equal((answer as { reason: string }).reason, 'claims', JSON.stringify(more))
      }
    })
  }
})
