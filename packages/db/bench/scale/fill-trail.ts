import type { Sql } from 'postgres'
import type { ScaleSizes } from './fill-accounts.ts'

/** The part of the events that people cause in the trails of their personal organizations: sign-ins and the like. */
const PERSONAL = 0.2

/**
 * Fills one month of the trail, unless it is filled: months are counted back from the current one. Its indexes are built
 * when it is attached. Without a chain, which takes hours and no search reads.
 * @returns whether it was filled before
 */
export async function fillMonth(sql: Sql, month: number, events: number, sizes: ScaleSizes): Promise<boolean> {
  const [span] = await sql<{ name: string; first: string; last: string; filled: boolean }[]>`
    SELECT name, first::text, (first + interval '1 month')::text AS last,
      coalesce((SELECT reltuples > 0 FROM pg_class WHERE oid = to_regclass(name)), false) AS filled
    FROM (SELECT to_char(first, '"audit_events_"YYYY_MM') AS name, first
      FROM (SELECT date_trunc('month', now()) - make_interval(months => ${month}::int) AS first) instant) named`
  if (!span || span.filled) return true
  const { name, first, last } = span
  await sql.begin(async (tx) => {
    await tx.unsafe(
      `SET LOCAL maintenance_work_mem = '1GB'; DROP TABLE IF EXISTS ${name}; DROP TABLE IF EXISTS audit_events_default`,
    )
    await tx.unsafe(`CREATE TABLE ${name} (LIKE audit_events INCLUDING DEFAULTS)`)
    await tx.unsafe(eventsOf(name, { first, last, month, events, sizes }))
    await tx.unsafe(`ALTER TABLE audit_events ATTACH PARTITION ${name} FOR VALUES FROM ('${first}') TO ('${last}')`)
  })
  await sql.unsafe(`VACUUM ANALYZE ${name}`)
  return false
}

interface MonthOfEvents {
  readonly first: string
  readonly last: string
  readonly month: number
  readonly events: number
  readonly sizes: ScaleSizes
}

/**
 * The action determines target and status: `sandbox.create` (a quarter) always has a sandbox as its target, and 200 or, one
 * time in a hundred, 403. The largest organization has 22 % of all events; a few people cause most of them.
 */
const eventsOf = (table: string, { first, last, month, events, sizes }: MonthOfEvents): string => `
  INSERT INTO ${table} (id, organization_id, sequence, actor_id, actor_email, actor_api_key_prefix, actor_api_key_suffix,
    action, target_type, target_id, status_code, ip_address, user_agent, source, metadata, created_at, previous_hash, hash)
  SELECT 'evt_' || lpad(to_hex(${(1000 - month) * 10_000_000}::bigint + n), 26, '0'),
    CASE WHEN is_personal THEN 'org_p' || lpad(person::text, 25, '0')
      ELSE 'org_' || lpad(floor(${sizes.sharedOrganizations} * power(spread, 6))::int::text, 26, '0') END,
    ${(1000 - month) * events}::bigint + n, 'usr_' || lpad(person::text, 26, '0'), 'person-' || person || '@example.test',
    CASE WHEN NOT is_personal THEN 'dta_' || lpad(to_hex(person), 4, '0') END, CASE WHEN NOT is_personal THEN lpad(to_hex(person), 4, '0') END,
    action, split_part(action, '.', 1), split_part(action, '.', 1) || '_' || lpad((random() * 200000)::int::text, 22, '0'),
    CASE WHEN random() < 0.01 THEN 403 WHEN random() < 0.002 THEN 409 WHEN action LIKE '%.delete' THEN 204 ELSE 200 END,
    '192.0.2.' || person % 250, 'curl/8.14.1', CASE WHEN is_personal THEN 'browser' ELSE 'api-key' END,
    jsonb_build_object('keyId', 'key_' || person, 'keyName', 'ci'),
    timestamptz '${first}' + (least(timestamptz '${last}', now()) - timestamptz '${first}') * (n / ${events + 1}.0),
    sha256(n::text::bytea), sha256(n::text::bytea)
  FROM (
    SELECT n, spread, is_personal, floor(${sizes.users} * power(random(), 3))::int AS person,
      CASE WHEN is_personal THEN (ARRAY['session.create', 'session.create', 'session.create', 'session.end', 'grant.create', 'user.sign_in'])[1 + floor(6 * random())::int]
        ELSE (ARRAY['sandbox.create', 'sandbox.create', 'sandbox.create', 'sandbox.create', 'sandbox.update_state',
        'sandbox.update_state', 'sandbox.update_state', 'sandbox.delete', 'sandbox.delete', 'sandbox.delete',
        'snapshot.create', 'volume.create', 'volume.delete', 'api_key.create', 'api_key.delete', 'user.sign_in']
      )[1 + floor(16 * random())::int] END AS action
    FROM (SELECT n, random() AS spread, random() < ${PERSONAL} AS is_personal FROM generate_series(1, ${events}) n) numbered
  ) event`

/** Records the heads of the chains: with them the number of all events of an organization is a subtraction. */
export async function fillHeads(sql: Sql): Promise<void> {
  await sql.unsafe(`
    SET session_replication_role = replica;
    INSERT INTO audit_chain_heads (organization_id, sequence, hash)
      SELECT organization_id, max(sequence), '\\x00' FROM audit_events GROUP BY 1
      ON CONFLICT (organization_id) DO UPDATE SET sequence = excluded.sequence;
    RESET session_replication_role`)
  await sql.unsafe('VACUUM ANALYZE audit_chain_heads')
}
