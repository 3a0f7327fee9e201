import { and, eq, getTableColumns, inArray, sql } from 'drizzle-orm'
import { type EndedKey, endKeys } from '../api-keys/ended-keys.ts'
import type { AuditedTx } from '../audit/entries.ts'
import type { Queryable } from '../core/client.ts'
import type { OrganizationId, UserId } from '../core/id.ts'
import { byMoment, type Page, type PageRequest, pageOfPositions } from '../core/keyset.ts'
import { organizationMembers, organizations } from '../schema/organizations.ts'

export type OrganizationRow = typeof organizations.$inferSelect & {
  /** Whether its members can sign in with an identity provider of its own. */
  readonly hasIdentityProvider: boolean
}

const columns = {
  ...getTableColumns(organizations),
  // The name of the table is written out, because the query builder omits it where there is one table only.
  hasIdentityProvider: sql<boolean>`EXISTS (
    SELECT FROM identity_providers provider WHERE provider.organization_id = organizations.id)`,
}

/** Creates a shared organization, with its creator as the owner. */
export async function insertOrganization(
  tx: AuditedTx,
  id: OrganizationId,
  { name, createdBy }: { readonly name: string; readonly createdBy: UserId },
): Promise<OrganizationRow> {
  const [row] = await tx.insert(organizations).values({ id, name, createdBy }).returning(columns)
  if (!row) throw new Error(`organization ${id} was not inserted`)
  await tx.insert(organizationMembers).values({ organizationId: id, userId: createdBy, role: 'owner' })
  return row
}

/** Lists a page of the organizations with the given ids, newest first. */
export async function listOrganizations(
  db: Queryable,
  ids: readonly OrganizationId[],
  { limit, after }: PageRequest<number>,
): Promise<Page<OrganizationRow, number>> {
  const { orderBy, behind, value } = byMoment(organizations.createdAt, organizations.id, 'desc', after)
  const rows = await db
    .select({ row: columns, value })
    .from(organizations)
    .where(and(inArray(organizations.id, [...ids]), behind))
    .orderBy(orderBy)
    .limit(limit + 1)
  return pageOfPositions(rows, limit)
}

export async function findOrganization(db: Queryable, id: OrganizationId): Promise<OrganizationRow | undefined> {
  const [row] = await db.select(columns).from(organizations).where(eq(organizations.id, id))
  return row
}

/**
 * Locks the organization until the transaction ends: other changes of its members, roles or invitations wait. Inserts that
 * only refer to it, such as of a key, do not wait. It is the first lock of its transaction.
 */
export async function lockOrganization(tx: AuditedTx, id: OrganizationId): Promise<OrganizationRow | undefined> {
  const [row] = await tx.select(columns).from(organizations).where(eq(organizations.id, id)).for('no key update')
  return row
}

/** What changes of an organization. An absent member stays as it is. */
export type OrganizationChange = Partial<Pick<OrganizationRow, 'name' | 'requireSecondFactor' | 'appAccess'>>

export async function updateOrganization(
  tx: AuditedTx,
  id: OrganizationId,
  change: OrganizationChange,
): Promise<OrganizationRow | undefined> {
  const [row] = await tx
    .update(organizations)
    .set({ ...change, updatedAt: sql`now()` })
    .where(eq(organizations.id, id))
    .returning(columns)
  return row
}

/**
 * Deletes a shared organization with its members, roles, invitations, apps and records. Keys with this home organization
 * are revoked, and so are their descendants in any organization. Returns all of them.
 */
export async function deleteOrganization(tx: AuditedTx, id: OrganizationId): Promise<EndedKey[]> {
  const ended = await endKeys(tx, sql`organization_id = ${id}`)
  // A child with another home stays there as a revoked key. Without this, the cascade of its parent would delete it.
  await tx.execute(sql`
    UPDATE api_keys child SET parent_key_id = NULL FROM api_keys parent
    WHERE parent.id = child.parent_key_id AND parent.organization_id = ${id} AND child.organization_id <> ${id}`)
  await tx.delete(organizations).where(and(eq(organizations.id, id), eq(organizations.personal, false)))
  return ended
}

/**
 * Deletes the personal organization of a user, with its records. The keys with this home must have been ended, with their
 * descendants. Only the deletion of the account does this.
 */
export async function deletePersonalOrganization(tx: AuditedTx, userId: UserId): Promise<void> {
  await tx.execute(sql`
    UPDATE api_keys child SET parent_key_id = NULL FROM api_keys parent
    JOIN organizations home ON home.id = parent.organization_id AND home.personal AND home.created_by = ${userId}
    WHERE parent.id = child.parent_key_id AND child.organization_id <> home.id`)
  await tx.delete(organizations).where(and(eq(organizations.createdBy, userId), eq(organizations.personal, true)))
}
