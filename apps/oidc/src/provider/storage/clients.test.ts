import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { digestOf } from '@daytona-auth/auth'
import { isClientSecret, toClientMetadata } from './clients.ts'

const row = {
  id: 'app_1',
  name: 'App',
  type: 'spa' as const,
  secretDigest: null,
  redirectUris: ['https://a.example/cb'],
  postLogoutRedirectUris: [],
  scopes: [],
  homepageUri: null,
  logoUri: null,
  firstParty: false,
  organizationId: null,
  createdBy: null,
  createdAt: new Date(0),
  updatedAt: new Date(0),
  requirePkce: false,
  deviceGrant: false,
  idTokenSignedResponseAlg: 'RS256' as const,
}

describe('toClientMetadata', () => {
  it('gives a client without scopes the scope openid, because an absent scope would allow every scope', () => {
    assert.equal(toClientMetadata(row)['scope'], 'openid')
    assert.equal(toClientMetadata({ ...row, scopes: ['email', 'openid'] })['scope'], 'openid email')
  })

  it('lets a client authenticate if and only if it has a secret, regardless of its type', () => {
    assert.equal(toClientMetadata(row)['token_endpoint_auth_method'], 'none')
    const confidential = toClientMetadata({ ...row, type: 'web', secretDigest: digestOf('secret') })
    assert.equal(confidential['token_endpoint_auth_method'], 'client_secret_basic')
    assert.equal(confidential['client_secret'], digestOf('secret').toString('base64url'))
  })
})

describe('the grant types of a client', () => {
  it('include device codes for native apps, and for web apps that enable them', () => {
    const others = ['authorization_code', 'refresh_token']
    assert.deepEqual(toClientMetadata(row)['grant_types'], others)
    assert.deepEqual(toClientMetadata({ ...row, type: 'web', secretDigest: digestOf('secret') })['grant_types'], others)
    assert.deepEqual(toClientMetadata({ ...row, deviceGrant: true })['grant_types'], others)
    for (const type of ['native', 'web'] as const) {
      assert.deepEqual(toClientMetadata({ ...row, type, deviceGrant: type === 'web' })['grant_types'], [
        ...others,
        'urn:ietf:params:oauth:grant-type:device_code',
      ])
    }
  })
})

describe('isClientSecret', () => {
  const stored = digestOf('secret').toString('base64url')

  it('accepts only the secret, not its digest', () => {
    assert.ok(isClientSecret(stored, 'secret'))
    for (const wrong of ['', 'Secret', 'secret ', stored, undefined, null, ['secret'], 42]) {
      assert.ok(!isClientSecret(stored, wrong), String(wrong))
    }
  })

  it('accepts no secret for a client without one', () => {
    assert.ok(!isClientSecret(undefined, ''))
    assert.ok(!isClientSecret('', ''))
  })
})
