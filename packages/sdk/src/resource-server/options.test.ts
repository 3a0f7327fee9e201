import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type ResourceServerOptions, settingsOf } from './options.ts'
import { permissionsOf } from './requirement.ts'

const good: ResourceServerOptions = {
  issuer: 'https://auth.example.com',
  clientId: 'app_1',
  clientSecret: 'hidden',
  accessTokens: 'introspect',
}

describe('the options of a resource server', () => {
  for (const [wrong, says] of [
    [{ issuer: 'auth.example.com' }, /^issuer is no URL/],
    [{ issuer: 'http://auth.example.com' }, /^issuer must be https:/],
    [{ issuer: 'https://me:hidden@auth.example.com' }, /^issuer must not have a user name/],
    [{ clientId: '' }, /^clientId is missing/],
    [{ clientSecret: undefined }, /^clientSecret is missing/],
    [{ audience: '' }, /^audience is missing/],
    [{ accessTokens: undefined }, /^accessTokens is to be/],
    [{ accessTokens: true }, /^accessTokens is to be/],
    [{ cacheSeconds: 11 }, /^cacheSeconds is to be from 0 to 10/],
    [{ cacheSeconds: Number.NaN }, /^cacheSeconds/],
    [{ cacheSize: 0 }, /^cacheSize/],
    [{ timeoutMs: 0 }, /^timeoutMs/],
    [{ resourceMetadataUrl: 'https://api.example.com/"' }, /^resourceMetadataUrl is no URL/],
  ] as [Record<string, unknown>, RegExp][]) {
    it(`refuses ${JSON.stringify(wrong)}, and repeats no secret`, () => {
      assert.throws(
        () => settingsOf({ ...good, ...wrong } as unknown as ResourceServerOptions), // as JavaScript would
        (error) => error instanceof TypeError && says.test(error.message) && !error.message.includes('hidden'),
      )
    })
  }

  it('are few', () => {
    const { audience, cacheMs } = settingsOf(good)
    assert.deepEqual([audience, cacheMs], [good.issuer, 5000])
  })
})

describe('what a route requires', () => {
  for (const [what, nothing] of Object.entries({
    'an empty list': [],
    'a permission that is none': 'read:everything',
    'a list with one that is none': ['read:sandboxes', 'constructor'],
    'what is no text': [undefined],
    nothing: undefined,
    public: 'public',
  })) {
    it(`is not ${what}`, () => {
      assert.throws(() => permissionsOf(nothing as never), TypeError) // as JavaScript would
    })
  }

  it('is to be known, a permission, or several', () => {
    assert.deepEqual(permissionsOf('authenticated'), [])
    assert.deepEqual(permissionsOf('read:sandboxes'), ['read:sandboxes'])
    assert.deepEqual(permissionsOf(['read:sandboxes', 'write:volumes']), ['read:sandboxes', 'write:volumes'])
  })
})
