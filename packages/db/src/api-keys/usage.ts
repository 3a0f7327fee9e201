import { and, desc, eq, isNotNull, sql } from 'drizzle-orm'
import type { Queryable } from '../core/client.ts'
import type { ApiKeyId, OrganizationId, UserId } from '../core/id.ts'
import { type Page, type PageRequest, pageOf } from '../core/keyset.ts'
import { apiKeyOrganizations, apiKeySecrets } from '../schema/api-keys.ts'

/** A use of a secret. */
export interface SecretUse {
  readonly digest: Uint8Array
  readonly usedAt: Date
  readonly ip: string
}

/** The usage of a key in one hour in one organization. */
export interface HourOfUse {
  readonly keyId: ApiKeyId
  readonly organizationId: OrganizationId
  /** The start of the hour. */
  readonly hour: Date
  readonly allowed: number
  readonly denied: number
}

/**
 * Adds counted uses in one statement. It is the only write without an audit event, because it is no change by a user.
 *
 * Rows are locked in the order of their keys, so that two processes that write the same ones cannot deadlock. Keys and
 * organizations that were deleted in the meantime are left out. A last use never moves back.
 */
export async function recordUsage(
  db: Queryable,
  uses: readonly SecretUse[],
  hours: readonly HourOfUse[],
): Promise<void> {
  const digests = uses.map(({ digest }) => Buffer.from(digest).toString('hex'))
  await db.execute(sql`
    WITH used AS (
      SELECT decode(digest, 'hex') AS digest, used_at, ip
      FROM unnest(${list(digests)}::text[], ${list(uses.map(({ usedAt }) => usedAt.toISOString()))}::timestamptz[],
        ${list(uses.map(({ ip }) => ip))}::text[]) AS used (digest, used_at, ip)
    ), locked AS (
      SELECT secret.digest, used.used_at, used.ip FROM api_key_secrets secret JOIN used USING (digest)
      WHERE secret.last_used_at IS NULL OR secret.last_used_at < used.used_at
      ORDER BY secret.digest FOR UPDATE OF secret
    ), touched AS (
      UPDATE api_key_secrets secret SET last_used_at = locked.used_at, last_used_ip = locked.ip
      FROM locked WHERE secret.digest = locked.digest
    )
    INSERT INTO api_key_usage AS usage (key_id, organization_id, hour, allowed, denied)
    SELECT counted.* FROM unnest(${list(hours.map(({ keyId }) => keyId))}::text[],
      ${list(hours.map(({ organizationId }) => organizationId))}::text[],
      ${list(hours.map(({ hour }) => hour.toISOString()))}::timestamptz[],
      ${list(hours.map(({ allowed }) => String(allowed)))}::bigint[],
      ${list(hours.map(({ denied }) => String(denied)))}::bigint[]) AS counted (key_id, organization_id, hour, allowed, denied)
    JOIN api_keys ON api_keys.id = counted.key_id
    JOIN organizations ON organizations.id = counted.organization_id
    ORDER BY counted.key_id, counted.organization_id, counted.hour
    ON CONFLICT (key_id, organization_id, hour)
    DO UPDATE SET allowed = usage.allowed + excluded.allowed, denied = usage.denied + excluded.denied`)
}

/** A span of time: from the hour of `from` up to `to`. */
export interface UsageSpan {
  readonly from: Date
  readonly to: Date
}

export interface UsageBucket {
  readonly start: Date
  readonly allowed: number
  readonly denied: number
  /** Whether it includes a day whose hours are no longer kept. */
  readonly isRolledUp: boolean
}

export interface LastUse {
  readonly lastUsedAt: Date | null
  readonly lastUsedIp: string | null
}

/**
 * Lists the usage of a key in an organization, oldest first, without hours or days (of UTC) that have no request. A day whose
 * hours are no longer kept is one bucket, and counts as a whole.
 */
export async function listUsage(
  db: Queryable,
  organizationId: OrganizationId,
  keyId: ApiKeyId,
  granularity: 'hour' | 'day',
  { from, to }: UsageSpan,
): Promise<UsageBucket[]> {
  const rows = await db.execute<{ start: string; allowed: number; denied: number; isRolledUp: boolean }>(sql`
    SELECT (extract(epoch FROM date_trunc(${granularity}, start, 'UTC')) * 1000)::text AS start,
      sum(allowed)::float8 AS allowed, sum(denied)::float8 AS denied, bool_or(is_rolled_up) AS "isRolledUp"
    FROM (
      SELECT hour AS start, allowed, denied, false AS is_rolled_up FROM api_key_usage
      WHERE key_id = ${keyId} AND organization_id = ${organizationId}
        AND hour >= date_trunc(${granularity}, ${from.toISOString()}::timestamptz, 'UTC') AND hour < ${to.toISOString()}::timestamptz
      UNION ALL
      SELECT day, allowed, denied, true FROM api_key_usage_days
      WHERE key_id = ${keyId} AND organization_id = ${organizationId}
        AND day >= date_trunc('day', ${from.toISOString()}::timestamptz, 'UTC') AND day < ${to.toISOString()}::timestamptz
    ) counted GROUP BY 1 ORDER BY min(counted.start)`)
  return rows.map((row) => ({ ...row, start: new Date(Number(row.start)) }))
}

