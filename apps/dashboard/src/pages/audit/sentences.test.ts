import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { verbOf } from './sentences.ts'

describe('the sentence of a sign-in with the identity provider', () => {
  it('states whether the person became a member, and why not', () => {
    const sentences = [200, 403, 409].map((statusCode) => verbOf({ action: 'member.join', statusCode }))
    assert.match(sentences[0] ?? '', /joined as$/)
    assert.match(sentences[1] ?? '', /needs an invitation because they were removed or left before/)
    assert.match(sentences[2] ?? '', /did not join because the quota of members is reached/)
  })
})
