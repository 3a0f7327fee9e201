import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import fc from 'fast-check'
import { mintKey } from '../src/credential/api-key.ts'
import { type Answer, isDenied } from '../src/principal/result.ts'
import { ADDRESS, verifierOn, world } from './world.ts'

// A key that was looked up before is found by its digest first, any other is checked by its form first. Both orders must lead
// to the same answer, also for a text that the filter confuses with such a key: one with the same last characters.
const here = await world({ after })
const owner = await here.user()
const { verifier, caughtUp } = await verifierOn({ after }, here.url, { unknownPerMinute: 100_000 })
const { key, id } = await here.key(owner, await here.organization(owner))
await caughtUp()
await verifier.verify(key, ADDRESS)

const reasonOf = (answer: Answer) => (isDenied(answer) ? answer.reason : 'good')
/** What is answered without the database, or `undefined` if it was asked. */
const offline = (credential: string) => {
  const answer = verifier.verify(credential, ADDRESS)
  return answer instanceof Promise ? undefined : reasonOf(answer)
}

describe('a text with the last characters of a known key', () => {
  it('is malformed, without a look-up, if any one other character differs', () => {
    const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_.é '
    fc.assert(
      fc.property(fc.nat({ max: key.length - 4 }), fc.constantFrom(...ALPHABET), (at, character) => {
        fc.pre(key[at] !== character)
        assert.equal(offline(key.slice(0, at) + character + key.slice(at + 1)), 'malformed')
      }),
      { numRuns: 300 },
    )
  })

  it('is malformed if it is shorter or longer', () => {
    for (const text of [
      key.slice(1),
      `dta_${key.slice(-3)}`,
      `dta_${'0'.repeat(46)}${key.slice(-3)}`,
      `${key.slice(0, -3)}${key.slice(-6)}`,
      `x${key}`,
    ]) {
      assert.equal(offline(text), 'malformed', text)
    }
  })

  it('is looked up only if it is well-formed', async () => {
    const pending = []
    for (let count = 0; count < 20; count += 1) pending.push(verifier.verify(mintKey().key, ADDRESS))
    assert.ok(pending.every((answer) => answer instanceof Promise))
    assert.ok((await Promise.all(pending)).every((answer) => reasonOf(answer) === 'unknown'))
  })
})

describe('a known key', () => {
  it('is answered by its text, by its digest, and by the database, always the same', async () => {
    const first = await verifier.verify(key, ADDRESS)
    assert.equal(verifier.verify(key, ADDRESS), first)
    verifier.invalidate({ kind: 'key', id })
    const again = await verifier.verify(key, ADDRESS)
    assert.notEqual(again, first)
    assert.deepEqual(again, first)
  })

  it('is not accepted with anything before or after it', () => {
    for (const text of [` ${key}`, `${key} `, `${key}\n`, `Bearer ${key}`, `${key}.a.b`, `a.${key}.b`]) {
      const answer = offline(text)
      assert.ok(answer === 'malformed' || (answer === undefined && text.split('.').length === 3), text)
    }
  })
})
