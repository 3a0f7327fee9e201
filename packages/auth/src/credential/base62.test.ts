import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { unicodeString } from '@daytona-auth/testing/unicode'
import fc from 'fast-check'
import { base62, base62OfInteger, isBase62OfInteger } from './base62.ts'

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** Decodes digits, independent of the code under test. */
const decoded = (digits: string): bigint =>
  [...digits].reduce((sum, digit) => sum * 62n + BigInt(ALPHABET.indexOf(digit)), 0n)
const wide = () => fc.bigInt({ min: 0n, max: 62n ** 43n - 1n })
const checksum = () => fc.nat({ max: 0xffffffff })

describe('base62', () => {
  for (const [value, width, expected] of [
    [0n, 1, '0'],
    [61n, 1, 'z'],
    [62n, 2, '10'],
    [0n, 3, '000'],
    [62n ** 3n - 1n, 3, 'zzz'],
    [9n, 2, '09'],
    [10n, 2, '0A'],
    [35n, 2, '0Z'],
    [36n, 2, '0a'],
  ] as const) {
    it(`encodes ${value} in ${width} digits as ${expected}`, () => {
      assert.equal(base62(value, width), expected)
      assert.equal(base62OfInteger(Number(value), width), expected)
    })
  }

  for (const [value, width] of [
    [62n, 1],
    [62n ** 3n, 3],
    [1n, 0],
    [-1n, 1],
    [-62n, 6],
  ] as const) {
    it(`refuses ${value} in ${width} digits`, () => {
      assert.throws(() => base62(value, width), RangeError)
      assert.throws(() => base62OfInteger(Number(value), width), RangeError)
    })
  }

  it('can be decoded again, for every value that fits', () => {
    fc.assert(
      fc.property(wide(), (value) => {
        const digits = base62(value, 43)
        assert.deepEqual([digits.length, decoded(digits)], [43, value])
      }),
    )
  })

  it('keeps the order of values of one width', () => {
    fc.assert(
      fc.property(wide(), wide(), (left, right) => {
        const [a, b] = [base62(left, 43), base62(right, 43)]
        assert.equal(a < b, left < right)
      }),
    )
  })

  it('is the same for integers as for big integers', () => {
    fc.assert(fc.property(checksum(), (value) => assert.equal(base62OfInteger(value, 6), base62(BigInt(value), 6))))
  })
})

describe('isBase62OfInteger', () => {
  it('accepts exactly the digits of the value, after any text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 5 }), checksum(), checksum(), (before, value, other) => {
        const text = before + base62OfInteger(value, 6)
        assert.equal(isBase62OfInteger(text, before.length, value), true)
        assert.equal(isBase62OfInteger(text, before.length, other), value === other)
      }),
    )
  })

  it('refuses digits that are too few for the value, and accepts leading zeros', () => {
    assert.deepEqual(
      ['', '0', '1', '10', '010'].map((text) => isBase62OfInteger(text, 0, 62)),
      [false, false, false, true, true],
    )
    assert.equal(isBase62OfInteger('', 0, 0), true)
  })

  it('refuses any other character in any place', () => {
    fc.assert(
      fc.property(
        checksum(),
        fc.nat({ max: 5 }),
        unicodeString({ minLength: 1, maxLength: 1 }),
        (value, at, character) => {
          const digits = base62OfInteger(value, 6)
          const changed = digits.slice(0, at) + character + digits.slice(at + 1)
          assert.equal(isBase62OfInteger(changed, 0, value), changed === digits)
        },
      ),
    )
  })
})
