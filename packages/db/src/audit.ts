import { sql } from 'drizzle-orm'
import type { Database, Queryable } from './client.ts'
import { type AuditEventId, newId, type OrganizationId, type UserId } from './id.ts'
import { auditEvents } from './schema/audit.ts'

declare const audited: unique symbol

/** A transaction that is bound to leave an audit event. Only `inAudit` makes one, so only `inAudit` can write. */
export type AuditedTx = Queryable & { readonly [audited]: true }

/** Who acted, from where: the same for everything that one request does. */
export interface AuditActor {
  /** Null where nobody is known: the system itself, a stranger. */
  readonly actorId: UserId | null
  readonly actorEmail: string | null
  /** The visible ends of the API key that acted. */
  readonly actorApiKeyPrefix?: string | null
  readonly actorApiKeySuffix?: string | null
  readonly ipAddress?: string | null
  readonly userAgent?: string | null
  /** What it came through: `api-key`, `token`, `provider`, `system` … */
  readonly source: string
}

/** What happened to what, as the organization's trail tells it. Never a secret, in `metadata` neither. */
export interface AuditEntry extends AuditActor {
  readonly organizationId: OrganizationId
  /** `<thing>.<verb>`: `api_key.create`. */
  readonly action: string
  readonly targetType?: string | null
  readonly targetId?: string | null
  readonly statusCode?: number | null
  readonly errorMessage?: string | null
  readonly metadata?: Record<string, unknown>
}

/**
 * The one door to a change: it and its audit event commit together or not at all. `entry` may be made from what the
 * change returned. The event is the transaction's last statement, because it takes the head of the organization's
 * chain, the last lock in the order of locks. Several entries: one for each organization that the change concerns.
 */
export function inAudit<T>(
  db: Database,
  entry: AuditEntry | readonly AuditEntry[] | ((result: T) => AuditEntry | readonly AuditEntry[]),
  change: (tx: AuditedTx) => Promise<T>,
): Promise<T> {
  return db.transaction(async (tx) => {
    // The only place that brands a transaction, since what follows keeps the brand's promise.
    const result = await change(tx as Queryable as AuditedTx)
    await recordAudit(tx, typeof entry === 'function' ? entry(result) : entry)
    return result
  })
}

/**
 * Records what changed nothing: a refusal, a sign-in. Chains are taken in the order of their organizations, so that two
 * batches cannot wait for each other. An empty list records nothing.
 */
export async function recordAudit(db: Queryable, entries: AuditEntry | readonly AuditEntry[]): Promise<void> {
  const rows = [entries].flat().map((entry) => ({ ...entry, id: newId('evt') satisfies AuditEventId }))
  if (rows.length === 0) return
  rows.sort((a, b) => (a.organizationId < b.organizationId ? -1 : 1))
  await db.insert(auditEvents).values(rows)
}

/** Makes the trail's partitions for the months to come; for a sweeper, once a day is plenty. */
export async function ensureAuditPartitions(db: Queryable, monthsAhead = 3): Promise<void> {
  await db.execute(sql`SELECT ensure_audit_partitions(${monthsAhead}::int)`)
}

/** What `verifyAuditChain` found: `brokenAt` is the first sequence number that does not follow from those before. */
export interface AuditChain {
  readonly events: number
  readonly brokenAt: number | null
}

/**
 * Recomputes an organization's chain in the database. An edited, removed or reordered event breaks it, and so does a
 * head that is not the hash of the last event. After a dropped month the chain starts at its anchor.
 */
export async function verifyAuditChain(db: Queryable, organizationId: OrganizationId): Promise<AuditChain> {
  const [row] = await db.execute<{ events: number; brokenAt: number | null }>(sql`
    WITH anchor AS (
      SELECT sequence, hash FROM audit_anchors WHERE organization_id = ${organizationId} ORDER BY sequence DESC LIMIT 1
    ), start AS (
      SELECT coalesce((SELECT sequence FROM anchor), 0) AS sequence, coalesce((SELECT hash FROM anchor), ''::bytea) AS hash
    ), chain AS (
      SELECT event.sequence, event.hash, event.previous_hash,
        start.sequence + row_number() OVER (ORDER BY event.sequence, event.id) AS due,
        coalesce(lag(event.hash) OVER (ORDER BY event.sequence, event.id), start.hash) AS before,
        audit_event_hash(event.previous_hash, to_jsonb(event)) AS recomputed
      FROM audit_events event, start
      WHERE event.organization_id = ${organizationId} AND event.sequence > start.sequence
    ), head AS (
      SELECT sequence, hash FROM audit_chain_heads WHERE organization_id = ${organizationId}
    )
    SELECT (SELECT count(*)::int FROM chain) AS events,
      coalesce(
        (SELECT min(due)::int FROM chain WHERE sequence <> due OR previous_hash <> before OR hash <> recomputed),
        (SELECT (start.sequence + (SELECT count(*) FROM chain) + 1)::int FROM start
          WHERE NOT EXISTS (
            SELECT FROM head WHERE head.sequence = start.sequence + (SELECT count(*) FROM chain)
              AND head.hash = coalesce((SELECT hash FROM chain ORDER BY sequence DESC LIMIT 1), start.hash)
          ) AND (EXISTS (SELECT FROM head) OR EXISTS (SELECT FROM chain)))
      ) AS "brokenAt"`)
  return { events: row?.events ?? 0, brokenAt: row?.brokenAt ?? null }
}
