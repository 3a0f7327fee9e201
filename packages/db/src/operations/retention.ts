import { sql } from 'drizzle-orm'
import type { Queryable } from '../core/client.ts'

// Deletion of old rows, up to `limit` rows in each statement. Several processes may call the same function at once: they skip
// each other's rows. Each returns the number of processed rows; fewer than `limit` means that none is left.

/** How long the row of a superseded secret or of an invitation is kept after it has ended. */
const ENDED_DAYS = 90

/**
 * Moves the hours of days that ended before `keptMs` ago into one row for each key, organization and day (of UTC). An hour
 * that is counted later is added to its day. Deletion and addition are one statement, so that no hour counts twice or is
 * lost. A key or organization that is being deleted is skipped without waiting, and its hours are deleted with it.
 *
 * The oldest hours are chosen before their keys are read one by one: in one join, the keys of the whole deployment are read.
 */
export async function rollUpUsage(db: Queryable, keptMs: number, limit: number): Promise<number> {
  // Kept for one hour more than configured: the clock of the process that reads may be behind the database's.
  const [row] = await db.execute<{ moved: number }>(sql`
    WITH moved AS (
      DELETE FROM api_key_usage WHERE ctid = ANY (ARRAY(
        SELECT due.ctid FROM (
            SELECT ctid, key_id, organization_id FROM api_key_usage
            WHERE hour < date_trunc('day', ${ago(keptMs)} - interval '1 hour', 'UTC')
            ORDER BY hour LIMIT ${limit} FOR UPDATE SKIP LOCKED) due,
          LATERAL (SELECT FROM api_keys WHERE id = due.key_id FOR KEY SHARE SKIP LOCKED) key,
          LATERAL (SELECT FROM organizations WHERE id = due.organization_id FOR KEY SHARE SKIP LOCKED) organization))
      RETURNING key_id, organization_id, hour, allowed, denied, denied_by
    ), added AS (
      INSERT INTO api_key_usage_days AS days (key_id, organization_id, day, allowed, denied, denied_by)
      SELECT key_id, organization_id, date_trunc('day', hour, 'UTC'), sum(allowed)::bigint, sum(denied)::bigint,
        CASE count(*) FILTER (WHERE denied_by <> '{}') WHEN 0 THEN '{}' ELSE sum_counts(array_agg(denied_by)) END
      FROM moved GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
      ON CONFLICT (key_id, organization_id, day)
      DO UPDATE SET allowed = days.allowed + excluded.allowed, denied = days.denied + excluded.denied,
        denied_by = sum_counts(ARRAY[days.denied_by, excluded.denied_by])
    ) SELECT count(*)::int AS moved FROM moved`)
  return row?.moved ?? 0
}

/** Deletes days of usage that ended before `keptMs` ago. */
export async function deleteOldUsage(db: Queryable, keptMs: number, limit: number): Promise<number> {
  const { count } = await db.execute(sql`
    DELETE FROM api_key_usage_days WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM api_key_usage_days WHERE day < date_trunc('day', ${ago(keptMs)} - interval '1 hour', 'UTC')
      ORDER BY day LIMIT ${limit} FOR UPDATE SKIP LOCKED))`)
  return count
}

/**
 * Deletes superseded secrets whose grace ended long ago. Until then one of them is refused as expired, afterwards as unknown.
 * The one that was used last stays, because it has the time of its key's last use.
 */
export async function deleteSupersededSecrets(db: Queryable, limit: number): Promise<number> {
  const { count } = await db.execute(sql`
    DELETE FROM api_key_secrets WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM api_key_secrets secret WHERE expires_at < ${ago(ENDED_DAYS * DAY_MS)}
        AND (last_used_at IS NULL OR EXISTS (
          SELECT FROM api_key_secrets other WHERE other.key_id = secret.key_id AND other.last_used_at > secret.last_used_at
        ))
      ORDER BY expires_at LIMIT ${limit} FOR UPDATE SKIP LOCKED))`)
  return count
}

/**
 * Deletes keys that ended before `keptMs` ago and whose usage is no longer kept, with their secrets and organizations. A key
 * with which others were made stays for as long as they do.
 */
export async function deleteEndedApiKeys(db: Queryable, keptMs: number, limit: number): Promise<number> {
  const { count } = await db.execute(sql`
    DELETE FROM api_keys WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM api_keys key
      WHERE status <> 'active' AND coalesce(revoked_at, expires_at, updated_at) < ${ago(keptMs)}
        AND NOT EXISTS (SELECT FROM api_keys child WHERE child.parent_key_id = key.id)
        AND NOT EXISTS (SELECT FROM api_key_usage usage WHERE usage.key_id = key.id)
        AND NOT EXISTS (SELECT FROM api_key_usage_days days WHERE days.key_id = key.id)
      ORDER BY coalesce(revoked_at, expires_at, updated_at) LIMIT ${limit} FOR UPDATE SKIP LOCKED))`)
  return count
}

/** Deletes invitations that were settled, or expired without an answer, long ago. */
export async function deleteEndedInvitations(db: Queryable, limit: number): Promise<number> {
  const { count } = await db.execute(sql`
    DELETE FROM organization_invitations WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM organization_invitations WHERE greatest(updated_at, expires_at) < ${ago(ENDED_DAYS * DAY_MS)}
      ORDER BY greatest(updated_at, expires_at) LIMIT ${limit} FOR UPDATE SKIP LOCKED))`)
  return count
}

/** Deletes mails that can no longer verify an address and count towards no limit. */
export async function deleteExpiredEmailVerifications(db: Queryable, limit: number): Promise<number> {
  const { count } = await db.execute(sql`
    DELETE FROM email_verifications WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM email_verifications
      WHERE expires_at < now() - interval '1 day' AND sent_since < now() - interval '2 days' AND sent_at < now() - interval '2 days'
      LIMIT ${limit} FOR UPDATE SKIP LOCKED))`)
  return count
}

/** Deletes browsers that are not trusted any more. */
export async function deleteExpiredTrustedBrowsers(db: Queryable, limit: number): Promise<number> {
  const { count } = await db.execute(sql`
    DELETE FROM trusted_browsers WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM trusted_browsers WHERE expires_at < now() ORDER BY expires_at LIMIT ${limit}
      FOR UPDATE SKIP LOCKED))`)
  return count
}

/** Deletes mails whose token has expired and that count towards no limit. */
export async function deleteExpiredMailedTokens(db: Queryable, limit: number): Promise<number> {
  const { count } = await db.execute(sql`
    DELETE FROM mailed_tokens WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM mailed_tokens
      WHERE expires_at < now() - interval '1 day' AND sent_since < now() - interval '2 days' AND sent_at < now() - interval '2 days'
      LIMIT ${limit} FOR UPDATE SKIP LOCKED))`)
  return count
}

const DAY_MS = 24 * 60 * 60 * 1000

const ago = (ms: number) => sql`now() - make_interval(secs => ${ms / 1000}::float8)`
