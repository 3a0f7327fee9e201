import type { Sql } from 'postgres'
import { loadWithoutIndexes } from './load.ts'

/** The numbers of rows to fill. */
export interface ScaleSizes {
  readonly users: number
  readonly sharedOrganizations: number
  readonly keys: number
  /** Consumed refresh tokens of each grant that the reuse detection still needs. */
  readonly rotations: number
}

/** Days over which keys were created. */
const KEY_DAYS = 700
const BATCH = 250_000

/**
 * A number from 0 to `count` - 1 by a power law: with 2,000 organizations the largest one gets 15 %, the smaller half 16 %.
 * Needs a column `spread` from 0 to 1, the same for all that belongs together.
 */
const ranked = (count: number) => `floor(${count} * power(spread, 4))::int`

/** The digest of the secret of the key with this number. */
export const keyDigest = (number: number | string) => `sha256(convert_to('secret ${number}', 'UTF8'))`

/**
 * Fills users, organizations, members, API keys with secrets, last uses and usage, and what 20,000 people who are signed in
 * leave behind at the provider. Without triggers and foreign keys, whose effect on the rows it imitates.
 */
export async function fillAccounts(sql: Sql, sizes: ScaleSizes, print: (line: string) => void): Promise<void> {
  const { users, sharedOrganizations: shared, keys, rotations } = sizes
  await loadWithoutIndexes(
    sql,
    ['users', 'organizations', 'organization_members', 'grants', 'oidc_artifacts', 'oidc_clients'],
    async (tx) => {
      await tx.unsafe(`
      INSERT INTO users (id, email, name, email_verified)
        SELECT 'usr_' || lpad(n::text, 26, '0'), 'person-' || n || '@example.test', 'Person ' || n, true
        FROM generate_series(0, ${users - 1}) n;
      INSERT INTO organizations (id, name, created_by, personal)
        SELECT 'org_p' || lpad(n::text, 25, '0'), 'Person ' || n, 'usr_' || lpad(n::text, 26, '0'), true
        FROM generate_series(0, ${users - 1}) n;
      INSERT INTO organizations (id, name, created_by)
        SELECT 'org_' || lpad(n::text, 26, '0'), 'Organization ' || n, 'usr_' || lpad(n::text, 26, '0')
        FROM generate_series(0, ${shared - 1}) n;
      INSERT INTO organization_members (organization_id, user_id, role)
        SELECT 'org_p' || lpad(n::text, 25, '0'), 'usr_' || lpad(n::text, 26, '0'), 'owner'
        FROM generate_series(0, ${users - 1}) n;
      INSERT INTO organization_members (organization_id, user_id, role)
        SELECT DISTINCT ON (1, 2) 'org_' || lpad(${ranked(shared)}::text, 26, '0'), 'usr_' || lpad((n / 3)::text, 26, '0'), 'member'::member_role
        FROM (SELECT n, random() AS spread FROM generate_series(0, ${users * 3 - 1}) n) member;
      INSERT INTO organization_members (organization_id, user_id, role)
        SELECT 'org_' || lpad(n::text, 26, '0'), 'usr_' || lpad(n::text, 26, '0'), 'owner' FROM generate_series(0, ${shared - 1}) n
        ON CONFLICT DO NOTHING;
      INSERT INTO oidc_clients (id, name, type, redirect_uris, scopes)
        SELECT 'app_' || n, 'App', 'web', '{}', '{openid}' FROM generate_series(0, 99) n`)
      // Each person has a session and three grants; each grant a valid refresh token and those consumed within the window
      // of reuse detection. A fiftieth has expired and waits for the sweeper.
      await tx.unsafe(`
      INSERT INTO oidc_artifacts (model, digest, payload, account_id, uid, created_at, expires_at)
        SELECT 'Session', sha256(('session ' || n)::bytea), jsonb_build_object('accountId', 'usr_' || n, 'loginTs', 1, 'kind', 'Session'),
          'usr_' || lpad(n::text, 26, '0'), md5(n::text), now() - interval '3 days', now() + (n % 50 - 1) * interval '1 day'
        FROM generate_series(0, ${users - 1}) n;
      INSERT INTO grants (id, user_id, client_id, scopes, payload, session_uid, created_at, expires_at)
        SELECT 'grn_' || lpad(n::text, 26, '0'), 'usr_' || lpad((n % ${users})::text, 26, '0'), 'app_' || n % 100, '{openid}', '{}',
          md5((n % ${users})::text), now() - interval '3 days', now() + (n % 50 - 2) * interval '1 day'
        FROM generate_series(0, ${users * 3 - 1}) n;
      INSERT INTO oidc_artifacts (model, digest, payload, grant_id, account_id, client_id, created_at, expires_at, consumed_at)
        SELECT 'RefreshToken', sha256(('token ' || n)::bytea),
          jsonb_build_object('iat', 1, 'scope', 'openid profile', 'accountId', 'usr_' || n % ${users}, 'rotations', n / ${users * 3}),
          'grn_' || lpad((n % ${users * 3})::text, 26, '0'), 'usr_' || lpad((n % ${users})::text, 26, '0'), 'app_' || n % 100,
          now() - n * interval '1 second', now() + (n % 50 - 1) * interval '1 day',
          CASE WHEN n >= ${users * 3} THEN now() - (n % 1460) * interval '15 minutes' END
        FROM generate_series(0, ${users * 3 * (1 + rotations) - 1}) n`)
    },
  )
  print('accounts filled')
  await fillKeys(sql, keys, shared)
  print('keys filled')
  await fillUsage(sql, keys)
  print('usage filled')
}

