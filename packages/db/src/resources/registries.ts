import { and, eq, type SQL, sql } from 'drizzle-orm'
import type { AuditedTx } from '../audit/entries.ts'
import type { Queryable } from '../core/client.ts'
import type { OrganizationId } from '../core/id.ts'
import { byMoment, type Page, type PageRequest, pageOfPositions } from '../core/keyset.ts'
import { registries } from '../schema/resources.ts'
import { isUniqueViolation } from './records.ts'

/** An organization's record of a registry, without its password. */
export type RegistryRow = Omit<typeof registries.$inferSelect, 'sealedPassword'>

type Given = 'name' | 'url' | 'username' | 'project' | 'sealedPassword'

export type NewRegistry = Pick<typeof registries.$inferInsert, 'id' | 'createdBy' | Given>

const { id, organizationId: ofOrganization, name, url, username, project, createdBy, createdAt, updatedAt } = registries
const columns = { id, organizationId: ofOrganization, name, url, username, project, createdBy, createdAt, updatedAt }

/** Inserts a record. `undefined` if the organization has one of that name already: the index decides. */
export async function insertRegistry(
  tx: AuditedTx,
  organizationId: OrganizationId,
  registry: NewRegistry,
): Promise<RegistryRow | undefined> {
  const [row] = await tx
    .insert(registries)
    .values({ ...registry, organizationId })
    .onConflictDoNothing()
    .returning(columns)
  return row
}

/** Lists a page of the organization's records, newest first. */
export async function listRegistries(
  db: Queryable,
  organizationId: OrganizationId,
  { limit, after }: PageRequest<number>,
): Promise<Page<RegistryRow, number>> {
  const { orderBy, behind, value } = byMoment(registries.createdAt, registries.id, 'desc', after)
  const rows = await db
    .select({ row: columns, value })
    .from(registries)
    .where(and(eq(registries.organizationId, organizationId), behind))
    .orderBy(orderBy)
    .limit(limit + 1)
  return pageOfPositions(rows, limit)
}

export async function findRegistry(
  db: Queryable,
  organizationId: OrganizationId,
  registryId: string,
): Promise<RegistryRow | undefined> {
  const [row] = await db.select(columns).from(registries).where(of(organizationId, registryId))
  return row
}

/** As `findRegistry`, with a lock on the row until the transaction ends. */
export async function lockRegistry(
  tx: AuditedTx,
  organizationId: OrganizationId,
  registryId: string,
): Promise<RegistryRow | undefined> {
  const [row] = await tx.select(columns).from(registries).where(of(organizationId, registryId)).for('update')
  return row
}

/** Changes a record. `undefined` if there is none; `taken` if another one has that name, which aborts the transaction. */
export async function updateRegistry(
  tx: AuditedTx,
  organizationId: OrganizationId,
  registryId: string,
  change: Partial<Pick<NewRegistry, Given>>,
): Promise<RegistryRow | 'taken' | undefined> {
  try {
    const [row] = await tx
      .update(registries)
      .set({ ...change, updatedAt: sql`now()` })
      .where(of(organizationId, registryId))
      .returning(columns)
    return row
  } catch (error) {
    if (isUniqueViolation(error)) return 'taken'
    throw error
  }
}

/** Deletes a record with its password and returns the deleted row; `undefined` if there is none. */
export async function deleteRegistry(
  tx: AuditedTx,
  organizationId: OrganizationId,
  registryId: string,
): Promise<RegistryRow | undefined> {
  const [row] = await tx.delete(registries).where(of(organizationId, registryId)).returning(columns)
  return row
}

const of = (organizationId: OrganizationId, registryId: string): SQL | undefined =>
  and(eq(registries.organizationId, organizationId), sql`${registries.id} = ${registryId}`)
