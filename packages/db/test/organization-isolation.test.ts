import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import * as apiKeys from '../src/api-keys/index.ts'
import * as audit from '../src/audit/index.ts'
import * as clients from '../src/clients/index.ts'
import { newId, type OrganizationId, type Queryable } from '../src/core/index.ts'
import * as organizations from '../src/organizations/index.ts'
import * as resources from '../src/resources/index.ts'
import { rowsOf } from './rows.ts'
import { transactionsOn } from './transactions.ts'

const { database } = await testDatabase({ after })
const { $client: sql } = database
const rows = rowsOf(database)
const { rolledBack } = transactionsOn(database)
const PAGE = { limit: 100 }
const SPAN = { from: new Date(0), to: new Date('2100-01-01Z') }

// One organization with one row of everything, and a foreign one of the same owner: only the organization distinguishes them.
const owner = await rows.user()
const [own, foreign] = [await rows.organization(owner), await rows.organization(owner)]
const email = 'invited@example.com'
const member = await rows.user()
const role = await rows.role(own, ['read:volumes'], 'Own role')
await rows.member(own, member, 'member', [role])
const key = await rows.key(owner, own, { name: 'own key' })
const digest = await rows.secret(key)
await apiKeys.recordUsage(
  database,
  [{ digest, used: { at: new Date(), ip: '192.0.2.1', route: null }, denied: null }],
  [{ keyId: key, organizationId: own, hour: new Date('2026-01-01Z'), allowed: 1, denied: 0, deniedBy: {} }],
)
const app = await rows.client({ organization: own })
await sql`INSERT INTO consents (user_id, client_id, scopes) VALUES (${owner}, ${app}, '{openid}')`
await clients.recordClientDenials(database, [
  {
    clientId: app,
    reason: 'invalid_redirect_uri',
    redirectUri: 'https://own.example.test/cb',
    count: 1,
    firstAt: new Date(),
    lastAt: new Date(),
  },
])
const otherApp = await rows.client({})
await sql`INSERT INTO app_decisions (organization_id, client_id, decision) VALUES (${own}, ${otherApp}, 'approved')`
await sql`INSERT INTO app_requests (organization_id, user_id, client_id, expires_at)
  VALUES (${own}, ${member}, ${otherApp}, now() + interval '1 day')`
await rows.grant(owner, await rows.client({}), { organizationIds: [own] })
const [sandbox, snapshot, volume, registry, invitation] = [
  newId('sbx'),
  newId('snap'),
  newId('vol'),
  newId('reg'),
  newId('inv'),
]
await sql`INSERT INTO sandboxes (id, organization_id, name) VALUES (${sandbox}, ${own}, 'own sandbox')`
await sql`INSERT INTO snapshots (id, organization_id, name) VALUES (${snapshot}, ${own}, 'own snapshot')`
await sql`INSERT INTO organization_quotas (organization_id, resource, maximum) VALUES (${own}, 'volumes', 100)`
await sql`INSERT INTO volumes (id, organization_id, name) VALUES (${volume}, ${own}, 'own volume')`
await sql`INSERT INTO registries (id, organization_id, name, url, username, sealed_password) VALUES (${registry}, ${own}, 'own registry', '', '', '')`
await sql`INSERT INTO organization_invitations (id, organization_id, email, role, invited_by, token_digest, expires_at)
  VALUES (${invitation}, ${own}, ${email}, 'member', ${owner}, ${randomBytes(32)}, now() + interval '1 day')`
await audit.recordAudit(database, {
  organizationId: own,
  actorId: owner,
  actorEmail: null,
  source: 'test',
  action: 'volume.create' as const,
  targetId: key,
})
const [event] = await sql<{ id: string }[]>`SELECT id FROM audit_events WHERE organization_id = ${own}`

const resourceServer = newId('rs')
await sql`INSERT INTO resource_servers (id, organization_id, identifier, name, scopes)
  VALUES (${resourceServer}, ${own}, 'https://own.example.test', 'own API', '[]')`

const domain = { id: newId('dom'), token: 'own token' }
await sql`INSERT INTO organization_domains (id, organization_id, domain, token, verified_at, confirmed_at, checked_at)
  VALUES (${domain.id}, ${own}, 'own.example', ${domain.token}, now(), now() - interval '1 day', now())`
