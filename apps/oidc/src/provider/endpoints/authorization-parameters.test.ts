import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { canonicalizeResource, selectAllowedScope } from './authorization-parameters.ts'

const client = { scope: 'openid email offline_access read:sandboxes' }

describe('selectAllowedScope', () => {
  for (const [scope, expected] of [
    ['openid read:sandboxes', 'openid read:sandboxes'],
    ['openid admin:organization', 'openid'],
    ['openid profile unknown', 'openid unknown'],
    // No scope is left: the library refuses the request.
    ['admin:organization', 'admin:organization'],
    ['unknown', 'unknown'],
    ['', 'openid email'],
    [undefined, 'openid email'],
  ] as const) {
    it(`of ${JSON.stringify(scope)} is ${JSON.stringify(expected)}`, () => {
      assert.equal(selectAllowedScope(scope, client), expected)
    })
  }
})

describe('canonicalizeResource', () => {
  it('ignores one trailing slash, and nothing else', () => {
    const audience = 'https://api.example.com'
    assert.equal(canonicalizeResource('https://api.example.com/', audience), audience)
    assert.equal(canonicalizeResource(audience, `${audience}/`), `${audience}/`)
    for (const other of [
      'https://api.example.com//',
      'https://api.example.com/x',
      'http://api.example.com/',
      '',
      '/',
    ]) {
      assert.equal(canonicalizeResource(other, audience), other)
    }
  })
})