/** Finds the last use of any secret of a key. */
export async function findLastUse(db: Queryable, organizationId: OrganizationId, keyId: ApiKeyId): Promise<LastUse> {
  const [row] = await db
    .select({ lastUsedAt: apiKeySecrets.lastUsedAt, lastUsedIp: apiKeySecrets.lastUsedIp })
    .from(apiKeySecrets)
    .innerJoin(apiKeyOrganizations, eq(apiKeyOrganizations.keyId, apiKeySecrets.keyId))
    .where(
      and(
        eq(apiKeySecrets.keyId, keyId),
        eq(apiKeyOrganizations.organizationId, organizationId),
        isNotNull(apiKeySecrets.lastUsedAt),
      ),
    )
    .orderBy(desc(apiKeySecrets.lastUsedAt))
    .limit(1)
  return row ?? { lastUsedAt: null, lastUsedIp: null }
}

/** The total usage of a key in an organization. */
export interface UsageTotal extends LastUse {
  readonly id: ApiKeyId
  readonly name: string
  readonly userId: UserId
  /** The home organization. */
  readonly organizationId: OrganizationId
  readonly status: 'active' | 'expired' | 'revoked'
  readonly allowed: number
  readonly denied: number
}

/** A page of keys with their usage, and the sums of all pages. */
export interface UsageTotals extends Page<UsageTotal, number> {
  readonly allowed: number
  readonly denied: number
}

/**
 * Lists the totals of the keys that may act or acted in an organization, the most used first, including unused ones. The
 * database adds up the used ones for each page; unused ones are read from an index.
 */
export async function listUsageTotals(
  db: Queryable,
  organizationId: OrganizationId,
  { from, to }: UsageSpan,
  { userId, keyId }: { readonly userId?: UserId; readonly keyId?: ApiKeyId },
  { limit, after }: PageRequest<number>,
): Promise<UsageTotals> {
  const behind = after ? sql`(allowed + denied, key_id) < (${after.value}::float8, ${after.id})` : sql`true`
  const behindUnused = after?.value === 0 ? sql`key_id < ${after.id}` : sql`true`
  const ofUser = userId === undefined ? sql`true` : sql`user_id = ${userId}`
  const ofKey = keyId === undefined ? sql`true` : sql`key_id = ${keyId}`
  const isFiltered = userId !== undefined || keyId !== undefined
  type Row = { readonly [name in keyof UsageTotal]: unknown } & { id: ApiKeyId | null; lastUsedAt: string | null }
  const read = await db.execute<Row & { allAllowed: number; allDenied: number }>(sql`
    WITH counted AS MATERIALIZED (
      SELECT key_id, sum(allowed)::float8 AS allowed, sum(denied)::float8 AS denied FROM (
        SELECT key_id, allowed, denied FROM api_key_usage WHERE organization_id = ${organizationId} AND ${ofKey}
          AND hour >= date_trunc('hour', ${from.toISOString()}::timestamptz) AND hour < ${to.toISOString()}::timestamptz
        UNION ALL
        SELECT key_id, allowed, denied FROM api_key_usage_days WHERE organization_id = ${organizationId} AND ${ofKey}
          AND day >= date_trunc('day', ${from.toISOString()}::timestamptz, 'UTC') AND day < ${to.toISOString()}::timestamptz
      ) usage GROUP BY key_id
    ), used AS (
      SELECT counted.* FROM counted ${isFiltered ? sql`JOIN api_keys ON api_keys.id = key_id WHERE ${ofUser}` : sql``}
    ), sums AS (
      SELECT coalesce(sum(allowed), 0) AS allowed, coalesce(sum(denied), 0) AS denied FROM used
    ), page AS (
      (
        SELECT key_id, allowed, denied, allowed + denied AS total FROM used WHERE ${behind}
        ORDER BY total DESC, key_id DESC LIMIT ${limit + 1}
      ) UNION ALL (
        SELECT key_id, 0, 0, 0 FROM api_key_organizations reached
        WHERE organization_id = ${organizationId} AND active AND ${ofUser} AND ${ofKey} AND ${behindUnused}
          AND NOT EXISTS (SELECT FROM counted WHERE counted.key_id = reached.key_id)
        ORDER BY key_id DESC LIMIT ${limit + 1}
      )
      ORDER BY total DESC, key_id DESC LIMIT ${limit + 1}
    )
    SELECT key.id, key.name, key.user_id AS "userId", key.organization_id AS "organizationId",
      CASE WHEN key.status = 'active' AND key.expires_at <= now() THEN 'expired' ELSE key.status::text END AS status,
      page.allowed, page.denied, sums.allowed AS "allAllowed", sums.denied AS "allDenied",
      (extract(epoch FROM last_used_at) * 1000)::text AS "lastUsedAt", last_used_ip AS "lastUsedIp"
    FROM sums LEFT JOIN (page JOIN api_keys key ON key.id = page.key_id) ON true
    LEFT JOIN LATERAL (
      SELECT last_used_at, last_used_ip FROM api_key_secrets WHERE key_id = key.id AND last_used_at IS NOT NULL
      ORDER BY last_used_at DESC LIMIT 1
    ) last ON true
    ORDER BY page.total DESC, key.id DESC`)
  const [first] = read
  const rows = read
    .filter(({ id }) => id !== null)
    // The statement above selects the columns of this type.
    .map((row) => ({ ...row, lastUsedAt: row.lastUsedAt && new Date(Number(row.lastUsedAt)) }) as UsageTotal)
  return {
    ...pageOf(rows, limit, ({ id, allowed, denied }) => ({ value: allowed + denied, id })),
    allowed: first?.allAllowed ?? 0,
    denied: first?.allDenied ?? 0,
  }
}

/** Passes a list of any length as one parameter: a statement has at most 65,535. */
const list = (values: readonly string[]) => sql.param(`{${values.map((value) => JSON.stringify(value)).join(',')}}`)
