import type { Database } from '../src/core/client.ts'

/**
 * Fills the large tables besides the trail with `rows` rows each, without triggers and foreign keys: for migrations, at any
 * of them. Users and organizations are a hundredth of that.
 */
export async function fillTables({ $client: sql }: Database, rows: number): Promise<void> {
  const few = Math.ceil(rows / 100)
  await sql.begin(async (tx) => {
    await tx.unsafe(`SET LOCAL session_replication_role = replica;
      INSERT INTO users (id, email, name) SELECT 'usr_' || n, n || '@example.test', 'Ada' FROM generate_series(1, ${few}) AS n;
      INSERT INTO organizations (id, name, created_by) SELECT 'org_' || n, 'Analytical', 'usr_' || n FROM generate_series(1, ${few}) AS n;
      INSERT INTO organization_members (organization_id, user_id, role)
        SELECT 'org_' || 1 + n % ${few}, 'usr_' || 1 + n / ${few}, CASE WHEN n < ${few} THEN 'owner' ELSE 'member' END::member_role
        FROM generate_series(0, ${rows} - 1) AS n;
      INSERT INTO api_keys (id, organization_id, user_id, name, permissions, status, expires_at)
        SELECT 'key_' || n, 'org_' || 1 + n % ${few}, 'usr_' || 1 + n % ${few}, 'key ' || n, '{read:sandboxes}',
          CASE WHEN n % 3 = 0 THEN 'expired' ELSE 'active' END::api_key_status, now() + interval '1 year'
        FROM generate_series(1, ${rows}) AS n;
      INSERT INTO api_key_organizations (key_id, organization_id, user_id, name, active)
        SELECT id, organization_id, user_id, name, status = 'active' FROM api_keys;
      INSERT INTO api_key_secrets (digest, key_id, hint) SELECT sha256(id::bytea), id, 'abcd' FROM api_keys;
      INSERT INTO api_key_usage (key_id, organization_id, hour, allowed) SELECT id, organization_id, date_trunc('hour', now()), 1 FROM api_keys;
      INSERT INTO grants (id, user_id, client_id, scopes, payload, expires_at)
        SELECT 'grn_' || n, 'usr_' || 1 + n % ${few}, 'app_' || n % 100, '{openid}', '{}', now() + interval '1 day' FROM generate_series(1, ${rows}) AS n;
      INSERT INTO oidc_clients (id, name, type, redirect_uris, scopes) SELECT 'app_' || n, 'App', 'web', '{}', '{openid}' FROM generate_series(0, 99) AS n;
      INSERT INTO oidc_artifacts (model, digest, payload, grant_id, account_id, client_id, expires_at)
        SELECT 'RefreshToken', sha256(id::bytea), jsonb_build_object('iat', 1, 'scope', 'openid', 'jti', id), id, user_id, client_id, expires_at FROM grants;
      INSERT INTO organization_invitations (id, organization_id, email, role, invited_by, token_digest, expires_at)
        SELECT 'inv_' || n, 'org_' || 1 + n % ${few}, n || '@example.test', 'member', 'usr_1', sha256(n::text::bytea), now() FROM generate_series(1, ${rows}) AS n;
      INSERT INTO registries (id, organization_id, name, url, username, sealed_password)
        SELECT 'reg_' || n, 'org_' || 1 + n % ${few}, 'r' || n, 'https://example.test', 'ada', '' FROM generate_series(1, ${rows}) AS n`)
  })
  await sql.unsafe('VACUUM ANALYZE')
}
