import { isPermission, namesOf, parsePermissions } from '@daytona-auth/auth'
import type { ApiKeyRow } from '@daytona-auth/db/api-keys'
import type { MemberRow } from '@daytona-auth/db/organizations'
import { boundedList, closedObject } from '@daytona-auth/service'
import * as z from 'zod'
import { pageQuery } from '../../http/list-pages.ts'
import { GivenId, Instant, instant, instantOrNull, PermissionName } from '../../http/schemas.ts'
import { OrganizationRole, roleToWire } from './role-schema.ts'
import { OrganizationPath } from './schema.ts'

export const GivenRole = z.enum(['owner', 'member'], { error: 'must be owner or member' })

/** More roles than any member needs, and few enough for one statement. */
const ROLES_AT_MOST = 100

/** The access of a member or an invitation. */
export const givenAccess = {
  role: GivenRole.describe('An owner holds every permission, a member those of the assigned roles'),
  assignedRoleIds: boundedList(GivenId, { max: ROLES_AT_MOST }),
}

export const UpdateMemberAccess = closedObject(givenAccess).meta({ id: 'UpdateOrganizationMemberAccess' })

export const MemberPath = OrganizationPath.extend({ userId: GivenId })

export const RemoveMemberQuery = z.object({
  dryRun: z
    .enum(['true', 'false'], { error: 'must be true or false' })
    .default('false')
    .describe('With `true`, nothing changes and the response is a 200 with the API keys that would stop working'),
  ...pageQuery,
})

export const OrganizationUser = z
  .object({
    userId: z.string(),
    organizationId: z.string(),
    name: z.string(),
    email: z.string(),
    role: GivenRole,
    assignedRoles: z.array(OrganizationRole),
    groupRoleIds: z
      .array(z.string())
      .describe(
        'Those of the assigned roles that the groups of the identity provider give: they cannot be removed here',
      ),
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: 'OrganizationUser' })

export const memberToWire = (row: MemberRow): z.output<typeof OrganizationUser> => ({
  userId: row.userId,
  organizationId: row.organizationId,
  name: row.name,
  email: row.email,
  role: row.role,
  assignedRoles: row.assignedRoles.map(roleToWire),
  groupRoleIds: [...row.groupRoleIds],
  createdAt: instant(row.createdAt),
  updatedAt: instant(row.updatedAt),
})

/** A key that would stop working in the organization. */
export const StoppedApiKey = z
  .object({
    id: z.string(),
    name: z.string(),
    value: z.string().describe('The masked key'),
    userId: z.string().describe('The owner'),
    permissions: z.array(PermissionName),
    createdAt: Instant,
    expiresAt: Instant.nullable(),
    lastUsedAt: Instant.nullable(),
  })
  .meta({ id: 'StoppedApiKey' })

export const stoppedKeyToWire = (row: ApiKeyRow): z.output<typeof StoppedApiKey> => ({
  id: row.id,
  name: row.name,
  value: row.secrets[0]?.hint ?? '',
  userId: row.userId,
  permissions: namesOf(parsePermissions(row.permissions.filter(isPermission))),
  createdAt: instant(row.createdAt),
  expiresAt: instantOrNull(row.expiresAt),
  lastUsedAt: instantOrNull(row.lastUsedAt),
})
