import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newId } from '@daytona-auth/db/core'
import type { ApiKeyFacts, MembershipFacts, ParentFacts, TokenFacts, UserFacts } from '@daytona-auth/db/principals'
import { type Permission, permissionNames } from '@daytona-auth/protocol/scopes'
import { namesOf } from './permission.ts'
import { resolveApiKey, resolveToken, type TokenClaims } from './resolve-principal.ts'
import { type Answer, isDenied } from './result.ts'

const [A, B] = [newId('org'), newId('org')]
const user = (isDisabled: boolean): UserFacts => ({
  id: newId('usr'),
  name: 'Ada',
  email: 'ada@example.com',
  emailVerified: true,
  createdAt: 1,
  updatedAt: 2,
  isDisabled,
})
const membership = (
  organizationId: typeof A,
  role: 'owner' | 'member',
  permissions: readonly string[],
  suspended = false,
  isAppDenied = false,
): MembershipFacts => ({
  organizationId,
  role,
  permissions,
  isSuspended: suspended,
  suspensionReason: suspended ? 'unpaid' : null,
  suspendedUntil: suspended ? 5000 : null,
  requiresSecondFactor: false,
  isAppDenied,
})
const parent = (more: Partial<ParentFacts>): ParentFacts => ({
  keyId: newId('key'),
  grantId: null,
  clientId: null,
  isEnded: false,
  permissions: null,
  expiresAt: null,
  organizationIds: null,
  denyingOrganizationIds: [],
  ...more,
})

/** Every combination of one value of each list. */
function* combinationsOf<T extends Record<string, readonly unknown[]>>(
  lists: T,
): Generator<{ [Name in keyof T]: T[Name][number] }> {
  const entries = Object.entries(lists)
  const total = entries.reduce((product, [, { length }]) => product * length, 1)
  for (let index = 0; index < total; index += 1) {
    let rest = index
    const chosen = entries.map(([name, values]) => {
      const value = values[rest % values.length]
      rest = Math.floor(rest / values.length)
      return [name, value]
    })
    // The entries have the names and values of `lists`.
    yield Object.fromEntries(chosen) as { [Name in keyof T]: T[Name][number] }
  }
}

/** The rule of the contract in words: an admin set holds everything, any other set its own names. */
const holds = (names: readonly string[] | null, permission: Permission) =>
  names === null || names.includes(permission) || names.includes('admin:organization')

/** What an answer allows: the reason, or the permissions of each organization, the expiry, and the suspensions. */
function gist(answer: Answer) {
  if (isDenied(answer)) return answer.reason
  const access = [...answer.access.values()].map(({ organizationId, permissions, role, suspension }) => [
    organizationId,
    meaning(namesOf(permissions)),
    role,
    suspension,
  ])
  return { access, denying: [...answer.denyingOrganizations], expiresAt: answer.expiresAt }
}
const meaning = (names: readonly string[]) => permissionNames().filter((permission) => holds(names, permission))
const earliest = (...ends: readonly (number | null)[]) => {
  const finite = ends.filter((end) => end !== null)
  return finite.length === 0 ? null : Math.min(...finite)
}

const OWN = [[], ['read:volumes'], ['read:volumes', 'write:volumes'], ['admin:organization']] as const
const HELD: readonly (readonly MembershipFacts[])[] = [
  [],
  [membership(A, 'member', ['read:volumes'])],
  [membership(A, 'owner', [], true), membership(B, 'member', ['read:volumes', 'write:volumes', 'openid'])],
  [membership(A, 'member', ['admin:organization']), membership(B, 'member', [])],
]
/** The first of two organizations denies the app of the token. */
const DENIED = [membership(A, 'owner', [], false, true), membership(B, 'owner', [])] as const
const PARENTS: readonly (readonly ParentFacts[])[] = [
  [],
  [parent({})],
  [parent({ permissions: ['read:volumes', 'openid'], expiresAt: 900 })],
  [parent({ organizationIds: [B], expiresAt: 2000 })],
  [parent({ organizationIds: [] })],
  [parent({ permissions: [] })],
  [
    parent({ permissions: ['admin:organization'], organizationIds: [A] }),
    parent({
      keyId: null,
      grantId: newId('grant'),
      permissions: ['write:volumes'],
      organizationIds: [A, B],
      expiresAt: 800,
    }),
  ],
  [parent({ keyId: null, grantId: newId('grant'), organizationIds: [A, B], denyingOrganizationIds: [A] }), parent({})],
  [parent({ permissions: ['read:volumes'] }), parent({ isEnded: true })],
]

