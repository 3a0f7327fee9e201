import { KEY_PREFIX } from '@daytona-auth/protocol/api-key-format'
import type { Database } from '../src/core/client.ts'
import type { OrganizationId } from '../src/core/id.ts'

const PART = 10_000
const BASE32_HEX = '0123456789abcdefghijklmnopqrstuv'

/**
 * Inserts active keys of one organization, and as many of another, of a hundred owners each, without triggers. With another
 * `share` the first one has that part of all. They were
 * created within 280 days; a tenth was never used, the others within the last 120 days.
 */
export async function fillKeys({ $client }: Database, keys: number, share = 0.5): Promise<OrganizationId> {
  const organization = 'org_filled' as OrganizationId
  await $client.begin(async (sql) => {
    await sql`SET LOCAL session_replication_role = replica`
    await sql`INSERT INTO users (id, email, name)
      SELECT 'usr_' || n, 'person-' || n || '@example.test', 'Person ' || n FROM generate_series(0, 199) n`
    await sql`INSERT INTO organizations (id, name, created_by) VALUES (${organization}, 'A', 'usr_1'), ('org_b', 'B', 'usr_1')`
    await sql`INSERT INTO organization_members (organization_id, user_id, role)
      SELECT CASE WHEN n < 100 THEN ${organization} ELSE 'org_b' END, 'usr_' || n, 'member' FROM generate_series(0, 199) n`
    // In parts: a connection without an answer for long is closed.
    for (let first = 1; first <= 2 * keys; first += PART) {
      await sql`
        WITH numbered AS (
          SELECT n, random() < ${share}::float8 AS is_here, date_trunc('hour', now()) - (${2 * keys}::int - n) * interval '280 days' / ${2 * keys}::int AS created_at
          FROM generate_series(${first}::int, ${Math.min(first + PART - 1, 2 * keys)}::int) n
        ), key AS (
          INSERT INTO api_keys (id, organization_id, user_id, name, permissions, created_at, expires_at)
          SELECT 'key_' || (
              SELECT string_agg(substr(${BASE32_HEX}, ((extract(epoch FROM created_at) * 1000)::bigint >> (5 * place) & 31)::int + 1, 1), ''
                ORDER BY place DESC) FROM generate_series(0, 9) place) || lpad(n::text, 16, '0'),
            CASE WHEN is_here THEN ${organization} ELSE 'org_b' END,
            'usr_' || n % 100 + CASE WHEN is_here THEN 0 ELSE 100 END, left(md5(n::text), 8) || ' ' || n,
            CASE WHEN n % 1000 = 0 THEN '{admin:organization}'::text[] ELSE '{read:volumes,write:sandboxes}' END,
            created_at, CASE WHEN n % 4 > 0 THEN now() + (n % 7000 + 1) * interval '1 hour' END
          FROM numbered RETURNING id, organization_id, user_id, name, expires_at, permissions
        ), reached AS (
          INSERT INTO api_key_organizations (key_id, organization_id, user_id, name, expires_at, permissions)
          SELECT id, organization_id, user_id, name, expires_at, permissions FROM key
        ), secret AS (
          INSERT INTO api_key_secrets (digest, key_id, hint, last_used_at)
          SELECT sha256(convert_to(id, 'UTF8')), id, ${KEY_PREFIX} || left(md5(id), 4) || repeat('*', 20) || right(md5(id), 4),
            CASE WHEN random() < 0.9 THEN now() - random() * interval '120 days' END FROM key RETURNING key_id, last_used_at
        )
        INSERT INTO api_key_last_uses (key_id, organization_id, last_used_at)
        SELECT key_id, organization_id, coalesce(last_used_at, '-infinity') FROM secret JOIN key ON key.id = key_id`
    }
  })
  await $client`VACUUM ANALYZE`
  return organization
}
