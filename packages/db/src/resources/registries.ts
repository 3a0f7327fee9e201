import { hasSqlState } from '@daytona-auth/service/sql-state'
import { and, eq, gt, type SQL, sql } from 'drizzle-orm'
import { SCHEDULED_TASK } from '../audit/authority.ts'
import { type AuditedTx, auditEntry, DEPLOYMENT, inAudit } from '../audit/entries.ts'
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

/** Rows that one transaction locks: a change of a registry waits for milliseconds. */
const RESEALED_AT_ONCE = 50

/**
 * Replaces the encrypted password of each registry by what `reseal` returns, unless that is `undefined`. Each step is a
 * transaction that locks its rows, so that a concurrent change of a password is never lost.
 * @returns the number of replaced passwords
 */
export async function resealRegistries(
  db: Database,
  reseal: (registry: SealedRegistry) => Promise<string | undefined>,
  source: string,
): Promise<number> {
  let count = 0
  let after: RegistryId | undefined
  do {
    const step: { readonly resealed: readonly SealedRegistry[]; readonly last: RegistryId | undefined } = await inAudit(
      db,
      SCHEDULED_TASK,
      ({ resealed }: { readonly resealed: readonly SealedRegistry[] }) =>
        resealed.map(({ id, organizationId }) =>
          auditEntry('registry.reencrypt', {
            organizationId: DEPLOYMENT,
            actorId: null,
            actorEmail: null,
            source,
            targetId: id,
            metadata: { organizationId },
          }),
        ),
      async (tx) => {
        const rows = await tx
          .select({ id, organizationId: ofOrganization, sealedPassword: registries.sealedPassword })
          .from(registries)
          .where(after && gt(id, after))
          .orderBy(id)
          .limit(RESEALED_AT_ONCE)
          .for('update')
        const resealed: SealedRegistry[] = []
        for (const row of rows) {
          const sealedPassword = await reseal(row)
          if (sealedPassword === undefined) continue
          await tx.update(registries).set({ sealedPassword }).where(eq(id, row.id))
          resealed.push(row)
        }
        return { resealed, last: rows.at(-1)?.id }
      },
    )
    count += step.resealed.length
    after = step.last
  } while (after !== undefined)
  return count
}

const of = (organizationId: OrganizationId, registryId: string): SQL | undefined =>
  and(eq(registries.organizationId, organizationId), sql`${registries.id} = ${registryId}`)
