import { hasSqlState } from '@daytona-auth/service/sql-state'
import { and, eq, gt, type SQL, sql } from 'drizzle-orm'
import type { AuditedTx } from '../audit/entries.ts'
import { resealRows } from '../audit/resealing.ts'
import type { Database, Queryable } from '../core/client.ts'
import type { OrganizationId, RegistryId } from '../core/id.ts'
import { byMoment, type Page, type PageRequest, pageOfPositions } from '../core/keyset.ts'
import { registries } from '../schema/resources.ts'

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
    if (hasSqlState(error, 'unique_violation')) return 'taken'
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

/** A registry with its encrypted password. */
export interface SealedRegistry {
  readonly id: RegistryId
  readonly organizationId: OrganizationId
  readonly sealedPassword: string
}

/** Replaces the encrypted passwords of registries (see `resealRows`). */
export const resealRegistries = (
  db: Database,
  reseal: (registry: SealedRegistry) => Promise<string | undefined>,
  source: string,
): Promise<number> =>
  resealRows<SealedRegistry>(
    db,
    {
      action: 'registry.reencrypt',
      lock: (tx, after, limit) =>
        tx
          .select({ id, organizationId: ofOrganization, sealedPassword: registries.sealedPassword })
          .from(registries)
          .where(after && gt(id, after))
          .orderBy(id)
          .limit(limit)
          .for('update'),
      replace: (tx, registryId, sealedPassword) =>
        tx.update(registries).set({ sealedPassword }).where(eq(id, registryId)),
    },
    reseal,
    source,
  )

const of = (organizationId: OrganizationId, registryId: string): SQL | undefined =>
  and(eq(registries.organizationId, organizationId), sql`${registries.id} = ${registryId}`)
