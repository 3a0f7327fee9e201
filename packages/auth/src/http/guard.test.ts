import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newId, type OrganizationId } from '@daytona-auth/db/core'
import { type Permission, permissionNames } from '@daytona-auth/protocol/scopes'
import type { Denial } from '@daytona-auth/service'
import { type FastifyContextConfig, type FastifyRequest, fastify } from 'fastify'
import { NO_PERMISSIONS, type PermissionSet, parsePermissions } from '../principal/permission.ts'
import type {
  ApiKeyPrincipal,
  OrganizationAccess,
  Principal,
  Suspension,
  TokenPrincipal,
} from '../principal/principal.ts'
import {
  APP_NOT_ALLOWED,
  challenges,
  insufficientScope,
  NOT_A_PERSON,
  SUPERSEDED_SECRET,
  UNKNOWN_PERMISSION,
} from './challenge.ts'
import { denialOf, ORGANIZATION, requiredScope, type SelectedOrganization } from './guard.ts'
import './plugin.ts' // declares the members of a server and a request

const METADATA = 'https://api.example.com/.well-known/oauth-protected-resource'
const NOW = 1_000_000
const A = 'org_a' as OrganizationId
const B = 'org_b' as OrganizationId

interface Ask {
  readonly config: FastifyContextConfig
  readonly path?: string
  readonly url?: string
  readonly headers?: Record<string, string | string[]>
}

/** A request as a server receives it. */
async function requestTo({ config, path = '/x', url = path, headers = {} }: Ask): Promise<FastifyRequest> {
  const { promise, resolve } = Promise.withResolvers<FastifyRequest>()
  const server = fastify()
  server.decorate('challenge', challenges(METADATA))
  server.get(path, { config }, async (request) => resolve(request))
  await server.inject({ url, headers: headers as Record<string, string> })
  return promise
}

const accessTo = (
  organizationId: OrganizationId,
  permissions: PermissionSet = NO_PERMISSIONS,
  suspension: Suspension | null = null,
): OrganizationAccess => ({
  organizationId,
  permissions,
  role: 'member',
  suspension,
  needsSecondFactor: false,
})
const mapOf = (...access: OrganizationAccess[]) => new Map(access.map((one) => [one.organizationId, one]))

const user = {
  userId: newId('usr'),
  userName: 'Ada',
  email: 'ada@example.com',
  emailVerified: true,
  userCreatedAt: 0,
  userUpdatedAt: 0,
  expiresAt: null,
}
const key = (access: OrganizationAccess[] = [], isSuperseded = false): ApiKeyPrincipal => ({
  ...user,
  kind: 'api-key',
  keyId: newId('key'),
  homeOrganizationId: A,
  secretDigest: Buffer.alloc(32),
  keyName: 'key',
  hint: 'dta_',
  permissions: NO_PERMISSIONS,
  isSuperseded,
  keyExpiresAt: null,
  access: mapOf(...access),
  denyingOrganizations: new Set(),
})
const token = (firstParty: boolean, access: OrganizationAccess[] = []): TokenPrincipal => ({
  ...user,
  kind: 'token',
  clientId: 'app',
  firstParty,
  chosenLanguage: null,
  timeZone: null,
  grantId: newId('grant'),
  tokenId: 'jti',
  confirmation: null,
  signIn: { acr: undefined, authenticatedAt: undefined },
  scopes: new Set(),
  signingKeyId: 'kid',
  grantExpiresAt: 0,
  access: mapOf(...access),
  denyingOrganizations: new Set(),
})

/** Returns the denial and the organization that was selected. */
async function decide(ask: Ask, principal: Principal) {
  const target: SelectedOrganization = { [ORGANIZATION]: null }
  const denial = denialOf(await requestTo(ask), ask.config, principal, NOW, target)
  return { denial, selected: target[ORGANIZATION]?.organizationId }
}
const statusOf = async (ask: Ask, principal: Principal) =>
  (await decide(ask, principal)).denial?.statusCode ?? 'allowed'
const holding = (...names: Permission[]) => accessTo(A, parsePermissions(names))

