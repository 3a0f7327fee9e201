import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { it } from 'node:test'
import { createSecretToken, SECRET_TOKEN } from './secret-token.ts'

it('creates a new token each time, with the SHA-256 of its text', () => {
  const tokens = Array.from({ length: 100 }, createSecretToken)
  assert.equal(new Set(tokens.map(({ token }) => token)).size, 100)
  for (const { token, digest } of tokens) {
    assert.match(token, SECRET_TOKEN)
    assert.equal(Buffer.from(token, 'base64url').length, 32)
    assert.deepEqual(digest, createHash('sha256').update(token).digest())
  }
})

it('recognizes no other text as a token', () => {
  const { token } = createSecretToken()
  for (const other of ['', token.slice(1), `${token}A`, `${token}\n`, `${token.slice(1)}+`, `${token.slice(1)}=`]) {
    assert.doesNotMatch(other, SECRET_TOKEN, JSON.stringify(other))
  }
})
