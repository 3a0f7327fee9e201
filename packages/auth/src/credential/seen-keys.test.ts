import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { unicodeString } from '@daytona-auth/testing/unicode'
import fc from 'fast-check'
import { mintKey } from './api-key.ts'
import { seenKeys } from './seen-keys.ts'

const text = () => fc.oneof(fc.string(), unicodeString({ maxLength: 60 }))

describe('seenKeys', () => {
  it('may have every key that was added', () => {
    fc.assert(
      fc.property(fc.array(text()), (added) => {
        const marks = seenKeys()
        for (const one of added) marks.add(one)
        for (const one of added) assert.equal(marks.mayHave(one), true)
      }),
    )
  })

  it('has no key that was not added, if the last characters differ', () => {
    const marks = seenKeys()
    const { key } = mintKey(Buffer.alloc(32, 0xff))
    marks.add(key)
    for (const typo of ['a', 'B', '9'].map((last) => key.slice(0, -1) + last)) {
      assert.equal(marks.mayHave(typo), false, typo)
    }
  })

  it('distinguishes every bit of the last three characters', () => {
    // `@` has six bits that are 0; each of the others has one that is 1.
    const digits = ['@', 'A', 'B', 'D', 'H', 'P', ' ']
    const texts = ['@@@', ...digits.slice(1).flatMap((digit) => [`${digit}@@`, `@${digit}@`, `@@${digit}`])]
    for (const added of texts) {
      const marks = seenKeys()
      marks.add(added)
      assert.deepEqual(
        texts.filter((text) => marks.mayHave(text)),
        [added],
      )
    }
  })

  it('keeps keys whose last characters differ in one bit only', () => {
    const texts = Array.from({ length: 64 }, (_, code) => `${String.fromCharCode(64 + code)}@@`)
    const marks = seenKeys()
    for (const text of texts) marks.add(text)
    assert.deepEqual(
      texts.filter((text) => !marks.mayHave(text)),
      [],
    )
    assert.equal(marks.mayHave('@A@'), false)
  })

  it('takes one key in a hundred at most for another, with a thousand keys', () => {
    const keyAt = (number: number) => {
      const entropy = Buffer.alloc(32)
      entropy.writeUInt32BE(number, 28)
      return mintKey(entropy).key
    }
    const marks = seenKeys()
    for (let number = 0; number < 1000; number += 1) marks.add(keyAt(number))
    let mistaken = 0
    for (let number = 1000; number < 3000; number += 1) if (marks.mayHave(keyAt(number))) mistaken += 1
    assert.ok(mistaken <= 20, `${mistaken} of 2000`)
  })

  it('is empty, and independent of others', () => {
    const [one, other] = [seenKeys(), seenKeys()]
    one.add('@@@')
    assert.deepEqual([one.mayHave('@@@'), other.mayHave('@@@')], [true, false])
  })

  it('has no text shorter than three characters', () => {
    for (const short of ['', 'd', 'dt']) assert.equal(seenKeys().mayHave(short), false)
  })
})