describe('a permission of a route', () => {
  it('decides for each of the 512 sets that a caller can have', async () => {
    const names = permissionNames()
    for (const required of names) {
      const config = { access: required, organization: 'header' } as const
      const request = await requestTo({ config })
      const expected = insufficientScope(required)
      for (let set = 0; set < 2 ** names.length; set += 1) {
        const held = names.filter((_, bit) => set & (1 << bit))
        const denial = denialOf(request, config, key([holding(...held)]), NOW, { [ORGANIZATION]: null })
        const isAllowed = held.includes(required) || held.includes('admin:organization')
        assert.deepEqual(denial?.headers, isAllowed ? undefined : expected.headers, `${required} with ${held.join()}`)
      }
    }
  })

  it('counts in the selected organization only', async () => {
    const caller = key([holding('read:volumes'), accessTo(B)])
    const ask = (organization: string): Ask => ({
      config: { access: 'read:volumes', organization: 'header' },
      headers: { 'x-daytona-organization-id': organization },
    })
    assert.deepEqual([await statusOf(ask(A), caller), await statusOf(ask(B), caller)], ['allowed', 403])
  })

  it('is named to a caller without any organization, who lacks the scope; otherwise the organization is', async () => {
    const withPermission: Ask = { config: { access: 'read:volumes', organization: 'header' } }
    const { denial } = await decide(withPermission, token(false))
    assert.deepEqual(denial?.headers, insufficientScope('read:volumes').headers)
    const without = await decide({ config: { access: 'authenticated', organization: 'header' } }, token(false))
    assert.equal(without.denial?.statusCode, 403)
    assert.doesNotMatch(without.denial?.headers?.['www-authenticate'] ?? '', /scope=/)
    const elsewhere = await decide(
      { ...withPermission, headers: { 'x-daytona-organization-id': B } },
      token(false, [accessTo(A)]),
    )
    assert.equal(elsewhere.denial?.statusCode, 403)
    assert.doesNotMatch(elsewhere.denial?.headers?.['www-authenticate'] ?? '', /scope=/)
  })
})

describe('the organization of a route', () => {
  const PATH = '/organizations/:organizationId/x'
  for (const [what, source, header, access, expected, selected] of [
    ['is not looked at without a source', undefined, B, [], 'allowed', undefined],
    ['is not looked at if the source is none', 'none', B, [], 'allowed', undefined],
    ['is selected by the header', 'header', B, [accessTo(A), accessTo(B)], 'allowed', B],
    ['is the only one', 'header', undefined, [accessTo(B)], 'allowed', B],
    ['must be named if there are several', 'header', undefined, [accessTo(A), accessTo(B)], 400, undefined],
    ['must be within access', 'header', B, [accessTo(A)], 403, undefined],
    ['must not be named twice', 'header', [A, A], [accessTo(A)], 403, undefined],
    ['must not have a long name', 'header', 'o'.repeat(129), [accessTo(A)], 400, undefined],
    ['is selected by the path', 'path', undefined, [accessTo(A), accessTo(B)], 'allowed', A],
    ['is not found in the path without access', 'path', undefined, [accessTo(B)], 404, undefined],
    ['must be the same in path and header', 'path', B, [accessTo(A), accessTo(B)], 400, undefined],
  ] as const) {
    it(what, async () => {
      const config: FastifyContextConfig =
        source === undefined ? { access: 'authenticated' } : { access: 'authenticated', organization: source }
      const headers = header === undefined ? {} : { 'x-daytona-organization-id': header as string }
      const where = source === 'path' ? { path: PATH, url: `/organizations/${A}/x` } : {}
      const found = await decide({ config, headers, ...where }, key([...access]))
      assert.deepEqual([found.denial?.statusCode ?? 'allowed', found.selected], [expected, selected])
    })
  }
})

