import { MAX_GROUP_ROLES, type Provisioning as StoredProvisioning } from '@daytona-auth/db/organizations'
import { boundedList, boundedText, closedObject } from '@daytona-auth/service'
import * as z from 'zod'
import { GivenId } from '../../http/schemas.ts'

/** More roles than any member needs. */
const ROLES_AT_MOST = 20

const GroupRoles = closedObject({
  group: boundedText({ min: 1, max: 256 }).describe('Its name or id, exactly as in the claim'),
  roleIds: boundedList(GivenId, { min: 1, max: ROLES_AT_MOST, tooFew: 'must have a role' }).describe(
    'The roles of its members',
  ),
}).meta({ id: 'GroupRoles' })

export const SetProvisioning = closedObject({
  newMemberRoleIds: boundedList(GivenId, { max: ROLES_AT_MOST })
    .nullable()
    .default(null)
    .describe('People become members with these roles when they sign in. `null`: they need an invitation'),
  groupsClaim: boundedText({ min: 1, max: 256 })
    .nullable()
    .default(null)
    .describe('The claim with the groups of a person, such as `groups`. `null`: groups give no roles'),
  groupRoles: boundedList(GroupRoles, { max: MAX_GROUP_ROLES })
    .refine((list) => new Set(list.map(({ group }) => group)).size === list.length, 'must have each group once')
    .default([])
    .describe('The roles that groups give at each sign-in, and that are withdrawn when the group is gone'),
})
  .refine(({ groupsClaim, groupRoles }) => groupsClaim !== null || groupRoles.length === 0, {
    path: ['groupsClaim'],
    error: 'is required for the roles of groups',
  })
  .meta({ id: 'SetProvisioning' })

export const Provisioning = z
  .object({
    newMemberRoleIds: z.array(z.string()).nullable().describe('The roles of new members. `null`: invitation only'),
    groupsClaim: z.string().nullable().describe('The claim with the groups of a person'),
    groupRoles: z
      .array(
        z.object({
          group: z.string().describe('Its name or id in the claim'),
          roleIds: z.array(z.string()).describe('The roles of its members'),
        }),
      )
      .describe('The roles of groups. Deleted roles are left out'),
  })
  .meta({ id: 'Provisioning' })

export const provisioningToWire = (stored: StoredProvisioning): z.output<typeof Provisioning> => ({
  newMemberRoleIds: stored.newMemberRoleIds && [...stored.newMemberRoleIds],
  groupsClaim: stored.groupsClaim,
  groupRoles: stored.groupRoles.map(({ group, roleIds }) => ({ group, roleIds: [...roleIds] })),
})
