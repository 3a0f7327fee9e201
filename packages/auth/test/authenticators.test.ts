import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { mintKey } from '../src/credential/api-key.ts'
import { isDenied } from '../src/principal/result.ts'
import type { Authenticator } from '../src/verification/authenticator.ts'
import { makeAuthenticators } from '../src/verification/authenticators.ts'
import { ADDRESS, claimsOf, sign, verifierOn, world } from './world.ts'

const here = await world({ after })
const owner = await here.user()
const home = await here.organization(owner)
const { key, id } = await here.key(owner, home)
const signer = await here.signer()
await here.publish(signer)
const clientId = await here.client()
const grantId = await here.grant(owner, clientId)
const token = await sign(signer, claimsOf({ userId: owner, clientId, grantId }))

const PREFIX = 'test-'
/** The form of another credential: the digest of a key, by which its row is found. */
const nameOf = (secret: string) => `${PREFIX}${hash('sha256', secret)}`
let lookedUp: string[] = []

/** Makes an authenticator of credentials that name a key. */
const byDigest = (apiKeys: Authenticator): Authenticator => ({
  kind: 'api-key',
  recognizes: (credential) => credential.startsWith(PREFIX),
  isWellFormed: (credential) => /^[0-9a-f]{64}$/.test(credential.slice(PREFIX.length)),
  find(credential) {
    lookedUp.push(credential)
    return apiKeys.find(key, Buffer.from(credential.slice(PREFIX.length), 'hex').toString('latin1'))
  },
})

const { verifier, caughtUp } = await verifierOn({ after }, here.url, {
  makeAuthenticators(tools) {
    const ours = makeAuthenticators(tools)
    const [apiKeys] = ours
    assert.ok(apiKeys)
    return [...ours, byDigest(apiKeys)]
  },
})
const verify = async (credential: string) => {
  const answer = await verifier.verify(credential, ADDRESS)
  return isDenied(answer) ? [answer.credential, answer.reason] : [answer.kind, answer.userId]
}

describe('an authenticator that is added', () => {
  it('verifies its credentials, from the cache when they are repeated', async () => {
    await caughtUp()
    for (const _ of [1, 2, 3]) assert.deepEqual(await verify(nameOf(key)), ['api-key', owner])
    assert.deepEqual(lookedUp, [nameOf(key)])
  })

  it('refuses its malformed and unknown credentials', async () => {
    lookedUp = []
    for (const malformed of [PREFIX, `${PREFIX}x`, `${nameOf(key)}0`]) {
      assert.deepEqual(await verify(malformed), ['api-key', 'malformed'])
    }
    assert.deepEqual(lookedUp, [])
    assert.deepEqual(await verify(nameOf(mintKey().key)), ['api-key', 'unknown'])
  })

  it('leaves the credentials of the others to them', async () => {
    lookedUp = []
    await caughtUp()
    assert.deepEqual(await verify(key), ['api-key', owner])
    assert.deepEqual(await verify(token), ['token', owner])
    for (const other of ['x', `x${nameOf(key)}`]) assert.deepEqual(await verify(other), ['other', 'malformed'])
    assert.deepEqual(lookedUp, [])
  })

  it('ends with the revocation of what its answer depends on', async () => {
    assert.deepEqual(await verify(nameOf(key)), ['api-key', owner])
    await here.sql`UPDATE api_keys SET status = 'revoked', revoked_at = now() WHERE id = ${id}`
    await caughtUp()
    assert.deepEqual(await verify(nameOf(key)), ['api-key', 'revoked'])
  })
})
