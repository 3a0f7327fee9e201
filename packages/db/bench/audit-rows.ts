import type { Database, OrganizationId } from '@daytona-auth/db/core'
import { KEY_PREFIX } from '@daytona-auth/protocol/api-key-format'

export const ORGANIZATION = 'org_bench' as OrganizationId

const MONTHS = 12

/** The part of the trail that a thousand small organizations have. */
const OTHERS = 0.1

/**
 * Fills a year of one organization's trail, with common and rare values, among the trails of others. Each month is filled
 * before it is attached, so that its indexes are built once. Without a chain, which takes hours and no search reads.
 */
export async function fillTrail(database: Database, rows: number, print: (line: string) => void): Promise<void> {
  const sql = database.$client
  await sql`DROP TABLE audit_events_default`
  await sql`SET maintenance_work_mem = '1GB'`
  for (let month = 0; month < MONTHS; month += 1) {
    const [span] = await sql`
      SELECT to_char(first, '"audit_events_"YYYY_MM') AS name, first::text AS first, (first + interval '1 month')::text AS last
      FROM (SELECT date_trunc('month', now()) - make_interval(months => ${month}::int) AS first) AS month`
    const { name, first, last } = span as { name: string; first: string; last: string }
    await sql.unsafe(`DROP TABLE IF EXISTS ${name}`)
    await sql.unsafe(`CREATE TABLE ${name} (LIKE audit_events INCLUDING DEFAULTS)`)
    await sql.unsafe(rowsOf(name, first, last, Math.ceil(rows / MONTHS / (1 - OTHERS)), month))
    await sql.unsafe(`ALTER TABLE audit_events ATTACH PARTITION ${name} FOR VALUES FROM ('${first}') TO ('${last}')`)
    print(`${name} filled`)
  }
  await sql`VACUUM ANALYZE audit_events`
  await sql`
    INSERT INTO audit_chain_heads (organization_id, sequence, hash) VALUES (${ORGANIZATION}, ${rows}, '\\x00')`
}

/**
 * The action determines target and status: `sandbox.create` (a quarter of all) always has a sandbox as its target, and 200
 * or, one time in a hundred, 403. So some common values never occur together. A few of 2,000 people do most.
 */
const rowsOf = (table: string, first: string, last: string, rows: number, month: number): string => `
  INSERT INTO ${table} (id, organization_id, sequence, actor_id, actor_email, actor_api_key_prefix, actor_api_key_suffix,
    action, target_type, target_id, status_code, ip_address, user_agent, source, metadata, created_at, previous_hash, hash)
  SELECT 'evt_' || lpad(to_hex(${month}::bigint * 100000000 + number), 26, '0'),
    CASE WHEN random() < ${OTHERS} THEN 'org_' || floor(1000 * random()) ELSE '${ORGANIZATION}' END,
    ${(MONTHS - month) * rows} + number, 'usr_' || lpad(person::text, 26, '0'), 'person-' || person || '@example.test',
    '${KEY_PREFIX}' || lpad(to_hex(person), 4, '0'), lpad(to_hex(person), 4, '0'),
    action, split_part(action, '.', 1), split_part(action, '.', 1) || '_' || lpad((random() * 200000)::int::text, 22, '0'),
    CASE WHEN random() < 0.01 THEN 403 WHEN random() < 0.002 THEN 409 WHEN action LIKE 'api_key.c%' THEN 201
      WHEN action LIKE '%.delete' THEN 204 ELSE 200 END,
    '192.0.2.' || person % 250, 'curl/8.14.1', 'api-key', jsonb_build_object('keyId', 'key_' || person, 'keyName', 'ci'),
    timestamptz '${first}' + (timestamptz '${last}' - timestamptz '${first}') * (number / ${rows + 1}.0),
    sha256(number::text::bytea), sha256(number::text::bytea)
  FROM (
    SELECT number, floor(2000 * power(random(), 3))::int AS person,
      (ARRAY['sandbox.create', 'sandbox.create', 'sandbox.create', 'sandbox.create', 'sandbox.update_state',
        'sandbox.update_state', 'sandbox.update_state', 'sandbox.delete', 'sandbox.delete', 'sandbox.delete',
        'snapshot.create', 'volume.create', 'volume.delete', 'api_key.create', 'api_key.delete', 'user.sign_in']
      )[1 + floor(16 * random())::int] AS action
    FROM generate_series(1, ${rows}) AS number
  ) AS event`
