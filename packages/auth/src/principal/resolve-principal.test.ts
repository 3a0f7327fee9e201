import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newId, type OrganizationId } from '@daytona-auth/db/core'
import type { ApiKeyFacts, MembershipFacts, TokenFacts, UserFacts } from '@daytona-auth/db/principals'
import { ACR } from '@daytona-auth/protocol/authentication-context'
import { type Permission, permissionNames } from '@daytona-auth/protocol/scopes'
import fc from 'fast-check'
import { parsePermissions, permits } from './permission.ts'
import { resolveApiKey, resolveToken, type TokenClaims } from './resolve-principal.ts'
import { type Answer, isDenied } from './result.ts'

const USER: UserFacts = {
  id: newId('usr'),
  name: 'Ada',
  email: 'ada@example.com',
  emailVerified: true,
  createdAt: 1,
  updatedAt: 2,
  isDisabled: false,
}
const KEY: ApiKeyFacts = {
  digest: Buffer.alloc(32),
  user: USER,
  keyId: newId('key'),
  keyName: 'key',
  homeOrganizationId: newId('org'),
  status: 'active',
  permissions: [],
  keyExpiresAt: null,
  parents: [],
  hint: 'dta_',
  secretExpiresAt: null,
  memberships: [],
}
const TOKEN: TokenFacts = {
  user: USER,
  grantId: newId('grant'),
  clientId: newId('app'),
  firstParty: false,
  chosenLanguage: null,
  timeZone: null,
  grantScopes: [],
  grantExpiresAt: 2000,
  isGrantRevoked: false,
  isSignInAllowed: true,
  signInOrganizationIds: [],
  memberships: [],
}
const CLAIMS: TokenClaims = {
  tokenId: 'jti',
  grantId: TOKEN.grantId,
  userId: USER.id,
  clientId: TOKEN.clientId,
  scopes: [],
  expiresAt: 1000,
  kid: 'kid',
  confirmation: null,
  signIn: { acr: undefined, authenticatedAt: undefined },
}

const names = () => fc.uniqueArray(fc.constantFrom(...permissionNames()))
const scopes = () =>
  fc.uniqueArray(fc.constantFrom('openid', 'profile', 'email', 'offline_access', ...permissionNames()))
const membership = (): fc.Arbitrary<MembershipFacts> =>
  fc.record({
    organizationId: fc.constant(null).map((): OrganizationId => newId('org')),
    role: fc.constantFrom('owner' as const, 'member' as const),
    permissions: names(),
    isSuspended: fc.boolean(),
    suspensionReason: fc.option(fc.string()),
    suspendedUntil: fc.option(fc.nat()),
    requiresSecondFactor: fc.constant(false),
    isAppDenied: fc.constant(false),
  })
const memberships = () => fc.array(membership(), { maxLength: 4 })

const holds = ({ role, permissions }: MembershipFacts, permission: Permission) =>
  role === 'owner' || permits(parsePermissions(permissions), permission)
const accepted = (answer: Answer) => {
  assert.ok(!isDenied(answer))
  return answer
}
const reasonOf = (answer: Answer) => (isDenied(answer) ? answer.reason : 'accepted')

describe('resolveApiKey', () => {
  it('refuses a key that is not active or whose owner is disabled, its own status first', () => {
    const user = { ...USER, isDisabled: true }
    assert.equal(reasonOf(resolveApiKey({ ...KEY, status: 'revoked' })), 'revoked')
    assert.equal(reasonOf(resolveApiKey({ ...KEY, status: 'expired' })), 'expired')
    assert.equal(reasonOf(resolveApiKey({ ...KEY, user })), 'user-disabled')
    assert.equal(reasonOf(resolveApiKey({ ...KEY, user, status: 'revoked' })), 'revoked')
  })

  it('permits in each organization exactly what both the key and its owner have', () => {
    fc.assert(
      fc.property(names(), memberships(), (permissions, all) => {
        const { access } = accepted(resolveApiKey({ ...KEY, permissions, memberships: all }))
        assert.deepEqual(
          [...access.keys()],
          all.map(({ organizationId }) => organizationId),
        )
        for (const each of all) {
          const effective = access.get(each.organizationId)
          assert.ok(effective)
          for (const permission of permissionNames()) {
            const expected = permits(parsePermissions(permissions), permission) && holds(each, permission)
            assert.equal(permits(effective.permissions, permission), expected)
          }
        }
      }),
      { numRuns: 300 },
    )
  })

  it('expires with the key or with the secret, whichever is earlier', () => {
    const end = fc.option(fc.nat())
    fc.assert(
      fc.property(end, end, (keyExpiresAt, secretExpiresAt) => {
        const { expiresAt } = accepted(resolveApiKey({ ...KEY, keyExpiresAt, secretExpiresAt }))
        const ends = [keyExpiresAt, secretExpiresAt].filter((each) => each !== null)
        assert.equal(expiresAt, ends.length === 0 ? null : Math.min(...ends))
      }),
    )
  })

  it('contains a suspension only where there is one', () => {
    fc.assert(
      fc.property(membership(), (each) => {
        const { access } = accepted(resolveApiKey({ ...KEY, memberships: [each] }))
        assert.deepEqual(
          access.get(each.organizationId)?.suspension,
          each.isSuspended ? { reason: each.suspensionReason, until: each.suspendedUntil } : null,
        )
      }),
    )
  })
})

