import { and, desc, eq, isNotNull, sql } from 'drizzle-orm'
import type { Queryable } from '../core/client.ts'
import { EVENT_CHANNEL } from '../core/event-notice.ts'
import type { ApiKeyId, OrganizationId, UserId } from '../core/id.ts'
import { type Page, type PageRequest, pageOf } from '../core/keyset.ts'
import { apiKeyOrganizations, apiKeySecrets } from '../schema/api-keys.ts'

/** The last allowed and the last denied use of a secret since it was last written; at least one of them. */
export interface SecretUse {
  readonly digest: Uint8Array
  /** The last allowed use, with its address and the route, such as `GET /sandbox`. */
  readonly used: { readonly at: Date; readonly ip: string; readonly route: string | null } | null
  readonly denied: { readonly at: Date; readonly ip: string; readonly reason: string | null } | null
}

/** The usage of a key in one hour in one organization. */
export interface HourOfUse {
  readonly keyId: ApiKeyId
  readonly organizationId: OrganizationId
  /** The start of the hour. */
  readonly hour: Date
  readonly allowed: number
  readonly denied: number
  /** The denied requests by their reason. A reason has no text of a request. */
  readonly deniedBy: Readonly<Record<string, number>>
}

/**
 * Adds counted uses in one statement, which notifies of the first use of each secret. It has no audit event, because it is no
 * change by a user.
 *
 * Rows are locked in the order of their keys, so that two processes that write the same ones cannot deadlock. Keys and
 * organizations that were deleted in the meantime are left out. A last use never moves back, and neither does a denial.
 */
export async function recordUsage(
  db: Queryable,
  uses: readonly SecretUse[],
  hours: readonly HourOfUse[],
): Promise<void> {
  const digests = uses.map(({ digest }) => Buffer.from(digest).toString('hex'))
  const never = '-infinity'
  await db.execute(sql`
    WITH used AS (
      SELECT decode(digest, 'hex') AS digest, used_at, ip, route, denied_at, denied_ip, reason
      FROM unnest(${list(digests)}::text[],
        ${list(uses.map(({ used }) => used?.at.toISOString() ?? never))}::timestamptz[],
        ${list(uses.map(({ used }) => used?.ip ?? ''))}::text[],
        ${list(uses.map(({ used }) => used?.route ?? ''))}::text[],
        ${list(uses.map(({ denied }) => denied?.at.toISOString() ?? never))}::timestamptz[],
        ${list(uses.map(({ denied }) => denied?.ip ?? ''))}::text[],
        ${list(uses.map(({ denied }) => denied?.reason ?? ''))}::text[])
        AS used (digest, used_at, ip, route, denied_at, denied_ip, reason)
    ), locked AS (
      SELECT secret.digest, used.used_at, used.ip, used.route, used.denied_at, used.denied_ip, used.reason,
        used.used_at > coalesce(secret.last_used_at, ${never}) AS is_used,
        used.denied_at > coalesce(secret.last_denied_at, ${never}) AS is_denied,
        secret.last_used_at IS NULL AND used.used_at > ${never} AS is_first
      FROM api_key_secrets secret JOIN used USING (digest)
      WHERE used.used_at > coalesce(secret.last_used_at, ${never}) OR used.denied_at > coalesce(secret.last_denied_at, ${never})
      ORDER BY secret.digest FOR UPDATE OF secret
    ), touched AS (
      UPDATE api_key_secrets secret SET
        last_used_at = CASE WHEN is_used THEN locked.used_at ELSE secret.last_used_at END,
        last_used_ip = CASE WHEN is_used THEN locked.ip ELSE secret.last_used_ip END,
        last_used_route = CASE WHEN is_used THEN nullif(locked.route, '') ELSE secret.last_used_route END,
        last_denied_at = CASE WHEN is_denied THEN locked.denied_at ELSE secret.last_denied_at END,
        last_denied_ip = CASE WHEN is_denied THEN locked.denied_ip ELSE secret.last_denied_ip END,
        last_denial_reason = CASE WHEN is_denied THEN nullif(locked.reason, '') ELSE secret.last_denial_reason END
      FROM locked WHERE secret.digest = locked.digest
      RETURNING secret.key_id, locked.used_at, locked.is_first
    ), recorded AS (
      INSERT INTO api_key_usage AS usage (key_id, organization_id, hour, allowed, denied, denied_by)
      SELECT counted.* FROM unnest(${list(hours.map(({ keyId }) => keyId))}::text[],
        ${list(hours.map(({ organizationId }) => organizationId))}::text[],
        ${list(hours.map(({ hour }) => hour.toISOString()))}::timestamptz[],
        ${list(hours.map(({ allowed }) => String(allowed)))}::bigint[],
        ${list(hours.map(({ denied }) => String(denied)))}::bigint[],
        ${list(hours.map(({ deniedBy }) => JSON.stringify(deniedBy)))}::jsonb[])
        AS counted (key_id, organization_id, hour, allowed, denied, denied_by)
      JOIN api_keys ON api_keys.id = counted.key_id
      JOIN organizations ON organizations.id = counted.organization_id
      ORDER BY counted.key_id, counted.organization_id, counted.hour
      ON CONFLICT (key_id, organization_id, hour)
      DO UPDATE SET allowed = usage.allowed + excluded.allowed, denied = usage.denied + excluded.denied,
        denied_by = sum_counts(ARRAY[usage.denied_by, excluded.denied_by])
    )
    SELECT pg_notify(${EVENT_CHANNEL}, concat_ws(':', 'first-use', key.organization_id, key.id, key.user_id,
      (extract(epoch FROM touched.used_at) * 1000)::bigint))
    FROM touched JOIN api_keys key ON key.id = touched.key_id WHERE touched.is_first`)
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
  /** The denied requests by their reason, the most frequent first. Older ones have none. */
  readonly deniedBy: readonly { readonly reason: string; readonly count: number }[]
  /** Whether it includes a day whose hours are no longer kept. */
  readonly isRolledUp: boolean
}

