import assert from 'node:assert/strict'
import {
  APP_ACCESS_POLICIES,
  APP_DECISIONS,
  type AppAccessPolicy,
  type AppDecision,
} from '@daytona-auth/protocol/app-access'
import { isAllowedResource, listDenyingOrganizations, setAppDecision } from '../src/clients/index.ts'
import { type Database, newId, type OrganizationId, type UserId } from '../src/core/index.ts'
import { findApiKeyFacts, findTokenFacts } from '../src/principals/index.ts'
import { rowsOf } from './rows.ts'
import { transactionsOn } from './transactions.ts'

/** An organization, and apps of everybody else. */
export type AppScene = Awaited<ReturnType<typeof appScene>>

export async function appScene(database: Database) {
  const { $client: sql } = database
  const rows = rowsOf(database)
  const { change } = transactionsOn(database)
  const owner = await rows.user()
  const [home, other] = [await rows.organization(owner), await rows.organization(owner)]
  const [vendor, stranger] = [await rows.organization(await rows.user()), await rows.organization(await rows.user())]
  await sql`INSERT INTO signing_keys (kid, alg, status, public_jwk, private_jwk)
    VALUES ('kid', 'RS256', 'active', '{}', 'unreadable')`
  // The vendor has proved that it owns one domain and only claims the other.
  await sql`INSERT INTO organization_domains (id, organization_id, domain, token, verified_at) VALUES
    ('dom_1', ${vendor}, 'vendor.example', 'x', now()), ('dom_2', ${vendor}, 'claimed.example', 'x', NULL)`
  const owners: Record<Owner, OrganizationId | null> = { operator: null, home, vendor, stranger }
  return {
    database,
    owner,
    home,
    other,
    async insertApp({ owner: of = 'vendor', isFirstParty = false, type = 'web', uris = [], homepage = null }: AppKind) {
      const id = await rows.client({ isFirstParty, organization: owners[of] })
      await sql`UPDATE oidc_clients SET type = ${type}, redirect_uris = ${[...uris]}, homepage_uri = ${homepage} WHERE id = ${id}`
      return id
    },
    grantOf: (user: UserId, clientId: string, organizationIds: readonly OrganizationId[] | null) =>
      rows.grant(user, clientId, { scopes: ['openid', 'read:sandboxes'], organizationIds }),
    setPolicy: async (policy: AppAccessPolicy, organization = home) => {
      await sql`UPDATE organizations SET app_access = ${policy} WHERE id = ${organization}`
    },
    decide: (clientId: string, decision: AppDecision, organization = home) =>
      change((tx) => setAppDecision(tx, organization, { clientId, decision, decidedBy: owner })),
  }
}

type Owner = 'operator' | 'home' | 'vendor' | 'stranger'

export interface AppKind {
  /** The vendor, unless it is given. */
  readonly owner?: Owner
  readonly isFirstParty?: boolean
  readonly type?: 'web' | 'spa' | 'native'
  readonly uris?: readonly string[]
  readonly homepage?: string | null
  /** Whether it is always allowed, or covered by verified domains. */
  readonly is?: 'exempt' | 'covered'
}

export const OWNED = 'https://app.vendor.example/cb'

/** Every kind of app, with what the policies make of it. */
export const KINDS: Record<string, AppKind> = {
  'of the operator': { owner: 'operator' },
  'that registered itself on a loopback address': { owner: 'operator', type: 'native', uris: ['http://127.0.0.1/cb'] },
  'of an organization without the domain': { owner: 'stranger', uris: [OWNED] },
  'without a redirect URI': { uris: [] },
  'with a claimed domain': { uris: ['https://claimed.example/cb'] },
  'with one foreign redirect URI of two': { uris: [OWNED, 'https://evil.example/cb'] },
  'with a homepage elsewhere': { uris: [OWNED], homepage: 'https://evil.example' },
  'whose domain only ends alike': { uris: ['https://evilvendor.example/cb'] },
  'with the domain as a user name': { uris: ['https://vendor.example@evil.example/cb'] },
  'with the domain before a backslash': { uris: ['https://evil.example\\.vendor.example/cb'] },
  'with the domain in the path': { uris: ['https://evil.example/.vendor.example'] },
  'with the domain in the query': { uris: ['https://evil.example?.vendor.example'] },
  'without TLS': { uris: ['http://app.vendor.example/cb'] },
  'with a private-use scheme': { uris: ['example.vendor.app:/cb'] },
  'that is native': { type: 'native', uris: [OWNED] },
  'with verified hosts': { uris: [OWNED, 'https://vendor.example:8443?x', 'https://VENDOR.example'], is: 'covered' },
  'with a verified homepage': { type: 'spa', uris: [OWNED], homepage: 'https://www.vendor.example/', is: 'covered' },
  'of the organization itself': { owner: 'home', uris: [], is: 'exempt' },
  'of the operator, first-party': { owner: 'operator', isFirstParty: true, uris: [], is: 'exempt' },
}

/** Compares every fact about an app of this kind under each policy and decision. */
export async function checkAppKind(scene: AppScene, kind: AppKind): Promise<void> {
  const { database, owner, home, other, insertApp, grantOf, setPolicy, decide } = scene
  const { $client: sql } = database
  const rows = rowsOf(database)
  const clientId = await insertApp(kind)
  const grantId = await grantOf(owner, clientId, kind.isFirstParty ? null : [home, other])
  const child = await rows.key(owner, home, { name: clientId, parentGrant: grantId, reaches: [home, other] })
  const grandchild = await rows.key(owner, home, { name: `of ${clientId}`, parentKey: child, reaches: [home] })
  const digests = [await rows.secret(child), await rows.secret(grandchild)]
  const server = newId('rs')
  await sql`INSERT INTO resource_servers (id, organization_id, identifier, name, scopes)
    VALUES (${server}, ${home}, ${`https://${server}.example`}, 'API', '[]')`
  for (const decision of [...APP_DECISIONS, undefined]) {
    await sql`DELETE FROM app_decisions`
    // An organization has no decisions about apps that are exempt; one in the table has no effect.
    if (decision) await decide(clientId, decision)
    for (const policy of APP_ACCESS_POLICIES) {
      await setPolicy(policy)
      const isAllowed = kind.is === 'exempt' || (decision ? decision === 'approved' : isWithin(policy, kind))
      const label = `${policy}, ${decision}`
      const denying = isAllowed ? [] : [home]
      const facts = await findTokenFacts(sql, { grantId, userId: owner, clientId, kid: 'kid' })
      const denied = facts?.memberships.filter((one) => one.isAppDenied).map((one) => one.organizationId)
      assert.deepEqual(denied, denying, label)
      for (const { parents, memberships } of await findApiKeyFacts(sql, digests)) {
        assert.deepEqual(
          parents.flatMap(({ denyingOrganizationIds }) => denyingOrganizationIds),
          denying,
          label,
        )
        assert.ok(memberships.every((one) => !one.isAppDenied))
      }
      assert.equal(await isAllowedResource(database, server, clientId), isAllowed, label)
      const listed = await listDenyingOrganizations(database, owner, clientId)
      const expected = denying.map((id) => ({ id, isBlocked: decision === 'blocked', isRequested: false }))
      assert.deepEqual(listed, expected, label)
    }
  }
  await setPolicy('any')
  await sql`DELETE FROM app_decisions`
}

const isWithin = (policy: AppAccessPolicy, { is }: AppKind): boolean =>
  policy === 'any' || (policy === 'verified_domains' && is === 'covered')
