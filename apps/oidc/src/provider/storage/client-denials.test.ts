import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { storableUri } from './client-denials.ts'

describe('a refused redirect URI', () => {
  const URIS = {
    'https://app.example.test/callback': 'https://app.example.test/callback',
    'https://APP.example.test:443/a/../cb': 'https://app.example.test/cb',
    'http://127.0.0.1:4567/callback': 'http://127.0.0.1:4567/callback',
    'https://ada:secret@app.example.test/cb?code=secret&state=x#access_token=secret': 'https://app.example.test/cb',
    'my-tool://callback/path?x=secret': 'my-tool://callback/path',
    'https://app.example.test/\u202ecb\n': 'https://app.example.test/%E2%80%AEcb',
    'javascript:alert(1)': '',
    'data:text/html,secret': '',
    '/callback': '',
    '': '',
    [`https://app.example.test/${'x'.repeat(500)}`]: '',
  }
  for (const [sent, stored] of Object.entries(URIS)) {
    it(`is stored as ${JSON.stringify(stored)}: ${JSON.stringify(sent).slice(0, 80)}`, () => {
      assert.equal(storableUri(sent), stored)
    })
  }

  it('is not stored if it was sent more than once', () => {
    assert.equal(storableUri(['https://one.example.test/', 'https://two.example.test/']), '')
    assert.equal(storableUri(undefined), '')
  })
})
