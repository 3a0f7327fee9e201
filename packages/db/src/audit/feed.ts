import { and, asc, eq, getTableColumns, gt, lte, sql } from 'drizzle-orm'
import type { Queryable } from '../core/client.ts'
import type { AuditEventId, OrganizationId, UserId } from '../core/id.ts'
import { apiKeys } from '../schema/api-keys.ts'
import { auditChainHeads, auditEvents } from '../schema/audit.ts'
import type { AuditEventRow } from './trail.ts'

const { hash: _hash, previousHash: _previousHash, sequence: _sequence, ...columns } = getTableColumns(auditEvents)

/** An event with its number in the trail of its organization. */
export interface FedEvent {
  readonly sequence: number
  readonly event: AuditEventRow
  /** The owner of the API key that the event is about; null for other targets and deleted keys. */
  readonly keyOwnerId: UserId | null
}

/**
 * Lists the events of a trail whose numbers are above `after`, in their order, which is the order of their commits: the head
 * of the chain is the last lock of a transaction.
 */
export async function listEventsAfter(
  db: Queryable,
  organizationId: OrganizationId,
  after: number,
  { limit, upTo = Number.MAX_SAFE_INTEGER }: { readonly limit: number; readonly upTo?: number },
): Promise<FedEvent[]> {
  return db
    .select({ sequence: auditEvents.sequence, event: columns, keyOwnerId: apiKeys.userId })
    .from(auditEvents)
    .leftJoin(apiKeys, and(eq(auditEvents.targetType, 'api_key'), eq(apiKeys.id, sql`${auditEvents.targetId}`)))
    .where(
      and(
        eq(auditEvents.organizationId, organizationId),
        gt(auditEvents.sequence, after),
        lte(auditEvents.sequence, upTo),
      ),
    )
    .orderBy(asc(auditEvents.sequence))
    .limit(limit)
}

/** Reads the number of the last event of a trail; 0 for an empty one. */
export async function readTrailHead(db: Queryable, organizationId: OrganizationId): Promise<number> {
  const [head] = await db
    .select({ sequence: auditChainHeads.sequence })
    .from(auditChainHeads)
    .where(eq(auditChainHeads.organizationId, organizationId))
  return head?.sequence ?? 0
}

/** Finds the number of an event in the trail of an organization. Undefined: the trail has no such event. */
export async function findEventSequence(
  db: Queryable,
  organizationId: OrganizationId,
  id: string,
): Promise<number | undefined> {
  const [row] = await db
    .select({ sequence: auditEvents.sequence })
    .from(auditEvents)
    // No event has a text of another form, so any may be looked up.
    .where(and(eq(auditEvents.id, id as AuditEventId), eq(auditEvents.organizationId, organizationId)))
    .limit(1)
  return row?.sequence
}