describe('an organization that denies the app of the credential', () => {
  const C = 'org_c' as OrganizationId
  const read = parsePermissions(['read:volumes'])
  // `A` is within access, `B` denies the app, and `C` is unknown to the credential.
  for (const [what, source, named, within, expected] of [
    ['is the reason if the header names it', 'header', B, [A], 'app_not_allowed'],
    ['is the reason if the path names it', 'path', B, [A], 'app_not_allowed'],
    ['is the reason if it is the only one', 'header', undefined, [], 'app_not_allowed'],
    ['is the reason for an empty header if it is the only one', 'header', '', [], 'app_not_allowed'],
    ['is not the reason for another one', 'header', C, [A], 'insufficient_permissions'],
    ['is not the reason for another one if it is the only one', 'header', C, [], 'insufficient_permissions'],
    ['is not the reason for another one in the path', 'path', C, [], 'organization_not_found'],
    ['is not counted among those to choose from', 'header', undefined, [A], 'allowed'],
    ['is not named by a prefix', 'header', B.slice(0, -1), [A], 'insufficient_permissions'],
    ['is not named by a header of too many characters', 'header', 'o'.repeat(129), [A], 'invalid_request'],
  ] as const) {
    for (const caller of [token(false), key()]) {
      it(`${what} (${caller.kind})`, async () => {
        const config: FastifyContextConfig = { access: 'read:volumes', organization: source }
        const isPath = source === 'path'
        const where = isPath ? { path: '/organizations/:organizationId/x', url: `/organizations/${named}/x` } : {}
        const headers = isPath || named === undefined ? {} : { 'x-daytona-organization-id': named as string }
        const { denial, selected } = await decide(
          { config, headers, ...where },
          {
            ...caller,
            access: mapOf(...within.map((id) => accessTo(id, read))),
            denyingOrganizations: new Set([B]),
          },
        )
        assert.equal(denial?.code ?? 'allowed', expected)
        assert.equal(denial === APP_NOT_ALLOWED, expected === 'app_not_allowed')
        assert.doesNotMatch(denial?.headers?.['www-authenticate'] ?? '', /scope=/, 'another scope would not help')
        assert.equal(selected, expected === 'allowed' ? A : undefined)
      })
    }
  }

  it('is no reason before the form of the request, or on a route for people or without an organization', async () => {
    const caller = { ...token(false), denyingOrganizations: new Set([B]) }
    const headers = { 'x-daytona-organization-id': B }
    const config: FastifyContextConfig = { access: 'person', organization: 'header' }
    assert.equal((await decide({ config, headers }, caller)).denial, NOT_A_PERSON)
    const query: Ask = { config: { access: 'authenticated', organization: 'header' }, url: '/x?api_key=x', headers }
    assert.equal((await decide({ ...query, path: '/x' }, caller)).denial?.statusCode, 400)
    assert.equal(
      await statusOf({ config: { access: 'authenticated', organization: 'none' }, headers }, caller),
      'allowed',
    )
  })
})

describe('a route for people', () => {
  for (const [what, caller, expected] of [
    ['a key', key([accessTo(A)]), NOT_A_PERSON],
    ['a third-party token', token(false, [accessTo(A)]), NOT_A_PERSON],
    ['a first-party token', token(true, [accessTo(A)]), undefined],
  ] as const) {
    it(`${expected ? 'refuses' : 'allows'} ${what}, before it looks at the organization`, async () => {
      assert.equal((await decide({ config: { access: 'person', organization: 'header' } }, caller)).denial, expected)
      if (expected) {
        const elsewhere: Ask = {
          config: { access: 'person', organization: 'header' },
          headers: { 'x-daytona-organization-id': B },
        }
        assert.equal((await decide(elsewhere, caller)).denial, expected)
      }
    })
  }
})

describe('a superseded secret', () => {
  for (const [managementWrite, caller, expected] of [
    [true, key([], true), SUPERSEDED_SECRET],
    [true, key([], false), undefined],
    [true, token(true), undefined],
    [false, key([], true), undefined],
    [undefined, key([], true), undefined],
  ] as const) {
    it(`is ${expected ? 'refused' : 'no reason to refuse'} (management write: ${managementWrite}, ${caller.kind})`, async () => {
      const config: FastifyContextConfig =
        managementWrite === undefined ? { access: 'authenticated' } : { access: 'authenticated', managementWrite }
      assert.equal((await decide({ config }, caller)).denial, expected)
    })
  }
})

