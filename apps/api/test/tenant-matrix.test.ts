import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { permissionNames } from '@daytona-auth/auth'
import type { OrganizationId } from '@daytona-auth/db/core'
import { type Route, routesOf } from './routes.ts'
import { type Answer, type Asked, type Person, world } from './world.ts'

const { request, person, database } = await world({ after }, { REQUESTS_PER_MINUTE: '100000' })
const sql = database.$client

/** An organization with one thing of each kind, its members and their credentials. */
interface Tenant {
  readonly organization: OrganizationId
  readonly owner: Person
  readonly member: Person
  readonly credentials: Readonly<Record<'owner' | 'member' | 'key' | 'narrow key' | 'app', string>>
  readonly key: string
  readonly memberKey: string
  readonly role: string
  readonly invitation: string
  /** Invites the owner to another organization. */
  readonly received: string
  readonly app: string
  readonly secret: string
  readonly resourceServer: string
  readonly domain: string
  readonly session: string
  readonly sandbox: Named
  readonly snapshot: Named
  readonly volume: Named
  readonly registry: Named
}

interface Named {
  readonly id: string
  readonly name: string
}

const access = { role: 'member', assignedRoleIds: ['role_00000000000000000000000001'] }
const role = { name: 'Role', description: '', permissions: ['read:volumes'] }
const app = { name: 'App', type: 'web', redirectUris: ['https://a.example.test/cb'], scopes: ['openid'] }
const registry = { name: 'registry', url: 'https://registry.example.test', username: 'robot', password: 'p' }

async function tenant(label: string): Promise<Tenant> {
  const named = (what: string) => `${label}-${what}`
  const [owner, member] = await Promise.all([person(named('owner')), person(named('member'))])
  const organization = await owner.organization(named('organization'))
  const everything = permissionNames()
  await member.join(organization, ['read:sandboxes', 'read:snapshots', 'read:volumes', 'read:registries'])
  const [key, memberKey, { value }, { value: memberToken }] = await Promise.all([
    owner.key(organization, ['admin:organization'], { name: named('key') }),
    member.key(organization, ['read:sandboxes'], { name: named('member-key') }),
    owner.token(),
    member.token(),
  ])
  const make = async (path: string, body: object, credential = value, where = organization) => {
    const answer = await request('POST', path, credential, { organization: where, body })
    assert.ok(answer.status < 300, answer.text)
    return answer.body as Named & { readonly clientId: string }
  }
  const elsewhere = await member.organization(named('elsewhere'))
  const at = `/organizations/${organization}`
  const client = (await make('/oauth-apps', { ...app, name: named('app') })).clientId
  const session = randomUUID()
  await sql`
    INSERT INTO oidc_artifacts (model, digest, payload, account_id, uid, expires_at) VALUES
      ('Session', ${randomBytes(32)}, ${JSON.stringify({ uid: session, accountId: owner.userId, loginTs: 1_790_000_000, kind: 'Session' })}::jsonb,
       ${owner.userId}, ${session}, now() + interval '1 day')`
  await sql`
    INSERT INTO consents (user_id, client_id, scopes) VALUES (${owner.userId}, ${client}, '{openid}')`
  await sql`
    INSERT INTO consent_organizations (user_id, client_id, organization_id, scopes)
    VALUES (${owner.userId}, ${client}, ${organization}, '{read:sandboxes}')`
  const { id: roleId } = await make(`${at}/roles`, { ...role, name: named('role') })
  await sql`INSERT INTO identity_providers (organization_id, name, issuer, client_id, sealed_client_secret, scopes,
      new_member_role_ids)
    VALUES (${organization}, ${named('login')}, 'https://login.example.test', 'daytona', '', '{openid}', ARRAY[${roleId}])`
  const invited = { ...access, email: owner.email }
  return {
    organization,
    owner,
    member,
    session,
    app: client,
    secret: (await make(`/oauth-apps/${client}/secrets`, { name: named('secret') })).id,
    resourceServer: (
      await make('/resource-servers', { identifier: `https://${label}.example.test`, name: named('api') })
    ).id,
    domain: (await make(`${at}/domains`, { domain: `${label}.example` })).id,
    key: key.name,
    memberKey: memberKey.name,
    credentials: {
      owner: value,
      member: memberToken,
      key: key.value,
      'narrow key': memberKey.value,
      app: (await owner.token({ scopes: ['openid', ...everything], organizationIds: [organization] })).value,
    },
    role: roleId,
    invitation: (await make(`${at}/invitations`, { ...access, email: `${named('guest')}@example.test` })).id,
    received: (await make(`/organizations/${elsewhere}/invitations`, invited, memberToken, elsewhere)).id,
    sandbox: await make('/sandbox', { name: named('sandbox') }),
    snapshot: await make('/snapshots', { name: named('snapshot') }),
    volume: await make('/volumes', { name: named('volume') }),
    registry: await make('/docker-registry', { ...registry, name: named('registry') }),
  }
}

