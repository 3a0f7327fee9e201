import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formActionTo, pageHeaders } from './headers.ts'

describe('pageHeaders', () => {
  it('forbids scripts, framing and foreign resources', () => {
    assert.deepEqual(pageHeaders(), {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy':
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
      'cache-control': 'no-store',
      'x-robots-tag': 'noindex',
    })
  })

  it('allows the scripts of our own origin on the pages that have one, and nothing else', () => {
    const policy = pageHeaders(undefined, { script: true })['content-security-policy']
    assert.equal(
      policy,
      "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    )
  })

  it('allows redirects after the one form that carries a response to an app, and no more than needed', () => {
    for (const [redirectUri, action] of [
      ['https://cobalt.example/callback', 'https:'],
      ['http://127.0.0.1:4711/callback', 'https: http:'],
    ] as const) {
      const policy = pageHeaders(formActionTo(redirectUri))['content-security-policy']
      assert.match(policy ?? '', new RegExp(`; form-action ${action}; frame-ancestors 'none'`))
    }
  })
})
