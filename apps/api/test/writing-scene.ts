import { randomUUID } from 'node:crypto'
import { mintKey } from '@daytona-auth/auth'
import { newId, type OrganizationId } from '@daytona-auth/db/core'
import { peopleOf } from '@daytona-auth/testing'
import type { Route } from './routes.ts'
import type { Person, TestKey, TestToken, World } from './world.ts'

/** A caller with one thing of each kind that the writing routes can change. */
export interface Scene {
  readonly caller: Person
  readonly organization: OrganizationId
  readonly token: TestToken
  readonly key: TestKey
  /** The values of path parameters. */
  readonly parameters: Readonly<Record<string, string>>
}

export async function makeScene({ person, database }: Pick<World, 'person' | 'database'>): Promise<Scene> {
  const sql = database.$client
  const people = peopleOf(database)
  const caller = await person()
  // Inserted directly: hundreds of tests make a scene each.
  const organization = await people.organization(caller.userId)
  await people.member(organization, await people.user({ name: 'Bob' }), 'owner')
  const minted = mintKey()
  const keyId = await people.key(caller.userId, organization, { permissions: ['admin:organization'] })
  await people.secret(keyId, minted)
  const key = { id: keyId, name: keyId, value: minted.key }
  const token = await caller.token()
  const third = await people.user({ name: 'Eve' })
  await people.member(organization, third, 'member', [await people.role(organization, ['read:volumes'])])
  const ids = {
    roleId: newId('role'),
    clientId: newId('app'),
    secretId: newId('sec'),
    invitationId: newId('inv'),
    resourceServerId: newId('rs'),
    domainId: newId('dom'),
  }
  await sql`INSERT INTO roles (id, organization_id, name, permissions) VALUES (${ids.roleId}, ${organization}, 'role', '{read:volumes}')`
  await sql`INSERT INTO oidc_clients (id, name, type, redirect_uris, scopes, organization_id)
    VALUES (${ids.clientId}, 'App', 'web', '{https://app.example.test/}', '{openid}', ${organization})`
  for (const id of [ids.secretId, newId('sec')]) {
    await sql`INSERT INTO oidc_client_secrets (id, client_id, name, digest, expires_at)
      VALUES (${id}, ${ids.clientId}, 'one', ${Buffer.from(id)}, ${id === ids.secretId ? new Date(0).toISOString() : null})`
  }
  await sql`INSERT INTO resource_servers (id, organization_id, identifier, name, scopes)
    VALUES (${ids.resourceServerId}, ${organization}, ${`https://${ids.resourceServerId}.example.test`}, 'API', '[]')`
  await sql`INSERT INTO organization_domains (id, organization_id, domain, token)
    VALUES (${ids.domainId}, ${organization}, ${`${ids.domainId.slice(4)}.example`}, 'token')`
  await sql`INSERT INTO identity_providers (organization_id, name, issuer, client_id, sealed_client_secret, scopes)
    VALUES (${organization}, 'Login', 'https://login.example.test', 'daytona', '', '{openid}')`
  await sql`INSERT INTO organization_invitations (id, organization_id, email, role, invited_by, token_digest, expires_at)
    VALUES (${ids.invitationId}, ${organization}, ${`${randomUUID()}@example.test`}, 'member', ${caller.userId}, ${Buffer.from(randomUUID())}, now() + interval '1 day')`
  return {
    caller,
    organization,
    token,
    key,
    parameters: { organizationId: organization, userId: third, name: key.name, ...ids },
  }
}

export const pathOf = ({ template }: Route, { parameters }: Scene) =>
  template.replaceAll(/\{(\w+)\}/g, (_, name: string) => parameters[name] ?? 'none')

/** A valid body for each route that creates something; the others get an empty one. */
export const BODIES: Readonly<Record<string, object>> = {
  'POST /api-keys': { name: 'new', permissions: ['read:volumes'] },
  'PATCH /api-keys/{name}': { description: 'Changed' },
  'POST /api-keys/revoke-many': { keys: ['key_0'] },
  'POST /organizations': { name: 'New' },
  'PATCH /organizations/{organizationId}': { name: 'Renamed' },
  'POST /organizations/{organizationId}/roles': { name: 'new', permissions: ['read:volumes'] },
  'PUT /organizations/{organizationId}/roles/{roleId}': { name: 'renamed', permissions: ['read:volumes'] },
  'POST /organizations/{organizationId}/invitations': {
    email: 'new@example.test',
    role: 'member',
    assignedRoleIds: [],
  },
  'POST /organizations/{organizationId}/users/{userId}/access': { role: 'member', assignedRoleIds: [] },
  'PUT /organizations/{organizationId}/app-decisions/{clientId}': { decision: 'blocked' },
  'POST /organizations/{organizationId}/domains': { domain: 'new.example' },
  'PUT /organizations/{organizationId}/identity-provider': {
    name: 'Login',
    issuer: 'https://login.example.test',
    clientId: 'daytona',
    clientSecret: 'secret',
  },
  'PUT /organizations/{organizationId}/identity-provider/provisioning': { newMemberRoleIds: [] },
  'PATCH /organizations/{organizationId}/identity-provider': { signIn: 'optional' },
  'POST /oauth-apps': { name: 'New', type: 'spa', redirectUris: ['https://new.example.test/'], scopes: ['openid'] },
  'PATCH /oauth-apps/{clientId}': { name: 'Renamed' },
  'POST /oauth-apps/{clientId}/secrets': { name: 'next' },
  // An identifier is unique among all organizations.
  get 'POST /resource-servers'() {
    return { identifier: `https://${randomUUID()}.example.test`, name: 'New' }
  },
  'PATCH /resource-servers/{resourceServerId}': { enabled: false },
  'PATCH /users/me': { name: 'Renamed' },
  'POST /volumes': { name: 'new' },
  'POST /docker-registry': { name: 'new', url: 'https://registry.example.test', username: 'ada', password: 'secret' },
  'PATCH /docker-registry/{id}': { name: 'new', url: 'https://registry.example.test', username: 'ada' },
  'PUT /organizations/{organizationId}/invitations/{invitationId}': { role: 'member', assignedRoleIds: [] },
  'PUT /sandbox/{sandboxIdOrName}/labels': { labels: {} },
  'PUT /sandbox/{sandboxIdOrName}/state': { state: 'started' },
  'POST /snapshots': { name: 'new', imageName: 'debian:13' },
}
