import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { newId } from '@daytona-auth/db/core'
import { namesOf } from '../src/principal/permission.ts'
import { type Answer, isDenied } from '../src/principal/result.ts'
import type { Change } from '../src/verification/cache.ts'
import { ADDRESS, claimsOf, sign, verifierOn, world } from './world.ts'

// What `invalidate` evicts without the channel: the answers that depend on a change, and no others.
const here = await world({ after })
const signer = await here.signer()
await here.publish(signer)
const process = await verifierOn({ after }, here.url)
const { verifier } = process

/** A user with a key, a child key and a token in an organization of their own. */
async function person() {
  const user = await here.user()
  const organization = await here.organization(user)
  const clientId = await here.client()
  const grantId = await here.grant(user, clientId, {
    organizationIds: [organization],
    scopes: ['openid', 'read:volumes'],
  })
  const key = await here.key(user, organization)
  const child = await here.key(user, organization, { parentKey: key.id })
  const token = await sign(signer, claimsOf({ userId: user, clientId, grantId }, { scope: 'openid read:volumes' }))
  return { user, organization, clientId, grantId, key, child, token }
}
const [ada, bob] = [await person(), await person()]
const CREDENTIALS = {
  'Ada’s key': ada.key.key,
  'Ada’s child key': ada.child.key,
  'Ada’s token': ada.token,
  'Bob’s key': bob.key.key,
  'Bob’s token': bob.token,
} as const
type Name = keyof typeof CREDENTIALS

/** Verifies every credential, so that all of them are cached. */
async function cached(): Promise<void> {
  await process.caughtUp()
  for (const credential of Object.values(CREDENTIALS)) await verifier.verify(credential, ADDRESS)
}
const isCached = (name: Name) => !(verifier.verify(CREDENTIALS[name], ADDRESS) instanceof Promise)

describe('an invalidation in this process', () => {
  const EVICTED: readonly (readonly [string, Change, readonly Name[]])[] = [
    ['a key', { kind: 'key', id: ada.key.id }, ['Ada’s key', 'Ada’s child key']],
    ['a child key', { kind: 'key', id: ada.child.id }, ['Ada’s child key']],
    ['a user', { kind: 'user', id: ada.user }, ['Ada’s key', 'Ada’s child key', 'Ada’s token']],
    [
      'an organization',
      { kind: 'organization', id: ada.organization },
      ['Ada’s key', 'Ada’s child key', 'Ada’s token'],
    ],
    ['a grant', { kind: 'grant', id: ada.grantId }, ['Ada’s token']],
    ['a client', { kind: 'client', id: ada.clientId }, ['Ada’s token']],
    ['a signing key', { kind: 'signing-keys', id: signer.kid }, ['Ada’s token', 'Bob’s token']],
    ['an unknown thing', { kind: 'key', id: newId('key') }, []],
    ['a thing of another kind', { kind: 'user', id: ada.key.id }, []],
  ]
  for (const [what, change, evicted] of EVICTED) {
    it(`of ${what} evicts ${evicted.join(', ') || 'nothing'}`, async () => {
      await cached()
      verifier.invalidate(change)
      const names = Object.keys(CREDENTIALS) as Name[]
      assert.deepEqual(
        names.filter((name) => !isCached(name)),
        evicted,
      )
    })
  }

  it('makes the next answer one that was read after it', async () => {
    await cached()
    await here.sql`UPDATE api_keys SET permissions = '{read:volumes}' WHERE id = ${bob.key.id}`
    verifier.invalidate({ kind: 'key', id: bob.key.id })
    const answer: Answer = await verifier.verify(bob.key.key, ADDRESS)
    assert.ok(!isDenied(answer))
    assert.deepEqual(namesOf(answer.access.get(bob.organization)?.permissions ?? assert.fail()), ['read:volumes'])
  })
})
