import type { QuotaResource } from '@daytona-auth/protocol/quotas'
import { and, asc, eq, sql } from 'drizzle-orm'
import type { AuditedTx } from '../audit/entries.ts'
import type { Queryable } from '../core/client.ts'
import type { OrganizationId } from '../core/id.ts'
import { organizationQuotas, organizations } from '../schema/organizations.ts'

/** What the operator allows an organization to have, and what it has. More than the maximum if that was lowered. */
export interface QuotaRow {
  readonly resource: QuotaResource
  readonly maximum: number
  readonly used: number
}

const { organizationId: ofOrganization, resource, maximum } = organizationQuotas

/** Lists the quotas of an organization by resource. What has no quota is not limited. */
export const listQuotas = (db: Queryable, organizationId: OrganizationId): Promise<QuotaRow[]> =>
  db
    .select({
      resource,
      maximum,
      used: sql<number>`count_toward_quota(${resource}, ${ofOrganization}, NULL)`.mapWith(Number),
    })
    .from(organizationQuotas)
    .where(eq(ofOrganization, organizationId))
    .orderBy(asc(resource))

/**
 * Locks an organization until the transaction ends, after those that insert something of it: they commit before the change
 * of a quota or check the changed one. False if it does not exist.
 */
export async function lockForQuota(tx: AuditedTx, organizationId: OrganizationId): Promise<boolean> {
  const rows = await tx
    .select({ id: organizations.id })
    .from(organizations)
    .where(eq(organizations.id, organizationId))
    .for('update')
  return rows.length > 0
}

/** Sets a quota, after `lockForQuota`. Returns the previous maximum, or null. What exists beyond it stays. */
export async function setQuota(
  tx: AuditedTx,
  organizationId: OrganizationId,
  of: QuotaResource,
  to: number,
): Promise<number | null> {
  const before = await readMaximum(tx, organizationId, of)
  await tx
    .insert(organizationQuotas)
    .values({ organizationId, resource: of, maximum: to })
    .onConflictDoUpdate({ target: [ofOrganization, resource], set: { maximum: to, updatedAt: sql`now()` } })
  return before
}

/** Removes a quota, after `lockForQuota`. Returns its maximum, or null if there was none. */
export async function removeQuota(
  tx: AuditedTx,
  organizationId: OrganizationId,
  of: QuotaResource,
): Promise<number | null> {
  const [removed] = await tx
    .delete(organizationQuotas)
    .where(and(eq(ofOrganization, organizationId), eq(resource, of)))
    .returning({ maximum })
  return removed?.maximum ?? null
}

async function readMaximum(tx: AuditedTx, organizationId: OrganizationId, of: QuotaResource): Promise<number | null> {
  const [row] = await tx
    .select({ maximum })
    .from(organizationQuotas)
    .where(and(eq(ofOrganization, organizationId), eq(resource, of)))
  return row?.maximum ?? null
}
