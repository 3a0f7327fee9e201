import { and, asc, eq, inArray, or, sql } from 'drizzle-orm'
import type { AuditedTx } from '../audit/entries.ts'
import type { Queryable } from '../core/client.ts'
import type { OrganizationId, RoleId } from '../core/id.ts'
import { byText, type Page, type PageRequest, pageOfPositions } from '../core/keyset.ts'
import { memberRoles, roles } from '../schema/organizations.ts'
import { isProvisionable, withdrawGroupRoles } from './group-roles.ts'

/** A role. Without an organization it is built in: assignable in every organization, and read-only. */
export type RoleRow = typeof roles.$inferSelect

export interface RoleContent {
  readonly name: string
  readonly description: string
  readonly permissions: readonly string[]
}

/** The condition of the roles that may be assigned in the organization: built-in ones and its own. */
export const rolesWithin = (organizationId: OrganizationId) =>
  or(sql`${roles.organizationId} IS NULL`, eq(roles.organizationId, organizationId))

/** Lists a page of the roles that may be assigned in the organization: built-in ones, then its own by name. */
export async function listRoles(
  db: Queryable,
  organizationId: OrganizationId,
  { limit, after }: PageRequest<string>,
): Promise<Page<RoleRow, string>> {
  // No index has this order. The number of roles is limited for each organization, so sorting them is cheap.
  const place = sql`CASE WHEN ${roles.organizationId} IS NULL THEN '0' || ${roles.id} ELSE '1' || ${roles.name} END`
  const { orderBy, behind, value } = byText(place, roles.id, 'asc', after)
  const rows = await db
    .select({ row: roles, value })
    .from(roles)
    .where(and(rolesWithin(organizationId), behind))
    .orderBy(orderBy)
    .limit(limit + 1)
  return pageOfPositions(rows, limit)
}

/** Locks those of the given roles that may be assigned in the organization until the transaction ends, and returns them. */
export async function lockRoles(
  tx: AuditedTx,
  organizationId: OrganizationId,
  ids: readonly string[],
): Promise<RoleRow[]> {
  if (ids.length === 0) return []
  return tx
    .select()
    .from(roles)
    .where(and(rolesWithin(organizationId), inArray(roles.id, [...new Set(ids)] as RoleId[])))
    .orderBy(asc(roles.id))
    .for('key share')
}

export async function findRole(
  db: Queryable,
  organizationId: OrganizationId,
  id: string,
): Promise<RoleRow | undefined> {
  const [row] = await db
    .select()
    .from(roles)
    .where(and(rolesWithin(organizationId), eq(roles.id, id as RoleId)))
  return row
}

/** Inserts a role. Undefined if the organization has a role of that name: the index decides, not a prior read. */
export async function insertRole(
  tx: AuditedTx,
  organizationId: OrganizationId,
  id: RoleId,
  { permissions, ...content }: RoleContent,
): Promise<RoleRow | undefined> {
  const [row] = await tx
    .insert(roles)
    .values({ id, organizationId, ...content, permissions: [...permissions] })
    .onConflictDoNothing()
    .returning()
  return row
}

/**
 * Changes a role of the organization. Members who have it by groups only lose it if it administers the organization now.
 * Undefined if another one has that name. The caller has locked the organization, so none can be inserted concurrently.
 */
export async function updateRole(
  tx: AuditedTx,
  organizationId: OrganizationId,
  id: RoleId,
  { permissions, ...content }: RoleContent,
): Promise<RoleRow | undefined> {
  const [row] = await tx
    .update(roles)
    .set({ ...content, permissions: [...permissions], updatedAt: sql`now()` })
    .where(
      and(
        eq(roles.organizationId, organizationId),
        eq(roles.id, id),
        sql`NOT EXISTS (SELECT FROM roles other WHERE other.organization_id = ${organizationId}
          AND other.name = ${content.name} AND other.id <> ${id})`,
      ),
    )
    .returning()
  if (row && !isProvisionable(row)) await withdrawGroupRoles(tx, organizationId, eq(memberRoles.roleId, id))
  return row
}

/** Deletes a role of the organization and its assignments. */
export async function deleteRole(tx: AuditedTx, organizationId: OrganizationId, id: RoleId): Promise<void> {
  await tx.delete(roles).where(and(eq(roles.organizationId, organizationId), eq(roles.id, id)))
}
