import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { mintKey } from './api-key.ts'
import { seenKeys } from './seen-keys.ts'

const text = () => fc.oneof(fc.string(), fc.string({ unit: 'binary', maxLength: 60 }))

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

  it('has no text shorter than three characters', () => {
    for (const short of ['', 'd', 'dt']) assert.equal(seenKeys().mayHave(short), false)
  })
})
