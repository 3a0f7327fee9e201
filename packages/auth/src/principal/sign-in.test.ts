import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ACR, acrValues } from '@daytona-auth/protocol/authentication-context'
import { SECOND_FACTOR, satisfiesSignIn } from './sign-in.ts'

const NOW = 10_000_000
const signIn = (acr: string | undefined, ageSeconds?: number) => ({
  acr,
  authenticatedAt: ageSeconds === undefined ? undefined : NOW - ageSeconds * 1000,
})

describe('satisfiesSignIn', () => {
  it('refuses a sign-in that is weaker than required, unknown or unstated', () => {
    assert.equal(satisfiesSignIn(signIn(ACR.trustedBrowser), { acr: ACR.multiFactor }, NOW), false)
    for (const acr of [undefined, '', 'urn:other', ACR.password]) {
      assert.equal(satisfiesSignIn(signIn(acr), SECOND_FACTOR, NOW), false, String(acr))
    }
  })

  it('refuses a sign-in of an unstated time, and one that is more than a minute older than allowed', () => {
    for (const age of [undefined, 961, 100_000]) {
      assert.equal(satisfiesSignIn(signIn(ACR.multiFactor, age), { maxAgeSeconds: 900 }, NOW), false)
    }
  })

  it('accepts a sign-in that is as strong and as recent as required', () => {
    for (const acr of [ACR.trustedBrowser, ACR.multiFactor]) {
      assert.equal(satisfiesSignIn(signIn(acr), SECOND_FACTOR, NOW), true)
    }
    const requirement = { acr: ACR.multiFactor, maxAgeSeconds: 900 }
    for (const age of [-5, 0, 900, 960])
      assert.equal(satisfiesSignIn(signIn(ACR.multiFactor, age), requirement, NOW), true)
  })

  it('accepts every sign-in if nothing is required', () => {
    for (const acr of [undefined, ...acrValues()]) assert.equal(satisfiesSignIn(signIn(acr), {}, NOW), true)
  })
})
