import { randomUUID } from 'node:crypto'
import { newId, type OrganizationId } from '@daytona-auth/db/core'
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
  const caller = await person()
  const other = await person('Bob')
  const organization = await caller.organization()
  await other.join(organization, 'owner')
  const [token, key] = [await caller.token(), await caller.key(organization, ['admin:organization'])]
  const third = await person('Eve')
  await third.join(organization, ['read:volumes'])
  const ids = { roleId: newId('role'), clientId: newId('app'), invitationId: newId('inv') }
  await sql`INSERT INTO roles (id, organization_id, name, permissions) VALUES (${ids.roleId}, ${organization}, 'role', '{read:volumes}')`
  await sql`INSERT INTO oidc_clients (id, name, type, redirect_uris, scopes, organization_id)
    VALUES (${ids.clientId}, 'App', 'web', '{https://app.example.test/}', '{openid}', ${organization})`
  await sql`INSERT INTO organization_invitations (id, organization_id, email, role, invited_by, token_digest, expires_at)
    VALUES (${ids.invitationId}, ${organization}, ${`${randomUUID()}@example.test`}, 'member', ${caller.userId}, ${Buffer.from(randomUUID())}, now() + interval '1 day')`
  return {
    caller,
    organization,
    token,
    key,
    parameters: { organizationId: organization, userId: third.userId, name: key.name, ...ids },
  }
}

export const pathOf = ({ template }: Route, { parameters }: Scene) =>
  template.replaceAll(/\{(\w+)\}/g, (_, name: string) => parameters[name] ?? 'none')

/** A valid body for each route that creates something; the others get an empty one. */
export const BODIES: Readonly<Record<string, object>> = {
  'POST /api-keys': { name: 'new', permissions: ['read:volumes'] },
  'PATCH /api-keys/{name}': { description: 'Changed' },
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
  'POST /oauth-apps': { name: 'New', type: 'spa', redirectUris: ['https://new.example.test/'], scopes: ['openid'] },
  'PATCH /oauth-apps/{clientId}': { name: 'Renamed' },
  'PATCH /users/me': { name: 'Renamed' },
  'POST /volumes': { name: 'new' },
  'POST /docker-registry': { name: 'new', url: 'https://registry.example.test', username: 'ada', password: 'secret' },
  'PATCH /docker-registry/{id}': { name: 'new', url: 'https://registry.example.test', username: 'ada' },
  'PUT /organizations/{organizationId}/invitations/{invitationId}': { role: 'member', assignedRoleIds: [] },
  'PUT /sandbox/{sandboxIdOrName}/labels': { labels: {} },
  'PUT /sandbox/{sandboxIdOrName}/state': { state: 'started' },
  'POST /snapshots': { name: 'new', imageName: 'debian:13' },
}
