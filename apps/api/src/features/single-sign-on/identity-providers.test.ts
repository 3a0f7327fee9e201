import assert from 'node:assert/strict'
import { after, beforeEach, describe, it } from 'node:test'
import { upstreamClientSecrets } from '@daytona-auth/accounts/upstream-client-secrets'
import { waitFor } from '@daytona-auth/testing'
import { upstreamServer } from '../../../test/upstream-server.ts'
import { FORBIDDEN, RESOURCE_SECRETS_KEY, world } from '../../../test/world.ts'

const { request, person, database, anotherApi, log } = await world({ after }, { OUTBOUND_NETWORKS: '127.0.0.0/8' })
const sql = database.$client
const publicOnly = await anotherApi({ OUTBOUND_NETWORKS: '' })
const SECRET = 'the secret of our client there'

const upstream = await upstreamServer({ after }, SECRET)
const { issuer, metadata: METADATA } = upstream
const BODY = { name: 'Analytical Engines', issuer, clientId: 'daytona', clientSecret: SECRET }

beforeEach(() => {
  Object.assign(upstream, { metadata: METADATA, requests: [] })
})

async function scene() {
  const owner = await person('Ada')
  const organization = await owner.organization()
  const { value } = await owner.token()
  const path = `/organizations/${organization}/identity-provider`
  return {
    owner,
    organization,
    path,
    token: value,
    set: (body: object = BODY, credential = value) => request('PUT', path, credential, { body }),
    get: () => request('GET', path, value),
    stored: async () =>
      (
        await sql<{ secret: string }[]>`
        SELECT sealed_client_secret AS secret FROM identity_providers WHERE organization_id = ${organization}`
      )[0]?.secret,
  }
}

/** For tests that store nothing. */
const empty = await scene()

const problemOf = ({ status, body }: { status: number; body: unknown }) => [status, (body as { error: string }).error]

