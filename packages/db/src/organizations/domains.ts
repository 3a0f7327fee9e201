import { hasSqlState } from '@daytona-auth/service/sql-state'
import { and, asc, eq, isNotNull, lt, type SQL, sql } from 'drizzle-orm'
import type { AuditedTx } from '../audit/entries.ts'
import type { Queryable } from '../core/client.ts'
import type { DomainId, OrganizationId } from '../core/id.ts'
import { byMoment, type Page, type PageRequest, pageOfPositions } from '../core/keyset.ts'
import { organizationDomains } from '../schema/single-sign-on.ts'

/** An e-mail domain that an organization claims, and owns if `verifiedAt` is set. */
export type DomainRow = typeof organizationDomains.$inferSelect

/** Inserts a claim, which has no effect. `undefined` if the organization has one of that domain already. */
export async function insertDomain(
  tx: AuditedTx,
  organizationId: OrganizationId,
  claim: Pick<DomainRow, 'id' | 'domain' | 'token'>,
): Promise<DomainRow | undefined> {
  const [row] = await tx
    .insert(organizationDomains)
    .values({ ...claim, organizationId })
    .onConflictDoNothing()
    .returning()
  return row
}

/** Lists a page of the organization's domains, newest first. */
export async function listDomains(
  db: Queryable,
  organizationId: OrganizationId,
  { limit, after }: PageRequest<number>,
): Promise<Page<DomainRow, number>> {
  const { createdAt, id } = organizationDomains
  const { orderBy, behind, value } = byMoment(createdAt, id, 'desc', after)
  const rows = await db
    .select({ row: organizationDomains, value })
    .from(organizationDomains)
    .where(and(eq(organizationDomains.organizationId, organizationId), behind))
    .orderBy(orderBy)
    .limit(limit + 1)
  return pageOfPositions(rows, limit)
}

export async function findDomain(
  db: Queryable,
  organizationId: OrganizationId,
  id: string,
): Promise<DomainRow | undefined> {
  const [row] = await db.select().from(organizationDomains).where(of(organizationId, id))
  return row
}

export const countDomains = (db: Queryable, organizationId: OrganizationId): Promise<number> =>
  db.$count(organizationDomains, eq(organizationDomains.organizationId, organizationId))

/**
 * Records that the DNS record of a claim with this token was found. `taken` if another organization owns the domain, which
 * aborts the transaction; `undefined` if there is no such claim any more.
 */
export async function verifyDomain(
  tx: AuditedTx,
  organizationId: OrganizationId,
  { id, token }: Pick<DomainRow, 'id' | 'token'>,
): Promise<DomainRow | 'taken' | undefined> {
  try {
    const [row] = await tx
      .update(organizationDomains)
      .set({
        verifiedAt: sql`coalesce(${organizationDomains.verifiedAt}, now())`,
        confirmedAt: sql`now()`,
        checkedAt: sql`now()`,
        updatedAt: sql`now()`,
      })
      .where(and(of(organizationId, id), eq(organizationDomains.token, token)))
      .returning()
    return row
  } catch (error) {
    if (hasSqlState(error, 'unique_violation')) return 'taken'
    throw error
  }
}

/** Deletes a claim, with the ownership of the domain. `undefined` if the organization has none of that id. */
export async function deleteDomain(
  tx: AuditedTx,
  organizationId: OrganizationId,
  id: string,
): Promise<DomainRow | undefined> {
  const [row] = await tx.delete(organizationDomains).where(of(organizationId, id)).returning()
  return row
}

/**
 * Takes the verified domains whose last look-up is longest ago, at least `intervalMs`, and notes one now: concurrent
 * processes take different ones.
 */
export function takeDomainsToCheck(db: Queryable, intervalMs: number, limit: number): Promise<DomainRow[]> {
  const due = db
    .select({ id: organizationDomains.id })
    .from(organizationDomains)
    .where(and(isNotNull(organizationDomains.verifiedAt), lt(organizationDomains.checkedAt, before(intervalMs))))
    .orderBy(asc(organizationDomains.checkedAt))
    .limit(limit)
    .for('update', { skipLocked: true })
  return db
    .update(organizationDomains)
    .set({ checkedAt: sql`now()` })
    .where(sql`${organizationDomains.id} IN (${due})`)
    .returning()
}

/** Notes that the record of a verified domain was found again. */
export async function confirmDomain(db: Queryable, { id, token }: Pick<DomainRow, 'id' | 'token'>): Promise<void> {
  await db
    .update(organizationDomains)
    .set({ confirmedAt: sql`now()` })
    .where(
      and(
        eq(organizationDomains.id, id),
        eq(organizationDomains.token, token),
        isNotNull(organizationDomains.verifiedAt),
      ),
    )
}

/**
 * Ends the ownership of a domain whose record was not found for `graceMs`. It stays claimed. `undefined` if the record was
 * found in the meantime.
 */
export async function lapseDomain(
  tx: AuditedTx,
  organizationId: OrganizationId,
  id: DomainId,
  graceMs: number,
): Promise<DomainRow | undefined> {
  const [row] = await tx
    .update(organizationDomains)
    .set({ verifiedAt: null, updatedAt: sql`now()` })
    .where(
      and(
        of(organizationId, id),
        isNotNull(organizationDomains.verifiedAt),
        lt(organizationDomains.confirmedAt, before(graceMs)),
      ),
    )
    .returning()
  return row
}

const before = (ms: number): SQL => sql`now() - ${ms}::float8 * interval '1 millisecond'`

const of = (organizationId: OrganizationId, id: string): SQL | undefined =>
  and(eq(organizationDomains.organizationId, organizationId), eq(organizationDomains.id, id as DomainId)) // compared only