describe('the principal of a key', () => {
  it('is what key, owner and every parent have in common, in every combination of their states', () => {
    let count = 0
    for (const {
      status,
      isDisabled,
      permissions,
      memberships,
      parents,
      keyExpiresAt,
      secretExpiresAt,
    } of combinationsOf({
      status: ['active', 'expired', 'revoked'],
      isDisabled: [false, true],
      permissions: OWN,
      memberships: HELD,
      parents: PARENTS,
      keyExpiresAt: [null, 1000],
      secretExpiresAt: [null, 700, 1500],
    } as const)) {
      count += 1
      const owner = user(isDisabled)
      const facts: ApiKeyFacts = {
        digest: Buffer.alloc(32, 1),
        user: owner,
        keyId: newId('key'),
        keyName: 'key',
        homeOrganizationId: A,
        status,
        permissions,
        keyExpiresAt,
        parents,
        hint: 'dta_',
        secretExpiresAt,
        memberships,
      }
      const answer = resolveApiKey(facts)
      const expected =
        status !== 'active'
          ? status
          : isDisabled
            ? 'user-disabled'
            : parents.some(({ isEnded }) => isEnded)
              ? 'revoked'
              : {
                  access: memberships
                    .filter(({ organizationId }) =>
                      parents.every(
                        ({ organizationIds, denyingOrganizationIds }) =>
                          (organizationIds?.includes(organizationId) ?? true) &&
                          !denyingOrganizationIds.includes(organizationId),
                      ),
                    )
                    .map((one) => [
                      one.organizationId,
                      permissionNames().filter((permission) =>
                        [
                          permissions,
                          one.role === 'owner' ? null : one.permissions,
                          ...parents.map((each) => each.permissions),
                        ].every((names) => holds(names, permission)),
                      ),
                      one.role,
                      one.isSuspended ? { reason: 'unpaid', until: 5000 } : null,
                    ]),
                  denying: memberships
                    .map(({ organizationId }) => organizationId)
                    .filter(
                      (id) =>
                        parents.every(({ organizationIds }) => organizationIds?.includes(id) ?? true) &&
                        parents.some(({ denyingOrganizationIds }) => denyingOrganizationIds.includes(id)),
                    ),
                  expiresAt: earliest(keyExpiresAt, secretExpiresAt, ...parents.map(({ expiresAt }) => expiresAt)),
                }
      assert.deepEqual(gist(answer), expected)
      const known = { keyId: facts.keyId, homeOrganizationId: A, secretDigest: facts.digest }
      if (isDenied(answer)) {
        assert.deepEqual([answer.statusCode, answer.credential, answer.key], [401, 'api-key', known])
        continue
      }
      assert.ok(answer.kind === 'api-key')
      assert.deepEqual(
        [answer.isSuperseded, answer.keyExpiresAt],
        [secretExpiresAt !== null, earliest(keyExpiresAt, ...parents.map(({ expiresAt }) => expiresAt))],
      )
      assert.deepEqual(
        [namesOf(answer.permissions), answer.userId],
        [permissions, owner.id],
        'as chosen at its creation',
      )
    }
    assert.equal(count, 3 * 2 * 4 * 4 * 9 * 2 * 3)
  })
})

describe('the principal of a token', () => {
  const SCOPES = [
    ['openid'],
    ['openid', 'read:volumes'],
    ['read:volumes', 'write:volumes'],
    ['admin:organization'],
  ] as const

  it('is what token, grant and user have in common, in every combination of their states', () => {
    for (const {
      isGrantRevoked,
      isDisabled,
      isSignInAllowed,
      firstParty,
      tokenScopes,
      grantScopes,
      memberships,
      grantExpiresAt,
    } of combinationsOf({
      isGrantRevoked: [false, true],
      isDisabled: [false, true],
      isSignInAllowed: [false, true],
      firstParty: [false, true],
      tokenScopes: SCOPES,
      grantScopes: SCOPES,
      memberships: [...HELD, DENIED],
      grantExpiresAt: [500, 2000],
    } as const)) {
      const facts: TokenFacts = {
        user: user(isDisabled),
        grantId: newId('grant'),
        clientId: 'app',
        firstParty,
        chosenLanguage: null,
        timeZone: null,
        grantScopes,
        grantExpiresAt,
        isGrantRevoked,
        isSignInAllowed,
        signInOrganizationIds: [],
        memberships,
      }
      const claims: TokenClaims = {
        tokenId: 'jti',
        grantId: facts.grantId,
        userId: facts.user.id,
        clientId: 'app',
        scopes: tokenScopes,
        expiresAt: 1000,
        kid: 'kid',
        confirmation: null,
        signIn: { acr: undefined, authenticatedAt: undefined },
      }
      const answer = resolveToken(facts, claims)
      const scopes: readonly string[] = firstParty
        ? tokenScopes
        : tokenScopes.filter((scope) => (grantScopes as readonly string[]).includes(scope))
      const expected = isGrantRevoked
        ? 'grant-revoked'
        : isDisabled
          ? 'user-disabled'
          : !isSignInAllowed
            ? 'other-sign-in-required'
            : {
                access: memberships
                  .filter(({ isAppDenied }) => !isAppDenied)
                  .map((one) => [
                    one.organizationId,
                    permissionNames().filter(
                      (permission) =>
                        holds(firstParty ? null : scopes, permission) &&
                        holds(one.role === 'owner' ? null : one.permissions, permission),
                    ),
                    one.role,
                    one.isSuspended ? { reason: 'unpaid', until: 5000 } : null,
                  ]),
                denying: memberships
                  .filter(({ isAppDenied }) => isAppDenied)
                  .map(({ organizationId }) => organizationId),
                expiresAt: Math.min(1000, grantExpiresAt),
              }
      assert.deepEqual(gist(answer), expected)
      if (isDenied(answer)) {
        assert.deepEqual([answer.statusCode, answer.credential, answer.key], [401, 'token', null])
        continue
      }
      assert.ok(answer.kind === 'token')
      assert.deepEqual(
        [[...answer.scopes], answer.firstParty, answer.grantExpiresAt, answer.tokenId, answer.signingKeyId],
        [scopes, firstParty, grantExpiresAt, 'jti', 'kid'],
      )
    }
  })
})