/** A third of the keys has ended, a third of the others expires; an owner has at most about a thousand. */
async function fillKeys(sql: Sql, keys: number, shared: number): Promise<void> {
  const tables = ['api_keys', 'api_key_secrets', 'api_key_organizations', 'api_key_last_uses']
  await loadWithoutIndexes(sql, tables, async (tx) => {
    await tx.unsafe(`
      CREATE TEMP TABLE hours AS SELECT n AS hour, (
          SELECT string_agg(substr('0123456789abcdefghijklmnopqrstuv', ((extract(epoch FROM now() - n * interval '1 hour') * 1000)::bigint >> (5 * place) & 31)::int + 1, 1), ''
            ORDER BY place DESC) FROM generate_series(0, 9) place) AS prefix
        FROM generate_series(0, ${KEY_DAYS * 24 - 1}) n;
      CREATE TEMP TABLE staff AS SELECT organization_id, array_agg(user_id) AS users FROM organization_members
        WHERE organization_id NOT LIKE 'org_p%' GROUP BY 1;
      ANALYZE hours, staff`)
    for (let first = 0; first < keys; first += BATCH) {
      await tx.unsafe(`
        CREATE TEMP TABLE batch AS
        SELECT 'key_' || prefix || lpad(n::text, 16, '0') AS id, organization_id, users[1 + floor(random() * cardinality(users))::int] AS user_id,
          left(md5(n::text), 8) || ' ' || n AS name, n,
          CASE WHEN n % 1000 = 0 THEN '{admin:organization}'::text[] ELSE '{read:volumes,write:sandboxes}' END AS permissions,
          now() - hour * interval '1 hour' AS created_at,
          CASE n % 6 WHEN 0 THEN 'expired' WHEN 1 THEN 'revoked' ELSE 'active' END::api_key_status AS status,
          CASE n % 6 WHEN 0 THEN now() - hour * random() * interval '1 hour' WHEN 2 THEN now() + (n % 7000 + 1) * interval '1 hour' END AS expires_at,
          CASE n % 6 WHEN 1 THEN now() - hour * random() * interval '1 hour' END AS revoked_at,
          CASE WHEN random() < 0.9 THEN now() - least(hour, 120 * 24) * random() * interval '1 hour' END AS last_used_at
        FROM (SELECT n, ${KEY_DAYS * 24 - 1} - (n::bigint * ${KEY_DAYS * 24} / ${keys})::int AS hour, random() AS spread
          FROM generate_series(${first}, ${Math.min(first + BATCH, keys) - 1}) n) numbered
        JOIN hours USING (hour) JOIN staff ON organization_id = 'org_' || lpad(${ranked(shared)}::text, 26, '0');
        INSERT INTO api_keys (id, organization_id, user_id, name, permissions, created_at, updated_at, expires_at, status, revoked_at)
          SELECT id, organization_id, user_id, name, permissions, created_at, created_at, expires_at, status, revoked_at FROM batch;
        INSERT INTO api_key_organizations (key_id, organization_id, user_id, name, active, expires_at, permissions)
          SELECT id, organization_id, user_id, name, status = 'active', expires_at, permissions FROM batch;
        INSERT INTO api_key_secrets (digest, key_id, hint, created_at, last_used_at, last_used_ip, last_used_route)
          SELECT sha256(convert_to('secret ' || n, 'UTF8')), id, 'dta_' || left(md5(id), 4) || repeat('*', 20) || right(md5(id), 4),
            created_at, last_used_at, '192.0.2.' || n % 250, 'GET /sandbox' FROM batch;
        INSERT INTO api_key_secrets (digest, key_id, hint, created_at, expires_at, last_used_at)
          SELECT sha256(convert_to('superseded ' || n, 'UTF8')), id, 'dta_' || left(md5(id), 4) || repeat('*', 20) || 'abcd',
            created_at, greatest(created_at, now() - 120 * random() * interval '1 day'), created_at FROM batch WHERE n % 20 = 0;
        INSERT INTO api_key_last_uses (key_id, organization_id, last_used_at)
          SELECT id, organization_id, coalesce(last_used_at, '-infinity') FROM batch WHERE status = 'active';
        DROP TABLE batch`)
    }
    await tx.unsafe('DROP TABLE hours; DROP TABLE staff')
  })
}

/** As many hours of usage as keys, and as many days: a fiftieth of the keys is used almost hourly. */
async function fillUsage(sql: Sql, keys: number): Promise<void> {
  const busy = Math.ceil(keys / 50)
  await loadWithoutIndexes(sql, ['api_key_usage', 'api_key_usage_days'], async (tx) => {
    await tx.unsafe(`
      CREATE TEMP TABLE busy AS
        SELECT id, organization_id, row_number() OVER () AS n FROM (SELECT id, organization_id FROM api_keys WHERE status = 'active' LIMIT ${busy * 10}) key
        ORDER BY random() LIMIT ${busy};
      INSERT INTO api_key_usage (key_id, organization_id, hour, allowed, denied)
        SELECT id, organization_id, date_trunc('hour', now()) - (hour * 44) * interval '1 hour', 100, 1
        FROM generate_series(0, 49) hour, busy;
      INSERT INTO api_key_usage_days (key_id, organization_id, day, allowed, denied)
        SELECT id, organization_id, date_trunc('day', now() - interval '91 days' - day * interval '13 days', 'UTC'), 2000, 20
        FROM generate_series(0, 49) day, busy;
      DROP TABLE busy`)
  })
}
