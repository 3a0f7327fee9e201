import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { proofSigner } from '@daytona-auth/testing/proof-signer'
import { isDenied } from '../src/principal/result.ts'
import { bearer, guardedServer, METADATA, NO_TOKEN, pathOf } from './guarded-server.ts'
import { ADDRESS, claimsOf, sign, verifierOn } from './world.ts'

const guarded = await guardedServer({ after })
const { here, owner, home, server, signer, reader } = guarded
const key = await proofSigner()
const stranger = await proofSigner()
const ORIGIN = new URL(METADATA).origin
const PATH = pathOf('read:sandboxes')
const IN = { 'x-organization-id': home }

async function boundToken(cnf: unknown = { jkt: key.thumbprint }) {
  const clientId = await here.client()
  const scope = 'openid read:sandboxes write:sandboxes'
  const grantId = await here.grant(owner, clientId, { scopes: scope.split(' '), organizationIds: [home] })
  return { grantId, token: await sign(signer, claimsOf({ userId: owner, clientId, grantId }, { scope, cnf })) }
}

const withProof = async (token: string, method: string, path: string, by = key) => ({
  authorization: `DPoP ${token}`,
  dpop: await by.proof(method, ORIGIN + path, token),
})
const challengeOf = ({ headers }: { headers: Record<string, unknown> }) => String(headers['www-authenticate'])
const refused = (error: string) =>
  new RegExp(`^DPoP error="${error}", algs="ES256 Ed25519 EdDSA", .*error_description=`)

