import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseServerUrl } from './server-url.ts'

describe('parseServerUrl', () => {
  it('rejects URLs that would send a credential in clear text or elsewhere', () => {
    for (const text of [
      '',
      'auth.example.com',
      'http://auth.example.com',
      'http://127.0.0.1.example.com',
      'http://localhost.example.com',
      'ftp://localhost',
      'file:///etc/passwd',
      'https://name:word@auth.example.com',
      'https://auth.example.com?to=me',
      'https://auth.example.com/#here',
    ]) {
      assert.ok('fault' in parseServerUrl(text), text)
    }
  })

  it('normalizes URLs', () => {
    for (const [text, url] of [
      ['https://Auth.Example.com/', 'https://auth.example.com'],
      ['https://auth.example.com:443/api//', 'https://auth.example.com/api'],
      ['http://localhost:3000', 'http://localhost:3000'],
      ['http://127.0.0.1:80', 'http://127.0.0.1'],
      ['http://[::1]:3000', 'http://[::1]:3000'],
    ] as const) {
      assert.deepEqual(parseServerUrl(text), { url })
    }
  })
})
