import { GivenName } from '@daytona-auth/accounts/given-name'
import { isPermission, namesOf, parsePermissions } from '@daytona-auth/auth'
import type { RoleRow } from '@daytona-auth/db/organizations'
import { closedObject } from '@daytona-auth/service'
import * as z from 'zod'
import { GivenDescription, GivenId, GivenPermissions, Instant, instant, PermissionName } from '../../http/schemas.ts'
import { OrganizationPath } from './schema.ts'

/** The content of a role, for its creation and replacement. */
export const RoleContent = closedObject({
  name: GivenName.describe('Unique among the organization’s own roles'),
  description: GivenDescription.default(''),
  permissions: GivenPermissions,
}).meta({ id: 'CreateOrganizationRole' })

export const RolePath = OrganizationPath.extend({ roleId: GivenId })

export const OrganizationRole = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    permissions: z.array(PermissionName),
    isGlobal: z.boolean().describe('Whether it is built in: available in every organization and not changeable'),
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: 'OrganizationRole' })

export function roleToWire(row: RoleRow): z.output<typeof OrganizationRole> {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    // In display order. Names written by a newer version are skipped.
    permissions: namesOf(parsePermissions(row.permissions.filter(isPermission))),
    isGlobal: row.organizationId === null,
    createdAt: instant(row.createdAt),
    updatedAt: instant(row.updatedAt),
  }
}
