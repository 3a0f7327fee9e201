import { and, eq, isNull, type SQL, sql } from 'drizzle-orm'
import type { AuditedTx } from '../audit/entries.ts'
import type { Queryable } from '../core/client.ts'
import type { OrganizationId } from '../core/id.ts'
import { byMoment, type Page, type PageRequest, pageOfPositions } from '../core/keyset.ts'
import { volumes } from '../schema/resources.ts'

export type VolumeRow = typeof volumes.$inferSelect

/** Inserts a record. `undefined` if the organization has one of that name already: the index decides. */
export async function insertVolume(
  tx: AuditedTx,
  organizationId: OrganizationId,
  volume: Pick<typeof volumes.$inferInsert, 'id' | 'name' | 'createdBy'>,
): Promise<VolumeRow | undefined> {
  const [row] = await tx
    .insert(volumes)
    .values({ ...volume, organizationId })
    .onConflictDoNothing()
    .returning()
  return row
}

/** Finds the organization's record of that id or name, unless it is deleted. */
export async function findVolume(
  db: Queryable,
  organizationId: OrganizationId,
  by: 'id' | 'name',
  value: string,
): Promise<VolumeRow | undefined> {
  const [row] = await db
    .select()
    .from(volumes)
    .where(isNotDeleted(organizationId, sql`${volumes[by]} = ${value}`))
  return row
}

/** Lists a page of the organization's records, newest first. */
export async function listVolumes(
  db: Queryable,
  organizationId: OrganizationId,
  { includeDeleted }: { readonly includeDeleted: boolean },
  { limit, after }: PageRequest<number>,
): Promise<Page<VolumeRow, number>> {
  const { orderBy, behind, value } = byMoment(volumes.createdAt, volumes.id, 'desc', after)
  const rows = await db
    .select({ row: volumes, value })
    .from(volumes)
    .where(and(includeDeleted ? eq(volumes.organizationId, organizationId) : isNotDeleted(organizationId), behind))
    .orderBy(orderBy)
    .limit(limit + 1)
  return pageOfPositions(rows, limit)
}

/** Marks a record as deleted and returns it; `undefined` if there is none, or it is deleted already. */
export async function deleteVolume(
  tx: AuditedTx,
  organizationId: OrganizationId,
  id: string,
): Promise<VolumeRow | undefined> {
  const [row] = await tx
    .update(volumes)
    .set({ state: 'pending_delete', deletedAt: sql`now()`, updatedAt: sql`now()` })
    .where(isNotDeleted(organizationId, sql`${volumes.id} = ${id}`))
    .returning()
  return row
}

const isNotDeleted = (organizationId: OrganizationId, more?: SQL): SQL | undefined =>
  and(eq(volumes.organizationId, organizationId), isNull(volumes.deletedAt), more)
