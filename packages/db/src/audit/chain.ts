import { and, asc, eq, sql } from 'drizzle-orm'
import type { Queryable } from '../core/client.ts'
import type { AuditEventId, OrganizationId } from '../core/id.ts'
import { type AuditLink, auditAnchors, auditEvents } from '../schema/audit.ts'

/** Events that one statement recomputes. It takes a fraction of a second, so that no long snapshot is held. */
const CHUNK = 20_000

/** The number of attempts: a month that is dropped during the verification changes where the chain starts. */
const ATTEMPTS = 3

/** The signed state of a chain when a month was dropped. */
export type AuditAnchor = typeof auditAnchors.$inferSelect

/** The result of `verifyAuditChain`: `brokenAt` is the first sequence number that does not follow from the ones before. */
export interface AuditChain {
  readonly events: number
  readonly brokenAt: number | null
}

export interface VerifyAuditChainOptions {
  /** Whether an anchor's signature is valid. Without this function no anchor is trusted. */
  readonly isGenuine?: (anchor: AuditAnchor) => boolean
  /** Aborts between two statements. */
  readonly signal?: AbortSignal
}

/** Lists the anchors of an organization's chain, in the order in which their months were dropped. */
export const listAuditAnchors = (db: Queryable, organizationId: OrganizationId): Promise<AuditAnchor[]> =>
  db
    .select()
    .from(auditAnchors)
    .where(eq(auditAnchors.organizationId, organizationId))
    .orderBy(asc(auditAnchors.droppedPartition))

/**
 * Recomputes an organization's chain in the database. An edited, removed or reordered event breaks it, and so does a
 * head that is not the hash of the last event. After a dropped month the chain starts at its anchor. An anchor without a
 * valid signature breaks it too.
 */
export async function verifyAuditChain(
  db: Queryable,
  organizationId: OrganizationId,
  { isGenuine = () => false, signal }: VerifyAuditChainOptions = {},
): Promise<AuditChain> {
  for (let attempt = 1; ; attempt += 1) {
    const anchors = await listAuditAnchors(db, organizationId)
    const forged = anchors.find((anchor) => !isGenuine(anchor))
    if (forged) return { events: 0, brokenAt: forged.sequence }
    const found = await verifyFrom(db, organizationId, startOf(anchors), signal)
    if (found.brokenAt === null || attempt === ATTEMPTS) return found
    if ((await listAuditAnchors(db, organizationId)).length === anchors.length) return found
  }
}

/** Finds the id of the event with a sequence number; null if there is none. */
export async function findAuditEventAt(
  db: Queryable,
  organizationId: OrganizationId,
  sequence: number,
): Promise<AuditEventId | null> {
  const [row] = await db
    .select({ id: auditEvents.id })
    .from(auditEvents)
    .where(and(eq(auditEvents.organizationId, organizationId), eq(auditEvents.sequence, sequence)))
    .limit(1)
  return row?.id ?? null
}

interface Start {
  /** The last dropped event; number 0 before any. */
  readonly from: AuditLink
  /** Earlier events that were not dropped. */
  readonly kept: readonly AuditLink[]
}

function startOf(anchors: readonly AuditAnchor[]): Start {
  let from: AuditLink = { sequence: 0, hash: '' }
  let kept: readonly AuditLink[] = []
  for (const anchor of anchors) {
    // `anchor.kept` lists the events that remain before it. Those that remain after it are unchanged.
    kept = [...anchor.kept, ...kept.filter(({ sequence }) => sequence > anchor.sequence)]
    if (anchor.sequence > from.sequence) {
      from = { sequence: anchor.sequence, hash: Buffer.from(anchor.hash).toString('hex') }
    }
  }
  return { from, kept: kept.toSorted((a, b) => a.sequence - b.sequence) }
}

async function verifyFrom(
  db: Queryable,
  organizationId: OrganizationId,
  { from, kept }: Start,
  signal: AbortSignal | undefined,
): Promise<AuditChain> {
  const brokenAt = await findBrokenKept(db, organizationId, from, kept)
  if (brokenAt !== null) return { events: kept.length, brokenAt }
  let events = kept.length
  let last = from
  for (;;) {
    signal?.throwIfAborted()
    const chunk = await verifyChunk(db, organizationId, last)
    events += chunk.events
    if (chunk.brokenAt !== null) return { events, brokenAt: chunk.brokenAt }
    if (chunk.events > 0) last = { sequence: chunk.lastSequence, hash: chunk.lastHash }
    if (chunk.events < CHUNK) return { events, brokenAt: chunk.isHead ? null : last.sequence + 1 }
  }
}

interface Chunk extends Record<string, unknown> {
  readonly events: number
  readonly brokenAt: number | null
  readonly lastSequence: number
  readonly lastHash: string
  /** Whether the chain's head is the last of these events. In the same snapshot, because events are added concurrently. */
  readonly isHead: boolean
}

async function verifyChunk(db: Queryable, organizationId: OrganizationId, { sequence, hash }: AuditLink) {
  const [row] = await db.execute<Chunk>(sql`
    WITH event AS (
      SELECT * FROM audit_events WHERE organization_id = ${organizationId} AND sequence > ${sequence}::bigint
      ORDER BY sequence, id LIMIT ${CHUNK}
    ), link AS (
      SELECT sequence, hash, previous_hash, audit_event_hash(previous_hash, to_jsonb(event)) AS recomputed,
        ${sequence}::bigint + row_number() OVER by_number AS due,
        coalesce(lag(hash) OVER by_number, decode(${hash}, 'hex')) AS before
      FROM event WINDOW by_number AS (ORDER BY sequence, id)
    ), summary AS (
      SELECT count(*)::int AS events, coalesce(max(sequence), ${sequence}::bigint) AS last_sequence,
        coalesce((SELECT hash FROM link ORDER BY due DESC LIMIT 1), decode(${hash}, 'hex')) AS last_hash,
        min(due) FILTER (WHERE sequence <> due OR previous_hash IS DISTINCT FROM before OR hash IS DISTINCT FROM recomputed)
          AS broken_at
      FROM link
    )
    SELECT events, broken_at::float8 AS "brokenAt", last_sequence::float8 AS "lastSequence",
      encode(last_hash, 'hex') AS "lastHash",
      coalesce(head.sequence = last_sequence AND head.hash = last_hash, last_sequence = 0) AS "isHead"
    FROM summary LEFT JOIN audit_chain_heads head ON head.organization_id = ${organizationId}`)
  if (!row) throw new Error('the database returned no row')
  return row
}

/** Finds the first event before the start that differs from its anchor; null if they all match and there is no other. */
async function findBrokenKept(
  db: Queryable,
  organizationId: OrganizationId,
  from: AuditLink,
  kept: readonly AuditLink[],
): Promise<number | null> {
  if (from.sequence === 0) return null
  const found = await db.execute<{ sequence: number; hash: string }>(sql`
    SELECT sequence::float8, encode(audit_event_hash(previous_hash, to_jsonb(event)), 'hex') AS hash
    FROM audit_events event WHERE organization_id = ${organizationId} AND sequence <= ${from.sequence}::bigint
    ORDER BY sequence LIMIT ${kept.length + 1}`)
  for (let at = 0; at < Math.max(found.length, kept.length); at += 1) {
    const [expected, actual] = [kept[at], found[at]]
    if (expected?.sequence !== actual?.sequence || expected?.hash !== actual?.hash) {
      return Math.min(expected?.sequence ?? Number.POSITIVE_INFINITY, actual?.sequence ?? Number.POSITIVE_INFINITY)
    }
  }
  return null
}
