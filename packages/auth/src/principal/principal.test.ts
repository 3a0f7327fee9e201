import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newId } from '@daytona-auth/db/core'
import fc from 'fast-check'
import { NO_PERMISSIONS } from './permission.ts'
import {
  type ApiKeyPrincipal,
  isExpired,
  isPerson,
  type OrganizationAccess,
  type Suspension,
  suspensionAt,
  type TokenPrincipal,
} from './principal.ts'

const base = {
  userId: newId('usr'),
  userName: 'Ada',
  email: 'ada@example.com',
  emailVerified: true,
  userCreatedAt: 0,
  userUpdatedAt: 0,
  expiresAt: null,
  access: new Map(),
  denyingOrganizations: new Set<never>(),
}
const key: ApiKeyPrincipal = {
  ...base,
  kind: 'api-key',
  keyId: newId('key'),
  homeOrganizationId: newId('org'),
  secretDigest: Buffer.alloc(32),
  keyName: 'key',
  hint: 'dta_',
  permissions: NO_PERMISSIONS,
  isSuperseded: false,
  keyExpiresAt: null,
}
const token: TokenPrincipal = {
  ...base,
  kind: 'token',
  clientId: 'app',
  firstParty: false,
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

describe('isPerson', () => {
  it('is false for a key with any permissions', () => assert.equal(isPerson(key), false))
  it('is false for a third-party token', () => assert.equal(isPerson(token), false))
  it('is true for a first-party token', () => assert.equal(isPerson({ ...token, firstParty: true }), true))
})

describe('isExpired', () => {
  it('is true from the exact millisecond on, and false before', () => {
    assert.deepEqual(
      [999, 1000, 1001].map((now) => isExpired({ expiresAt: 1000 }, now)),
      [false, true, true],
    )
  })

  it('is never true for a credential that does not expire', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (now) => assert.equal(isExpired({ expiresAt: null }, now), false)),
    )
  })

  it('never becomes false again', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.nat(), (expiresAt, now, later) => {
        if (isExpired({ expiresAt }, now)) assert.equal(isExpired({ expiresAt }, now + later), true)
      }),
    )
  })

  it('is true for an instant before the epoch', () => assert.equal(isExpired({ expiresAt: -1 }, 0), true))
})

describe('suspensionAt', () => {
  const organization = (suspension: Suspension | null): OrganizationAccess => ({
    organizationId: newId('org'),
    permissions: NO_PERMISSIONS,
    role: 'member',
    suspension,
    needsSecondFactor: false,
  })

  it('is in force without an end', () => {
    const suspension = { reason: 'unpaid', until: null }
    assert.equal(suspensionAt(organization(suspension), Number.MAX_SAFE_INTEGER), suspension)
  })

  it('ends at the exact millisecond', () => {
    const suspension = { reason: null, until: 1000 }
    assert.equal(suspensionAt(organization(suspension), 999), suspension)
    assert.equal(suspensionAt(organization(suspension), 1000), null)
  })

  it('is null if there is none', () => assert.equal(suspensionAt(organization(null), 0), null))
})
