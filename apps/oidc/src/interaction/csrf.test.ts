import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { csrfTokens, isFromOurPages } from './csrf.ts'

const KEYS = ['a key of thirty-two characters, 1', 'a key of thirty-two characters, 2']

describe('csrfTokens', () => {
  it('refuses a missing, a mangled, a foreign and a stranger’s token', () => {
    const { issue, accepts } = csrfTokens(KEYS)
    for (const token of [
      undefined,
      '',
      'x',
      issue('one').slice(1),
      `${issue('one')}x${issue('one')}`,
      issue('another'),
      csrfTokens(['a key of thirty-two characters, 3']).issue('one'),
      [issue('one')],
    ]) {
      assert.equal(accepts('one', token), false, String(token))
    }
  })

  it('accepts its own, also those of a key that is no longer the first', () => {
    const { issue, accepts } = csrfTokens(KEYS)
    assert.equal(accepts('one', issue('one')), true)
    assert.equal(accepts('one', csrfTokens(KEYS.slice(1)).issue('one')), true)
  })

  it('does not start without a key', () => {
    assert.throws(() => csrfTokens([]), /at least one cookie key/)
  })
})

describe('isFromOurPages', () => {
  const table: [headers: Record<string, string>, ours: boolean][] = [
    [{ origin: 'https://evil.example' }, false],
    [{ origin: 'null' }, false],
    [{ origin: 'https://api.example.com.evil.example' }, false],
    [{ origin: 'http://api.example.com' }, false],
    [{ 'sec-fetch-site': 'cross-site' }, false],
    [{ 'sec-fetch-site': 'same-site' }, false],
    [{ 'sec-fetch-site': 'none' }, false],
    [{ origin: 'https://api.example.com', 'sec-fetch-site': 'cross-site' }, false],
    [{ origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' }, false],
    [{ origin: 'https://api.example.com' }, true],
    [{ origin: 'https://api.example.com', 'sec-fetch-site': 'same-origin' }, true],
    [{}, true],
  ]
  for (const [headers, ours] of table) {
    it(`${ours ? 'accepts' : 'refuses'} ${JSON.stringify(headers)}`, () =>
      assert.equal(isFromOurPages(headers, 'https://api.example.com'), ours))
  }
})
