import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createSuccessors } from './successors.ts'

const keys = ['key one', 'key two']
const successors = createSuccessors(keys)
const salt = successors.createSalt()

describe('the successor of a refresh token', () => {
  it('differs for another token, salt or key', () => {
    const texts = [
      successors.derive('token', salt),
      successors.derive('token2', salt),
      successors.derive('token', successors.createSalt()),
      createSuccessors(['key two']).derive('token', salt),
    ]
    assert.equal(new Set(texts).size, texts.length)
    for (const text of texts) assert.match(text, /^[\w-]{43}$/)
  })

  it('is the same each time', () => {
    assert.equal(createSuccessors(keys).derive('token', salt), successors.derive('token', salt))
  })

  it('is among the candidates after the keys were replaced', () => {
    const before = createSuccessors(['key two']).derive('token', salt)
    assert.deepEqual(successors.deriveWithEach('token', salt), [successors.derive('token', salt), before])
  })
})