describe('the identity provider of an organization', () => {
  it('is set and removed by an owner in person only, who signed in a short time ago', async () => {
    const here = await scene()
    const administrator = await person('Eve')
    await administrator.join(here.organization, ['admin:organization'])
    const key = await here.owner.key(here.organization, ['admin:organization'])
    const late = await here.owner.token(undefined, undefined, { auth_time: Math.floor(Date.now() / 1000) - 3600 })
    for (const credential of [key.value, (await administrator.token()).value]) {
      const answer = await here.set(BODY, credential)
      assert.deepEqual([answer.status, answer.body], [403, FORBIDDEN])
    }
    assert.deepEqual(upstream.requests, [], 'nothing was requested for them')
    assert.equal((await here.set(BODY, late.value)).status, 401)
    assert.equal((await here.get()).status, 404)
    assert.equal((await here.set()).status, 200)
    assert.equal((await request('DELETE', here.path, late.value)).status, 401)
    assert.equal((await request('DELETE', here.path, key.value)).status, 403)
    assert.equal((await here.get()).status, 200)
  })

  it('is reached at public addresses only', async () => {
    const here = empty
    for (const given of [issuer, 'http://localhost:1', 'https://169.254.169.254', 'https://[::ffff:10.0.0.1]']) {
      const answer = await request('PUT', here.path, here.token, {
        body: { ...BODY, issuer: given },
        api: publicOnly,
      })
      assert.deepEqual(problemOf(answer), [400, 'issuer: does not answer at /.well-known/openid-configuration'], given)
    }
    assert.deepEqual(upstream.requests, [])
    assert.equal(await here.stored(), undefined)
  })

  for (const given of [
    'http://login.example.test',
    'https://login.example.test?a=b',
    'https://login.example.test/#a',
    'https://user:secret@login.example.test',
    'ftp://login.example.test',
    'login.example.test',
    'https://api.example.test',
  ]) {
    it(`does not have the issuer ${given}`, async () => {
      const here = empty
      const answer = await here.set({ ...BODY, issuer: given })
      assert.equal(answer.status, 400)
      assert.match(answer.text, /issuer: (?:must|is this service)/)
      assert.deepEqual(upstream.requests, [])
    })
  }

  /** What the test of a provider finds, by what is wrong with it. */
  const FAULTS: Record<string, readonly [Record<string, unknown>, string]> = {
    'another issuer': [
      { issuer: `${issuer}/other` },
      'issuer: differs from the issuer in its own OpenID configuration',
    ],
    'no token endpoint': [{ token_endpoint: undefined }, 'issuer: has no usable OpenID configuration'],
    'an endpoint without TLS': [
      { authorization_endpoint: 'http://login.example.test/authorize' },
      'issuer: has no usable OpenID configuration',
    ],
    'a script as an endpoint': [
      { authorization_endpoint: 'javascript:alert(1)' },
      'issuer: has no usable OpenID configuration',
    ],
    'no code flow': [
      { response_types_supported: ['id_token'] },
      'issuer: does not support the authorization code flow',
    ],
    'no keys': [{ jwks_uri: `${issuer}/none` }, 'issuer: publishes no keys'],
    'no client secrets': [
      { token_endpoint_auth_methods_supported: ['private_key_jwt'] },
      'issuer: accepts no client secrets',
    ],
  }
  for (const [what, [metadata, error]] of Object.entries(FAULTS)) {
    it(`is not stored with ${what}`, async () => {
      const here = empty
      upstream.metadata = { ...METADATA, ...metadata }
      assert.deepEqual(problemOf(await here.set()), [400, error])
      assert.equal(await here.stored(), undefined)
    })
  }

  it('is not stored with a client that the provider does not accept, in either way of authentication', async () => {
    const here = await scene()
    for (const methods of [undefined, ['client_secret_post']]) {
      upstream.metadata = { ...METADATA, token_endpoint_auth_methods_supported: methods }
      const answer = await here.set({ ...BODY, clientSecret: 'another' })
      assert.deepEqual(problemOf(answer), [400, 'clientSecret: is not accepted by the provider for this client'])
      assert.equal((await here.set()).status, 200)
      assert.equal((await request('DELETE', here.path, here.token)).status, 204)
    }
  })

  it('is stored with its secret encrypted for the organization, and shown without it', async () => {
    const here = await scene()
    const { status, body, text } = await here.set()
    const { createdAt, updatedAt, ...shown } = body as Record<string, unknown>
    assert.ok(createdAt && updatedAt)
    assert.deepEqual(
      [status, shown],
      [
        200,
        {
          organizationId: here.organization,
          name: BODY.name,
          issuer,
          clientId: 'daytona',
          scopes: ['openid', 'email', 'profile'],
          redirectUri: `https://api.example.test/oauth/upstream/${here.organization}/callback`,
          backchannelLogoutUri: `https://api.example.test/oauth/upstream/${here.organization}/backchannel-logout`,
          signIn: 'optional',
        },
      ],
    )
    const stored = (await here.stored()) ?? ''
    const secrets = upstreamClientSecrets([RESOURCE_SECRETS_KEY])
    assert.equal((await secrets.open(stored, here.organization))?.secret, SECRET)
    assert.equal(await secrets.open(stored, 'org_another'), undefined)
    const recorded = await sql<{ metadata: unknown }[]>`SELECT metadata FROM audit_events
      WHERE organization_id = ${here.organization} AND action = 'identity_provider.set'`
    assert.deepEqual(
      recorded.map(({ metadata }) => metadata),
      [
        {
          name: BODY.name,
          issuer,
          clientId: 'daytona',
          scopes: ['openid', 'email', 'profile'],
          secretChanged: true,
        },
      ],
    )
    for (const place of [text, (await here.get()).text, log.text(), JSON.stringify(recorded)]) {
      assert.ok(!place.includes(SECRET))
    }
  })

  it('keeps its secret for the same issuer and client only', async () => {
    const here = await scene()
    const { clientSecret: _, ...without } = BODY
    assert.equal((await here.set(without)).status, 400)
    await here.set()
    assert.equal((await here.set({ ...without, name: 'Renamed' })).status, 200)
    upstream.requests.length = 0
    for (const other of [{ issuer: `${issuer}/` }, { clientId: 'another' }]) {
      const answer = await here.set({ ...without, ...other })
      assert.deepEqual(problemOf(answer), [400, 'clientSecret: is required for another issuer or client'])
    }
    assert.deepEqual(upstream.requests, [], 'the secret is not sent elsewhere')
  })

  it('is required by an owner in person only, after a recent sign-in, if someone can sign in then', async () => {
    const here = await scene()
    const require = (credential = here.token, signIn = 'required') =>
      request('PATCH', here.path, credential, { body: { signIn } })
    assert.equal((await require()).status, 404)
    await here.set()
    const administrator = await person('Eve')
    await administrator.join(here.organization, ['admin:organization'])
    const key = await here.owner.key(here.organization, ['admin:organization'])
    for (const credential of [key.value, (await administrator.token()).value]) {
      assert.equal((await require(credential)).status, 403)
    }
    const late = await here.owner.token(undefined, undefined, { auth_time: Math.floor(Date.now() / 1000) - 3600 })
    assert.equal((await require(late.value)).status, 401)
    const codeOf = ({ status, headers }: Awaited<ReturnType<typeof require>>) => [status, headers.get('x-error-code')]
    assert.deepEqual(codeOf(await require()), [409, 'no_verified_domain'])
    const domain = `${here.organization.slice(4).toLowerCase().replaceAll('_', '-')}.example`
    await sql`INSERT INTO organization_domains (id, organization_id, domain, token, verified_at)
      VALUES (${`dom_${domain}`}, ${here.organization}, ${domain}, 'token', now())`
    await sql`UPDATE users SET email = ${`ada@${domain}`} WHERE id = ${here.owner.userId}`
    assert.deepEqual(codeOf(await require()), [409, 'no_owner_sign_in'])
    const signInOf = async () => ((await here.get()).body as { signIn: string }).signIn
    assert.equal(await signInOf(), 'optional', 'a denied change has no effect')

    await sql`INSERT INTO organization_identities (organization_id, user_id, issuer, subject)
      VALUES (${here.organization}, ${here.owner.userId}, ${issuer}, 'ada')`
    const identity = { organizationId: here.organization, issuer, subject: 'ada' }
    await sql`UPDATE grants SET payload = payload || ${JSON.stringify({ identity })}::text::jsonb
      WHERE user_id = ${here.owner.userId}`
    const ofPassword = (await here.owner.token()).value
    assert.equal((await request('GET', here.path, ofPassword)).status, 200)
    const required = await require()
    assert.equal((await request('GET', here.path, ofPassword)).status, 401, 'in effect with the response')
    assert.deepEqual([required.status, (required.body as { signIn: string }).signIn], [200, 'required'])
    assert.equal((await here.set({ ...BODY, name: 'Renamed' })).status, 200)
    assert.equal(await signInOf(), 'required', 'a changed provider stays required')
    await sql`UPDATE organization_identities SET issuer = 'https://earlier.example'`
    assert.deepEqual(codeOf(await here.set()), [409, 'no_owner_sign_in'])
    assert.equal((await require(here.token, 'optional')).status, 200)
    const recorded = await sql<{ metadata: unknown }[]>`SELECT metadata FROM audit_events
      WHERE organization_id = ${here.organization} AND action = 'identity_provider.update' ORDER BY created_at`
    assert.deepEqual(
      recorded.map(({ metadata }) => metadata),
      [{ signIn: 'required' }, { signIn: 'optional' }],
    )
  })

  it('is what `ssoEnabled` of its organization states, in each response with the organization', async () => {
    const here = await scene()
    const other = await here.owner.organization('Without')
    const at = `/organizations/${here.organization}`
    const shown = async () => {
      const listed = (await request('GET', '/organizations', here.token)).body as { id: string; ssoEnabled: boolean }[]
      const of = (id: string) => listed.find((one) => one.id === id)?.ssoEnabled
      const renamed = await request('PATCH', at, here.token, { body: { name: 'Renamed' } })
      const answers = [await request('GET', at, here.token), renamed]
      const states = answers.map(({ body }) => (body as { ssoEnabled: boolean }).ssoEnabled)
      return [of(other), of(here.organization), ...states]
    }
    assert.deepEqual(await shown(), [false, false, false, false])
    assert.equal((await here.set({ ...BODY, clientSecret: 'another' })).status, 400)
    assert.deepEqual(await shown(), [false, false, false, false])
    await here.set()
    assert.deepEqual(await shown(), [false, true, true, true])
    await request('DELETE', here.path, here.token)
    assert.deepEqual(await shown(), [false, false, false, false])
  })

  it('is recorded at its removal as it was then, also if it changed while the removal waited', async () => {
    const here = await scene()
    await here.set()
    const { blocked } = await sql.begin(async (tx) => {
      await tx`SELECT FROM organizations WHERE id = ${here.organization} FOR UPDATE`
      const removal = request('DELETE', here.path, here.token)
      await waitFor(
        async () =>
          (await sql`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`)
            .length > 0,
      )
      await tx`UPDATE identity_providers SET name = 'Later', issuer = 'https://later.example'
        WHERE organization_id = ${here.organization}`
      return { blocked: removal }
    })
    assert.equal((await blocked).status, 204)
    const [event] = await sql`
      SELECT metadata FROM audit_events WHERE organization_id = ${here.organization} AND action = 'identity_provider.delete'`
    assert.deepEqual(event?.['metadata'], { name: 'Later', issuer: 'https://later.example' })
  })

  it('does not exist after its removal', async () => {
    const here = await scene()
    await here.set()
    assert.equal((await request('DELETE', here.path, here.token)).status, 204)
    assert.equal((await here.get()).status, 404)
    assert.equal((await request('DELETE', here.path, here.token)).status, 404)
  })
})

