import type { Database } from '../src/core/client.ts'
import { type ApiKeyId, type GrantId, newId, type OrganizationId, type UserId } from '../src/core/id.ts'

/** Inserts rows directly, as psql would: the tested rules apply to every writer. */
export function rowsOf({ $client: sql }: Database) {
  return {
    async user(): Promise<UserId> {
      const id = newId('usr')
      await sql`INSERT INTO users (id, email, name) VALUES (${id}, ${`${id}@example.com`}, 'Ada')`
      return id
    },
    async organization(owner: UserId): Promise<OrganizationId> {
      const id = newId('org')
      await sql`INSERT INTO organizations (id, name, created_by) VALUES (${id}, 'Analytical Engines', ${owner})`
      await sql`INSERT INTO organization_members (organization_id, user_id, role) VALUES (${id}, ${owner}, 'owner')`
      return id
    },
    async grant(user: UserId, clientId = 'app_test'): Promise<GrantId> {
      const id = newId('grant')
      await sql`INSERT INTO grants (id, user_id, client_id, scopes, payload, expires_at)
        VALUES (${id}, ${user}, ${clientId}, '{openid}', '{}', now() + interval '1 day')`
      return id
    },
    async artifact(grant: GrantId, digest = Buffer.from(newId('evt'))) {
      await sql`INSERT INTO oidc_artifacts (model, digest, payload, grant_id, expires_at)
        VALUES ('RefreshToken', ${digest}, '{}', ${grant}, now() + interval '1 day')`
    },
    async key(
      owner: UserId,
      home: OrganizationId,
      {
        name = 'key',
        parentKey = null as ApiKeyId | null,
        parentGrant = null as GrantId | null,
        reaches = [home],
      } = {},
    ): Promise<ApiKeyId> {
      const id = newId('key')
      await sql.begin(async (tx) => {
        await tx`INSERT INTO api_keys (id, organization_id, user_id, name, permissions, parent_key_id, parent_grant_id)
          VALUES (${id}, ${home}, ${owner}, ${name}, '{read:sandboxes}', ${parentKey}, ${parentGrant})`
        for (const organization of reaches) {
          await tx`INSERT INTO api_key_organizations (key_id, organization_id, user_id, name) VALUES (${id}, ${organization}, ${owner}, ${name})`
        }
      })
      return id
    },
    async keyStatus(id: ApiKeyId) {
      const [row] = await sql`SELECT status FROM api_keys WHERE id = ${id}`
      return row?.['status']
    },
    async reach(id: ApiKeyId): Promise<string[]> {
      const rows = await sql`SELECT organization_id FROM api_key_organizations WHERE key_id = ${id} ORDER BY 1`
      return rows.map((row) => row['organization_id'])
    },
  }
}
