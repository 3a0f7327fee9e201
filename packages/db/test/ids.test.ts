import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { firstIdAt, isId, newId } from '../src/core/id.ts'

describe('an id', () => {
  it('has its prefix and 26 characters of base32hex', () => {
    for (const prefix of ['org', 'usr', 'key', 'grant', 'evt'] as const) {
      const id = newId(prefix)
      assert.match(id, new RegExp(`^${prefix}_[0-7][0-9a-v]{25}$`))
      assert.equal(isId(prefix, id), true)
    }
  })

  it('is unique, and sorts after every earlier one, also within a millisecond', () => {
    const ids = Array.from({ length: 20_000 }, () => newId('key'))
    assert.equal(new Set(ids).size, ids.length)
    assert.deepEqual(ids, ids.toSorted())
  })

  it('contains the time of its creation in its first ten characters', () => {
    const [before, id, after] = [Date.now(), newId('key'), Date.now()]
    // 48 bits of milliseconds, then 4 bits of the version, in characters of five bits: 130 bits with two zeros in front.
    const bits = [...id.slice('key_'.length)]
      .map((digit) => Number.parseInt(digit, 32).toString(2).padStart(5, '0'))
      .join('')
    const [milliseconds, version] = [Number.parseInt(bits.slice(2, 50), 2), Number.parseInt(bits.slice(50, 54), 2)]
    assert.ok(milliseconds >= before && milliseconds <= after)
    assert.equal(version, 7)
  })

  it('sorts after the bound of the millisecond of its creation, and before that of the next one', () => {
    for (let times = 0; times < 1000; times += 1) {
      const [before, id, after] = [new Date(), newId('key'), new Date(Date.now() + 1)]
      assert.ok(firstIdAt('key', before) < id && id < firstIdAt('key', after))
    }
    assert.equal(firstIdAt('key', new Date(0)), 'key_0000000000')
  })

  const DIGITS = '0'.repeat(26)
  for (const [text, expected] of [
    [`key_${DIGITS}`, true],
    [`key_${'v'.repeat(26)}`, true],
    [`key_${DIGITS}0`, false],
    [`key_${DIGITS.slice(1)}`, false],
    [`key_${DIGITS.slice(1)}w`, false],
    [`key_${DIGITS.slice(1)}A`, false],
    [`key_${DIGITS}\n`, false],
    [`KEY_${DIGITS}`, false],
    [`usr_${DIGITS}`, false],
    [`key${DIGITS}0`, false],
    [` key_${DIGITS}`, false],
    ['key_', false],
    ['', false],
  ] as const) {
    it(`of a key ${expected ? 'is' : 'is not'} ${JSON.stringify(text)}`, () =>
      assert.equal(isId('key', text), expected))
  }
})
