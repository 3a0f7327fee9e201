import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type OrganizationAccess, type Permission, type Principal, parsePermissions } from '@daytona-auth/auth'
import type { ApiKeyId, GrantId, OrganizationId, UserId } from '@daytona-auth/db/core'
import { buildIntrospectionResponse, INACTIVE } from './introspection-answer.ts'

const ours = 'org_ours' as OrganizationId
const theirs = 'org_theirs' as OrganizationId
const NOW = 1_800_000_000_500
const rules = {
  issuer: 'https://id.example.com',
  audience: 'https://api.example.com',
  organizationId: ours,
  clientId: 'app_1',
  now: NOW,
}
const OPERATOR = { ...rules, organizationId: null }

const access = (organizationId: OrganizationId, permissions: Permission[], until?: number): OrganizationAccess => ({
  organizationId,
  permissions: parsePermissions(permissions),
  role: 'member',
  suspension: until === undefined ? null : { reason: 'unpaid', until },
  needsSecondFactor: false,
})

const person = (places: OrganizationAccess[]) => ({
  userId: 'usr_1' as UserId,
  userName: 'Ada',
  email: 'ada@example.com',
  emailVerified: true,
  userCreatedAt: 0,
  userUpdatedAt: 0,
  access: new Map(places.map((place) => [place.organizationId, place])),
  denyingOrganizations: new Set<OrganizationId>(),
})

const key = (places: OrganizationAccess[], expiresAt: number | null = null): Principal => ({
  ...person(places),
  kind: 'api-key',
  keyId: 'key_1' as ApiKeyId,
  homeOrganizationId: theirs,
  secretDigest: new Uint8Array(32),
  keyName: 'ci',
  hint: 'dta_…',
  isSuperseded: false,
  permissions: parsePermissions([]),
  keyExpiresAt: expiresAt,
  expiresAt,
})

const token = (places: OrganizationAccess[], scopes: string[]): Principal => ({
  ...person(places),
  kind: 'token',
  clientId: 'app_1',
  firstParty: false,
  chosenLanguage: null,
  timeZone: null,
  grantId: 'grant_1' as GrantId,
  tokenId: 'jti',
  signingKeyId: 'kid',
  confirmation: null,
  signIn: { acr: undefined, authenticatedAt: undefined },
  scopes: new Set(scopes),
  grantExpiresAt: NOW + 9e6,
  expiresAt: NOW + 1999,
})

describe('the response for a valid credential', () => {
  it('omits an organization whose second factor the sign-in of the token lacked, and is inactive for its client', () => {
    const refused = { ...access(ours, []), needsSecondFactor: true }
    const one = token([refused, access(theirs, ['read:volumes'])], ['openid'])
    assert.deepEqual(buildIntrospectionResponse(one, { ...rules, clientId: 'app_2' }), { active: false })
    const shown = buildIntrospectionResponse(one, OPERATOR)
    assert.deepEqual(shown.active && shown.organizations.map(({ id }) => id), [theirs])
    // The client's own token is still active, but reaches no organization.
    const own = buildIntrospectionResponse(one, rules)
    assert.deepEqual(own.active && own.organizations, [])
  })

  it("is inactive if the credential does not reach the client's organization", () => {
    const foreign = { ...rules, clientId: 'app_2' }
    for (const principal of [key([access(theirs, ['read:volumes'])]), key([]), token([], ['openid'])]) {
      assert.equal(buildIntrospectionResponse(principal, foreign), INACTIVE)
    }
  })

  it("is active for the client's own token, even without access to its organization", () => {
    for (const places of [[], [access(theirs, ['read:volumes'])]]) {
      const answer = buildIntrospectionResponse(token(places, ['openid', 'read:volumes']), rules)
      assert.partialDeepStrictEqual(answer, { active: true, client_id: 'app_1', scope: 'openid', organizations: [] })
    }
  })

  it("names only the client's organization, and neither the key's name nor its origin", () => {
    const places = [access(theirs, ['admin:organization']), access(ours, ['read:sandboxes'])]
    const common = { active: true, iss: rules.issuer, aud: rules.audience, sub: 'usr_1', token_type: 'Bearer' }
    const organizations = [{ id: ours, permissions: ['read:sandboxes'], suspended: false }]
    assert.deepEqual(buildIntrospectionResponse(key(places), rules), {
      ...common,
      api_key_id: 'key_1',
      scope: 'read:sandboxes',
      organizations,
    })
    assert.deepEqual(buildIntrospectionResponse(token(places, ['openid', 'email']), { ...rules, issuedAt: 7 }), {
      ...common,
      client_id: 'app_1',
      iat: 7,
      jti: 'jti',
      gid: 'grant_1',
      exp: 1_800_000_002,
      scope: 'openid email read:sandboxes',
      organizations,
    })
  })

  it('omits permissions that were consented to and are not held', () => {
    const scopes = ['openid', 'read:sandboxes', 'admin:organization']
    const answer = buildIntrospectionResponse(token([access(ours, ['read:sandboxes'])], scopes), rules)
    assert.equal('scope' in answer && answer.scope, 'openid read:sandboxes')
  })

  it('expires no later than the credential', () => {
    const answer = buildIntrospectionResponse(key([access(ours, [])], NOW), rules)
    assert.equal('exp' in answer && answer.exp, 1_800_000_000)
  })

  it('reports a suspension while it lasts', () => {
    for (const [until, suspended] of [
      [NOW, false],
      [NOW + 1, true],
    ] as const) {
      const answer = buildIntrospectionResponse(key([access(ours, [], until)]), rules)
      assert.equal('organizations' in answer && answer.organizations[0]?.suspended, suspended)
    }
  })
})

describe("the response for the operator's client", () => {
  const scopeOf = (places: OrganizationAccess[]) => {
    const answer = buildIntrospectionResponse(key(places), OPERATOR)
    return 'scope' in answer ? answer.scope : undefined
  }

  it('lists every organization, and as scope the permissions held in each of them', () => {
    const places = [access(ours, ['read:sandboxes', 'read:volumes']), access(theirs, ['read:volumes'])]
    const answer = buildIntrospectionResponse(key(places), OPERATOR)
    assert.deepEqual('organizations' in answer && answer.organizations.map(({ id }) => id), [ours, theirs])
    assert.equal(scopeOf(places), 'read:volumes')
    assert.equal(scopeOf([access(ours, ['admin:organization']), access(theirs, ['read:volumes'])]), 'read:volumes')
  })

  it('has no scope without an organization or a common permission', () => {
    assert.equal(scopeOf([]), undefined)
    assert.equal(scopeOf([access(ours, ['read:volumes']), access(theirs, ['read:snapshots'])]), undefined)
  })
})
