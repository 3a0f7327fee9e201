import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { proofSigner } from '@daytona-auth/testing/proof-signer'
import fc from 'fast-check'
import { type Answer, isDenied } from '../src/principal/result.ts'
import { ADDRESS, claimsOf, sign, verifierOn, world } from './world.ts'

// Every way to verify × every kind of credential × every proof: a bound token is accepted with its own proof only.

const URL_OF_REQUEST = 'https://api.example.com/sandbox'
const here = await world({ after })
const signer = await here.signer()
await here.publish(signer)
const process = await verifierOn({ after }, here.url)
const { verifier } = process
const owner = await here.user()
const home = await here.organization(owner)
const own = await proofSigner()
const stranger = await proofSigner()

const tokenOf = async (cnf?: object) => {
  const clientId = await here.client()
  const grantId = await here.grant(owner, clientId, { scopes: ['openid', 'read:sandboxes'], organizationIds: [home] })
  const subject = { userId: owner, clientId, grantId }
  return {
    grantId,
    text: await sign(signer, claimsOf(subject, { scope: 'openid read:sandboxes', ...(cnf && { cnf }) })),
  }
}

const CREDENTIALS = {
  'a bearer token': async () => (await tokenOf()).text,
  'a token bound to the key': async () => (await tokenOf({ jkt: own.thumbprint })).text,
  'a token bound to the key of another': async () => (await tokenOf({ jkt: stranger.thumbprint })).text,
  'an API key': async () => (await here.key(owner, home, { permissions: ['read:sandboxes'] })).key,
}
type Credential = keyof typeof CREDENTIALS

const PROOFS = {
  'its proof': (text: string) => own.proof('GET', URL_OF_REQUEST, text),
  'the proof of another key': (text: string) => stranger.proof('GET', URL_OF_REQUEST, text),
  'the proof of another token': () => own.proof('GET', URL_OF_REQUEST, 'a.b.c'),
  'the proof of another method': (text: string) => own.proof('POST', URL_OF_REQUEST, text),
  'the proof of another URL': (text: string) => own.proof('GET', `${URL_OF_REQUEST}/1`, text),
  'no proof': async () => undefined,
}
type Proof = keyof typeof PROOFS

const outcome = (answer: Answer): string => (isDenied(answer) ? answer.reason : 'accepted')

/** What a request with this credential and proof is answered. */
function expectedOf(credential: Credential, proof: Proof): string {
  if (credential === 'a bearer token' || credential === 'an API key') return 'binding'
  const keyOfProof =
    proof === 'the proof of another key' ? 'a token bound to the key of another' : 'a token bound to the key'
  const isOfRequest = proof === 'its proof' || proof === 'the proof of another key'
  return isOfRequest && credential === keyOfProof ? 'accepted' : 'proof'
}

for (const [credential, make] of Object.entries(CREDENTIALS) as [Credential, () => Promise<string>][]) {
  const isBound = credential.includes('bound')

  describe(credential, () => {
    it(`is ${isBound ? 'refused' : 'accepted'} as a bearer credential, cached or not`, async () => {
      const text = await make()
      for (let round = 0; round < 3; round += 1) {
        assert.equal(outcome(await verifier.verify(text, ADDRESS)), isBound ? 'binding' : 'accepted')
      }
    })

    it('is accepted for a client that introspects it, which checks the proof', async () => {
      const text = await make()
      for (let round = 0; round < 2; round += 1) {
        const answer = await verifier.verifyForClient(text, 'app_1')
        assert.equal(outcome(answer), 'accepted')
        const confirmation = !isDenied(answer) && answer.kind === 'token' ? answer.confirmation : null
        assert.equal(confirmation !== null, isBound)
      }
    })

    for (const [proof, prove] of Object.entries(PROOFS) as [Proof, (text: string) => Promise<string | undefined>][]) {
      const expected = expectedOf(credential, proof)
      it(`with ${proof} is ${expected}, cached or not`, async () => {
        const text = await make()
        for (let round = 0; round < 2; round += 1) {
          const presented = { proof: await prove(text), method: 'GET', url: URL_OF_REQUEST }
          assert.equal(outcome(await verifier.verifyBound(text, presented, ADDRESS)), expected)
        }
      })
    }
  })
}

describe('any text in place of a proof', () => {
  it('is refused and never rejects, and a good proof is accepted after it', async () => {
    const text = await CREDENTIALS['a token bound to the key']()
    const good = await PROOFS['its proof'](text)
    const parts = good.split('.')
    const part = fc.oneof(fc.constantFrom(...parts, '', 'e30', 'bnVsbA', 'W10'), fc.string({ maxLength: 40 }))
    const proofs = fc.oneof(
      fc.string({ maxLength: 5000 }),
      fc.array(part, { maxLength: 5 }).map((some) => some.join('.')),
    )
    await fc.assert(
      fc.asyncProperty(proofs, async (proof) => {
        fc.pre(proof !== good)
        const answer = await verifier.verifyBound(text, { proof, method: 'GET', url: URL_OF_REQUEST }, ADDRESS)
        assert.equal(outcome(answer), 'proof')
      }),
    )
    const presented = { proof: good, method: 'GET', url: URL_OF_REQUEST }
    assert.equal(outcome(await verifier.verifyBound(text, presented, ADDRESS)), 'accepted')
  })
})

describe('a bound token, later in its request,', () => {
  it('is verified again without another proof, from the cache and from the database', async () => {
    const { text } = await tokenOf({ jkt: own.thumbprint })
    const presented = { proof: await own.proof('GET', URL_OF_REQUEST, text), method: 'GET', url: URL_OF_REQUEST }
    const earlier = await verifier.verifyBound(text, presented, ADDRESS)
    assert.equal(outcome(await verifier.reverify(text, earlier, ADDRESS)), 'accepted')
    verifier.invalidate({ kind: 'user', id: owner })
    assert.equal(outcome(await verifier.reverify(text, earlier, ADDRESS)), 'accepted')
  })

  it('is refused once its grant has ended', async () => {
    const { text, grantId } = await tokenOf({ jkt: own.thumbprint })
    const presented = { proof: await own.proof('GET', URL_OF_REQUEST, text), method: 'GET', url: URL_OF_REQUEST }
    const earlier = await verifier.verifyBound(text, presented, ADDRESS)
    await here.sql`UPDATE grants SET revoked_at = now() WHERE id = ${grantId}`
    await process.caughtUp()
    assert.equal(outcome(await verifier.reverify(text, earlier, ADDRESS)), 'grant-revoked')
  })

  it('is refused if the request began with a bearer token', async () => {
    const [bearer, bound] = [await tokenOf(), await tokenOf({ jkt: own.thumbprint })]
    const earlier = await verifier.verify(bearer.text, ADDRESS)
    assert.equal(outcome(await verifier.reverify(bound.text, earlier, ADDRESS)), 'binding')
  })
})