const theirs = await tenant('theirs')
const ours = await tenant('ours')
// About our own app, about which we cannot decide.
await sql`INSERT INTO app_decisions (organization_id, client_id, decision) VALUES (${theirs.organization}, ${ours.app}, 'approved')`
await sql`INSERT INTO app_requests (organization_id, user_id, client_id, expires_at)
  VALUES (${theirs.organization}, ${theirs.member.userId}, ${ours.app}, now() + interval '1 day')`
await sql`INSERT INTO app_decisions (organization_id, client_id, decision, decided_by)
  VALUES (${ours.organization}, 'third-party', 'approved', ${ours.owner.userId})`
await sql`INSERT INTO app_requests (organization_id, user_id, client_id, expires_at)
  VALUES (${ours.organization}, ${ours.member.userId}, 'third-party', now() + interval '1 day')`
const decided = (of: Tenant) => [{ clientId: of === theirs ? ours.app : nonexistentLike(ours.app) }]
const routes = routesOf(await request('GET', '/openapi.json')).filter((route) => route.access !== 'public')

/** Values of the other organization for the parameters of a path besides the organization, by path up to the last one. */
const named: Readonly<Record<string, (of: Tenant) => readonly Readonly<Record<string, string>>[]>> = {
  '/organizations/{organizationId}/users/{userId}': ({ owner, member }) => [
    { userId: owner.userId },
    { userId: member.userId },
  ],
  '/organizations/{organizationId}/roles/{roleId}': (of) => [{ roleId: of.role }],
  '/organizations/{organizationId}/invitations/{invitationId}': (of) => [{ invitationId: of.invitation }],
  '/organizations/invitations/{invitationId}': (of) => [{ invitationId: of.invitation }, { invitationId: of.received }],
  '/users/me/sessions/{sessionId}': (of) => [{ sessionId: of.session }],
  '/users/me/authorized-apps/{clientId}': (of) => [{ clientId: of.app }],
  '/api-keys/{name}': (of) => [{ name: of.key }, { name: of.memberKey }],
  '/api-keys/{userId}/{name}': (of) => [
    { userId: of.owner.userId, name: of.key },
    { userId: of.member.userId, name: of.memberKey },
  ],
  '/oauth-apps/{clientId}': (of) => [{ clientId: of.app }],
  '/oauth-apps/{clientId}/secrets/{secretId}': (of) => [
    { clientId: of.app, secretId: of.secret },
    { clientId: ours.app, secretId: of.secret },
  ],
  '/resource-servers/{resourceServerId}': (of) => [{ resourceServerId: of.resourceServer }],
  '/organizations/{organizationId}/domains/{domainId}': (of) => [{ domainId: of.domain }],
  '/organizations/{organizationId}/app-decisions/{clientId}': decided,
  '/organizations/{organizationId}/app-requests/{clientId}': decided,
  '/sandbox/{sandboxIdOrName}': ({ sandbox: { id, name } }) => [{ sandboxIdOrName: id }, { sandboxIdOrName: name }],
  '/snapshots/{id}': ({ snapshot: { id, name } }) => [{ id }, { id: name }],
  '/volumes/{volumeId}': (of) => [{ volumeId: of.volume.id }],
  '/volumes/by-name/{name}': (of) => [{ name: of.volume.name }],
  '/docker-registry/{id}': (of) => [{ id: of.registry.id }],
}

