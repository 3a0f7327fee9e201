import { and, count, eq, type SQL, sql } from 'drizzle-orm'
import type { AuditedTx } from '../audit/entries.ts'
import type { Queryable } from '../core/client.ts'
import type { OrganizationId } from '../core/id.ts'
import { snapshots } from '../schema/resources.ts'
import { hasIdOrName } from './records.ts'

export type SnapshotRow = typeof snapshots.$inferSelect

/** The sort orders of a list. */
const SORTS = {
  name: snapshots.name,
  state: snapshots.state,
  lastUsedAt: snapshots.lastUsedAt,
  createdAt: snapshots.createdAt,
} as const

export type SnapshotSort = keyof typeof SORTS

export const SNAPSHOT_SORTS: readonly SnapshotSort[] = Object.freeze(Object.keys(SORTS) as SnapshotSort[]) // exactly its keys

export interface SnapshotFilter {
  /** A part of the name, case-insensitive. */
  readonly name?: string | undefined
  readonly sourceSandboxId?: string | undefined
}

export interface SnapshotPage {
  readonly sort: SnapshotSort
  readonly order: 'asc' | 'desc'
  readonly limit: number
  /** The number of rows before the page. */
  readonly offset: number
}

/** Inserts a record. `undefined` if the organization has one of that name already: the index decides. */
export async function insertSnapshot(
  tx: AuditedTx,
  organizationId: OrganizationId,
  snapshot: Pick<typeof snapshots.$inferInsert, 'id' | 'name' | 'settings' | 'createdBy'>,
): Promise<SnapshotRow | undefined> {
  const [row] = await tx
    .insert(snapshots)
    .values({ ...snapshot, organizationId })
    .onConflictDoNothing()
    .returning()
  return row
}

export async function findSnapshot(
  db: Queryable,
  organizationId: OrganizationId,
  idOrName: string,
): Promise<SnapshotRow | undefined> {
  const [row] = await db
    .select()
    .from(snapshots)
    .where(hasIdOrName(snapshots, 'snap', organizationId, idOrName))
  return row
}

/** Deletes a record and returns the deleted row; `undefined` if there is none. */
export async function deleteSnapshot(
  tx: AuditedTx,
  organizationId: OrganizationId,
  idOrName: string,
): Promise<SnapshotRow | undefined> {
  const [row] = await tx
    .delete(snapshots)
    .where(hasIdOrName(snapshots, 'snap', organizationId, idOrName))
    .returning()
  return row
}

/**
 * Lists a page of the organization's records, and counts those on all pages. Unused ones are last in either order; equal
 * values are ordered by the time of creation.
 */
export async function listSnapshots(
  db: Queryable,
  organizationId: OrganizationId,
  filter: SnapshotFilter,
  { sort, order, limit, offset }: SnapshotPage,
): Promise<{ readonly rows: SnapshotRow[]; readonly total: number }> {
  const direction = sql.raw(order)
  const where = and(eq(snapshots.organizationId, organizationId), ...conditions(filter))
  const [rows, [counted]] = await Promise.all([
    db
      .select()
      .from(snapshots)
      .where(where)
      .orderBy(
        sql`${SORTS[sort]} ${direction} NULLS LAST`,
        sql`${snapshots.createdAt} ${direction}`,
        sql`${snapshots.id} ${direction}`,
      )
      .limit(limit)
      .offset(offset),
    db.select({ total: count() }).from(snapshots).where(where),
  ])
  return { rows, total: counted?.total ?? 0 }
}

const conditions = ({ name, sourceSandboxId }: SnapshotFilter): (SQL | undefined)[] => [
  name === undefined ? undefined : sql`strpos(lower(${snapshots.name}), lower(${name})) > 0`,
  sourceSandboxId === undefined ? undefined : sql`${snapshots.sourceSandboxId} = ${sourceSandboxId}`,
]
