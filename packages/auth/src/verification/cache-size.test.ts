import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newId } from '@daytona-auth/db/core'
import { NO_PERMISSIONS } from '../principal/permission.ts'
import type { ApiKeyPrincipal, OrganizationAccess, TokenPrincipal } from '../principal/principal.ts'
import { denyCredential } from '../principal/result.ts'
import { estimateSize } from './cache-size.ts'

const user = {
  userId: newId('usr'),
  userName: 'Ada',
  email: 'ada@example.com',
  emailVerified: true,
  userCreatedAt: 0,
  userUpdatedAt: 0,
  expiresAt: null,
}
const access = (count: number, reason?: string | null) =>
  new Map(
    Array.from({ length: count }, (): [OrganizationAccess['organizationId'], OrganizationAccess] => {
      const organizationId = newId('org')
      const suspension = reason === undefined ? null : { reason, until: null }
      const permissions = NO_PERMISSIONS
      return [organizationId, { organizationId, permissions, role: 'member', suspension, needsSecondFactor: false }]
    }),
  )
const key = (more: Partial<ApiKeyPrincipal> = {}): ApiKeyPrincipal => ({
  ...user,
  kind: 'api-key',
  keyId: newId('key'),
  homeOrganizationId: newId('org'),
  secretDigest: Buffer.alloc(32),
  keyName: 'key',
  hint: 'dta_',
  permissions: NO_PERMISSIONS,
  isSuperseded: false,
  keyExpiresAt: null,
  access: new Map(),
  denyingOrganizations: new Set(),
  ...more,
})
const token = (scopes: readonly string[]): TokenPrincipal => ({
  ...user,
  kind: 'token',
  clientId: 'app',
  firstParty: false,
  chosenLanguage: null,
  timeZone: null,
  grantId: newId('grant'),
  tokenId: 'jti',
  confirmation: null,
  signIn: { acr: undefined, authenticatedAt: undefined },
  scopes: new Set(scopes),
  signingKeyId: 'kid',
  grantExpiresAt: 0,
  access: new Map(),
  denyingOrganizations: new Set(),
})

describe('the estimated size of an answer', () => {
  const base = estimateSize(key(), [])

  // A user chooses these texts and numbers: each must count, or a cache could exceed its budget.
  for (const [what, larger] of [
    ['one more organization', estimateSize(key({ access: access(1) }), [])],
    ['the name of the key', estimateSize(key({ keyName: 'key of the build' }), [])],
    ['the name of the user', estimateSize(key({ userName: 'Augusta Ada' }), [])],
    ['the address of the user', estimateSize(key({ email: 'augusta.ada@example.com' }), [])],
    ['one more dependency', estimateSize(key(), ['key:a'])],
  ] as const) {
    it(`grows with ${what}`, () => assert.ok(larger > base))
  }

  it('grows with the language and the time zone of the user', () => {
    const none = token([])
    assert.ok(estimateSize({ ...none, chosenLanguage: 'de' }, []) > estimateSize(none, []))
    assert.ok(estimateSize({ ...none, timeZone: 'Europe/Vienna' }, []) > estimateSize(none, []))
  })

  it('grows by the same for each organization, scope and dependency', () => {
    const sizes = (at: (count: number) => number) => [0, 1, 2, 50].map(at)
    for (const of of [
      (count: number) => estimateSize(key({ access: access(count) }), []),
      (count: number) =>
        estimateSize(token(Array.from({ length: count }, (_, at) => `scope:${String(at).padStart(2, '0')}`)), []),
      (count: number) =>
        estimateSize(
          key(),
          Array.from({ length: count }, (_, at) => `key:${String(at).padStart(2, '0')}`),
        ),
    ]) {
      const [none = 0, one = 0, two = 0, fifty = 0] = sizes(of)
      assert.ok(one > none)
      assert.deepEqual([two - one, fifty - none], [one - none, 50 * (one - none)])
    }
  })

  it('counts a suspension and the length of its reason, two bytes a character', () => {
    const of = (reason: string | null) => estimateSize(key({ access: access(1, reason) }), [])
    assert.ok(of(null) > estimateSize(key({ access: access(1) }), []))
    assert.equal(of('x'.repeat(1000)) - of(''), 2000)
    assert.equal(of(null), of(''))
  })

  it('counts a dependency by its length', () => {
    assert.equal(estimateSize(key(), ['key:abcdef']) - estimateSize(key(), ['key:abc']), 3)
  })

  it('is smaller for a denial than for a principal', () => {
    assert.ok(estimateSize(denyCredential('api-key', 'revoked'), []) < base)
  })
})
