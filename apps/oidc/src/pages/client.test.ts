import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { showClient } from './client.ts'

const facts = { id: 'app_1', name: 'Cobalt CI', firstParty: false, native: false, homepageUri: undefined }

describe('showClient', () => {
  it('links to a homepage only over http(s)', () => {
    for (const homepageUri of ['javascript:alert(1)', 'data:text/html,x', 'not a url', undefined]) {
      assert.equal(showClient({ ...facts, homepageUri }, undefined).homepage, undefined)
    }
    assert.deepEqual(showClient({ ...facts, homepageUri: 'https://cobalt.example/about' }, undefined).homepage, {
      href: 'https://cobalt.example/about',
      host: 'cobalt.example',
    })
  })

  it('shows the host of the redirect URI, and none for an app on the same device', () => {
    const host = (redirectUri: string) => showClient(facts, redirectUri).host
    assert.equal(host('https://cobalt.example:8443/callback'), 'cobalt.example:8443')
    assert.equal(host('https://аррӏе.example/callback'), 'xn--80ak6aa92e.example')
    assert.equal(host('http://127.0.0.1:4711/callback'), undefined)
    assert.equal(host('http://[::1]:4711/callback'), undefined)
    assert.equal(host('com.example.app:/callback'), undefined)
  })

  it('removes characters from a name that hide or reorder text', () => {
    assert.equal(showClient({ ...facts, name: 'Good\u202e\u2028App\u200b\u0007' }, undefined).name, 'Good App')
  })

  it('shows the id of a client without a name, and one letter of any script', () => {
    assert.equal(showClient({ ...facts, name: undefined }, undefined).name, 'app_1')
    assert.equal(showClient({ ...facts, name: '👩‍🚀 space' }, undefined).letter, '👩‍🚀')
  })
})
