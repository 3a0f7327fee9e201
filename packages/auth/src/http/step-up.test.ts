import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newId } from '@daytona-auth/db/core'
import { ACR } from '@daytona-auth/protocol/authentication-context'
import type { Principal, TokenPrincipal } from '../principal/principal.ts'
import type { SignInRequirement } from '../principal/sign-in.ts'
import { stepUpChallenges } from './step-up.ts'

const METADATA = 'https://api.example.com/.well-known/oauth-protected-resource'

const token: TokenPrincipal = {
  kind: 'token',
  userId: newId('usr'),
  userName: 'Ada',
  email: 'ada@example.com',
  emailVerified: true,
  userCreatedAt: 0,
  userUpdatedAt: 0,
  expiresAt: null,
  access: new Map(),
  denyingOrganizations: new Set(),
  clientId: 'app_test',
  firstParty: true,
  chosenLanguage: null,
  timeZone: null,
  grantId: newId('grant'),
  tokenId: 'jti',
  confirmation: null,
  signIn: { acr: undefined, authenticatedAt: undefined },
  scopes: new Set(),
  signingKeyId: 'kid',
  grantExpiresAt: 0,
}
const bound: Principal = { ...token, confirmation: 'thumbprint' }

const challenge = stepUpChallenges(METADATA)
const headerOf = (principal: Principal, requirement: SignInRequirement): string =>
  challenge(principal, requirement).headers?.['www-authenticate'] ?? ''

describe('the challenge of a sign-in that does not suffice', () => {
  it('is a 401 with its own error code, whose body names no requirement', () => {
    const denial = challenge(token, { acr: ACR.multiFactor })
    assert.deepEqual([denial.statusCode, denial.code], [401, 'insufficient_user_authentication'])
    assert.deepEqual(denial.body, {
      statusCode: 401,
      message: 'Unauthorized',
      error: 'A stronger or more recent sign-in is required',
    })
  })

  for (const [requirement, expected] of [
    [{ acr: ACR.trustedBrowser }, [`acr_values="${ACR.trustedBrowser}"`]],
    [{ acr: ACR.multiFactor }, [`acr_values="${ACR.multiFactor}"`]],
    [{ maxAgeSeconds: 0 }, ['max_age="0"']],
    [{ maxAgeSeconds: 900 }, ['max_age="900"']],
    [{ acr: ACR.multiFactor, maxAgeSeconds: 900 }, [`acr_values="${ACR.multiFactor}"`, 'max_age="900"']],
  ] as const) {
    it(`states ${expected.join(' and ')}, and nothing that is not required`, () => {
      const parameters = headerOf(token, requirement).replace('Bearer ', '').split(', ')
      assert.equal(parameters[0], 'error="insufficient_user_authentication"')
      assert.deepEqual(
        parameters.filter((one) => /^(acr_values|max_age)=/.test(one)),
        expected,
      )
      assert.ok(parameters.includes(`resource_metadata="${METADATA}"`))
    })
  }

  it('has the scheme by which the token was sent', () => {
    assert.match(headerOf(token, { maxAgeSeconds: 900 }), /^Bearer error=/)
    assert.match(headerOf(bound, { maxAgeSeconds: 900 }), /^DPoP error=/)
  })

  it('is made once for each requirement and scheme', () => {
    const requirement = { acr: ACR.multiFactor, maxAgeSeconds: 900 }
    assert.equal(challenge(token, requirement), challenge({ ...token, tokenId: 'other' }, { ...requirement }))
    const all = [
      challenge(token, requirement),
      challenge(bound, requirement),
      challenge(token, { acr: ACR.multiFactor }),
      challenge(token, { maxAgeSeconds: 900 }),
      challenge(token, { maxAgeSeconds: 901 }),
    ]
    assert.equal(new Set(all).size, all.length)
  })
})
