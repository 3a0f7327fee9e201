import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as zlib from 'node:zlib'
import fc from 'fast-check'
import { crc32 } from './crc32.ts'

describe('crc32', () => {
  it('has the check value of the catalogue of CRCs', () => {
    assert.equal(crc32('123456789', 9), 0xcbf43926)
  })

  it('equals the CRC-32 of zlib for any part of any ASCII text', () => {
    const text = fc.string({ unit: 'binary-ascii', maxLength: 100 })
    fc.assert(
      fc.property(text, fc.nat({ max: 100 }), (all, at) => {
        const part = all.slice(0, at)
        assert.equal(crc32(all, part.length), zlib.crc32(part))
      }),
    )
  })
})