describe('a suspended organization', () => {
  const until = (end: number | null) => ({ reason: 'unpaid', until: end })
  const held = parsePermissions(['write:sandboxes', 'read:sandboxes'])
  for (const [what, suspension, config, expected] of [
    ['refuses a resource write', until(null), { access: 'write:sandboxes', resourceWrite: true }, 403],
    ['refuses it until the last millisecond', until(NOW + 1), { access: 'write:sandboxes', resourceWrite: true }, 403],
    ['allows it from the exact end on', until(NOW), { access: 'write:sandboxes', resourceWrite: true }, 'allowed'],
    ['allows a read', until(null), { access: 'read:sandboxes' }, 'allowed'],
    ['allows a write of anything else', until(null), { access: 'write:sandboxes' }, 'allowed'],
    [
      'refuses a request that requires a write permission',
      until(null),
      { access: 'authenticated', requiredPermissions: () => ['write:sandboxes'] },
      403,
    ],
    [
      'allows a request that requires a read permission',
      until(null),
      { access: 'authenticated', requiredPermissions: () => ['read:sandboxes'] },
      'allowed',
    ],
    ['refuses nothing if it is not suspended', null, { access: 'write:sandboxes', resourceWrite: true }, 'allowed'],
  ] as const) {
    it(what, async () => {
      const { denial } = await decide(
        { config: { ...config, organization: 'header' } as FastifyContextConfig },
        key([accessTo(A, held, suspension)]),
      )
      assert.equal(denial?.statusCode ?? 'allowed', expected)
      if (denial)
        assert.deepEqual([denial.message, denial.code], ['Organization is suspended: unpaid', 'organization_suspended'])
    })
  }

  it('reports a missing permission before the suspension', async () => {
    const config: FastifyContextConfig = { access: 'write:volumes', organization: 'header', resourceWrite: true }
    const { denial } = await decide({ config }, key([accessTo(A, held, until(null))]))
    assert.deepEqual(denial?.headers, insufficientScope('write:volumes').headers)
  })
})

describe('permissions that the request itself requires', () => {
  const config = (
    required: readonly string[],
    access: FastifyContextConfig['access'] = 'authenticated',
  ): FastifyContextConfig => ({
    access,
    organization: 'header',
    requiredPermissions: () => required,
    queryMembers: {},
  })
  const caller = key([holding('read:volumes', 'write:volumes')])

  for (const [required, expected] of [
    [[], undefined],
    [['read:volumes'], undefined],
    [['read:volumes', 'write:volumes'], undefined],
    [['read:volumes', 'read:sandboxes'], insufficientScope('read:sandboxes')],
    [['launch:missiles'], UNKNOWN_PERMISSION],
    [['constructor'], UNKNOWN_PERMISSION],
    [[''], UNKNOWN_PERMISSION],
  ] as const) {
    it(`are all needed: ${JSON.stringify(required)}`, async () => {
      const { denial } = await decide({ config: config(required) }, caller)
      assert.deepEqual([denial?.statusCode, denial?.headers], [expected?.statusCode, expected?.headers])
    })
  }

  it('are denied to an admin if they are unknown', async () => {
    const { denial } = await decide({ config: config(['launch:missiles']) }, key([holding('admin:organization')]))
    assert.equal(denial, UNKNOWN_PERMISSION)
  })

  it('are needed besides that of the route', async () => {
    const { denial } = await decide({ config: config(['read:volumes'], 'read:sandboxes') }, caller)
    assert.deepEqual(denial?.headers, insufficientScope('read:sandboxes').headers)
  })

  for (const [access, required, expected] of [
    ['authenticated', [], undefined],
    ['authenticated', ['unknown'], undefined],
    ['read:volumes', undefined, 'read:volumes'],
    ['authenticated', undefined, undefined],
    ['person', undefined, undefined],
    ['authenticated', ['write:volumes', 'read:sandboxes', 'write:volumes', 'unknown'], 'read:sandboxes write:volumes'],
    ['admin:organization', ['read:sandboxes'], 'read:sandboxes admin:organization'],
  ] as const) {
    it(`are the scope of a challenge in the order of the catalogue (${access}, ${JSON.stringify(required)})`, async () => {
      const asked = required === undefined ? { access } : config(required, access)
      assert.equal(requiredScope(await requestTo({ config: asked }), asked), expected)
    })
  }
})