export interface LastUse {
  readonly lastUsedAt: Date | null
  readonly lastUsedIp: string | null
}

export interface LastUseWithRoute extends LastUse {
  /** Such as `GET /sandbox`; null if it is not known. */
  readonly lastUsedRoute: string | null
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
  const rows = await db.execute<{
    start: string
    allowed: number
    denied: number
    deniedBy: Record<string, number>
    isRolledUp: boolean
  }>(sql`
    SELECT (extract(epoch FROM date_trunc(${granularity}, start, 'UTC')) * 1000)::text AS start,
      sum(allowed)::float8 AS allowed, sum(denied)::float8 AS denied,
      sum_counts(array_agg(denied_by)) AS "deniedBy", bool_or(is_rolled_up) AS "isRolledUp"
    FROM (
      SELECT hour AS start, allowed, denied, denied_by, false AS is_rolled_up FROM api_key_usage
      WHERE key_id = ${keyId} AND organization_id = ${organizationId}
        AND hour >= date_trunc(${granularity}, ${from.toISOString()}::timestamptz, 'UTC') AND hour < ${to.toISOString()}::timestamptz
      UNION ALL
      SELECT day, allowed, denied, denied_by, true FROM api_key_usage_days
      WHERE key_id = ${keyId} AND organization_id = ${organizationId}
        AND day >= date_trunc('day', ${from.toISOString()}::timestamptz, 'UTC') AND day < ${to.toISOString()}::timestamptz
    ) counted GROUP BY 1 ORDER BY min(counted.start)`)
  return rows.map(({ start, deniedBy, ...row }) => ({
    ...row,
    start: new Date(Number(start)),
    deniedBy: Object.entries(deniedBy)
      .map(([reason, count]) => ({ reason, count }))
      .toSorted((one, other) => other.count - one.count || (one.reason < other.reason ? -1 : 1)),
  }))
}

/** Finds the last use of any secret of a key. */
export async function findLastUse(
  db: Queryable,
  organizationId: OrganizationId,
  keyId: ApiKeyId,
): Promise<LastUseWithRoute> {
  const [row] = await db
    .select({
      lastUsedAt: apiKeySecrets.lastUsedAt,
      lastUsedIp: apiKeySecrets.lastUsedIp,
      lastUsedRoute: apiKeySecrets.lastUsedRoute,
    })
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
  return row ?? { lastUsedAt: null, lastUsedIp: null, lastUsedRoute: null }
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
