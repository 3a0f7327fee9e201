import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { permissionNames } from '../principal/permission.ts'
import { type CredentialDenial, type DenialReason, denyCredential } from '../principal/result.ts'
import { challenges, insufficientScope, misplaced, NOT_A_PERSON, notSelected, suspended } from './challenge.ts'

const METADATA = 'https://api.example.com/.well-known/oauth-protected-resource'
const REASONS: DenialReason[] = [
  'missing',
  'malformed',
  'query-not-accepted',
  'unknown',
  'revoked',
  'expired',
  'user-disabled',
  'signature',
  'claims',
  'unknown-signing-key',
  'grant-revoked',
]
const CREDENTIALS: CredentialDenial['credential'][] = ['none', 'api-key', 'token', 'other']

describe('the response to a refused credential', () => {
  const challenge = challenges(METADATA)

  for (const reason of REASONS) {
    for (const credential of CREDENTIALS) {
      it(`names the kind of a refused credential (${credential}, ${reason}) and never the reason`, () => {
        const answer = challenge(denyCredential(credential, reason))
        assert.deepEqual(answer.body, {
          statusCode: 401,
          message: 'Unauthorized',
          error: credential === 'token' ? 'Invalid or expired token' : 'Invalid or expired API key',
        })
        const error = credential === 'none' ? '' : 'error="invalid_token", '
        assert.deepEqual(answer.headers, { 'www-authenticate': `Bearer ${error}resource_metadata="${METADATA}"` })
        assert.equal(answer.cause, reason, 'the log knows')
      })
    }
  }

  it('has Retry-After and no challenge for 429 and 503', () => {
    const limited = challenge(denyCredential('api-key', 'rate-limited', { retryAfterSeconds: 3 }))
    assert.deepEqual(
      [limited.body, limited.headers],
      [{ statusCode: 429, message: 'Too Many Requests', error: 'Rate limit exceeded' }, { 'retry-after': '3' }],
    )
    const down = challenge(denyCredential('token', 'unavailable', { retryAfterSeconds: 1 }))
    assert.deepEqual(
      [down.body, down.headers],
      [{ statusCode: 503, message: 'Service Unavailable', error: 'Service unavailable' }, { 'retry-after': '1' }],
    )
  })

  for (const permission of permissionNames()) {
    it(`names ${permission} where the route requires it, with a credential or without`, () => {
      const scope = `scope="${permission}", resource_metadata="${METADATA}"`
      const headers = (credential: CredentialDenial['credential']) =>
        challenge(denyCredential(credential, 'unknown'), permission).headers
      assert.deepEqual(headers('none'), { 'www-authenticate': `Bearer ${scope}` })
      assert.deepEqual(headers('api-key'), { 'www-authenticate': `Bearer error="invalid_token", ${scope}` })
    })
  }

  it('is one object for all requests with the same reason', () => {
    const scope = 'read:sandboxes'
    assert.equal(challenge(denyCredential('api-key', 'unknown')), challenge(denyCredential('api-key', 'unknown')))
    assert.equal(
      challenge(denyCredential('api-key', 'unknown'), scope),
      challenge(denyCredential('api-key', 'unknown'), scope),
    )
    assert.notEqual(challenge(denyCredential('api-key', 'unknown')), challenge(denyCredential('token', 'unknown')))
    assert.notEqual(
      challenge(denyCredential('api-key', 'unknown')),
      challenge(denyCredential('api-key', 'unknown'), scope),
    )
  })
})

describe('the response to a valid credential without access', () => {
  for (const permission of permissionNames()) {
    it(`names ${permission} as the missing scope`, () => {
      const { body, headers } = insufficientScope(permission)
      assert.deepEqual(body, { statusCode: 403, message: 'Forbidden', error: 'Insufficient permissions' })
      assert.deepEqual(headers, { 'www-authenticate': `Bearer error="insufficient_scope", scope="${permission}"` })
    })
  }

  it('is the same body for a key where a person is required', () => {
    assert.deepEqual(NOT_A_PERSON.body, { statusCode: 403, message: 'Forbidden', error: 'Insufficient permissions' })
  })

  it('names the reason of a suspension, if there is one', () => {
    assert.equal(suspended({ reason: 'unpaid', until: null }).message, 'Organization is suspended: unpaid')
    assert.equal(suspended({ reason: null, until: null }).message, 'Organization is suspended')
  })

  it('contains the reason why no organization was selected', () => {
    for (const statusCode of [400, 403, 404] as const) {
      const { body } = notSelected({ statusCode, code: 'invalid_request', error: 'why' })
      assert.deepEqual([body.statusCode, body.error], [statusCode, 'why'])
    }
  })

  it('names a misplaced credential by the name of its member', () => {
    assert.deepEqual(misplaced('api_key', 'query').body, {
      statusCode: 400,
      message: 'Bad Request',
      error: 'Credentials belong in the Authorization header: remove api_key from the query',
    })
  })
})

describe('refused', () => {
  it('has a status that depends on its reason alone', () => {
    fc.assert(
      fc.property(fc.constantFrom(...CREDENTIALS), fc.constantFrom(...REASONS), (credential, reason) => {
        assert.equal(denyCredential(credential, reason).statusCode, 401)
        assert.equal(denyCredential(credential, 'rate-limited').statusCode, 429)
        assert.equal(denyCredential(credential, 'unavailable').statusCode, 503)
      }),
    )
  })

  it('is frozen', () => {
    assert.throws(() => Object.assign(denyCredential('api-key', 'unknown'), { kind: 'api-key' }), TypeError)
  })
})
