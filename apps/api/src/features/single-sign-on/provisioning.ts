import type { Change } from '@daytona-auth/auth'
import { auditEntry, inAudit } from '@daytona-auth/db/audit'
import type { Database, RoleId } from '@daytona-auth/db/core'
import { findProvisioning, isProvisionable, type Provisioning, setProvisioning } from '@daytona-auth/db/organizations'
import { badRequest } from '@daytona-auth/service'
import type * as z from 'zod'
import type { CallerInOrganization } from '../../http/caller.ts'
import { takeRoles } from '../organizations/authority.ts'
import { lockForOwner } from './authority.ts'
import { throwNoIdentityProvider } from './identity-providers.ts'
import type { SetProvisioning } from './provisioning-schema.ts'

export interface ProvisioningDependencies {
  readonly database: Database
  /** Invalidates cached verifications in this process that depend on the changed row. */
  readonly invalidate: (change: Change) => void
}

/** Finds what a sign-in with the identity provider of the caller's organization gives. @throws Denial 404 without one */
export async function getProvisioning(
  database: Database,
  { organization }: CallerInOrganization,
): Promise<Provisioning> {
  return (await findProvisioning(database, organization.organizationId)) ?? throwNoIdentityProvider()
}

/**
 * Sets what a sign-in with the identity provider of the caller's organization gives. Roles that no group gives any more are
 * withdrawn at once.
 * @throws Denial 400 for a role that the organization does not have or that administers it, 403 unless an owner acts in person,
 *   401 without a recent sign-in, 404 without an identity provider
 */
export async function setCallerProvisioning(
  { database, invalidate }: ProvisioningDependencies,
  caller: CallerInOrganization,
  given: z.output<typeof SetProvisioning>,
): Promise<Provisioning> {
  const { organizationId } = caller.organization
  const entryOf = ({ provisioning, withdrawn }: { provisioning: Provisioning; withdrawn: number }) =>
    auditEntry('identity_provider.set_provisioning', {
      ...caller.actor,
      organizationId,
      targetId: organizationId,
      statusCode: 200,
      metadata: { ...provisioning, withdrawnRoles: withdrawn },
    })
  const { provisioning } = await inAudit(
    database,
    caller.authority('administer'),
    entryOf,
    async (tx, confirmed: CallerInOrganization) => {
      await lockForOwner(tx, confirmed)
      const places = [
        ...(given.newMemberRoleIds ?? []).map((id, index) => ({ id, path: `newMemberRoleIds.${index}` })),
        ...given.groupRoles.flatMap(({ roleIds }, at) =>
          roleIds.map((id, index) => ({ id, path: `groupRoles.${at}.roleIds.${index}` })),
        ),
      ]
      const roles = new Map((await takeRoles(tx, confirmed, places)).map((role) => [role.id as string, role]))
      for (const { id, path } of places) {
        const role = roles.get(id)
        if (role && !isProvisionable(role)) throw refused(path)
      }
      const taken: Provisioning = {
        newMemberRoleIds: given.newMemberRoleIds && unique(given.newMemberRoleIds),
        groupsClaim: given.groupsClaim,
        groupRoles: given.groupRoles.map(({ group, roleIds }) => ({ group, roleIds: unique(roleIds) })),
      }
      const withdrawn = await setProvisioning(tx, organizationId, taken)
      if (withdrawn === undefined) throwNoIdentityProvider()
      return { provisioning: taken, withdrawn }
    },
  )
  invalidate({ kind: 'organization', id: organizationId })
  return provisioning
}

const unique = (ids: readonly string[]): RoleId[] => [...new Set(ids)] as RoleId[] // `takeRoles` has found them

const ADMINISTERS = 'administers the organization: only people may give this role'

const refused = (path: string) => badRequest(`${path}: ${ADMINISTERS}`, [{ path, message: ADMINISTERS }])