describe('a query', () => {
  const members = { permission: { maxValues: 2, maxLength: 5 } }
  const bounded: FastifyContextConfig = { access: 'authenticated', queryMembers: members }
  for (const [query, isAllowed] of [
    ['', true],
    ['?permission=', true],
    ['?permission=12345', true],
    ['?permission=123456', false],
    ['?permission=1&permission=2', true],
    ['?permission=1&permission=2&permission=3', false],
    ['?permission=1&permission=123456', false],
    ['?other=1', false],
    ['?permission=1&other=1', false],
    ['?constructor=1', false],
    ['?__proto__=1', false],
  ] as const) {
    it(`${isAllowed ? 'has' : 'exceeds'} the members of its route: ${query || 'none'}`, async () => {
      const { denial } = await decide({ config: bounded, url: `/x${query}` }, key())
      assert.equal(denial?.statusCode, isAllowed ? undefined : 401)
      // The response for any credential: it does not say that one was given.
      const challenge = denial?.headers?.['www-authenticate'] ?? ''
      if (denial)
        assert.match(challenge, /^Bearer resource_metadata="[^"]*", error_description="The query of the request is /)
    })
  }

  it('of any members is left to the schema of a route that declares none', async () => {
    assert.equal(await statusOf({ config: { access: 'authenticated' }, url: '/x?other=1' }, key()), 'allowed')
  })

  for (const name of ['access_token', 'api_key']) {
    it(`with ${name} is a 400 before everything else`, async () => {
      const ask: Ask = {
        config: { access: 'person', organization: 'header', queryMembers: {} },
        url: `/x?${name}=secret`,
      }
      const denial = (await decide(ask, key())).denial as Denial
      assert.deepEqual(
        [denial.statusCode, denial.code, denial.payload.includes('secret')],
        [400, 'credential_misplaced', false],
      )
    })
  }

  it('that exceeds its bounds is not read for the scope of the challenge', async () => {
    const read: string[] = []
    const config: FastifyContextConfig = {
      access: 'read:volumes',
      organization: 'header',
      queryMembers: members,
      requiredPermissions: (request) => {
        read.push(request.url)
        return ['write:volumes']
      },
    }
    assert.equal(requiredScope(await requestTo({ config, url: '/x?permission=123456' }), config), 'read:volumes')
    assert.deepEqual(read, [])
    assert.equal(
      requiredScope(await requestTo({ config, url: '/x?permission=1' }), config),
      'read:volumes write:volumes',
    )
  })
})

describe('the order of denials', () => {
  it('has a misplaced credential first, and names its part', async () => {
    const ask: Ask = { config: { access: 'person', organization: 'header' }, url: '/x?api_key=secret' }
    const { denial } = await decide(ask, key())
    assert.equal(denial?.message, 'Credentials belong in the Authorization header: remove api_key from the query')
  })

  it('has a header that is too long before the lack of access, which is 403 only without any organization', async () => {
    const config = { access: 'read:volumes', organization: 'header' } as const
    const headers = { 'x-daytona-organization-id': 'x'.repeat(129) }
    assert.equal(await statusOf({ config, headers }, key()), 400)
    assert.equal((await decide({ config }, key())).denial, insufficientScope('read:volumes'))
    const named = { 'x-daytona-organization-id': B }
    const { denial } = await decide({ config, headers: named }, key([holding('read:volumes')]))
    assert.notEqual(denial, insufficientScope('read:volumes'), 'it has access to another organization')
    assert.equal(denial?.statusCode, 403)
  })

  it('has the kind of caller before the organization', async () => {
    const config = { access: 'person', organization: 'header' } as const
    const headers = { 'x-daytona-organization-id': 'x'.repeat(129) }
    assert.equal((await decide({ config, headers }, key([holding()]))).denial, NOT_A_PERSON)
    assert.equal((await decide({ config, headers }, token(false, [holding()]))).denial, NOT_A_PERSON)
    assert.equal(await statusOf({ config, headers }, token(true, [holding()])), 400)
  })
})

describe('the bounds of repeated values', () => {
  const queryMembers = { permission: { maxValues: 2, maxLength: 5 } }
  const config: FastifyContextConfig = { access: 'authenticated', queryMembers }
  for (const [url, expected] of [
    ['/x', 'allowed'],
    ['/x?permission=12345', 'allowed'],
    ['/x?permission=123456', 401],
    ['/x?permission=12345&permission=12345', 'allowed'],
    ['/x?permission=1&permission=123456', 401],
    ['/x?permission=1&permission=2&permission=3', 401],
    ['/x?permissions=1', 401],
    ['/x?permission=1&other=', 401],
  ] as const) {
    it(`are exact: ${url} is ${expected}`, async () => assert.equal(await statusOf({ config, url }, key()), expected))
  }
})
