import { randomBytes, randomUUID } from 'node:crypto'
import { newId } from '@daytona-auth/db/core'
import type { Person, World } from './world.ts'

/** A list of one person, and the ways to insert and delete its rows. */
export interface List {
  readonly path: string
  readonly credential: string
  /** The organization of the header. */
  readonly organization?: string
  readonly add: () => Promise<unknown>
  readonly remove: (id: string) => Promise<unknown>
  /** The member that identifies an item: `id` by default. */
  readonly idMember?: string
  /** The same list with another filter. */
  readonly otherPath?: string
}

type Make = (world: World, owner: Person, token: string, organization: string) => List | Promise<List>

/** Every paginated list by method and URL of its route. A route that is missing here fails the test. */
export const LISTS: Readonly<Record<string, Make>> = {
  'GET /api-keys': ({ database: { $client: sql } }, owner, credential, organization) => ({
    path: '/api-keys',
    otherPath: '/api-keys?status=all',
    credential,
    organization,
    add: () => owner.key(organization as never, ['read:volumes']),
    remove: (id) => sql`UPDATE api_keys SET status = 'revoked' WHERE id = ${id}`,
  }),
  'GET /organizations/:organizationId/api-keys/usage': (
    { database: { $client: sql } },
    owner,
    credential,
    organization,
  ) => {
    let added = 0
    return {
      path: `/organizations/${organization}/api-keys/usage`,
      otherPath: `/organizations/${organization}/api-keys/usage?from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z`,
      credential,
      // Two of three were used, every second of these as much as the one before.
      async add() {
        const { id } = await owner.key(organization as never, ['read:volumes'])
        added += 1
        if (added % 3 === 0) return
        await sql`INSERT INTO api_key_usage (key_id, organization_id, hour, allowed, denied)
          VALUES (${id}, ${organization}, date_trunc('hour', now()) - interval '1 day', ${added >> 1}, 1)`
      },
      remove: (id) => sql`DELETE FROM api_keys WHERE id = ${id}`,
    }
  },
  'GET /organizations': ({ database: { $client: sql } }, owner, credential) => ({
    path: '/organizations',
    credential,
    add: () => owner.organization(),
    remove: (id) => sql`DELETE FROM organizations WHERE id = ${id} AND NOT personal`,
  }),
  'GET /organizations/:organizationId/users': (
    { database: { $client: sql }, person },
    _owner,
    credential,
    organization,
  ) => ({
    path: `/organizations/${organization}/users`,
    idMember: 'userId',
    credential,
    add: async () => (await person('Member')).join(organization as never, ['read:volumes', 'write:volumes']),
    remove: (id) => sql`DELETE FROM organization_members WHERE user_id = ${id} AND role = 'member'`,
  }),
  'DELETE /organizations/:organizationId/users/:userId': async (
    { database: { $client: sql }, person },
    _owner,
    credential,
    organization,
  ) => {
    const member = await person('Member')
    await member.join(organization as never, ['read:volumes'])
    return {
      path: `/organizations/${organization}/users/${member.userId}?dryRun=true`,
      credential,
      add: () => member.key(organization as never, ['read:volumes']),
      remove: (id) => sql`UPDATE api_keys SET status = 'revoked' WHERE id = ${id}`,
    }
  },
  'GET /organizations/:organizationId/roles': ({ database: { $client: sql } }, _owner, credential, organization) => ({
    path: `/organizations/${organization}/roles`,
    credential,
    add: () => sql`INSERT INTO roles (id, organization_id, name, permissions)
      VALUES (${newId('role')}, ${organization}, ${`Ä ${randomUUID()}`}, '{read:volumes}')`,
    remove: (id) => sql`DELETE FROM roles WHERE id = ${id} AND organization_id IS NOT NULL`,
  }),
  'GET /organizations/:organizationId/invitations': (world, owner, credential, organization) => ({
    path: `/organizations/${organization}/invitations`,
    credential,
    add: () => invite(world, organization, owner, `${randomUUID()}@example.test`),
    remove: (id) => world.database.$client`UPDATE organization_invitations SET status = 'cancelled' WHERE id = ${id}`,
  }),
  'GET /organizations/invitations': async (world, owner, credential) => {
    const inviter = await world.person('Inviter')
    return {
      path: '/organizations/invitations',
      credential,
      add: async () => invite(world, await inviter.organization(), inviter, owner.email),
      remove: (id) => world.database.$client`UPDATE organization_invitations SET status = 'declined' WHERE id = ${id}`,
    }
  },
  'GET /users/me/sessions': ({ database: { $client: sql } }, owner, credential) => {
    let added = 0
    return {
      path: '/users/me/sessions',
      credential,
      // Every second one began at the same instant as the one before.
      add() {
        const uid = randomUUID()
        added += 1
        const payload = { uid, accountId: owner.userId, loginTs: 1_790_000_000 + (added >> 1), kind: 'Session' }
        return sql`INSERT INTO oidc_artifacts (model, digest, payload, account_id, uid, expires_at) VALUES
          ('Session', ${randomBytes(32)}, ${JSON.stringify(payload)}::jsonb, ${owner.userId}, ${uid},
            now() + interval '1 day')`
      },
      remove: (id) => sql`DELETE FROM oidc_artifacts WHERE uid = ${id}`,
    }
  },
  'GET /users/me/authorized-apps': ({ database: { $client: sql } }, owner, credential) => {
    let added = 0
    return {
      path: '/users/me/authorized-apps',
      idMember: 'clientId',
      credential,
      // Every second one has the name of the one before.
      async add() {
        const id = newId('app')
        added += 1
        await sql`INSERT INTO oidc_clients (id, name, type, redirect_uris, scopes)
          VALUES (${id}, ${`App ${added >> 1}`}, 'web', '{}', '{openid}')`
        await sql`INSERT INTO consents (user_id, client_id, scopes) VALUES (${owner.userId}, ${id}, '{openid}')`
      },
      remove: (id) => sql`DELETE FROM consents WHERE client_id = ${id}`,
    }
  },
  'GET /oauth-apps': ({ database: { $client: sql } }, _owner, credential, organization) => ({
    path: '/oauth-apps',
    idMember: 'clientId',
    credential,
    organization,
    // Several at the same instant.
    add: () => sql`INSERT INTO oidc_clients (id, name, type, redirect_uris, scopes, organization_id, created_at)
      VALUES (${newId('app')}, 'App', 'web', '{}', '{openid}', ${organization}, date_trunc('minute', now()))`,
    remove: (id) => sql`DELETE FROM oidc_clients WHERE id = ${id}`,
  }),
  'GET /resource-servers': ({ database: { $client: sql } }, _owner, credential, organization) => ({
    path: '/resource-servers',
    idMember: 'id',
    credential,
    organization,
    // Several at the same instant.
    add() {
      const id = newId('rs')
      return sql`INSERT INTO resource_servers (id, organization_id, identifier, name, scopes, created_at)
        VALUES (${id}, ${organization}, ${`https://${id}.example.test`}, 'API', '[]', date_trunc('minute', now()))`
    },
    remove: (id) => sql`DELETE FROM resource_servers WHERE id = ${id}`,
  }),
  'GET /organizations/:organizationId/domains': ({ database: { $client: sql } }, _owner, credential, organization) => ({
    path: `/organizations/${organization}/domains`,
    idMember: 'id',
    credential,
    organization,
    // Several at the same instant.
    add() {
      const id = newId('dom')
      return sql`INSERT INTO organization_domains (id, organization_id, domain, token, created_at)
        VALUES (${id}, ${organization}, ${`${id.slice(4)}.example`}, 'token', date_trunc('minute', now()))`
    },
    remove: (id) => sql`DELETE FROM organization_domains WHERE id = ${id}`,
  }),
  'GET /organizations/:organizationId/app-decisions': (
    { database: { $client: sql } },
    _owner,
    credential,
    organization,
  ) => ({
    path: `/organizations/${organization}/app-decisions`,
    idMember: 'clientId',
    credential,
    organization,
    async add() {
      const id = newId('app')
      await sql`INSERT INTO oidc_clients (id, name, type, redirect_uris, scopes) VALUES (${id}, 'App', 'web', '{}', '{openid}')`
      await sql`INSERT INTO app_decisions (organization_id, client_id, decision) VALUES (${organization}, ${id}, 'approved')`
    },
    remove: (id) => sql`DELETE FROM app_decisions WHERE client_id = ${id} AND organization_id = ${organization}`,
  }),
  'GET /organizations/:organizationId/app-requests': (
    { database: { $client: sql } },
    owner,
    credential,
    organization,
  ) => ({
    path: `/organizations/${organization}/app-requests`,
    idMember: 'clientId',
    credential,
    organization,
    async add() {
      const id = newId('app')
      await sql`INSERT INTO oidc_clients (id, name, type, redirect_uris, scopes) VALUES (${id}, 'App', 'web', '{}', '{openid}')`
      await sql`INSERT INTO app_requests (organization_id, user_id, client_id, expires_at)
        VALUES (${organization}, ${owner.userId}, ${id}, now() + interval '1 day')`
    },
    remove: (id) => sql`DELETE FROM app_requests WHERE client_id = ${id} AND organization_id = ${organization}`,
  }),
  'GET /oauth-apps/:clientId/users': async (
    { database: { $client: sql }, person },
    _owner,
    credential,
    organization,
  ) => {
    const clientId = newId('app')
    await sql`INSERT INTO oidc_clients (id, name, type, redirect_uris, scopes, organization_id)
      VALUES (${clientId}, 'App', 'web', '{}', '{openid}', ${organization})`
    return {
      path: `/oauth-apps/${clientId}/users`,
      idMember: 'userId',
      credential,
      organization,
      // Several at the same instant.
      async add() {
        const { userId } = await person('User')
        await sql`INSERT INTO consents (user_id, client_id, scopes, created_at)
          VALUES (${userId}, ${clientId}, '{openid}', date_trunc('minute', now()))`
      },
      remove: (id) => sql`DELETE FROM consents WHERE user_id = ${id} AND client_id = ${clientId}`,
    }
  },
  'GET /volumes': ({ database: { $client: sql } }, _owner, credential, organization) => ({
    path: '/volumes',
    otherPath: '/volumes?includeDeleted=true',
    credential,
    organization,
    add: () => sql`INSERT INTO volumes (id, organization_id, name)
      VALUES (${newId('vol')}, ${organization}, ${randomUUID()})`,
    remove: (id) => sql`UPDATE volumes SET deleted_at = now() WHERE id = ${id}`,
  }),
  'GET /docker-registry': ({ database: { $client: sql } }, _owner, credential, organization) => ({
    path: '/docker-registry',
    credential,
    organization,
    // Several at the same instant.
    add: () => sql`INSERT INTO registries (id, organization_id, name, url, username, sealed_password, created_at)
      VALUES (${newId('reg')}, ${organization}, ${randomUUID()}, 'docker.io', 'u', 'x', date_trunc('minute', now()))`,
    remove: (id) => sql`DELETE FROM registries WHERE id = ${id}`,
  }),
}

const invite = ({ database: { $client: sql } }: World, organization: string, inviter: Person, email: string) => sql`
  INSERT INTO organization_invitations (id, organization_id, email, role, invited_by, token_digest, expires_at)
  VALUES (${newId('inv')}, ${organization}, ${email}, 'member', ${inviter.userId}, ${randomBytes(32)},
    now() + interval '1 day')`