/** Valid bodies for routes that need one: no request may be refused for its form. */
const bodies: Readonly<Record<string, object>> = {
  'PATCH /organizations/{organizationId}': { name: 'Taken over' },
  'POST /organizations/{organizationId}/users/{userId}/access': access,
  'POST /organizations/{organizationId}/roles': role,
  'PUT /organizations/{organizationId}/roles/{roleId}': role,
  'POST /organizations/{organizationId}/invitations': { ...access, email: 'intruder@example.test' },
  'PUT /organizations/{organizationId}/invitations/{invitationId}': access,
  'PATCH /api-keys/{name}': { name: 'intruder', permissions: ['read:sandboxes'] },
  'POST /api-keys': { name: 'intruder', permissions: ['read:sandboxes'] },
  'POST /oauth-apps': app,
  'PATCH /oauth-apps/{clientId}': { name: 'Taken over' },
  'POST /oauth-apps/{clientId}/secrets': { name: 'intruder' },
  get 'POST /resource-servers'() {
    return { identifier: `https://${randomUUID()}.example.test`, name: 'intruder' }
  },
  'PATCH /resource-servers/{resourceServerId}': { enabled: false },
  'PUT /organizations/{organizationId}/app-decisions/{clientId}': { decision: 'blocked' },
  'POST /organizations/{organizationId}/domains': { domain: 'intruder.example' },
  'PUT /organizations/{organizationId}/identity-provider': {
    name: 'Intruder',
    issuer: 'https://login.example.test',
    clientId: 'daytona',
    clientSecret: 'secret',
  },
  'PUT /organizations/{organizationId}/identity-provider/provisioning': { newMemberRoleIds: [] },
  'POST /sandbox': { name: 'intruder' },
  'PUT /sandbox/{sandboxIdOrName}/labels': { labels: { taken: 'over' } },
  'PUT /sandbox/{sandboxIdOrName}/state': { state: 'error' },
  'POST /snapshots': { name: 'intruder' },
  'POST /volumes': { name: 'intruder' },
  'POST /docker-registry': registry,
  'PATCH /docker-registry/{id}': { ...registry, url: 'https://intruder.example.test' },
}

/** Requests within our organization with a member that names a thing of the other organization. */
const references: Readonly<Record<string, (of: Tenant) => readonly [method: string, path: string, body?: object]>> = {
  'a key for an organization': ({ organization }) => [
    'POST',
    '/api-keys',
    { name: 'reaching', permissions: ['read:sandboxes'], organizationIds: [organization] },
  ],
  'a role for a member': (of) => [
    'POST',
    `/organizations/${ours.organization}/users/${ours.member.userId}/access`,
    { role: 'member', assignedRoleIds: [of.role] },
  ],
  'a role for a guest': (of) => [
    'POST',
    `/organizations/${ours.organization}/invitations`,
    { email: 'reaching@example.test', role: 'member', assignedRoleIds: [of.role] },
  ],
  'a role of an invitation': (of) => [
    'PUT',
    `/organizations/${ours.organization}/invitations/${ours.invitation}`,
    { role: 'member', assignedRoleIds: [of.role] },
  ],
  'a role of new members': (of) => [
    'PUT',
    `/organizations/${ours.organization}/identity-provider/provisioning`,
    { newMemberRoleIds: [of.role] },
  ],
  'a role of a group': (of) => [
    'PUT',
    `/organizations/${ours.organization}/identity-provider/provisioning`,
    { groupsClaim: 'groups', groupRoles: [{ group: 'a', roleIds: [of.role] }] },
  ],
  'the user of a usage query': (of) => ['GET', `/api-keys/${of.key}/usage?userId=${of.owner.userId}`],
  'filters of the trail': (of) => [
    'GET',
    `/audit/organizations/${ours.organization}?actorId=${of.owner.userId}&targetId=${of.sandbox.id}`,
  ],
  'filters of sandboxes': (of) => ['GET', `/sandbox?id=${of.sandbox.id}&name=${of.sandbox.name}`],
}