describe('member provisioning', () => {
  const NONE = { newMemberRoleIds: null, groupsClaim: null, groupRoles: [] }

  async function provisioned() {
    const here = await scene()
    const path = `${here.path}/provisioning`
    const roleOf = async (permissions: string[]) => {
      const { body } = await request('POST', `/organizations/${here.organization}/roles`, here.token, {
        body: { name: permissions.join(), permissions },
      })
      return (body as { id: string }).id
    }
    return { ...here, path, roleOf, put: (body: object, as = here.token) => request('PUT', path, as, { body }) }
  }

  it('is set by an owner in person only, who signed in a short time ago, and for an identity provider', async () => {
    const here = await provisioned()
    assert.equal((await here.put({})).status, 404)
    assert.equal((await request('GET', here.path, here.token)).status, 404)
    await here.set()
    const administrator = await person('Eve')
    await administrator.join(here.organization, ['admin:organization'])
    const eve = (await administrator.token()).value
    const key = await here.owner.key(here.organization, ['admin:organization'])
    const late = await here.owner.token(undefined, undefined, { auth_time: Math.floor(Date.now() / 1000) - 3600 })
    const statuses = []
    for (const as of [eve, key.value, late.value]) statuses.push((await here.put({ newMemberRoleIds: [] }, as)).status)
    assert.deepEqual(statuses, [403, 403, 401])
    assert.deepEqual((await request('GET', here.path, eve)).body, NONE)
  })

  it('is replaced as a whole, and recorded', async () => {
    const here = await provisioned()
    await here.set()
    const role = await here.roleOf(['read:volumes'])
    const given = {
      newMemberRoleIds: [role, role],
      groupsClaim: 'https://acme.example/groups',
      groupRoles: [{ group: 'Engineering', roleIds: [role] }],
    }
    const stored = { ...given, newMemberRoleIds: [role] }
    assert.deepEqual((await here.put(given)).body, stored)
    assert.equal((await here.set()).status, 200, 'another client secret does not change it')
    assert.deepEqual((await request('GET', here.path, here.token)).body, stored)
    assert.deepEqual((await here.put({})).body, NONE)
    const recorded = await sql<{ metadata: unknown }[]>`SELECT metadata FROM audit_events
      WHERE organization_id = ${here.organization} AND action = 'identity_provider.set_provisioning' ORDER BY sequence`
    assert.deepEqual(
      recorded.map(({ metadata }) => metadata),
      [
        { ...stored, withdrawnRoles: 0 },
        { ...NONE, withdrawnRoles: 0 },
      ],
    )
  })

  it('has no role that administers the organization or is not its own, and no groups without their claim', async () => {
    const here = await provisioned()
    await here.set()
    const [admin, role] = [await here.roleOf(['admin:organization']), await here.roleOf(['read:volumes'])]
    const ADMINISTERS = 'administers the organization: only people may give this role'
    const UNKNOWN = 'is not a role of the organization'
    const groupRoles = (...roles: object[]) => ({ groupsClaim: 'groups', groupRoles: roles })
    for (const [body, path, message] of [
      [{ newMemberRoleIds: [role, admin] }, 'newMemberRoleIds.1', ADMINISTERS],
      [{ newMemberRoleIds: ['role_00000000000000000000000007'] }, 'newMemberRoleIds.0', ADMINISTERS],
      [{ newMemberRoleIds: ['role_unknown'] }, 'newMemberRoleIds.0', UNKNOWN],
      [groupRoles({ group: 'a', roleIds: [admin] }), 'groupRoles.0.roleIds.0', ADMINISTERS],
      [groupRoles({ group: 'a', roleIds: [] }), 'groupRoles.0.roleIds', 'must have a role'],
      [
        groupRoles({ group: 'a', roleIds: [role] }, { group: 'a', roleIds: [role] }),
        'groupRoles',
        'must have each group once',
      ],
      [{ groupRoles: [{ group: 'a', roleIds: [role] }] }, 'groupsClaim', 'is required for the roles of groups'],
    ] as const) {
      const answer = await here.put(body)
      assert.deepEqual([answer.status, (answer.body as { details: unknown }).details], [400, [{ path, message }]])
    }
    assert.deepEqual((await request('GET', here.path, here.token)).body, NONE)
  })
})
