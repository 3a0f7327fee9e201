import { peopleOf } from '@daytona-auth/testing'
import type { Database } from '../src/core/client.ts'
import { type ApiKeyId, type GrantId, newId, type OrganizationId, type UserId } from '../src/core/id.ts'

/** Inserts rows directly, as psql would: the tested rules apply to every writer. */
export function rowsOf(database: Database) {
  const { $client: sql } = database
  const people = peopleOf(database)
  return {
    ...people,
    key: (owner: UserId, home: OrganizationId, options: Parameters<typeof people.key>[2] = {}) =>
      people.key(owner, home, { name: 'key', ...options }),
    async artifact(grant: GrantId, digest = Buffer.from(newId('evt'))) {
      await sql`INSERT INTO oidc_artifacts (model, digest, payload, grant_id, expires_at)
        VALUES ('RefreshToken', ${digest}, '{}', ${grant}, now() + interval '1 day')`
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
