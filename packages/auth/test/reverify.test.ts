import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { tcpProxy, waitFor } from '@daytona-auth/testing'
import { type Answer, isDenied } from '../src/principal/result.ts'
import { ADDRESS, claimsOf, sign, verifierOn, world } from './world.ts'

let ahead = 0
const here = await world({ after })
const signer = await here.signer()
await here.publish(signer)
const network = await tcpProxy({ after }, here.url)
const process = await verifierOn({ after }, network.url, { now: () => Date.now() + ahead })
const { verifier } = process

const owner = await here.user()
const home = await here.organization(owner)
const app = await here.client()

const reasonOf = (answer: Answer) => (isDenied(answer) ? answer.reason : 'good')

/** Verifies once everything about the credential was received, so that its answer is kept. */
async function verified(credential: string): Promise<Answer> {
  await process.caughtUp()
  return verifier.verify(credential, ADDRESS)
}

/** A credential of each kind, verified, with what ends it. */
const KINDS = {
  async 'api-key'() {
    const { key, id } = await here.key(owner, home, { expiresAt: new Date(Date.now() + 60_000) })
    return {
      credential: key,
      end: () => here.sql`UPDATE api_keys SET status = 'revoked' WHERE id = ${id}`,
      reason: 'revoked',
    }
  },
  async token() {
    const grantId = await here.grant(owner, app, { organizationIds: [home] })
    const exp = Math.floor(Date.now() / 1000) + 60
    const credential = await sign(signer, claimsOf({ userId: owner, clientId: app, grantId }, { exp }))
    const end = () => here.sql`UPDATE grants SET revoked_at = now() WHERE id = ${grantId}`
    return { credential, end, reason: 'grant-revoked' }
  },
}

describe('verifying again in the same request', () => {
  for (const [kind, make] of Object.entries(KINDS)) {
    it(`refuses a credential that ended in between (${kind})`, async () => {
      const { credential, end, reason } = await make()
      const earlier = await verified(credential)
      assert.equal(reasonOf(earlier), 'good')
      await end()
      await process.caughtUp()
      const again = verifier.reverify(credential, earlier, ADDRESS)
      assert.ok(again instanceof Promise, 'answered from memory')
      assert.equal(reasonOf(await again), reason)
    })

    it(`refuses a credential that expired in between, without reading (${kind})`, async () => {
      const { credential } = await make()
      const earlier = await verified(credential)
      ahead = 61_000
      try {
        const again = verifier.reverify(credential, earlier, ADDRESS)
        assert.ok(!(again instanceof Promise))
        assert.equal(reasonOf(again), 'expired')
      } finally {
        ahead = 0
      }
    })

    it(`reads again for an answer that is not the cached one (${kind})`, async () => {
      const { credential } = await make()
      const earlier = await verified(credential)
      verifier.invalidate({ kind: 'user', id: owner })
      const again = await verifier.reverify(credential, earlier, ADDRESS)
      assert.equal(reasonOf(again), 'good')
      assert.notEqual(again, earlier)
    })

    it(`answers with the earlier answer itself, at once, while nothing changed (${kind})`, async () => {
      const { credential } = await make()
      const earlier = await verified(credential)
      assert.equal(verifier.reverify(credential, earlier, ADDRESS), earlier)
    })
  }

  it('returns no answer of another credential', async () => {
    const [one, other] = [await KINDS['api-key'](), await KINDS['api-key']()]
    const [earlier] = [await verified(one.credential), await verified(other.credential)]
    const again = await verifier.reverify(other.credential, earlier, ADDRESS)
    assert.ok(!isDenied(again) && !isDenied(earlier))
    assert.notEqual(again, earlier)
  })

  it('uses no earlier answer on a stale channel: 503 while the database is unavailable', async (t) => {
    const other = await verifierOn(t, network.url, { listen: { staleAfterMs: 500 } })
    const { credential } = await KINDS['api-key']()
    const earlier = await other.verifier.verify(credential, ADDRESS)
    assert.equal(reasonOf(earlier), 'good')
    network.refuse()
    t.after(() => network.pass())
    await waitFor(() => !other.channel.isFresh())
    assert.equal(reasonOf(await other.verifier.reverify(credential, earlier, ADDRESS)), 'unavailable')
  })
})
