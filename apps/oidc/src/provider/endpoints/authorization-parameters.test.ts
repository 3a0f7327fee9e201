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

describe('selectAllowedScope for another API', () => {
  for (const [scope, expected] of [
    ['openid invoices:read', 'openid invoices:read'],
    // Neither our permissions nor identity scopes that the app is not registered for.
    ['openid profile read:sandboxes invoices:read', 'openid invoices:read'],
    ['invoices:write offline_access', 'offline_access'],
    ['invoices:delete', 'invoices:delete'],
    ['read:sandboxes', 'read:sandboxes'],
    [undefined, 'openid email'],
  ] as const) {
    it(`of ${JSON.stringify(scope)} is ${JSON.stringify(expected)}`, () => {
      assert.equal(selectAllowedScope(scope, client, ['invoices:read']), expected)
    })
  }
})

describe('canonicalizeResource', () => {
  it('ignores the slash of a URL without a path, and nothing else', () => {
    const audience = 'https://api.example.com'
    assert.equal(canonicalizeResource('https://api.example.com/', audience), audience)
    assert.equal(canonicalizeResource(audience, `${audience}/`), `${audience}/`)
    assert.equal(canonicalizeResource('https://other.example.com:8443/', audience), 'https://other.example.com:8443')
    for (const other of [
      'https://other.example.com/x/',
      'https://OTHER.example.com/',
      'https://user@other.example.com/',
      'https://other.example.com/?',
      'https://other.example.com/#',
      'https://api.example.com//',
      'https://api.example.com/x',
      '',
      '/',
    ]) {
      assert.equal(canonicalizeResource(other, audience), other)
    }
  })
})