describe('a token that is bound to a key', () => {
  it('is refused as a bearer token, before and after it is cached', async () => {
    const { token } = await boundToken()
    for (const round of ['not cached', 'cached']) {
      const answer = await guarded.get(PATH, { ...bearer(token), ...IN })
      assert.deepEqual([answer.statusCode, answer.json()], [401, NO_TOKEN], round)
      assert.match(challengeOf(answer), refused('invalid_token'))
      assert.equal(
        (await guarded.get(PATH, { ...(await withProof(token, 'GET', PATH)), ...IN })).statusCode,
        200,
        round,
      )
    }
    const beside = { ...bearer(token), dpop: await key.proof('GET', ORIGIN + PATH, token), ...IN }
    assert.equal((await guarded.get(PATH, beside)).statusCode, 401, 'with a proof, but as a bearer token')
  })

  it('is accepted with a proof of each request, with any query and scheme in any case', async () => {
    const { token } = await boundToken()
    for (const [scheme, query] of [
      ['DPoP', ''],
      ['dpop', '?a=1'],
      ['DPOP  ', '?a=2'],
    ] as const) {
      const headers = { ...(await withProof(token, 'GET', PATH)), ...IN, authorization: `${scheme} ${token}` }
      const answer = await guarded.get(`${PATH}${query}`, headers)
      assert.deepEqual([answer.statusCode, answer.json()], [200, { in: home }], scheme)
    }
  })

  it('is refused without a proof, with the proof of another request or key, and with a proof that was used', async () => {
    const { token } = await boundToken()
    const good = await withProof(token, 'GET', PATH)
    const wrong = {
      'no proof': { authorization: good.authorization },
      'of another path': await withProof(token, 'GET', '/me'),
      'of another method': await withProof(token, 'POST', PATH),
      'of another key': await withProof(token, 'GET', PATH, stranger),
      'of another token': { ...good, dpop: (await withProof(`${token}x`, 'GET', PATH)).dpop },
    }
    for (const [what, headers] of Object.entries(wrong)) {
      const answer = await guarded.get(PATH, { ...headers, ...IN })
      assert.deepEqual([answer.statusCode, answer.json()], [401, NO_TOKEN], what)
      assert.match(challengeOf(answer), refused('invalid_dpop_proof'), what)
    }
    assert.equal((await guarded.get(PATH, { ...good, ...IN })).statusCode, 200)
    const again = await guarded.get(PATH, { ...good, ...IN })
    assert.equal(again.statusCode, 401)
    assert.match(challengeOf(again), /The proof was used before/)
  })

  it('is refused with two DPoP headers, and with two Authorization headers', async () => {
    const { token } = await boundToken()
    const { authorization, dpop } = await withProof(token, 'GET', PATH)
    const lines = [`Authorization: ${authorization}`, `DPoP: ${dpop}`, `X-Organization-ID: ${home}`]
    assert.match(await guarded.raw(`GET ${PATH}`, [...lines, `DPoP: ${dpop}`]), /^HTTP\/1\.1 401/)
    assert.match(await guarded.raw(`GET ${PATH}`, [...lines, `Authorization: ${authorization}`]), /^HTTP\/1\.1 401/)
    assert.match(await guarded.raw(`GET ${PATH}`, lines), /^HTTP\/1\.1 200/)
  })

  it('is refused without a check of its proof after too many wrong ones, of this grant and at this address', async (t) => {
    // A clock that stands still: the look-up of the next second is not there yet.
    const limits = { unknownPerMinute: 3, lookUpsPerSecond: 1, monotonicNow: () => 0 }
    const { verifier, caughtUp } = await verifierOn(t, here.url, limits)
    const [one, other] = [await boundToken(), await boundToken()]
    await caughtUp()
    const reasonAt = async (address: string, { token }: { token: string }, by = key) => {
      const url = ORIGIN + PATH
      const presented = { method: 'GET', url, proof: await by.proof('GET', url, token) }
      const answer = await verifier.verifyBound(token, presented, address)
      return isDenied(answer) ? answer.reason : 'good'
    }
    const reasons = await Promise.all(Array.from({ length: 10 }, () => reasonAt(ADDRESS, one, stranger)))
    assert.deepEqual(reasons.sort(), [...Array(4).fill('proof'), ...Array(6).fill('rate-limited')])
    assert.equal(await reasonAt(ADDRESS, one), 'rate-limited', 'a good proof')
    assert.equal(await reasonAt(ADDRESS, other), 'good', 'of another grant')
    assert.equal(await reasonAt('192.0.2.2', one), 'good', 'at another address')
  })

  it('is accepted for a request with a body, and refused once its grant has ended', async () => {
    const { token, grantId } = await boundToken()
    const post = async () => {
      const headers = { ...(await withProof(token, 'POST', '/sandbox')), ...IN }
      return (await server.inject({ method: 'POST', url: '/sandbox', headers, payload: {} })).statusCode
    }
    assert.equal(await post(), 200)
    await here.sql`UPDATE grants SET revoked_at = now() WHERE id = ${grantId}`
    guarded.process.verifier.invalidate({ kind: 'grant', id: grantId })
    assert.equal(await post(), 401)
  })

  it('is refused with any other confirmation, which nothing checks', async () => {
    for (const cnf of [{ 'x5t#S256': key.thumbprint }, { jkt: key.thumbprint, 'x5t#S256': 'x' }, {}, null, 'x', []]) {
      const { token } = await boundToken(cnf)
      assert.equal((await guarded.get(PATH, { ...bearer(token), ...IN })).statusCode, 401, JSON.stringify(cnf))
      assert.equal((await guarded.get(PATH, { ...(await withProof(token, 'GET', PATH)), ...IN })).statusCode, 401)
    }
  })
})

it('a credential that is not bound to a key is refused with a proof', async () => {
  for (const credential of [reader.key, guarded.app]) {
    const answer = await guarded.get(PATH, { ...(await withProof(credential, 'GET', PATH)), ...IN })
    assert.equal(answer.statusCode, 401)
    assert.match(challengeOf(answer), refused('invalid_token'))
    assert.equal((await guarded.get(PATH, { ...bearer(credential), ...IN })).statusCode, 200)
  }
})

it('what is refused without the scheme of a proof is refused with it', async () => {
  for (const credential of ['', 'dta_', 'x', guarded.revoked.key, 'a.b.c', 'x'.repeat(9000)]) {
    const headers = {
      authorization: `DPoP ${credential}`,
      dpop: await key.proof('GET', ORIGIN + PATH, credential),
      ...IN,
    }
    assert.equal((await guarded.get(PATH, headers)).statusCode, 401, credential.slice(0, 10))
  }
})