describe('resolveToken', () => {
  it('refuses a token whose grant is missing or revoked, or whose user is disabled', () => {
    assert.equal(reasonOf(resolveToken(undefined, CLAIMS)), 'unknown')
    assert.equal(reasonOf(resolveToken({ ...TOKEN, isGrantRevoked: true }, CLAIMS)), 'grant-revoked')
    assert.equal(reasonOf(resolveToken({ ...TOKEN, user: { ...USER, isDisabled: true } }, CLAIMS)), 'user-disabled')
    assert.equal(reasonOf(resolveToken({ ...TOKEN, isSignInAllowed: false }, CLAIMS)), 'other-sign-in-required')
    const dashboard = { ...TOKEN, firstParty: true, isGrantRevoked: true }
    assert.equal(reasonOf(resolveToken(dashboard, CLAIMS)), 'grant-revoked', 'our own too')
  })

  it('permits a third party exactly what user, token and grant all have', () => {
    fc.assert(
      fc.property(scopes(), scopes(), memberships(), (tokenScopes, grantScopes, all) => {
        const facts = { ...TOKEN, grantScopes, memberships: all }
        const answer = accepted(resolveToken(facts, { ...CLAIMS, scopes: tokenScopes }))
        const both = tokenScopes.filter((scope) => grantScopes.includes(scope))
        assert.ok(answer.kind === 'token')
        assert.deepEqual([...answer.scopes], both)
        for (const each of all) {
          const effective = answer.access.get(each.organizationId)
          assert.ok(effective)
          for (const permission of permissionNames()) {
            const expected = permits(parsePermissions(both), permission) && holds(each, permission)
            assert.equal(permits(effective.permissions, permission), expected)
          }
        }
      }),
      { numRuns: 300 },
    )
  })

  it('permits a first party exactly what the user has', () => {
    fc.assert(
      fc.property(scopes(), memberships(), (tokenScopes, all) => {
        const facts = { ...TOKEN, firstParty: true, memberships: all }
        const { access } = accepted(resolveToken(facts, { ...CLAIMS, scopes: tokenScopes }))
        for (const each of all) {
          const effective = access.get(each.organizationId)
          assert.ok(effective)
          for (const permission of permissionNames()) {
            assert.equal(permits(effective.permissions, permission), holds(each, permission))
          }
        }
      }),
    )
  })

  it('expires with the token or with its grant, whichever is earlier', () => {
    assert.equal(accepted(resolveToken(TOKEN, CLAIMS)).expiresAt, 1000)
    assert.equal(accepted(resolveToken({ ...TOKEN, grantExpiresAt: 500 }, CLAIMS)).expiresAt, 500)
  })
})

describe('an organization that requires a second factor', () => {
  const required: MembershipFacts = {
    organizationId: newId('org'),
    role: 'owner',
    permissions: [],
    isSuspended: false,
    suspensionReason: null,
    suspendedUntil: null,
    requiresSecondFactor: true,
    isAppDenied: false,
  }
  const other = { ...required, organizationId: newId('org'), requiresSecondFactor: false }
  const accessOf = (answer: Answer) =>
    [required, other].map(({ organizationId }) => {
      const access = accepted(answer).access.get(organizationId)
      return [access?.needsSecondFactor, access && permits(access.permissions, 'admin:organization')]
    })
  const tokenOf = (acr: string | undefined) =>
    resolveToken(
      { ...TOKEN, firstParty: true, memberships: [required, other] },
      { ...CLAIMS, signIn: { acr, authenticatedAt: undefined } },
    )

  it('grants nothing to a token of a sign-in without one, which stays as it is elsewhere', () => {
    for (const acr of [undefined, ACR.password]) {
      assert.deepEqual(accessOf(tokenOf(acr)), [
        [true, false],
        [false, true],
      ])
    }
  })

  it('grants everything to a token of a sign-in with one, and to a key', () => {
    const key = resolveApiKey({ ...KEY, permissions: ['admin:organization'], memberships: [required, other] })
    for (const answer of [tokenOf(ACR.trustedBrowser), tokenOf(ACR.multiFactor), key]) {
      assert.deepEqual(accessOf(answer), [
        [false, true],
        [false, true],
      ])
    }
  })
})
