import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { tcpProxy, waitFor } from '@daytona-auth/testing'
import { mintKey } from '../src/credential/api-key.ts'
import { type Answer, isDenied } from '../src/principal/result.ts'
import { ADDRESS, verifierOn, world } from './world.ts'

const here = await world({ after })
const owner = await here.user()
const home = await here.organization(owner)
const reasonOf = (answer: Answer) => (isDenied(answer) ? answer.reason : 'good')

describe('verification for a client that introspects', () => {
  it('answers as for an address, from the same cache', async (t) => {
    const { verifier, caughtUp } = await verifierOn(t, here.url)
    const { key } = await here.key(owner, home)
    await caughtUp()
    const answer = await verifier.verifyForClient(key, 'app_a')
    assert.equal(reasonOf(answer), 'good')
    assert.equal(verifier.verify(key, ADDRESS), answer)
    for (const [credential, reason] of [
      ['', 'malformed'],
      ['dta_x', 'malformed'],
      ['a'.repeat(9000), 'malformed'],
    ] as const) {
      const denied = verifier.verifyForClient(credential, 'app_a')
      assert.ok(!(denied instanceof Promise))
      assert.equal(reasonOf(denied), reason)
    }
  })

  it('denies no look-up because of unknown credentials, and counts none of them for an address', async (t) => {
    const { verifier } = await verifierOn(t, here.url, { unknownPerMinute: 2, lookUpsPerSecond: 1 })
    const unknown = await Promise.all(
      Array.from({ length: 50 }, () => verifier.verifyForClient(mintKey().key, 'app_a')),
    )
    assert.ok(unknown.every((answer) => reasonOf(answer) === 'unknown'))
    const { key } = await here.key(owner, home)
    assert.equal(reasonOf(await verifier.verifyForClient(key, 'app_a')), 'good')
    assert.equal(
      reasonOf(await verifier.verify(mintKey().key, 'app_a')),
      'unknown',
      'an address of the same text has its own count',
    )
  })

  it('does not make an address pay for what others present: only its own unknown credentials count', async (t) => {
    // A clock that stands still: the look-up of the next second is not there yet.
    const limits = { unknownPerMinute: 2, lookUpsPerSecond: 1, monotonicNow: () => 0 }
    const { verifier } = await verifierOn(t, here.url, limits)
    const ask = async (address: string) => reasonOf(await verifier.verify(mintKey().key, address))
    for (let count = 0; count < 3; count += 1) assert.equal(await ask(ADDRESS), 'unknown')
    assert.equal(await ask(ADDRESS), 'rate-limited')
    assert.equal(await ask('192.0.2.2'), 'unknown')
    assert.equal(reasonOf(await verifier.verifyForClient(mintKey().key, ADDRESS)), 'unknown')
  })
})

describe('concurrent verifications of one credential', () => {
  it('share a read, and count once for the address', async (t) => {
    const { verifier } = await verifierOn(t, here.url, { unknownPerMinute: 2, lookUpsPerSecond: 1 })
    const { key } = mintKey()
    const answers = await Promise.all(Array.from({ length: 30 }, () => verifier.verify(key, ADDRESS)))
    assert.deepEqual([new Set(answers).size, new Set(answers.map(reasonOf))], [1, new Set(['unknown'])])
    assert.equal(reasonOf(await verifier.verify(mintKey().key, ADDRESS)), 'unknown', 'the minute has one left')
  })

  it('are answered by a read of their own if the credential was revoked while the first one was in flight', async (t) => {
    const network = await tcpProxy(t, here.url)
    const { verifier, caughtUp } = await verifierOn(t, network.url)
    const key = await here.key(owner, home)
    await caughtUp()
    network.pass(30)
    const first = verifier.verify(key.key, ADDRESS)
    await here.sql`UPDATE api_keys SET status = 'revoked' WHERE id = ${key.id}`
    verifier.invalidate({ kind: 'key', id: key.id })
    const second = verifier.verify(key.key, ADDRESS)
    assert.notEqual(second, first)
    assert.equal(reasonOf(await second), 'revoked')
    await first
    network.pass()
    await waitFor(async () => reasonOf(await verifier.verify(key.key, ADDRESS)) === 'revoked')
  })
})
