import { hash } from 'node:crypto'
import { and, eq, sql } from 'drizzle-orm'
import type { AuditedTx } from '../audit/entries.ts'
import type { Queryable } from '../core/client.ts'
import type { OrganizationId, RoleId } from '../core/id.ts'
import { memberRoles, roles } from '../schema/organizations.ts'
import { type GroupRoles, identityProviders } from '../schema/single-sign-on.ts'
import { withdrawGroupRoles } from './group-roles.ts'
import { type RoleRow, rolesWithin } from './roles.ts'

/** What a sign-in with the identity provider of an organization changes in it. */
export interface Provisioning {
  /** The roles with which people become members; null: they need an invitation. */
  readonly newMemberRoleIds: readonly RoleId[] | null
  /** The claim with the groups of a person; null: groups give no roles. */
  readonly groupsClaim: string | null
  readonly groupRoles: readonly GroupRoles[]
}

/** Groups with roles: the digests of all of them fit into a cookie. */
export const MAX_GROUP_ROLES = 50

const { newMemberRoleIds, groupsClaim, groupRoles } = identityProviders

/** Finds the provisioning of an organization's identity provider, without roles that were deleted since. */
export async function findProvisioning(
  db: Queryable,
  organizationId: OrganizationId,
): Promise<Provisioning | undefined> {
  const stored = await readProvisioning(db, organizationId)
  if (!stored) return undefined
  const ids = [stored.newMemberRoleIds ?? [], ...stored.groupRoles.map(({ roleIds }) => roleIds)].flat()
  const existing = new Set((await listRolesById(db, organizationId, ids)).map(({ id }) => id))
  const keep = (of: readonly RoleId[]) => of.filter((id) => existing.has(id))
  return {
    newMemberRoleIds: stored.newMemberRoleIds && keep(stored.newMemberRoleIds),
    groupsClaim: stored.groupsClaim,
    groupRoles: stored.groupRoles
      .map(({ group, roleIds }) => ({ group, roleIds: keep(roleIds) }))
      .filter(({ roleIds }) => roleIds.length > 0),
  }
}

/** Reads the provisioning as it is stored. A transaction that relies on it has locked the row of the provider. */
export async function readProvisioning(
  db: Queryable,
  organizationId: OrganizationId,
): Promise<Provisioning | undefined> {
  const [row] = await db
    .select({ newMemberRoleIds, groupsClaim, groupRoles })
    .from(identityProviders)
    .where(eq(identityProviders.organizationId, organizationId))
  return row
}

/** Lists those of the given roles that may be assigned in the organization. */
const listRolesById = (db: Queryable, organizationId: OrganizationId, ids: readonly RoleId[]): Promise<RoleRow[]> =>
  db
    .select()
    .from(roles)
    .where(and(rolesWithin(organizationId), sql`${roles.id} = ANY (${sql.param([...new Set(ids)])}::text[])`))

/**
 * Sets the provisioning of an organization's identity provider, and withdraws at once the roles that no group gives any more.
 * Returns how many assignments ended. `undefined` if the organization has no provider.
 */
export async function setProvisioning(
  tx: AuditedTx,
  organizationId: OrganizationId,
  { newMemberRoleIds: forNewMembers, groupsClaim: claim, groupRoles: byGroup }: Provisioning,
): Promise<number | undefined> {
  const [row] = await tx
    .update(identityProviders)
    .set({
      newMemberRoleIds: forNewMembers && [...forNewMembers],
      groupsClaim: claim,
      groupRoles: byGroup,
      updatedAt: sql`now()`,
    })
    .where(eq(identityProviders.organizationId, organizationId))
    .returning({ organizationId: identityProviders.organizationId })
  if (!row) return undefined
  const kept = claim === null ? [] : byGroup.flatMap(({ roleIds }) => roleIds)
  return withdrawGroupRoles(tx, organizationId, sql`${memberRoles.roleId} <> ALL (${sql.param(kept)}::text[])`)
}

/** Identifies a group where its name would be too long: in a cookie, several have to fit into 4 KB. */
export const groupDigest = (group: string): string => hash('sha256', group, 'base64url').slice(0, 16)

/** Returns the digests of those groups of a person to which the organization gives roles. */
export async function findMappedGroups(
  db: Queryable,
  organizationId: OrganizationId,
  groups: readonly string[],
): Promise<readonly string[]> {
  const mapped = new Set((await readProvisioning(db, organizationId))?.groupRoles.map(({ group }) => group))
  return groups.filter((group) => mapped.has(group)).map(groupDigest)
}
