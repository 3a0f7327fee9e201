import { and, asc, eq, sql } from 'drizzle-orm'
import type { Queryable } from '../core/client.ts'
import type { OrganizationId } from '../core/id.ts'
import { auditAnchors, auditEvents } from '../schema/audit.ts'

/** An event with its position in the chain. */
export type ChainedEvent = typeof auditEvents.$inferSelect

/** The number of organizations or events that one statement reads. */
const PAGE = 1000

/**
 * Lists every organization that has a trail, in the order of ids, including deleted ones and the deployment. One with only
 * a head, anchors or events is included, because the rest may have been removed.
 */
export async function* listAuditChains(db: Queryable): AsyncGenerator<OrganizationId> {
  for (let after = ''; ; ) {
    const page = await chainsAfter(db, after)
    yield* page
    const last = page.at(-1)
    if (last === undefined || page.length < PAGE) return
    after = last
  }
}

/** Reads the organizations of the events by a loose index scan: one row for each. */
async function chainsAfter(db: Queryable, after: string): Promise<OrganizationId[]> {
  const rows = await db.execute<{ id: OrganizationId }>(sql`
    WITH RECURSIVE seen AS (
      (SELECT organization_id AS id FROM audit_events WHERE organization_id > ${after} ORDER BY 1 LIMIT 1)
      UNION ALL
      SELECT (SELECT organization_id FROM audit_events WHERE organization_id > seen.id ORDER BY 1 LIMIT 1)
      FROM seen WHERE id IS NOT NULL
    )
    SELECT id FROM (
      (SELECT id FROM seen WHERE id IS NOT NULL LIMIT ${PAGE})
      UNION (SELECT organization_id FROM audit_chain_heads WHERE organization_id > ${after} ORDER BY 1 LIMIT ${PAGE})
      UNION (SELECT DISTINCT organization_id FROM audit_anchors WHERE organization_id > ${after} ORDER BY 1 LIMIT ${PAGE})
    ) chain ORDER BY id LIMIT ${PAGE}`)
  return rows.map(({ id }) => id)
}

/** Whether months of a trail were dropped, of any or of the given organization: then it is verified from an anchor. */
export async function hasAuditAnchors(db: Queryable, organizationId?: OrganizationId): Promise<boolean> {
  const isIncluded = organizationId === undefined ? undefined : eq(auditAnchors.organizationId, organizationId)
  const rows = await db.select({ sequence: auditAnchors.sequence }).from(auditAnchors).where(isIncluded).limit(1)
  return rows.length > 0
}

/** Reads an organization's events in the order of their chain. Each page is read when it is requested. */
export async function* readChainedEvents(
  db: Queryable,
  organizationId: OrganizationId,
): AsyncGenerator<ChainedEvent[]> {
  for (let last: ChainedEvent | undefined; ; ) {
    const behind = last && sql`(${auditEvents.sequence}, ${auditEvents.id}) > (${last.sequence}::bigint, ${last.id})`
    const page: ChainedEvent[] = await db
      .select()
      .from(auditEvents)
      .where(and(eq(auditEvents.organizationId, organizationId), behind))
      .orderBy(asc(auditEvents.sequence), asc(auditEvents.id))
      .limit(PAGE)
    if (page.length > 0) yield page
    last = page.at(-1)
    if (last === undefined || page.length < PAGE) return
  }
}