/** Returns values of the same form that do not exist. */
const nonexistentLike = (text: string): string => `${text.slice(0, -6)}000000`
const nonexistent: Tenant = JSON.parse(
  JSON.stringify(theirs, (_name, value: unknown) => (typeof value === 'string' ? nonexistentLike(value) : value)),
)

/** Returns a response without the parts that differ in every response. */
function wholeOf({ status, headers, text }: Answer) {
  const kept = [...headers].filter(([name]) => !/^(date|x-request-id|x-ratelimit-.*)$/.test(name))
  return { status, text, headers: Object.fromEntries(kept) }
}

const fill = (template: string, values: Readonly<Record<string, string>>): string =>
  template.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? `{${name}}`))

async function everyCredential(ask: (credential: string) => Promise<Answer>) {
  const answers = await Promise.all(Object.values(ours.credentials).map(ask))
  return answers.map(wholeOf)
}

/** Returns all stored data except what every request writes. */
async function stored(): Promise<readonly string[]> {
  const tables = await sql<{ name: string }[]>`
    SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
      AND relname !~ '^audit_|^api_key_(?:usage|secrets|last_uses)$' ORDER BY relname`
  assert.ok(tables.length > 15)
  const texts = tables.map(
    ({ name }) => sql`SELECT string_agg(t::text, '\n' ORDER BY t::text) AS text FROM ${sql(name)} t`,
  )
  const secrets = sql`SELECT string_agg(concat(digest, expires_at), '\n' ORDER BY digest) AS text FROM api_key_secrets`
  const events = sql`SELECT string_agg(id, '\n' ORDER BY id) AS text FROM audit_events WHERE organization_id = ${theirs.organization}`
  const rows = await Promise.all([...texts, secrets, events])
  return rows.flatMap(([row]) => String(row?.['text']).split('\n'))
}

/** Checks that the requests are valid, since invalid ones would test nothing. */
async function isThere(template: string, thing: Readonly<Record<string, string>>) {
  const { organization, credentials } = theirs
  const path = fill(template, { organizationId: organization, ...thing })
  const answers = await Promise.all(
    // Without keys, whose denials are audited.
    [credentials.owner, credentials.member].map((credential) => request('GET', path, credential, { organization })),
  )
  const statuses = answers.map(({ status }) => status)
  assert.ok(statuses.includes(200), `${path}: ${statuses}`)
}

const before = await stored()