await sql`INSERT INTO identity_providers (organization_id, name, issuer, client_id, sealed_client_secret, scopes, new_member_role_ids,
    groups_claim, group_roles)
  VALUES (${own}, 'Login', 'https://login.example.test', 'daytona', 'sealed', '{openid}', '{}', 'groups',
    '[{"group": "Engineering", "roleIds": []}]')`
const newcomer = await rows.user()

type Tx = audit.AuditedTx
type Call = (tx: Tx, organization: OrganizationId) => Promise<unknown>

/** Every query and change that takes an organization, called with what exists in `own`. */
const CALLS: Record<string, Call> = {
  listApiKeys: (tx, o) => apiKeys.listApiKeys(tx, o, { status: 'all' }, PAGE),
  findApiKey: (tx, o) => apiKeys.findApiKey(tx, o, owner, 'own key'),
  getApiKey: (tx, o) => apiKeys.getApiKey(tx, o, key),
  searchApiKeys: (tx, o) =>
    apiKeys.searchApiKeys(tx, o, { status: 'all' }, { by: 'createdAt', direction: 'asc' }, PAGE),
  countApiKeys: async (tx, o) => (await apiKeys.countApiKeys(tx, o, {}, 10)).active,
  lockApiKey: (tx, o) => apiKeys.lockApiKey(tx, o, key),
  revokeApiKey: (tx, o) => apiKeys.revokeApiKey(tx, o, key),
  revokeApiKeys: async (tx, o) => [...(await apiKeys.revokeApiKeys(tx, o, [key])).keys()],
  listApiKeysById: (tx, o) => apiKeys.listApiKeysById(tx, o, [key], {}),
  removeApiKeyOrganization: (tx, o) => apiKeys.removeApiKeyOrganization(tx, o, key),
  listUsage: (tx, o) => apiKeys.listUsage(tx, o, key, 'day', SPAN),
  findLastUse: async (tx, o) => (await apiKeys.findLastUse(tx, o, key)).lastUsedAt,
  listUsageTotals: (tx, o) => apiKeys.listUsageTotals(tx, o, SPAN, {}, PAGE),
  hasMoreApiKeysThan: (tx, o) => apiKeys.hasMoreApiKeysThan(tx, owner, [o], 0),
  countRoles: (tx, o) => apiKeys.countRoles(tx, o),
  listOauthApps: (tx, o) => clients.listOauthApps(tx, o, PAGE),
  findOauthApp: (tx, o) => clients.findOauthApp(tx, o, app),
  lockOauthApp: (tx, o) => clients.lockOauthApp(tx, o, app),
  updateOauthApp: (tx, o) => clients.updateOauthApp(tx, o, app, { name: 'changed' }),
  listClientUsers: async (_tx, o) => (await clients.listClientUsers(database, o, app, PAGE)).rows,
  listClientDenials: (tx, o) => clients.listClientDenials(tx, o, app),
  lockClientSecrets: (tx, o) => clients.lockClientSecrets(tx, o, app),
  deleteOauthApp: (tx, o) => clients.deleteOauthApp(tx, o, app),
  listResourceServers: (tx, o) => clients.listResourceServers(tx, o, PAGE),
  findResourceServer: (tx, o) => clients.findResourceServer(tx, o, resourceServer),
  updateResourceServer: (tx, o) => clients.updateResourceServer(tx, o, resourceServer, { enabled: false }),
  deleteResourceServer: (tx, o) => clients.deleteResourceServer(tx, o, resourceServer),
  listAppDecisions: (tx, o) => clients.listAppDecisions(tx, o, PAGE),
  countAppDecisions: (tx, o) => clients.countAppDecisions(tx, o),
  lockDecidableApp: async (tx, o) => (await clients.lockDecidableApp(tx, o, app)) === undefined,
  deleteAppDecision: (tx, o) => clients.deleteAppDecision(tx, o, otherApp),
  previewAppAccess: async (_tx, o) => (await clients.previewAppAccess(database, o, 'by_approval')).apps,
  listAppRequests: (tx, o) => clients.listAppRequests(tx, o, PAGE),
  settleAppRequests: async (tx, o) => (await clients.settleAppRequests(tx, o, otherApp)).recipients,
  findMember: (tx, o) => organizations.findMember(tx, o, member),
  isMemberByEmail: (tx, o) => organizations.isMemberByEmail(tx, o, `${member}@example.com`),
  setMemberAccess: (tx, o) => organizations.setMemberAccess(tx, o, member, { role: 'owner', roleIds: [] }),
  removeMember: (tx, o) => organizations.removeMember(tx, o, member),
  findRole: (tx, o) => organizations.findRole(tx, o, role),
  lockRoles: (tx, o) => organizations.lockRoles(tx, o, [role]),
  updateRole: (tx, o) => organizations.updateRole(tx, o, role, { name: 'changed', description: '', permissions: [] }),
  deleteRole: (tx, o) => organizations.deleteRole(tx, o, role),
  listQuotas: (tx, o) => organizations.listQuotas(tx, o),
  removeQuota: (tx, o) => organizations.removeQuota(tx, o, 'volumes'),
  listDomains: (tx, o) => organizations.listDomains(tx, o, PAGE),
  findDomain: (tx, o) => organizations.findDomain(tx, o, domain.id),
  countDomains: (tx, o) => organizations.countDomains(tx, o),
  verifyDomain: (tx, o) => organizations.verifyDomain(tx, o, domain),
  lapseDomain: (tx, o) => organizations.lapseDomain(tx, o, domain.id, 0),
  deleteDomain: (tx, o) => organizations.deleteDomain(tx, o, domain.id),
  findIdentityProvider: (tx, o) => organizations.findIdentityProvider(tx, o),
  findSealedClientSecret: (tx, o) => organizations.findSealedClientSecret(tx, o),
  findSealedIdentityProvider: (tx, o) => organizations.findSealedIdentityProvider(tx, o),
  findProvisioning: (tx, o) => organizations.findProvisioning(tx, o),
  setProvisioning: (tx, o) =>
    organizations.setProvisioning(tx, o, { newMemberRoleIds: null, groupsClaim: null, groupRoles: [] }),
  findMappedGroups: (tx, o) => organizations.findMappedGroups(tx, o, ['Engineering']),
  provisionMember: (tx, o) =>
    organizations.provisionMember(tx, newcomer, { organizationId: o, issuer: 'https://login.example.test' }),
  setSignInRule: (tx, o) => organizations.setSignInRule(tx, o, 'optional'),
  deleteIdentityProvider: (tx, o) => organizations.deleteIdentityProvider(tx, o),
  listInvitations: (tx, o) => organizations.listInvitations(tx, o, PAGE),
  findInvitation: (tx, o) => organizations.findInvitation(tx, o, invitation),
  findOpenInvitation: (tx, o) => organizations.findOpenInvitation(tx, o, email),
  settleInvitation: (tx, o) => organizations.settleInvitation(tx, o, invitation, 'cancelled'),
  listSandboxes: (tx, o) => resources.listSandboxes(tx, o, {}, { sort: 'createdAt', order: 'asc', limit: 10 }),
  findSandbox: (tx, o) => resources.findSandbox(tx, o, sandbox),
  'findSandbox by name': (tx, o) => resources.findSandbox(tx, o, 'own sandbox'),
  updateSandbox: (tx, o) => resources.updateSandbox(tx, o, sandbox, { state: 'changed' }),
  deleteSandbox: (tx, o) => resources.deleteSandbox(tx, o, sandbox),
  listSnapshots: (tx, o) => resources.listSnapshots(tx, o, {}, { sort: 'name', order: 'asc', limit: 10, offset: 0 }),
  findSnapshot: (tx, o) => resources.findSnapshot(tx, o, snapshot),
  'findSnapshot by name': (tx, o) => resources.findSnapshot(tx, o, 'own snapshot'),
  deleteSnapshot: (tx, o) => resources.deleteSnapshot(tx, o, snapshot),
  listVolumes: (tx, o) => resources.listVolumes(tx, o, { includeDeleted: true }, PAGE),
  findVolume: (tx, o) => resources.findVolume(tx, o, 'id', volume),
  'findVolume by name': (tx, o) => resources.findVolume(tx, o, 'name', 'own volume'),
  deleteVolume: (tx, o) => resources.deleteVolume(tx, o, volume),
  listRegistries: (tx, o) => resources.listRegistries(tx, o, PAGE),
  findRegistry: (tx, o) => resources.findRegistry(tx, o, registry),
  lockRegistry: (tx, o) => resources.lockRegistry(tx, o, registry),
  updateRegistry: (tx, o) => resources.updateRegistry(tx, o, registry, { username: 'changed' }),
  deleteRegistry: (tx, o) => resources.deleteRegistry(tx, o, registry),
  listAuditEvents: (tx, o) => audit.listAuditEvents(tx, o, {}, PAGE),
  'listAuditEvents by target': (tx, o) => audit.listAuditEvents(tx, o, { targetId: { eq: key } }, PAGE),
  countAuditEvents: (tx, o) => audit.countAuditEvents(tx, o, {}, 10),
  findAuditEventAt: (tx, o) => audit.findAuditEventAt(tx, o, 1),
  listEventsAfter: (tx, o) => audit.listEventsAfter(tx, o, 0, PAGE),
  readTrailHead: (tx, o) => audit.readTrailHead(tx, o),
  findEventSequence: (tx, o) => audit.findEventSequence(tx, o, event?.id ?? ''),
  readChainedEvents: (tx, o) => Array.fromAsync(audit.readChainedEvents(tx, o)),
}

