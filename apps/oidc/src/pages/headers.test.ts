import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formTarget, pageHeaders } from './headers.ts'

describe('formTarget', () => {
  const table: [redirectUri: string, source: string][] = [
    ['https://cobalt.example:8443/callback?x=1', 'https://cobalt.example:8443'],
    ['http://127.0.0.1:4711/callback', 'http://127.0.0.1:4711'],
    ['http://[::1]:4711/callback', 'http:'],
    ['com.example.app:/callback', 'com.example.app:'],
  ]
  for (const [redirectUri, source] of table) {
    it(`is ${source} for ${redirectUri}`, () => assert.equal(formTarget(redirectUri), source))
  }
})

describe('pageHeaders', () => {
  it('lets nothing run, nothing frame and nothing load from elsewhere', () => {
    assert.deepEqual(pageHeaders(['https://cobalt.example']), {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy':
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self' https://cobalt.example; frame-ancestors 'none'; base-uri 'none'",
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
      'cache-control': 'no-store',
      'x-robots-tag': 'noindex',
    })
  })
})
