import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { permissionNames } from '@daytona-auth/protocol/scopes'
import fc from 'fast-check'
import { FORM_FAULTS, type FormFault } from '../credential/form-faults.ts'
import { type CredentialDenial, type DenialReason, denyCredential } from '../principal/result.ts'
import {
  challenges,
  insufficientScope,
  misplaced,
  NOT_A_PERSON,
  rateLimited,
  SUPERSEDED_SECRET,
  suspended,
  TOO_MANY_WRITES,
  UNKNOWN_PERMISSION,
} from './challenge.ts'

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
  'other-sign-in-required',
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
        const { description } = denyCredential(credential, reason)
        const header = `Bearer ${error}resource_metadata="${METADATA}", error_description="${description}"`
        assert.deepEqual(answer.headers, { 'www-authenticate': header })
        assert.equal(answer.cause, reason, 'the log knows')
      })
    }
  }

  it('describes every well-formed key alike, so that none reveals whether it exists', () => {
    const reasons = REASONS.filter((reason) => !['missing', 'malformed', 'query-not-accepted'].includes(reason))
    const keys = new Set(reasons.map((reason) => JSON.stringify(challenge(denyCredential('api-key', reason)).headers)))
    assert.deepEqual(keys.size, 1)
    // Of a token, only an expiry that its verified signature covers is described.
    const tokens = reasons.map((reason) => [reason, denyCredential('token', reason).description])
    const expired = 'The access token has expired'
    assert.deepEqual(
      tokens.filter(([, description]) => description === expired).map(([reason]) => reason),
      ['expired'],
    )
    assert.equal(new Set(tokens.map(([, description]) => description)).size, 2)
  })

  it('has one description for each fault of the form, which a quoted string may contain', () => {
    const faults = Object.entries(FORM_FAULTS)
    for (const [fault, text] of faults) {
      const denied = denyCredential('other', 'malformed', { fault: fault as FormFault })
      assert.ok(
        String(challenge(denied).headers?.['www-authenticate']).endsWith(`, error_description="${text}"`),
        fault,
      )
      assert.match(text, /^[\x20-\x21\x23-\x5b\x5d-\x7e]{20,140}$/)
    }
    assert.equal(new Set(Object.values(FORM_FAULTS)).size, faults.length)
  })

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

  it('asks to wait a second if the denial does not say how long', () => {
    for (const reason of ['rate-limited', 'unavailable'] as const) {
      assert.deepEqual(challenges(METADATA)(denyCredential('api-key', reason)).headers, { 'retry-after': '1' })
      const later = denyCredential('api-key', reason, { retryAfterSeconds: 7 })
      assert.deepEqual(challenges(METADATA)(later).headers, { 'retry-after': '7' })
    }
  })

  it('has no description if the denial has none', () => {
    const denied = { ...denyCredential('api-key', 'unknown'), description: null }
    assert.deepEqual(challenges(METADATA)(denied).headers, {
      'www-authenticate': `Bearer error="invalid_token", resource_metadata="${METADATA}"`,
    })
  })

  for (const permission of permissionNames()) {
    it(`names ${permission} where the route requires it, with a credential or without`, () => {
      const scope = `scope="${permission}", resource_metadata="${METADATA}", error_description=`
      const headers = (credential: CredentialDenial['credential']) =>
        challenge(denyCredential(credential, 'unknown'), permission).headers
      assert.ok(headers('none')?.['www-authenticate']?.startsWith(`Bearer ${scope}`))
      assert.ok(headers('api-key')?.['www-authenticate']?.startsWith(`Bearer error="invalid_token", ${scope}`))
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

  it('remains one object whichever others are made in between', () => {
    const own = challenges(METADATA)
    const denials = CREDENTIALS.flatMap((credential) =>
      REASONS.flatMap((reason) => [
        denyCredential(credential, reason),
        denyCredential(credential, reason, { fault: 'tooLong' }),
      ]),
    )
    const scopes = [undefined, 'read:sandboxes', 'read:sandboxes write:sandboxes']
    const make = () => scopes.flatMap((scope) => denials.map((denied) => own(denied, scope)))
    const [first, second] = [make(), make()]
    for (const [at, made] of first.entries()) assert.equal(second[at], made)
    assert.equal(new Set(first).size, first.length, 'each kind, reason, description and scope has its own')
  })
})

describe('the response to a valid credential without access', () => {
  for (const permission of permissionNames()) {
    it(`names ${permission} as the missing scope`, () => {
      const { body, headers } = insufficientScope(permission)
      assert.deepEqual(body, { statusCode: 403, message: 'Forbidden', error: 'Insufficient permissions' })
      assert.deepEqual(headers, {
        'www-authenticate': `Bearer error="insufficient_scope", scope="${permission}", error_description="The credential lacks the permission ${permission}"`,
      })
    })
  }

  it('names several missing permissions, as scopes and in words, and is one object for the same ones', () => {
    const denial = insufficientScope('write:sandboxes', 'read:volumes')
    assert.deepEqual(denial.headers, {
      'www-authenticate':
        'Bearer error="insufficient_scope", scope="write:sandboxes read:volumes", error_description="The credential lacks the permissions write:sandboxes, read:volumes"',
    })
    assert.equal(denial.cause, 'lacks write:sandboxes read:volumes')
    assert.equal(insufficientScope('write:sandboxes', 'read:volumes'), denial)
    assert.notEqual(insufficientScope('write:sandboxes'), denial)
  })

  it('is the same body for a key where a person is required, and says who may', () => {
    assert.deepEqual(NOT_A_PERSON.body, { statusCode: 403, message: 'Forbidden', error: 'Insufficient permissions' })
    assert.deepEqual(NOT_A_PERSON.headers, {
      'www-authenticate':
        'Bearer error="insufficient_scope", error_description="This needs a signed-in person: sign in to the dashboard or the CLI. No API key or app is sufficient"',
    })
  })

  it('has the limit that was reached as its cause, for the log', () => {
    assert.equal(rateLimited(5).cause, 'rate-limited')
    assert.equal(TOO_MANY_WRITES.cause, 'too many writes of this credential are under way')
  })

  it('is the same body for a superseded secret, and for an unknown permission, which it does not repeat', () => {
    for (const [denial, description] of [
      [SUPERSEDED_SECRET, 'The API key was rotated, and its earlier secret cannot change this. Use the new secret'],
      [UNKNOWN_PERMISSION, 'The request names a permission that does not exist'],
    ] as const) {
      assert.deepEqual(denial.body, { statusCode: 403, message: 'Forbidden', error: 'Insufficient permissions' })
      assert.deepEqual(denial.headers, {
        'www-authenticate': `Bearer error="insufficient_scope", error_description="${description}"`,
      })
    }
  })

  it('states when to try again over a limit, as one object for each number of seconds', () => {
    const body = { statusCode: 429, message: 'Too Many Requests', error: 'Rate limit exceeded' }
    for (const seconds of [1, 30, 60]) {
      assert.deepEqual(
        [rateLimited(seconds).body, rateLimited(seconds).headers],
        [body, { 'retry-after': String(seconds) }],
      )
      assert.equal(rateLimited(seconds), rateLimited(seconds))
    }
    assert.deepEqual([TOO_MANY_WRITES.body, TOO_MANY_WRITES.headers], [body, { 'retry-after': '1' }])
  })

  it('names the reason of a suspension, if there is one', () => {
    assert.equal(suspended({ reason: 'unpaid', until: null }).message, 'Organization is suspended: unpaid')
    assert.equal(suspended({ reason: null, until: null }).message, 'Organization is suspended')
  })

  it('describes a suspension without the text of the operator', () => {
    const { headers } = suspended({ reason: 'a "reason"\r\n', until: null })
    assert.deepEqual(headers, { 'www-authenticate': 'Bearer error_description="The organization is suspended"' })
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
