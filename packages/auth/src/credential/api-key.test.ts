import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { maskKey } from '@daytona-auth/protocol/api-key-format'
import fc from 'fast-check'
import { digestOf, isKey, looksLikeKey, mintKey } from './api-key.ts'

const OF_FF = 'dta_yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp116pNST'
const GOLDEN = [
  { entropy: Buffer.from('ff'.repeat(32), 'hex'), key: OF_FF },
  {
    entropy: Buffer.from(`${'00'.repeat(31)}ff`, 'hex'),
    key: 'dta_00000000000000000000000000000000000000000471zsE6I',
  },
]

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const entropy = () => fc.uint8Array({ minLength: 32, maxLength: 32 })
const key = () => entropy().map((bytes) => mintKey(bytes).key)

describe('isKey', () => {
  for (const [what, text] of [
    ['nothing', ''],
    ['the prefix alone', 'dta_'],
    ['the placeholder of the published guide', 'dta_1234567890abcdef'],
    ['a key without its last character', OF_FF.slice(0, -1)],
    ['a key with one more character', `${OF_FF}0`],
    ['a key with a space before it', ` ${OF_FF}`],
    ['a key with a newline after it', `${OF_FF}\n`],
    ['a key followed by another word', `${OF_FF} ${OF_FF}`],
    ['a key under an upper-case prefix', `DTA_${OF_FF.slice(4)}`],
    ['a key under a foreign prefix', `dtb_${OF_FF.slice(4)}`],
    ['a key whose checksum is zeroed', `${OF_FF.slice(0, -6)}000000`],
    ['a key with a character outside the alphabet', `${OF_FF.slice(0, 10)}-${OF_FF.slice(11)}`],
    ['a key with a letter that only looks like one of ours', `${OF_FF.slice(0, 10)}а${OF_FF.slice(11)}`],
    ['a JWT', 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ1c3JfMSJ9.c2ln'],
  ] as const) {
    it(`refuses ${what}`, () => assert.equal(isKey(text), false))
  }

  it('refuses a number past 2^256, with a right or wrong checksum: no entropy yields it', () => {
    // The 43 digits could count to 62^43. The checksum of this one was computed by an independent CRC-32.
    const unsigned = `dta_${'z'.repeat(43)}`
    assert.equal(isKey(unsigned + independentChecksum(unsigned)), false)
  })

  it('refuses the first number past 2^256', () => {
    const unsigned = 'dta_yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp2'
    assert.equal(isKey(unsigned + independentChecksum(unsigned)), false)
  })

  it('refuses a key with any one character changed', () => {
    fc.assert(
      fc.property(key(), fc.nat({ max: 52 }), fc.constantFrom(...ALPHABET), (text, at, character) => {
        fc.pre(text[at] !== character)
        assert.equal(isKey(text.slice(0, at) + character + text.slice(at + 1)), false)
      }),
      { numRuns: 500 },
    )
  })

  it('refuses a key with two neighbours swapped', () => {
    fc.assert(
      fc.property(key(), fc.integer({ min: 4, max: 51 }), (text, at) => {
        fc.pre(text[at] !== text[at + 1])
        assert.equal(isKey(text.slice(0, at) + text[at + 1] + text[at] + text.slice(at + 2)), false)
      }),
    )
  })

  it('refuses every text that mintKey did not return', () => {
    fc.assert(fc.property(fc.string(), (text) => assert.equal(isKey(text), false)))
    fc.assert(fc.property(fc.string(), (text) => assert.equal(isKey(`dta_${text}`), false)))
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...ALPHABET), { minLength: 49, maxLength: 49 }), (characters) =>
        assert.equal(isKey(`dta_${characters.join('')}`), false),
      ),
    )
  })

  it('accepts every key that mintKey makes', () => {
    fc.assert(fc.property(key(), (text) => assert.equal(isKey(text), true)))
    assert.equal(isKey(mintKey().key), true)
  })
})

describe('mintKey', () => {
  for (const bytes of [0, 16, 31, 33, 64]) {
    it(`refuses ${bytes} bytes of entropy`, () => {
      assert.throws(() => mintKey(new Uint8Array(bytes)), RangeError)
    })
  }

  it('yields the published keys for the published entropy', () => {
    assert.deepEqual(
      GOLDEN.map((vector) => mintKey(vector.entropy).key),
      GOLDEN.map((vector) => vector.key),
    )
  })

  it('yields the digest under which keys in the field are stored', () => {
    // Computed with sha256sum: a change of either line invalidates every existing key.
    assert.deepEqual(
      GOLDEN.map((vector) => mintKey(vector.entropy).digest.toString('hex')),
      GOLDEN.map((vector) => createHash('sha256').update(vector.key, 'ascii').digest('hex')),
    )
    assert.equal(digestOf(OF_FF).toString('hex'), '2eeac0135f9f808fd1f6570ce6c349b07673743a6ce0ee68b4092fe1bec17440')
  })

  it('never yields the same key twice', () => {
    assert.equal(new Set(Array.from({ length: 1000 }, () => mintKey().key)).size, 1000)
  })

  it('maps different entropy to different keys and keeps its order', () => {
    fc.assert(
      fc.property(entropy(), entropy(), (left, right) => {
        const order = Math.sign(Buffer.compare(left, right))
        const [a, b] = [left, right].map((bytes) => mintKey(bytes).key.slice(0, -6)) as [string, string]
        assert.equal(a < b ? -1 : a > b ? 1 : 0, order)
      }),
    )
  })

  it('returns the digest and hint of the key that it returns', () => {
    fc.assert(
      fc.property(entropy(), (bytes) => {
        const minted = mintKey(bytes)
        assert.deepEqual(minted, { key: minted.key, digest: digestOf(minted.key), hint: maskKey(minted.key) })
      }),
    )
  })

  it('ends in the CRC-32 of the characters before it', () => {
    fc.assert(fc.property(key(), (text) => assert.equal(text.slice(-6), independentChecksum(text.slice(0, -6)))))
  })
})

describe('maskKey', () => {
  it('hides all but four characters at each end', () => {
    assert.equal(maskKey(OF_FF), 'dta_yhjs********************pNST')
  })

  it('shows no more than eight characters of any key', () => {
    fc.assert(
      fc.property(key(), (text) => {
        assert.match(maskKey(text), /^dta_[0-9A-Za-z]{4}\*{20}[0-9A-Za-z]{4}$/)
        assert.equal(isKey(maskKey(text)), false)
      }),
    )
  })
})

describe('looksLikeKey', () => {
  it('depends on the prefix alone', () => {
    assert.deepEqual(['dta_', 'dta_x', 'DTA_x', '', 'a.b.c', ' dta_'].map(looksLikeKey), [
      true,
      true,
      false,
      false,
      false,
      false,
    ])
  })
})

/** Computes CRC-32 bit by bit from the polynomial (ISO 3309), independent of the code under test. */
function independentChecksum(text: string): string {
  let crc = 0xffffffff
  for (const byte of Buffer.from(text)) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  let rest = (crc ^ 0xffffffff) >>> 0
  let digits = ''
  while (digits.length < 6) {
    digits = ALPHABET[rest % 62] + digits
    rest = Math.floor(rest / 62)
  }
  return digits
}
