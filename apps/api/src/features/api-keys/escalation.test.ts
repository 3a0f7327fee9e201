import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  type ApiKeyPrincipal,
  type Permission,
  type Principal,
  parsePermissions,
  permissionNames,
  permits,
  type TokenPrincipal,
} from '@daytona-auth/auth'
import { newId, type OrganizationId } from '@daytona-auth/db/core'
import fc from 'fast-check'
import { findEscalation } from './escalation.ts'

const HOME: OrganizationId = newId('org')
const OTHER: OrganizationId = newId('org')

const user = {
  userId: newId('usr'),
  userName: 'Ada',
  email: 'ada@example.test',
  emailVerified: true,
  userCreatedAt: 0,
  userUpdatedAt: 0,
  expiresAt: null,
}

type Held = Partial<Record<'home' | 'other', readonly Permission[]>>

const accessOf = ({ home, other }: Held): Principal['access'] =>
  new Map(
    [[HOME, home] as const, [OTHER, other] as const].flatMap(([organizationId, names]) =>
      names === undefined
        ? []
        : [
            [
              organizationId,
              {
                organizationId,
                permissions: parsePermissions(names),
                role: 'member' as const,
                suspension: null,
                needsSecondFactor: false,
              },
            ] as const,
          ],
    ),
  )

const key = (held: Held, keyExpiresAt: number | null): ApiKeyPrincipal => ({
  ...user,
  kind: 'api-key',
  access: accessOf(held),
  denyingOrganizations: new Set(),
  keyId: newId('key'),
  keyName: 'key',
  hint: 'dta_0000********************0000',
  homeOrganizationId: HOME,
  secretDigest: Uint8Array.of(1),
  isSuperseded: false,
  permissions: parsePermissions(held.home ?? []),
  keyExpiresAt,
})

const token = (held: Held, firstParty: boolean, grantExpiresAt: number): TokenPrincipal => ({
  ...user,
  kind: 'token',
  access: accessOf(held),
  denyingOrganizations: new Set(),
  clientId: 'client',
  firstParty,
  chosenLanguage: null,
  timeZone: null,
  grantId: newId('grant'),
  tokenId: 'token',
  signingKeyId: 'kid',
  confirmation: null,
  signIn: { acr: undefined, authenticatedAt: undefined },
  scopes: new Set(),
  grantExpiresAt,
})

const names = fc.subarray([...permissionNames()])
const time = fc.option(fc.integer({ min: 0, max: 100 }), { nil: null })
const held = fc.record({ home: names, other: fc.option(names, { nil: undefined }) })
const principal: fc.Arbitrary<Principal> = fc.oneof(
  fc.tuple(held, time).map(([permissions, end]) => key(permissions as Held, end)),
  fc
    .tuple(held, fc.boolean(), fc.integer({ min: 0, max: 100 }))
    .map(([permissions, firstParty, end]) => token(permissions as Held, firstParty, end)),
)
const keyRequest = fc.record({
  names,
  organizationIds: fc.subarray([HOME, OTHER], { minLength: 1 }),
  expiresAt: time,
})

describe('excessOf', () => {
  it('allows only permissions that the issuer holds everywhere, and a key or app only as an administrator', () => {
    fc.assert(
      fc.property(principal, keyRequest, (caller, { names: wanted, organizationIds, expiresAt }) => {
        const permissionsBeyond = findEscalation(caller, {
          permissions: parsePermissions(wanted),
          organizationIds,
          expiresAt,
        })
        if (permissionsBeyond) return
        for (const organizationId of organizationIds) {
          const access = caller.access.get(organizationId)
          assert.ok(access)
          for (const name of wanted) assert.ok(permits(access.permissions, name))
          if (caller.kind === 'api-key' || !caller.firstParty) {
            assert.ok(permits(access.permissions, 'admin:organization'))
          }
        }
        const end = caller.kind === 'api-key' ? caller.keyExpiresAt : caller.firstParty ? null : caller.grantExpiresAt
        if (end !== null) assert.ok(expiresAt !== null && expiresAt <= end)
      }),
      { numRuns: 2000 },
    )
  })

  it('names the missing permissions, which then suffice', () => {
    fc.assert(
      fc.property(names, names, (has, wanted) => {
        const wished = { permissions: parsePermissions(wanted), organizationIds: [HOME], expiresAt: null }
        const permissionsBeyond = findEscalation(token({ home: has }, true, 0), wished)
        const helped = findEscalation(token({ home: [...has, ...(permissionsBeyond?.missing ?? [])] }, true, 0), wished)
        assert.equal(helped, undefined)
      }),
    )
  })

  it('refuses a key that outlives the issuer by a millisecond, and allows one that ends with it', () => {
    const issue = (expiresAt: number | null) =>
      findEscalation(key({ home: ['admin:organization'] }, 50), {
        permissions: parsePermissions(['read:sandboxes']),
        organizationIds: [HOME],
        expiresAt,
      })?.why
    assert.deepEqual([issue(50), issue(51), issue(null)].map(Boolean), [false, true, true])
  })
})
