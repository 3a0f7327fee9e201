import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createKeyRing } from './key-ring.ts'

describe('a key ring', () => {
  it('refuses to sign without a key', () => {
    assert.throws(() => createKeyRing([], 'test'), /at least one cookie key/)
  })

  it('refuses a signature of another text, key or purpose, or of another length', () => {
    const ring = createKeyRing(['a'], 'test')
    const signature = ring.sign('text')
    assert.ok(!ring.verify('another text', signature))
    assert.ok(!createKeyRing(['b'], 'test').verify('text', signature))
    assert.ok(!createKeyRing(['a'], 'another purpose').verify('text', signature))
    assert.ok(!ring.verify('text', signature.subarray(1)))
    assert.ok(!ring.verify('text', Buffer.alloc(0)))
  })

  it('signs with the first key and verifies with each', () => {
    const [before, after] = [createKeyRing(['old'], 'test'), createKeyRing(['new', 'old'], 'test')]
    assert.ok(after.verify('text', before.sign('text')))
    assert.ok(after.verify('text', after.sign('text')))
    assert.ok(!before.verify('text', after.sign('text')))
    assert.deepEqual(after.signWithEach('text'), [after.sign('text'), before.sign('text')])
  })
})
