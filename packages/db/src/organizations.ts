import { desc, inArray } from 'drizzle-orm'
import type { AuditedTx } from './audit.ts'
import type { Queryable } from './client.ts'
import type { OrganizationId, UserId } from './id.ts'
import { organizationMembers, organizations } from './schema/organizations.ts'

export type OrganizationRow = typeof organizations.$inferSelect

/** Makes an organization that people share, with its maker as the owner. */
export async function insertOrganization(
  tx: AuditedTx,
  id: OrganizationId,
  { name, createdBy }: { readonly name: string; readonly createdBy: UserId },
): Promise<OrganizationRow> {
  const [row] = await tx.insert(organizations).values({ id, name, createdBy }).returning()
  if (!row) throw new Error(`organization ${id} was not inserted`)
  await tx.insert(organizationMembers).values({ organizationId: id, userId: createdBy, role: 'owner' })
  return row
}

/** Those of the given ids, newest first. */
export const listOrganizations = (db: Queryable, ids: readonly OrganizationId[]): Promise<OrganizationRow[]> =>
  db
    .select()
    .from(organizations)
    .where(inArray(organizations.id, [...ids]))
    .orderBy(desc(organizations.createdAt), desc(organizations.id))
