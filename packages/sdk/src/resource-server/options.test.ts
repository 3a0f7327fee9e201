import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type ResourceServerOptions, resolveSettings } from './options.ts'
import { listRequiredPermissions } from './requirement.ts'

const good: ResourceServerOptions = {
  issuer: 'https://auth.example.com',
  clientId: 'app_1',
  clientSecret: 'hidden',
  accessTokens: 'introspect',
}

describe('the options of a resource server', () => {
  for (const [wrong, says] of [
    [{ issuer: 'auth.example.com' }, /^issuer is not a URL/],
    [{ issuer: 'http://auth.example.com' }, /^issuer must be https:/],
    [{ issuer: 'https://me:hidden@auth.example.com' }, /^issuer must not contain a user name/],
    [{ clientId: '' }, /^clientId is missing/],
    [{ clientSecret: undefined }, /^clientSecret is missing/],
    [{ audience: '' }, /^audience is missing/],
    [{ accessTokens: 'offline' }, /^audience is missing/],
    [{ scopes: ['a'] }, /^audience is missing/],
    [{ accessTokens: 'offline', audience: 'https://a.example', clientSecret: undefined }, /^clientSecret is missing/],
    [{ scopes: ['a'], audience: 'urn:x' }, /^audience is not the identifier/],
    [{ scopes: ['a'], audience: 'https://a.example/#x' }, /^audience is not the identifier/],
    [{ scopes: ['a b'], audience: 'https://a.example' }, /^scopes must be a list/],
    [{ scopes: 'a', audience: 'https://a.example' }, /^scopes must be a list/],
    [{ accessTokens: undefined }, /^accessTokens must be/],
    [{ accessTokens: true }, /^accessTokens must be/],
    [{ cacheSeconds: 11 }, /^cacheSeconds must be from 0 to 10/],
    [{ cacheSeconds: Number.NaN }, /^cacheSeconds/],
    [{ cacheSize: 0 }, /^cacheSize/],
    [{ timeoutMs: 0 }, /^timeoutMs/],
    [{ resourceMetadataUrl: 'https://api.example.com/"' }, /^resourceMetadataUrl is not a URL/],
  ] as [Record<string, unknown>, RegExp][]) {
    it(`rejects ${JSON.stringify(wrong)} without quoting a secret`, () => {
      assert.throws(
        () => resolveSettings({ ...good, ...wrong } as unknown as ResourceServerOptions), // as JavaScript would
        (error) => error instanceof TypeError && says.test(error.message) && !error.message.includes('hidden'),
      )
    })
  }

  it('have defaults', () => {
    const { audience, cacheMs } = resolveSettings(good)
    assert.deepEqual([audience, cacheMs], [good.issuer, 5000])
  })
})

describe('a requirement', () => {
  for (const [what, nothing] of Object.entries({
    'an empty list': [],
    'an unknown permission': 'read:everything',
    'a list with an unknown permission': ['read:sandboxes', 'constructor'],
    'a value that is no string': [undefined],
    nothing: undefined,
    public: 'public',
  })) {
    it(`rejects ${what}`, () => {
      assert.throws(() => listRequiredPermissions(nothing as never), TypeError) // as JavaScript would
    })
  }

  it('is authenticated, a permission, or several', () => {
    assert.deepEqual(listRequiredPermissions('authenticated'), [])
    assert.deepEqual(listRequiredPermissions('read:sandboxes'), ['read:sandboxes'])
    assert.deepEqual(listRequiredPermissions(['read:sandboxes', 'write:volumes']), ['read:sandboxes', 'write:volumes'])
  })
})
