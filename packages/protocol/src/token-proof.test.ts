import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { proofSigner } from '@daytona-auth/testing/proof-signer'
import fc from 'fast-check'
import { exportJWK, generateKeyPair, type JWK } from 'jose'
import { presentedProof, proofCheck } from './token-proof.ts'

const URL_OF_REQUEST = 'https://api.example.com/sandbox'
const TOKEN = 'a.b.c'
const NOW = Math.floor(Date.now() / 1000) * 1000
const signer = await proofSigner()
const stranger = await proofSigner()
const rsa = await proofSigner('RS256')
const privateJwk = await exportJWK((await generateKeyPair('ES256', { extractable: true })).privateKey)

function setUp() {
  const clock = { wall: NOW, monotonic: 0 }
  const check = proofCheck({ now: () => clock.wall, monotonicNow: () => clock.monotonic })
  const asked = (proof: string | undefined, thumbprint = signer.thumbprint) =>
    check({ proof, method: 'GET', url: URL_OF_REQUEST }, TOKEN, thumbprint)
  return { clock, asked }
}

const good = (changes: Record<string, unknown> = {}, header: object = {}) =>
  signer.proof('GET', URL_OF_REQUEST, TOKEN, { ...at(0), ...changes }, header)
const at = (seconds: number) => ({ iat: NOW / 1000 + seconds })

describe('a proof of the key of a token', () => {
  for (const alg of ['ES256', 'Ed25519'] as const) {
    it(`is accepted, signed with ${alg}`, async () => {
      const one = await proofSigner(alg)
      const proof = await one.proof('GET', URL_OF_REQUEST, TOKEN, at(0))
      assert.equal(await setUp().asked(proof, one.thumbprint), undefined)
    })
  }

  it('is compared without the query and the fragment of its URL, and with its path as a parser reads it', async () => {
    const { asked } = setUp()
    for (const htu of [
      `${URL_OF_REQUEST}?limit=1`,
      `${URL_OF_REQUEST}#part`,
      'https://API.example.com:443/sandbox',
      'https://api.example.com/x/../sandbox',
    ])
      assert.equal(await asked(await good({ htu })), undefined, htu)
  })

  const FAULTS: Record<string, [proof: string | undefined | Promise<string>, fault: string]> = {
    'that is absent': [undefined, 'noProof'],
    'that is empty': ['', 'noProof'],
    'that is no JWT': ['proof', 'damaged'],
    'longer than 4,096 characters': [good({ jti: 'j'.repeat(200), more: 'x'.repeat(4000) }), 'damaged'],
    'beside another': [good().then((one) => `${one}, ${one}`), 'severalProofs'],
    'of another type': [good({}, { typ: 'JWT' }), 'damaged'],
    'without a type': [good({}, { typ: undefined }), 'damaged'],
    'signed with RSA': [rsa.proof('GET', URL_OF_REQUEST, TOKEN), 'damaged'],
    'without its key': [good({}, { jwk: undefined }), 'damaged'],
    'with a private key': [good({}, { jwk: privateJwk }), 'damaged'],
    'with the key of another': [good({}, { jwk: publicOf(privateJwk) }), 'damaged'],
    'without a signature': [good().then((one) => one.replace(/[^.]*$/, '')), 'damaged'],
    'by another key': [stranger.proof('GET', URL_OF_REQUEST, TOKEN), 'otherKey'],
    'of another method': [good({ htm: 'POST' }), 'otherRequest'],
    'of the method in small letters': [good({ htm: 'get' }), 'otherRequest'],
    'of another path': [good({ htu: `${URL_OF_REQUEST}/1` }), 'otherRequest'],
    'of the path with a slash': [good({ htu: `${URL_OF_REQUEST}/` }), 'otherRequest'],
    'of another host': [good({ htu: 'https://evil.example/sandbox' }), 'otherRequest'],
    'of http': [good({ htu: URL_OF_REQUEST.replace('https', 'http') }), 'otherRequest'],
    'of a URL with a password': [good({ htu: 'https://a:b@api.example.com/sandbox' }), 'otherRequest'],
    'of a path alone': [good({ htu: '/sandbox' }), 'otherRequest'],
    'of another token': [good({ ath: signerHashOf('x.y.z') }), 'otherToken'],
    'of the time 61 seconds ago': [good(at(-61)), 'otherTime'],
    'of the time in 61 seconds': [good(at(61)), 'otherTime'],
  }
  for (const [what, [proof, fault]] of Object.entries(FAULTS)) {
    it(`${what} is refused: ${fault}`, async () => {
      assert.equal(await setUp().asked(await proof), fault)
    })
  }

  for (const name of ['jti', 'htm', 'htu', 'iat', 'ath']) {
    it(`without ${name}, or with a value of another type, is refused`, async () => {
      const { asked } = setUp()
      for (const value of [undefined, null, {}, [], name === 'iat' ? '1' : 1]) {
        assert.equal(await asked(await good({ [name]: value })), 'damaged', JSON.stringify(value))
      }
    })
  }

  it('is accepted once', async () => {
    const { asked } = setUp()
    const proof = await good()
    assert.deepEqual([await asked(proof), await asked(proof)], [undefined, 'replayed'])
    assert.equal(await asked(await good()), undefined)
  })

  it('is accepted once, whenever it is used again', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 60_000 }), { minLength: 2, maxLength: 6 }),
        fc.integer({ min: -59, max: 59 }),
        fc.integer({ min: 0, max: 300_000 }),
        async (steps, iat, start) => {
          const { clock, asked } = setUp()
          clock.monotonic = start
          await asked(await good())
          const proof = await good(at(iat))
          const accepted: (string | undefined)[] = []
          for (const step of steps) {
            clock.monotonic += step
            clock.wall += step
            accepted.push(await asked(proof))
          }
          assert.ok(accepted.filter((fault) => fault === undefined).length <= 1, String(accepted))
        },
      ),
      { numRuns: 40 },
    )
  })

  it('is read from the header of a request', () => {
    const read = (headers: Record<string, unknown>) => presentedProof({ method: 'GET', headers }, URL_OF_REQUEST).proof
    assert.deepEqual([read({}), read({ dpop: 'a' }), read({ dpop: ['a', 'b'] })], [undefined, 'a', undefined])
  })
})

function publicOf({ d: _, ...rest }: JWK) {
  return rest
}

function signerHashOf(token: string): string {
  return Buffer.from(token).toString('base64url')
}
