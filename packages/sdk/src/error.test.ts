import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DaytonaAuthError } from './error.ts'

const requiredBy = (status: number, headers: Record<string, string>) =>
  new DaytonaAuthError({ status, headers: new Headers(headers) }, undefined).requiredSignIn

describe('the sign-in that an error requires', () => {
  const code = { 'x-error-code': 'insufficient_user_authentication' }

  it('is undefined for other errors', () => {
    const challenge = { 'www-authenticate': 'Bearer acr_values="urn:x", max_age="5"' }
    assert.equal(requiredBy(401, { ...challenge, 'x-error-code': 'invalid_credential' }), undefined)
    assert.equal(requiredBy(401, challenge), undefined)
    assert.equal(requiredBy(403, { ...challenge, ...code }), undefined)
  })

  it('has the parameters of the challenge, if they have their form', () => {
    const none = { acrValues: undefined, maxAgeSeconds: undefined }
    for (const [challenge, expected] of [
      [
        'Bearer error="insufficient_user_authentication", acr_values="urn:x urn:y", max_age="900"',
        { acrValues: 'urn:x urn:y', maxAgeSeconds: 900 },
      ],
      ['DPoP max_age="0", realm="a"', { ...none, maxAgeSeconds: 0 }],
      ['Bearer acr_values="urn:x"', { ...none, acrValues: 'urn:x' }],
      ['Bearer max_age="-1", xacr_values="a"', none],
      [`Bearer acr_values="${'x'.repeat(201)}"`, none],
    ] as const) {
      assert.deepEqual(requiredBy(401, { ...code, 'www-authenticate': challenge }), expected, challenge)
    }
  })
})
