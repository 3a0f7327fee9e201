import { createHmac, timingSafeEqual } from 'node:crypto'
import { sql } from 'drizzle-orm'
import type { Database, Queryable } from '../core/client.ts'
import type { OrganizationId } from '../core/id.ts'
import { type AuditLink, auditAnchors } from '../schema/audit.ts'
import type { AuditAnchor } from './chain.ts'

/** How long a drop may wait for readers of the trail: every change in the system waits behind it. */
const LOCK_MS = 2000

/** Rows of one statement: the number of its parameters is limited. */
const BATCH = 1000

export type UnsignedAnchor = Pick<AuditAnchor, 'organizationId' | 'sequence' | 'hash' | 'droppedPartition' | 'kept'>

/** Signs anchors and verifies them: anchors that someone with access to the database has written are not genuine. */
export interface AnchorSigner {
  sign(anchor: UnsignedAnchor): string
  isGenuine(anchor: UnsignedAnchor & { readonly signature: string }): boolean
}

/** Creates a signer with HMAC-SHA256. The first key signs; every key verifies, so that keys can be replaced. */
export function createAnchorSigner(keys: readonly [string, ...string[]]): AnchorSigner {
  const sign = (key: string, anchor: UnsignedAnchor) => createHmac('sha256', key).update(textOf(anchor)).digest()
  return {
    sign: (anchor) => sign(keys[0], anchor).toString('base64url'),
    isGenuine(anchor) {
      const actual = Buffer.from(anchor.signature, 'base64url')
      return keys.some((key) => {
        const expected = sign(key, anchor)
        return expected.length === actual.length && timingSafeEqual(expected, actual)
      })
    },
  }
}

/** The signed text has every member, including organization and month, so that no anchor can replace another. */
const textOf = ({ organizationId, droppedPartition, sequence, hash, kept }: UnsignedAnchor): string =>
  JSON.stringify([
    'daytona audit anchor',
    organizationId,
    droppedPartition,
    sequence,
    Buffer.from(hash).toString('hex'),
    kept.map((link) => [link.sequence, link.hash]),
  ])

/**
 * Drops the months of the trail that ended more than `keepMonths` whole months ago, oldest first, each with a signed anchor
 * for every chain in it. Returns their partitions.
 *
 * @throws SQLSTATE 55P03 if a partition cannot be locked within 2 s; it is left for the next run
 */
export async function dropAuditMonths(
  db: Database,
  { keepMonths, signer }: { keepMonths: number; signer: AnchorSigner },
): Promise<string[]> {
  const due = await db.execute<{ name: string; begins: string; ends: string }>(sql`
    SELECT name, begins::text, (begins + interval '1 month')::text AS ends FROM (
      SELECT relname AS name, to_timestamp(right(relname, 7), 'YYYY_MM') AS begins
      FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
      WHERE inhparent = 'audit_events'::regclass AND relname ~ '^audit_events_\\d{4}_\\d{2}$'
    ) month WHERE begins + interval '1 month' <= date_trunc('month', now()) - make_interval(months => ${keepMonths}::int)
    ORDER BY name`)
  const dropped: string[] = []
  for (const month of due) if (await drop(db, month, signer)) dropped.push(month.name)
  return dropped
}

interface Month {
  readonly name: string
  readonly begins: string
  readonly ends: string
}

function drop(db: Database, month: Month, signer: AnchorSigner): Promise<boolean> {
  return db.transaction(async (tx) => {
    await tx.execute(sql`SELECT set_config('lock_timeout', ${`${LOCK_MS}ms`}, true)`)
    const [lock] = await tx.execute<{ isOurs: boolean; isThere: boolean }>(sql`
      SELECT pg_try_advisory_xact_lock(hashtext('daytona_auth drop_audit_partition')) AS "isOurs",
        to_regclass(${month.name}) IS NOT NULL AS "isThere"`)
    if (!lock?.isOurs || !lock.isThere) return false // another process drops it
    const ends = await lastOfEachChain(tx, month)
    for (let at = 0; at < ends.length; at += BATCH) {
      const anchors = ends.slice(at, at + BATCH).map((end) => ({ ...end, signature: signer.sign(end) }))
      await tx.insert(auditAnchors).values(anchors)
    }
    await tx.execute(sql`SELECT drop_audit_partition(${month.name})`)
    return true
  })
}

async function lastOfEachChain(tx: Queryable, { name, begins, ends }: Month): Promise<UnsignedAnchor[]> {
  const rows = await tx.execute<{ organizationId: OrganizationId; sequence: number; hash: string; kept: string }>(sql`
    SELECT last.organization_id AS "organizationId", last.sequence::float8 AS sequence, encode(last.hash, 'hex') AS hash,
      coalesce((
        SELECT jsonb_agg(jsonb_build_object('sequence', sequence, 'hash', encode(hash, 'hex')) ORDER BY sequence)
        FROM audit_events event WHERE event.organization_id = last.organization_id AND event.sequence < last.sequence
          AND (created_at < ${begins}::timestamptz OR created_at >= ${ends}::timestamptz)
      ), '[]')::text AS kept
    FROM (
      SELECT DISTINCT ON (organization_id) organization_id, sequence, hash FROM audit_events
      WHERE created_at >= ${begins}::timestamptz AND created_at < ${ends}::timestamptz
      ORDER BY organization_id, sequence DESC
    ) last`)
  return rows.map(({ organizationId, sequence, hash, kept }) => ({
    organizationId,
    sequence,
    droppedPartition: name,
    hash: Buffer.from(hash, 'hex'),
    kept: JSON.parse(kept) as AuditLink[], // built by the statement above
  }))
}
