import { sql } from 'drizzle-orm'
import type { Queryable } from './client.ts'
import type { ApiKeyId, OrganizationId } from './id.ts'

/** The last time that a secret was used. */
export interface SecretUse {
  readonly digest: Uint8Array
  readonly usedAt: Date
  readonly ip: string
}

/** What a key did in one hour in one organization. */
export interface HourOfUse {
  readonly keyId: ApiKeyId
  readonly organizationId: OrganizationId
  /** Its beginning. */
  readonly hour: Date
  readonly allowed: number
  readonly denied: number
}

/**
 * Adds counted uses, in one statement. The one door to writes that leave no audit event: it tells of no change.
 *
 * Rows are locked in the order of their keys, so that two processes that write the same ones cannot wait for each
 * other in a circle. What has been deleted meanwhile is left out. A last use never moves back.
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

/** One parameter, however long: a list of parameters has an end at 65,535. */
const list = (values: readonly string[]) => sql.param(`{${values.map((value) => JSON.stringify(value)).join(',')}}`)