/** Changes without a result: the rows show what they did. */
const SILENT = new Set(['setMemberAccess', 'removeMember', 'deleteRole', 'setProvisioning'])

/**
 * Exported functions whose first parameters name an organization and that are not called above, with the reason: they create
 * something in it, or concern the organization itself.
 */
const EXEMPT: Record<string, string> = {
  insertApiKey: 'creates',
  insertOauthApp: 'creates',
  insertResourceServer: 'creates',
  insertMember: 'creates',
  insertRole: 'creates',
  insertInvitation: 'creates',
  insertDomain: 'creates',
  setAppDecision: 'creates, or replaces: tested with the decisions about apps',
  listOwnerRecipients: 'every organization has an owner: tested with the requests for apps',
  putIdentityProvider: 'creates',
  insertSandbox: 'creates',
  insertSnapshot: 'creates',
  insertVolume: 'creates',
  insertRegistry: 'creates',
  insertOrganization: 'creates',
  findSignInObstacle: 'concerns the organization itself',
  setQuota: 'creates',
  lockForQuota: 'locks the organization itself',
  renewInvitation: 'returns nothing: tested with invitations',
  listMembers: 'every organization has a member: tested with organizations',
  listRoles: 'built-in roles are in every list: tested with organizations',
  countOwners: 'every organization has an owner: tested with organizations',
  narrowedKeyEntries: 'builds entries',
  listAuditAnchors: 'needs a dropped month: tested with the trail',
  hasAuditAnchors: 'needs a dropped month: tested with the trail',
  verifyAuditChain: 'tested with tampered trails',
}