describe('things of another organization are treated as nonexistent', () => {
  for (const { method, template, takesOrganization, namesOrganization } of routes) {
    const body = bodies[`${method} ${template}`]
    const asked = (more: Asked = {}): Asked => ({ ...(body && { body }), ...more })

    /** Requests existing and nonexistent things with each of our credentials. At least one must pass the schema and guard. */
    const compare = async (what: string, ask: (of: Tenant, credential: string) => Promise<Answer>) => {
      const answers = await everyCredential((credential) => ask(theirs, credential))
      assert.deepEqual(answers, await everyCredential((credential) => ask(nonexistent, credential)), what)
      return answers.map(({ status }) => status)
    }

    if (namesOrganization) {
      it(`${method} ${template}: by the path, with any header`, async () => {
        const things = named[upToLast(template)]?.(theirs) ?? [{}]
        for (const thing of things) {
          for (const header of ['none', 'ours', 'the same'] as const) {
            const statuses = await compare(header, ({ organization }, credential) => {
              const headers = { none: {}, ours: { organization: ours.organization }, 'the same': { organization } }
              return request(method, fill(template, { ...thing, organizationId: organization }), credential, {
                ...asked(headers[header]),
              })
            })
            assert.ok(statuses.includes(404), String(statuses))
            for (const status of statuses) assert.ok([403, 404].includes(status), String(status))
          }
        }
      })
    }

    if (takesOrganization) {
      it(`${method} ${template}: by the header`, async () => {
        for (const thing of named[upToLast(template)]?.(theirs) ?? [{}]) {
          const statuses = await compare('header', ({ organization }, credential) =>
            request(method, fill(template, thing), credential, asked({ organization })),
          )
          assert.deepEqual(new Set(statuses), new Set([403]))
        }
      })
    }

    const parameters = [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
    if (parameters.every((name) => name === 'organizationId')) continue
    it(`${method} ${template}: by its other parameters`, async () => {
      const things = named[upToLast(template)]
      assert.ok(things, `${template} is new: add values of another organization for its parameters to \`named\``)
      const missing = things(nonexistent)
      if (method === 'GET') {
        for (const thing of things(theirs)) await isThere(template, thing)
      }
      for (const [at, thing] of things(theirs).entries()) {
        const statuses = await compare(JSON.stringify(thing), (of, credential) => {
          const values = of === theirs ? thing : (missing[at] ?? {})
          const path = fill(template, { organizationId: ours.organization, ...values })
          return request(method, path, credential, asked({ organization: ours.organization }))
        })
        assert.ok(statuses.includes(404), String(statuses))
        for (const status of statuses) assert.ok([403, 404].includes(status), String(status))
      }
    })
  }

  for (const [what, call] of Object.entries(references)) {
    it(`${what}, by a member of ours`, async () => {
      const ask = (of: Tenant) =>
        everyCredential((credential) => {
          const [method, path, body] = call(of)
          return request(method, path, credential, { organization: ours.organization, ...(body && { body }) })
        })
      const answers = await ask(theirs)
      assert.deepEqual(answers, await ask(nonexistent))
      for (const { status, text } of answers) assert.ok(status >= 400 || /"items":\[\]/.test(text), text)
    })
  }

  it('and stay unchanged, like all other data', async () => {
    const now = await stored()
    assert.deepEqual(
      now.filter((row) => !before.includes(row)),
      [],
    )
    assert.deepEqual(now, before)
  })
})

describe('lists', () => {
  const idsOf = ({ owner, member, credentials: _, sandbox, snapshot, volume, registry: hub, ...texts }: Tenant) => [
    ...Object.values(texts),
    ...[owner, member].flatMap(({ userId, email, personalOrganizationId }) => [userId, email, personalOrganizationId]),
    ...[sandbox, snapshot, volume, hub].flatMap(({ id, name }) => [id, name]),
  ]
  const isList = ({ method, template }: Route) =>
    method === 'GET' && !template.replace('{organizationId}', '').includes('{')
  /** Lists without ids, and a stream of what happens later, which events.test.ts compares. */
  const nameless = [
    '/events',
    '/organizations/invitations/count',
    '/api-keys/current',
    '/organizations/{organizationId}/api-keys/summary',
    '/organizations/{organizationId}/quotas',
    '/organizations/{organizationId}/app-access-preview',
    '/audit/organizations/{organizationId}/verify',
  ]

  const queries: Readonly<Record<string, string>> = {
    '/api-keys': '?status=all',
    '/organizations/{organizationId}/app-access-preview': '?appAccess=by_approval',
  }

  for (const { template } of routes.filter(isList)) {
    it(`GET ${template} lists only things of our organization`, async () => {
      const path = fill(template, { organizationId: ours.organization })
      const answers = await everyCredential((credential) =>
        request('GET', `${path}${queries[template] ?? ''}`, credential, {
          organization: ours.organization,
        }),
      )
      const readable = answers.filter(({ status }) => status === 200)
      assert.ok(readable.length > 0)
      for (const { text } of answers) {
        for (const id of idsOf(theirs)) assert.ok(!text.includes(id), `${id} in ${text}`)
      }
      const shown = readable.some(({ text }) => idsOf(ours).some((id) => text.includes(id)))
      assert.ok(shown || nameless.includes(template))
    })
  }
})

/** Returns the path up to its last parameter. */
function upToLast(template: string): string {
  return template.slice(0, template.lastIndexOf('}') + 1)
}
