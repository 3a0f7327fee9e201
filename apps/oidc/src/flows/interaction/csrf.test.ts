import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { UserId } from '@daytona-auth/db/core'
import { createCsrfTokens, isFromOurPages } from './csrf.ts'
import type { Viewer } from './viewer.ts'

const KEYS = ['a key of thirty-two characters, 1', 'a key of thirty-two characters, 2']

const ada: Viewer = { userId: 'usr_ada' as UserId, sessionUid: 'one' }

describe('createCsrfTokens', () => {
  it('refuses a missing, malformed or foreign token, and one of another interaction', () => {
    const { issue, check } = createCsrfTokens(KEYS)
    const good = issue('one', ada)
    for (const token of [
      undefined,
      '',
      'x',
      '.',
      good.slice(1),
      `${good}x${good}`,
      good.split('.')[0],
      good.split('.').reverse().join('.'),
      issue('another', ada),
      createCsrfTokens(['a key of thirty-two characters, 3']).issue('one', ada),
      [good],
    ]) {
      assert.equal(check('one', ada, token), 'forged', String(token))
    }
  })

  it('reports a token as stale for any other account or session', () => {
    const { issue, check } = createCsrfTokens(KEYS)
    const viewers: Viewer[] = [
      undefined,
      ada,
      { ...ada, sessionUid: 'two' },
      { userId: 'usr_grace' as UserId, sessionUid: 'one' },
    ]
    for (const opener of viewers) {
      for (const viewer of viewers) {
        assert.equal(check('one', viewer, issue('one', opener)), opener === viewer ? 'accepted' : 'stale')
      }
    }
  })

  it('accepts its own tokens, including those of a key that is no longer the first', () => {
    const { issue, check } = createCsrfTokens(KEYS)
    assert.equal(check('one', ada, issue('one', ada)), 'accepted')
    assert.equal(check('one', ada, createCsrfTokens(KEYS.slice(1)).issue('one', ada)), 'accepted')
  })

  it('throws without a key', () => {
    assert.throws(() => createCsrfTokens([]), /at least one cookie key/)
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
