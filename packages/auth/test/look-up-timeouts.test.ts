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

describe('a look-up that waits for the permit of another one', () => {
  it('is answered 503 in time if that one is not answered, and the permit is free again afterwards', async (t) => {
    const network = await tcpProxy(t, here.url)
    const warned: unknown[][] = []
    const { verifier, channel } = await verifierOn(t, network.url, {
      unknownPerMinute: 1,
      lookUpsPerSecond: 1,
      timeoutMs: 300,
      monotonicNow: () => 0,
      logger: { info() {}, warn: (...entry: unknown[]) => warned.push(entry) },
    })
    assert.ok(channel.isFresh())
    network.stall()
    const [first, waiting] = [verifier.verify(mintKey().key, ADDRESS), verifier.verify(mintKey().key, ADDRESS)]
    // While the network is stalled, nothing else would answer them.
    const answers = await Promise.all([first, waiting])
    assert.deepEqual(answers.map(reasonOf), ['unavailable', 'unavailable'])
    assert.ok(
      answers.every((answer) => isDenied(answer) && answer.statusCode === 503 && answer.retryAfterSeconds === 1),
    )
    // On a slow machine the token keys could not be loaded at the start either, which is another warning.
    const ofLookUps = warned.filter(([, message]) => message === 'credentials could not be checked')
    assert.equal(ofLookUps.length, 1, 'one warning a second')
    network.pass()
    const { key } = await here.key(owner, home)
    await waitFor(async () => reasonOf(await verifier.verify(key, ADDRESS)) === 'good')
    // A failed look-up is no unknown credential, of which the address has one.
    await waitFor(async () => reasonOf(await verifier.verify(mintKey().key, ADDRESS)) === 'unknown')
  })
})
