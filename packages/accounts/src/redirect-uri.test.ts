import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { settingProblem } from './client-registration.ts'
import { isPrivateUseUri, redirectUriProblem, webUriProblem } from './redirect-uri.ts'

const WEB = ['https://app.example.com/callback', 'http://127.0.0.1/callback', 'https://app.example.com']
const PRIVATE_USE = [
  'com.example.app:/callback',
  'com.example.app://callback',
  'io.example.my-app:/oauth2/callback?x=1',
]

describe('a redirect URI', () => {
  for (const uri of [...WEB, ...PRIVATE_USE]) {
    it(`may be ${uri}`, () => assert.equal(redirectUriProblem(uri), undefined))
  }

  for (const uri of [
    'javascript:alert(1)',
    'javascript.x:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'myapp:/callback',
    'myapp://callback',
    'Com.Example.App:/callback',
    'com.example.app:callback',
    'com.example.app:',
    'com.example.app:/',
    'com..app:/callback',
    'com.-app:/callback',
    '1com.example:/callback',
    'com.example.app:/call back',
    'com.example.app:/callback#x',
    'com.example.app:/*',
    'com.example.app://user@host/callback',
    'com.example.app:/"onload="x',
    'com.example.app:/\\evil.example',
    'com.example.app:///callback',
    'localhost:3000/callback',
    '127.0.0.1:3000/callback',
    'app.example.com:443/callback',
    '//app.example.com/callback',
    '/callback',
    '',
  ]) {
    it(`may not be ${uri || 'empty'}`, () => assert.equal(typeof redirectUriProblem(uri), 'string'))
  }
})

describe('the URI of a server', () => {
  for (const uri of WEB) it(`may be ${uri}`, () => assert.equal(webUriProblem(uri), undefined))
  for (const uri of PRIVATE_USE) it(`may not be ${uri}`, () => assert.equal(typeof webUriProblem(uri), 'string'))
})

describe('a private-use scheme', () => {
  it('is that of a native app only', () => {
    for (const uri of PRIVATE_USE) {
      assert.ok(isPrivateUseUri(uri))
      for (const members of [{ redirectUris: [uri] }, { redirectUris: WEB, postLogoutRedirectUris: [...WEB, uri] }]) {
        assert.equal(settingProblem('native', members), undefined)
        for (const type of ['web', 'spa'] as const) {
          const path = members.postLogoutRedirectUris ? 'postLogoutRedirectUris.3' : 'redirectUris.0'
          assert.equal(settingProblem(type, members)?.path, path)
        }
      }
    }
    assert.equal(settingProblem('web', { redirectUris: WEB }), undefined)
  })
})
