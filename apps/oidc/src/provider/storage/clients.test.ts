import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { digestOf } from '@daytona-auth/auth'
import type { ClientSecretId } from '@daytona-auth/db/core'
import { findSecret, toClientMetadata } from './clients.ts'

const row = {
  id: 'app_1',
  name: 'App',
  type: 'spa' as const,
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
  requirePushedAuthorizationRequests: false,
  requireSignedRequestObject: false,
  requestObjectSigningAlg: null,
  dpopBoundAccessTokens: false,
  tokenEndpointAuthMethod: 'client_secret_basic' as const,
  jwks: null,
  jwksUri: null,
  deviceGrant: false,
  idTokenSignedResponseAlg: 'RS256' as const,
  backchannelLogoutUri: null,
  backchannelLogoutSessionRequired: false,
  defaultMaxAge: null,
  refreshTokenTtl: null,
  refreshTokenAbsoluteTtl: null,
  secrets: [],
  registration: null,
}

const stored = (text: string, expiresAt: Date | null = null) => ({
  id: `sec_${text}` as ClientSecretId,
  digest: digestOf(text),
  expiresAt,
})

describe('toClientMetadata', () => {
  it('gives a client without scopes the scope openid, because an absent scope would allow every scope', () => {
    assert.equal(toClientMetadata(row)['scope'], 'openid')
    assert.equal(toClientMetadata({ ...row, scopes: ['email', 'openid'] })['scope'], 'openid email')
  })

  it('makes a web app confidential, also without a secret, and other types public', () => {
    for (const type of ['spa', 'native'] as const) {
      const metadata = toClientMetadata({ ...row, type, secrets: [stored('secret')] })
      assert.deepEqual([metadata['token_endpoint_auth_method'], metadata['secret_digests']], ['none', undefined])
    }
    for (const secrets of [[], [stored('one'), stored('two', new Date(5))]]) {
      const metadata = toClientMetadata({ ...row, type: 'web', secrets })
      assert.equal(metadata['token_endpoint_auth_method'], 'client_secret_basic')
      assert.deepEqual(
        metadata['secret_digests'],
        secrets.map(({ id, digest, expiresAt }) => ({
          id,
          digest: Buffer.from(digest).toString('base64url'),
          expiresAt: expiresAt?.getTime() ?? null,
        })),
      )
      assert.equal(findSecret(metadata['secret_digests'] as [], metadata['client_secret'], 0), undefined)
    }
  })
})

describe('the grant types of a client', () => {
  it('include device codes for native apps, and for web apps that enable them', () => {
    const others = ['authorization_code', 'refresh_token']
    assert.deepEqual(toClientMetadata(row)['grant_types'], others)
    assert.deepEqual(toClientMetadata({ ...row, type: 'web' })['grant_types'], others)
    assert.deepEqual(toClientMetadata({ ...row, deviceGrant: true })['grant_types'], others)
    for (const type of ['native', 'web'] as const) {
      assert.deepEqual(toClientMetadata({ ...row, type, deviceGrant: type === 'web' })['grant_types'], [
        ...others,
        'urn:ietf:params:oauth:grant-type:device_code',
      ])
    }
  })
})

describe('findSecret', () => {
  const inText = (text: string) => digestOf(text).toString('base64url')
  const digests = [
    { id: 'sec_1', digest: inText('first'), expiresAt: null },
    { id: 'sec_2', digest: inText('second'), expiresAt: 1000 },
  ]

  it('finds none for another text, for a digest, and for a client without secrets', () => {
    for (const wrong of ['', 'First', 'first ', inText('first'), undefined, null, ['first'], 42]) {
      assert.equal(findSecret(digests, wrong, 0), undefined, String(wrong))
    }
    for (const none of [undefined, [], [{ id: 'sec_1', digest: '', expiresAt: null }]]) {
      for (const text of ['', 'first']) assert.equal(findSecret(none, text, 0), undefined)
    }
  })

  it('finds each of several, an expired one only before that instant', () => {
    assert.equal(findSecret(digests, 'first', 5000)?.id, 'sec_1')
    assert.equal(findSecret(digests, 'second', 999)?.id, 'sec_2')
    assert.equal(findSecret(digests, 'second', 1000), undefined)
  })
})
