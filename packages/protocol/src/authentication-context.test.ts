import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ACR, acrOf, acrValues, satisfiesAcr } from './authentication-context.ts'

describe('the values of acr', () => {
  it('are these, the weakest first', () => {
    assert.deepEqual(acrValues(), [
      'urn:daytona:acr:password',
      'urn:daytona:acr:trusted-browser',
      'urn:daytona:acr:mfa',
    ])
    assert.equal(acrOf(['pwd']), ACR.password)
    assert.equal(acrOf(['pwd', 'otp']), ACR.password)
    assert.equal(acrOf(['pwd', 'otp', 'mfa']), ACR.multiFactor)
  })

  it('are satisfied by a sign-in that is as strong as one of them; unknown ones request nothing', () => {
    for (const acr of [undefined, '', 'urn:example:other', ACR.password]) {
      assert.equal(satisfiesAcr(acr, [ACR.multiFactor]), false, String(acr))
    }
    for (const acr of [undefined, '', 'urn:example:other'])
      assert.equal(satisfiesAcr(acr, [ACR.password]), false, String(acr))
    assert.equal(satisfiesAcr(ACR.trustedBrowser, [ACR.multiFactor]), false)
    assert.equal(satisfiesAcr(ACR.trustedBrowser, [ACR.password]), true)
    assert.equal(satisfiesAcr(ACR.password, [ACR.multiFactor, ACR.password]), true)
    assert.equal(satisfiesAcr(ACR.multiFactor, [ACR.password]), true)
    assert.equal(satisfiesAcr(ACR.multiFactor, [ACR.multiFactor, 'urn:example:other']), true)
    assert.equal(satisfiesAcr(ACR.password, ['urn:example:other', '']), true)
  })
})