const isEmpty = (found: unknown): boolean => {
  if (found === undefined || found === null || found === false || found === 0) return true
  if (Array.isArray(found)) return found.length === 0
  return typeof found === 'object' && 'rows' in found && isEmpty(found.rows)
}

const tables = await sql<{ name: string }[]>`SELECT relname AS name FROM pg_class
  WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname`
/** One statement for all tables: it runs for each call. */
const CONTENTS = `SELECT md5(string_agg(name || contents, '' ORDER BY name)) AS digest FROM (${tables
  .map(
    ({ name }) =>
      `SELECT '${name}' AS name, coalesce(string_agg(row::text, '' ORDER BY row::text), '') AS contents FROM ${name} row`,
  )
  .join(' UNION ALL ')}) every_table`

/** A digest of every row of every table. */
async function contents(db: Queryable): Promise<unknown> {
  const [row] = await db.execute<{ digest: string }>(CONTENTS)
  return row?.digest
}
const BEFORE = await contents(database)

describe('with a foreign organization', () => {
  for (const [name, call] of Object.entries(CALLS)) {
    it(`${name} finds and changes nothing, and with its own it does`, async () => {
      await rolledBack(async (tx) => {
        const found = await call(tx, foreign)
        if (!SILENT.has(name)) assert.ok(isEmpty(found), JSON.stringify(found))
        assert.equal(await contents(tx), BEFORE)
      })
      await rolledBack(async (tx) => {
        const found = await call(tx, own)
        // Otherwise the test above would show nothing.
        assert.ok(!isEmpty(found) || (await contents(tx)) !== BEFORE, JSON.stringify(found))
      })
    })
  }

  it('every exported query and change that takes one is called here', async () => {
    const called = new Set(Object.keys(CALLS).map((name) => name.split(' ')[0]))
    for (const entry of [apiKeys, audit, clients, organizations, resources]) {
      for (const [name, value] of Object.entries(entry)) {
        if (typeof value !== 'function') continue
        const [parameters = ''] = /\([^)]*\)/.exec(value.toString()) ?? []
        if (!/\b(?:home)?[oO]rganizationId\b/.test(parameters)) continue
        assert.ok(called.has(name) || name in EXEMPT, `${name} has no call here`)
      }
    }
  })
})
