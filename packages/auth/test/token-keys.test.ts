import assert from 'node:assert/strict'
import { after, it } from 'node:test'
import { isDenied } from '../src/principal/result.ts'
import { ADDRESS, claimsOf, sign, verifierOn, world } from './world.ts'

const here = await world({ after })
const owner = await here.user()
await here.organization(owner)
const clientId = await here.client()
const grantId = await here.grant(owner, clientId)

it('new token keys are read after a load that had nothing to do', async (t) => {
  await here.publish(await here.signer())
  const { verifier, caughtUp } = await verifierOn(t, here.url)
  await caughtUp()
  for (const _ of [1, 2, 3]) await verifier.start()
  const signer = await here.signer()
  await here.publish(signer)
  await caughtUp()
  const token = await sign(signer, claimsOf({ userId: owner, clientId, grantId }))
  const answer = await verifier.verify(token, ADDRESS)
  assert.equal(isDenied(answer) ? answer.reason : answer.userId, owner)
})
