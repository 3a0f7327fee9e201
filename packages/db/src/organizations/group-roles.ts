import { and, eq, not, type SQL } from 'drizzle-orm'
import type { AuditedTx } from '../audit/entries.ts'
import type { OrganizationId } from '../core/id.ts'
import { memberRoles } from '../schema/organizations.ts'

/** Whether groups may give a role. A provider appoints no administrators: who controls it would control the organization. */
export const isProvisionable = ({ permissions }: { readonly permissions: readonly string[] }): boolean =>
  !permissions.includes('admin:organization')

/**
 * Withdraws roles that members have by groups only, those of a condition or all. Roles assigned by hand stay. Returns how many
 * assignments ended.
 */
export async function withdrawGroupRoles(
  tx: AuditedTx,
  organizationId: OrganizationId,
  condition?: SQL,
): Promise<number> {
  const affected = and(eq(memberRoles.organizationId, organizationId), memberRoles.byGroups, condition)
  const ended = await tx
    .delete(memberRoles)
    .where(and(affected, not(memberRoles.byHand)))
    .returning({ roleId: memberRoles.roleId })
  await tx.update(memberRoles).set({ byGroups: false }).where(affected)
  return ended.length
}
